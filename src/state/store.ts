import { mkdir, readFile, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import * as z from 'zod';
import { fail, type WaaError } from '../failures/waa-error.js';

/** A kind of state file: what it is called in messages, the shape of its content and the version of that shape. */
export interface StateKind<T> {
  readonly what: string;
  readonly version: number;
  readonly schema: z.ZodType<T>;
  /** Told of a damaged one: what waa does, or a person has to, once it was moved away. Goes on after "Without it:". */
  readonly without: string;
}

const envelope = z.object({ schemaVersion: z.number().int().positive(), data: z.unknown() });

/** Owner only: state names machines, addresses and owners. Windows keeps its own permissions and ignores modes. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/**
 * Reads a state file. Undefined when there is none. Raises OWN_STATE_UNREADABLE, OWN_STATE_NEWER or OWN_STATE_CORRUPT;
 * the file stays as it is in every case.
 */
export async function readState<T>(file: string, kind: StateKind<T>): Promise<T | undefined> {
  const text = await readText(file, kind.what);
  if (text === undefined) return undefined;
  const corrupt = (problem: string, cause: unknown): WaaError =>
    fail('OWN_STATE_CORRUPT', { file, what: kind.what, problem, without: kind.without }, { cause });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw corrupt(text.trim() === '' ? 'it is empty' : 'it is not JSON', error);
  }
  const outer = envelope.safeParse(json);
  if (!outer.success) throw corrupt(firstIssue(outer.error), outer.error);
  const found = outer.data.schemaVersion;
  if (found > kind.version) throw fail('OWN_STATE_NEWER', { file, what: kind.what, found, known: kind.version });
  const inner = kind.schema.safeParse(outer.data.data);
  if (!inner.success) throw corrupt(firstIssue(inner.error), inner.error);
  return inner.data;
}

/** Replaces a state file in one step, durable when the promise resolves. Raises OWN_STATE_UNWRITABLE. */
export async function writeState<T>(file: string, kind: StateKind<T>, data: T): Promise<void> {
  const text = `${JSON.stringify({ schemaVersion: kind.version, data }, undefined, 2)}\n`;
  await writePrivate(file, text, kind.what);
}

/** Writes any content for the owner only, atomically, making directories as needed. Raises OWN_STATE_UNWRITABLE. */
export async function writePrivate(file: string, text: string | Buffer, what: string): Promise<void> {
  try {
    await makePrivateDirectory(dirname(file));
    await writeFileAtomic(file, text, { mode: FILE_MODE });
  } catch (error) {
    throw fail('OWN_STATE_UNWRITABLE', { file, what, problem: words(error) }, { cause: error });
  }
}

/** Makes a directory and its parents for the owner only. An existing one is left as it is. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
}

/** Removes a directory in which nothing is left; any other stays. */
export async function removeEmpty(directory: string): Promise<void> {
  await rmdir(directory).catch(() => undefined); // it has files, is gone already, or may not be removed: all the same here
}

/** The text of a file, undefined when there is none. Raises OWN_STATE_UNREADABLE. */
export async function readText(file: string, what: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fail('OWN_STATE_UNREADABLE', { file, what, problem: words(error) }, { cause: error });
  }
}

/** The system's code of an error (`ENOENT`), when it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function words(error: unknown): string {
  return errorCode(error) ?? (error instanceof Error ? error.message : String(error));
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return 'it has another shape';
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;
}
