import { isMap, isNode, parseDocument } from 'yaml';
import * as z from 'zod';
import { fail } from '../failures/waa-error.js';
import { nearest } from '../failures/nearest.js';
import type { Tell } from '../tell.js';
import { taskName, type Task, type TaskIndex } from './task-index.js';

/** Domains with their ids, in pairs: a domain may stand twice. */
const listsSchema = z.array(z.tuple([z.string(), z.array(z.string())]));

/** Task names become file names and arguments on the worker; nothing else may stand in them. */
const SAFE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/**
 * Reads a WAA meta file (`{domain: [ids]}`) and checks every name against the index. Doubles are taken once, which `tell`
 * is told; letter case of an id is forgiven (upstream mixes `-WOS` and `-wos`). `source` names the file in messages.
 * Raises CLIENT_TASK_FILE_*, CLIENT_TASK_NAME_UNSAFE, CLIENT_TASK_DOMAIN_UNKNOWN, CLIENT_TASK_UNKNOWN.
 */
export function parseTaskFile(
  text: string,
  source: string,
  index: TaskIndex,
  tell: Tell = () => undefined,
): readonly Task[] {
  if (text.trim() === '') throw fail('CLIENT_TASK_FILE_EMPTY', { path: source });
  const chosen = new Map<string, Task>();
  const doubles = new Set<string>();
  for (const [domain, ids] of listsOf(text.replace(/^\uFEFF/, ''), source)) {
    requireDomain(domain, source, index);
    for (const id of ids) {
      const task = requireTask(domain, id, source, index);
      const name = taskName(task);
      if (chosen.has(name)) doubles.add(name);
      chosen.set(name, task);
    }
  }
  if (chosen.size === 0) throw fail('CLIENT_TASK_FILE_EMPTY', { path: source });
  if (doubles.size > 0) tell(doublesNote(source, [...doubles]));
  return [...chosen.values()];
}

/** The lists as they stand there. Of a domain that stands twice `JSON.parse` alone would drop the first list unseen. */
function listsOf(text: string, source: string): z.infer<typeof listsSchema> {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw fail(
      'CLIENT_TASK_FILE_NOT_JSON',
      { path: source, problem: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  }
  const document = parseDocument(text, { uniqueKeys: false });
  const { contents } = document;
  const valueOf = (node: unknown): unknown => (isNode(node) ? node.toJS(document) : node);
  const pairs = isMap(contents) ? contents.items.map(({ key, value }) => [String(key), valueOf(value)] as const) : [];
  const lists = listsSchema.safeParse(isMap(contents) ? pairs : undefined);
  if (lists.success) return lists.data;
  const names = pairs.map(([name]) => name);
  throw fail('CLIENT_TASK_FILE_SHAPE', { path: source, problem: shapeProblem(raw, names, lists.error) });
}

function doublesNote(source: string, names: readonly string[]): string {
  const [what, stand] = names.length === 1 ? ['task', 'stands'] : ['tasks', 'stand'];
  const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ', ...' : '');
  return `${source}: ${names.length} ${what} ${stand} there more than once, taken once: ${shown}`;
}

/** The domain when WAA has it; CLIENT_TASK_NAME_UNSAFE or CLIENT_TASK_DOMAIN_UNKNOWN otherwise. */
export function requireDomain(domain: string, source: string, index: TaskIndex): string {
  requireSafe(domain, source);
  if (index.domains.includes(domain)) return domain;
  throw fail('CLIENT_TASK_DOMAIN_UNKNOWN', { domain, source, nearest: nearest(domain, index.domains) ?? 'none' });
}

/** The task when WAA has it in this domain; CLIENT_TASK_NAME_UNSAFE or CLIENT_TASK_UNKNOWN otherwise. */
export function requireTask(domain: string, id: string, source: string, index: TaskIndex): Task {
  requireSafe(id, source);
  const exact = index.find(domain, id);
  if (exact) return exact;
  const ofDomain = index.tasks.filter((task) => task.domain === domain);
  const sameLetters = ofDomain.filter((task) => task.id.toLowerCase() === id.toLowerCase());
  if (sameLetters.length === 1 && sameLetters[0]) return sameLetters[0];
  const elsewhere = index.tasks.find((task) => task.id === id);
  const name = elsewhere
    ? taskName(elsewhere)
    : nearest(
        id,
        ofDomain.map((task) => task.id),
      );
  throw fail('CLIENT_TASK_UNKNOWN', { task: `${domain}/${id}`, source, nearest: name ?? 'none' });
}

/** Refuses anything that is no plain name: shell metacharacters, paths, spaces, empty. */
export function requireSafe(name: string, source: string): void {
  if (!SAFE_NAME.test(name) || name.includes('..') || name.length > 100) {
    throw fail('CLIENT_TASK_NAME_UNSAFE', { name: name.slice(0, 100), source });
  }
}

function shapeProblem(raw: unknown, domains: readonly string[], error: z.ZodError): string {
  if (Array.isArray(raw)) return 'it is a list, not an object';
  if (typeof raw !== 'object' || raw === null)
    return `it is ${raw === null ? 'null' : `a ${typeof raw}`}, not an object`;
  const issue = error.issues[0];
  const [pair, , ...within] = issue?.path ?? [];
  const where = [domains[Number(pair)] ?? '', ...within.map(String)].join('.');
  return `${where || 'the file'}: ${issue?.message ?? 'invalid'}`;
}
