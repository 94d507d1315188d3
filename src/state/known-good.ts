import { join } from 'node:path';
import * as z from 'zod';
import type { StatePaths } from './paths.js';
import { readState, writeState, type StateKind } from './store.js';

/** What every worker had when a deployment last became ready. */
const knownGood = z.strictObject({
  /** With its digest when it has one. */
  image: z.string(),
  dockurVersion: z.string(),
  /** Empty on a host of the user's own. */
  vmSize: z.string(),
  /** ISO time. */
  at: z.iso.datetime(),
});
export type KnownGood = z.infer<typeof knownGood>;

const kind: StateKind<KnownGood> = {
  what: 'the last configuration that worked',
  version: 1,
  schema: knownGood,
  without: 'the next waa up writes it anew once everything is ready',
};
const fileOf = (paths: StatePaths): string => join(paths.history, 'known-good.json');

/** The last configuration that worked; undefined before the first. Raises the OWN_STATE_* failures. */
export function readKnownGood(paths: StatePaths): Promise<KnownGood | undefined> {
  return readState(fileOf(paths), kind);
}

/** Raises OWN_STATE_UNWRITABLE. */
export function saveKnownGood(paths: StatePaths, good: KnownGood): Promise<void> {
  return writeState(fileOf(paths), kind, good);
}
