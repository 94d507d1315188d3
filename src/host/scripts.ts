import { createHash } from 'node:crypto';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail } from '../failures/waa-error.js';

/** The POSIX scripts that run on a worker, with the hash that names this version of them. */
export interface HostScripts {
  /** Text by file name, e.g. `facts.sh`. */
  readonly files: ReadonlyMap<string, string>;
  /** First 16 hex digits of the SHA-256 over names and contents. */
  readonly hash: string;
}

/** Beside this file in the sources, beside the bundle as `host/` once built. */
const PLACES = ['./scripts/', './host/'] as const;
/** Every script sources it, so a folder without it is not ours. */
const MARK = 'lib.sh';

/** Reads the scripts that belong to this version of waa. Raises BUG when the installation is incomplete. */
export async function loadHostScripts(base: string = import.meta.url): Promise<HostScripts> {
  const directory = await findDirectory(base);
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sh')).sort();
  const files = new Map<string, string>();
  const hash = createHash('sha256');
  for (const name of names) {
    const text = await readFile(join(directory, name), 'utf8');
    files.set(name, text);
    hash.update(`${name}\0${text.length}\0${text}`);
  }
  return { files, hash: hash.digest('hex').slice(0, 16) };
}

async function findDirectory(base: string): Promise<string> {
  for (const place of PLACES) {
    const directory = fileURLToPath(new URL(place, base));
    const isThere = await access(join(directory, MARK)).then(
      () => true,
      () => false,
    );
    if (isThere) return directory;
  }
  throw fail('BUG', { what: `the host scripts are missing beside ${fileURLToPath(base)}; install waa again` });
}
