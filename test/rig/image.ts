import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Machine } from './machine/machine.js';

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL('image', import.meta.url));

/** The file system alone: no program of its own, so that it runs whatever it is told. */
export const BASE_IMAGE = 'waa-rig/base:1';

/** Names under which the stand-in image is known to the machine's Docker. */
export const IMAGES = {
  /** PID 1 is WAA's shell, dockur 6.05 behind it. */
  waa: 'waa-rig/winarena:6.05',
  /** dockur 5.14 as its own image starts it: under tini. */
  dockur5: 'waa-rig/windows:5.14',
} as const;

/** Root file system of the stand-in as a tar, built when its sources changed since the last time. */
export async function buildImage(say: (text: string) => void): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'waa-rig');
  await mkdir(cache, { recursive: true });
  const name = `image-${await hashOf(SOURCE)}.tar`;
  const path = join(cache, name);
  if (
    await access(path).then(
      () => true,
      () => false,
    )
  )
    return path;
  say('building the stand-in image from Debian packages');
  await run('sh', [join(SOURCE, 'build.sh'), path], { maxBuffer: 64 * 1024 ** 2 });
  for (const old of await readdir(cache))
    if (old.startsWith('image-') && old !== name) await rm(join(cache, old), { recursive: true, force: true });
  return path;
}

/** Imports the tar, then names both images; `docker import` is all that works without a registry. */
export async function loadImage(machine: Machine, tar: string): Promise<void> {
  await machine.sh(`docker import - ${BASE_IMAGE} >/dev/null`, tar);
  const image = (name: string, ...lines: readonly string[]): Promise<string> => {
    const file = [
      `FROM ${BASE_IMAGE}`,
      'ENV VERSION=11 RAM_SIZE=4G CPU_CORES=2 DISK_SIZE=64G',
      'VOLUME /storage',
      ...lines,
    ];
    return machine.sh(`printf '%s\\n' '${file.join("' '")}' | docker build -q -t ${name} - >/dev/null`);
  };
  await image(IMAGES.waa, 'ENV STANDIN_DIALECT=6.05', 'ENTRYPOINT ["/bin/bash", "/entry.sh"]');
  await image(IMAGES.dockur5, 'ENV STANDIN_DIALECT=5.14', 'ENTRYPOINT ["/usr/bin/tini", "-s", "/run/entry.sh"]');
}

async function hashOf(directory: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.md'));
  for (const path of files.map((entry) => join(entry.parentPath, entry.name)).sort())
    hash.update(`${path.slice(directory.length)}\0`).update(await readFile(path));
  return hash.digest('hex').slice(0, 16);
}
