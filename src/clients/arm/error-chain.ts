import { tryJson } from '../../try-json.js';
/** One statement about an error; an ARM answer nests several, from the wrapper inwards. */
export interface ErrorLink {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
}

/** JSON inside a string inside JSON has been seen three levels deep (deployments, activity log). */
const MAX_JSON_IN_TEXT = 3;
const MAX_DEPTH = 12;

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(fields: Fields, ...names: readonly string[]): string {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return '';
}

function parsed(text: string): unknown {
  const start = text.indexOf('{');
  if (start === -1 || !/"(?:error|code|status)"/i.test(text)) return undefined;
  return tryJson(text.slice(start, text.lastIndexOf('}') + 1));
}

/**
 * Everything an error body says, outermost statement first. Reads the envelopes Azure is known to send: `{error}`, a
 * failed operation `{status, error}`, the bare `{code, message}` of throttling and gateways in either case, `details`,
 * `innererror`, and JSON documents carried as text. Anything else (HTML, empty) gives an empty chain.
 */
export function errorChain(body: unknown): readonly ErrorLink[] {
  const chain: ErrorLink[] = [];
  visit(body, 0, 0);
  return chain;

  function visit(value: unknown, depth: number, textDepth: number): void {
    if (depth > MAX_DEPTH) return;
    if (typeof value === 'string') {
      if (textDepth >= MAX_JSON_IN_TEXT) return;
      const inner = parsed(value);
      if (inner !== undefined) visit(inner, depth + 1, textDepth + 1);
      return;
    }
    if (Array.isArray(value)) {
      for (const entry of value) visit(entry, depth + 1, textDepth);
      return;
    }
    if (!isFields(value)) return;
    const code = textOf(value, 'code', 'Code', 'internalErrorCode');
    const message = textOf(value, 'message', 'Message', 'errordetail');
    const target = textOf(value, 'target');
    if (code !== '' || (message !== '' && !('error' in value))) {
      chain.push({ code, message, ...(target === '' ? {} : { target }) });
    }
    visit(value['error'], depth + 1, textDepth);
    visit(value['details'], depth + 1, textDepth);
    visit(value['innererror'], depth + 1, textDepth);
    visit(value['statusMessage'], depth + 1, textDepth);
    visit(value['properties'], depth + 1, textDepth);
    if (message !== '') visit(message, depth + 1, textDepth);
  }
}

/** The ways tools print an ARM code: SDKs, terraform, az, activity log. */
const CODE_IN_TEXT = [
  /"?(?:code|ERROR CODE|ErrorCode)"?\s*[:=]\s*"?([A-Za-z]\w{3,})/gi,
  /^\(([A-Za-z]\w{3,})\) /gm,
  /with error: ([A-Za-z]\w{3,}):/g,
  /operation has failed\. ([A-Za-z]\w{3,})\./g,
];

/**
 * The same from the words of a tool or of an SDK error, for when the body itself was not seen. Every code found stands
 * for the whole text; a text without a code gives one link with an empty code.
 */
export function errorChainFromText(text: string): readonly ErrorLink[] {
  const structured = errorChain(text);
  if (structured.some((link) => link.code !== '')) return structured;
  const plain = text.replace(/\\+"/g, '"').replace(/\\+r|\\+n/g, '\n');
  const codes = new Set<string>();
  for (const pattern of CODE_IN_TEXT) for (const match of plain.matchAll(pattern)) codes.add(match[1] ?? '');
  return codes.size === 0 ? [{ code: '', message: plain }] : [...codes].map((code) => ({ code, message: plain }));
}
