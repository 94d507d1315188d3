import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail } from '../../failures/waa-error.js';
import type { Check } from '../check.js';
import { problem } from '../outcomes.js';

/** What the checks of this machine look at. */
export interface LocalCheckContext {
  readonly nodeVersion: string;
  /** State home: results are written below it. */
  readonly home: string;
}

/** package.json `engines`. */
const OLDEST_NODE = [20, 19] as const;
/** A 20-task run with screenshots is some 300 MB; this leaves room for a few. */
const ROOM_BYTES = 2 * 1024 ** 3;

const nodeVersion: Check<LocalCheckContext> = {
  id: 'own-node',
  title: 'Node version',
  requirement: 'P14',
  severity: 'critical',
  run({ nodeVersion: version }) {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const old = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
    const wanted = OLDEST_NODE.join('.');
    return Promise.resolve(
      old ? problem(fail('OWN_NODE_TOO_OLD', { version, wanted })) : { outcome: 'pass', detail: version },
    );
  },
};

const stateHome: Check<LocalCheckContext> = {
  id: 'own-state-home',
  title: 'State home writable',
  requirement: 'P14',
  severity: 'critical',
  async run({ home }) {
    try {
      await access(await nearestExisting(home), constants.W_OK);
      return { outcome: 'pass', detail: home };
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      return problem(
        fail('OWN_STATE_UNWRITABLE', { file: home, what: 'the state home', problem: words }, { cause: error }),
      );
    }
  },
  async fix({ home }) {
    await mkdir(home, { recursive: true, mode: 0o700 });
    return `made ${home}`;
  },
};

const diskRoom: Check<LocalCheckContext> = {
  id: 'own-disk',
  title: 'Room for results on this machine',
  requirement: 'P14',
  severity: 'warning',
  async run({ home }) {
    const { bavail, bsize } = await statfs(await nearestExisting(home));
    const freeGb = (bavail * bsize) / 1024 ** 3;
    const shown = Math.floor(freeGb * 10) / 10;
    return bavail * bsize < ROOM_BYTES
      ? problem(fail('OWN_DISK_SHORT', { path: home, freeGb: shown, needGb: ROOM_BYTES / 1024 ** 3 }))
      : { outcome: 'pass', detail: `${shown} GB free` };
  },
};

/** The state home may not exist yet: then the directory it will be made in is what counts. */
async function nearestExisting(path: string): Promise<string> {
  try {
    await access(path);
    return path;
  } catch {
    const parent = dirname(path);
    return parent === path ? path : nearestExisting(parent);
  }
}

/** Checks of the machine `waa` itself runs on (requirement P14). */
export const localChecks: readonly Check<LocalCheckContext>[] = [nodeVersion, stateHome, diskRoom];
