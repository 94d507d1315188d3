import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import tarStream from 'tar-stream';
import { fail } from '../failures/waa-error.js';

/** A user's own agent, ready to be sent. */
export interface AgentBundle {
  readonly name: string;
  /** Of the tar before it is gzipped: the same files give the same, whichever zlib packs them. */
  readonly sha256: string;
  readonly files: number;
  readonly bytes: number;
  /** Relative paths that were not packed because they look like secrets. */
  readonly secrets: readonly string[];
  /** Gzipped. */
  readonly tar: Buffer;
}

/** Holds a class `Agent` with `predict(instruction, obs)` and `reset()`, as upstream's agents in mm_agents have them. */
export const ENTRY_FILE = 'agent.py';
const MAX_BYTES = 64 * 1024 ** 2;
/** Made anew, or of no use, on the worker. */
const LEFT_OUT = new Set([
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  '__pycache__',
  '.venv',
  'venv',
  '.mypy_cache',
  '.DS_Store',
]);
const SECRET =
  /^(\.env(\..*)?|\.netrc|\.npmrc|\.pypirc|id_(rsa|dsa|ecdsa|ed25519).*|.*\.(pem|key|pfx|p12)|credentials(\.\w+)?)$/i;
const HARMLESS = /^\.env\.(example|sample|template)$/i;

/** Packs a directory with the user's own agent. Links are left out. Raises CLIENT_AGENT_DIRECTORY. */
export async function packAgent(path: string): Promise<AgentBundle> {
  const directory = resolve(path);
  const refuse = (problem: string, cause?: unknown): Error =>
    fail('CLIENT_AGENT_DIRECTORY', { path, problem }, { cause });
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code;
    throw refuse(code === 'ENOENT' || code === 'ENOTDIR' ? 'there is no such directory' : String(cause), cause);
  });
  if (!entries.some((entry) => entry.name === ENTRY_FILE && entry.isFile()))
    throw refuse(`it has no ${ENTRY_FILE} with a class Agent`);
  const secrets: string[] = [];
  const archive = tarStream.pack();
  let files = 0;
  let bytes = 0;
  const add = async (folder: string): Promise<void> => {
    const inside = (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of inside) {
      const full = join(folder, entry.name);
      const name = relative(directory, full).split(sep).join('/');
      if (LEFT_OUT.has(entry.name)) continue;
      if (SECRET.test(entry.name) && !HARMLESS.test(entry.name)) secrets.push(name);
      else if (entry.isDirectory()) await add(full);
      else if (entry.isFile()) {
        const { size, mode } = await lstat(full);
        files += 1;
        bytes += size;
        if (bytes > MAX_BYTES)
          throw refuse(`it is larger than ${MAX_BYTES / 1024 ** 2} MB; models belong into the image`);
        // Neither times nor owners: the hash says what the agent is, not where it came from.
        archive.entry({ name, mode: mode & 0o100 ? 0o755 : 0o644, mtime: new Date(0) }, await readFile(full));
      }
    }
  };
  await add(directory);
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  const plain = Buffer.concat(chunks);
  const sha256 = createHash('sha256').update(plain).digest('hex');
  return { name: basename(directory), sha256, files, bytes, secrets, tar: gzipSync(plain, { level: 9 }) };
}
