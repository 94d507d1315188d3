import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuse } from '../../world/azure/arm-error.js';

/** A request, read whole. Query keys are lower-case and decoded: compute sends `%24filter`, network `$filter`. */
export interface ArmRequest {
  readonly method: string;
  /** Raw path, without the query. */
  readonly path: string;
  readonly segments: readonly string[];
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingMessage['headers'];
  readonly rawBody: string;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** ARM refuses larger bodies. https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits */
const largestBody = 4 * 1024 * 1024;

/** Reads a request to its end. Raises ArmError when it is too large or its path is not decodable. */
export async function readRequest(incoming: IncomingMessage): Promise<ArmRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= largestBody) chunks.push(chunk);
  }
  if (size > largestBody)
    throw refuse(413, 'RequestContentTooLarge', `The request content size exceeds the maximum size of 4 MB.`);
  const url = new URL((incoming.url ?? '/').replace(/^\/+/, '/'), 'https://arm.invalid');
  const query = new Map<string, string>();
  for (const [key, value] of url.searchParams) query.set(key.toLowerCase(), value);
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    segments: decodeSegments(url.pathname),
    query,
    headers: incoming.headers,
    rawBody: Buffer.concat(chunks).toString('utf8'),
  };
}

function decodeSegments(path: string): readonly string[] {
  try {
    return path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
  } catch {
    throw refuse(400, 'BadRequest', 'The request URI is not valid.');
  }
}

/** Writes a reply with the headers that ARM always sends. */
export function sendReply(response: ServerResponse, reply: Reply, headOnly: boolean): void {
  const text = reply.body === undefined ? '' : JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-cache': 'CONFIG_NOCACHE',
    ...(text === '' ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...(reply.status === 204 ? {} : { 'content-length': String(Buffer.byteLength(text)) }),
    ...reply.headers,
  });
  response.end(headOnly ? undefined : text);
}
