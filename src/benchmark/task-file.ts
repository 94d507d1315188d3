import { z } from 'zod';
import { fail } from '../failures/waa-error.js';
import { nearest } from '../failures/nearest.js';
import { taskName, type Task, type TaskIndex } from './task-index.js';

const metaSchema = z.record(z.string(), z.array(z.string()));

/** Task names become file names and arguments on the worker; nothing else may stand in them. */
const SAFE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/**
 * Reads a WAA meta file (`{domain: [ids]}`) and checks every name against the index. Doubles are taken once; letter
 * case of an id is forgiven (upstream mixes `-WOS` and `-wos`). `source` names the file in messages.
 * Raises CLIENT_TASK_FILE_*, CLIENT_TASK_NAME_UNSAFE, CLIENT_TASK_DOMAIN_UNKNOWN, CLIENT_TASK_UNKNOWN.
 */
export function parseTaskFile(text: string, source: string, index: TaskIndex): readonly Task[] {
  if (text.trim() === '') throw fail('CLIENT_TASK_FILE_EMPTY', { path: source });
  let raw: unknown;
  try {
    raw = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw fail(
      'CLIENT_TASK_FILE_NOT_JSON',
      { path: source, problem: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  }
  const meta = metaSchema.safeParse(raw);
  if (!meta.success) throw fail('CLIENT_TASK_FILE_SHAPE', { path: source, problem: shapeProblem(raw, meta.error) });

  const chosen = new Map<string, Task>();
  for (const [domain, ids] of Object.entries(meta.data)) {
    requireDomain(domain, source, index);
    for (const id of ids) {
      const task = requireTask(domain, id, source, index);
      chosen.set(taskName(task), task);
    }
  }
  if (chosen.size === 0) throw fail('CLIENT_TASK_FILE_EMPTY', { path: source });
  return [...chosen.values()];
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

function shapeProblem(raw: unknown, error: z.ZodError): string {
  if (Array.isArray(raw)) return 'it is a list, not an object';
  if (typeof raw !== 'object' || raw === null)
    return `it is ${raw === null ? 'null' : `a ${typeof raw}`}, not an object`;
  const issue = error.issues[0];
  const where = issue?.path.map(String).join('.') ?? '';
  return `${where || 'the file'}: ${issue?.message ?? 'invalid'}`;
}
