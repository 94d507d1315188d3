import { createHash } from 'node:crypto';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import dockerignore from '@balena/dockerignore';
import { pack } from 'tar-stream';
import { fail } from '../failures/waa-error.js';

/** What a build is made from. */
export interface BuildContext {
  /** Text of the Dockerfile. */
  readonly dockerfile: string;
  /** Paths in the archive, in order. */
  readonly files: readonly string[];
  /** The files as a tar archive: the same bytes for the same contents, whenever and by whomever they were written. */
  readonly archive: Buffer;
  /** First twelve hex digits of the archive's SHA-256. */
  readonly hash: string;
}

/** The largest context that is sent; a folder given by mistake (a home directory) is refused before it is read. */
const MAX_BYTES = 256 * 1024 ** 2;

/**
 * Reads a folder with a Dockerfile as a build context, without what its .dockerignore leaves out. Raises
 * DOCKER_BUILD_CONTEXT.
 */
export async function readBuildContext(directory: string): Promise<BuildContext> {
  const refuse = (problem: string) => fail('DOCKER_BUILD_CONTEXT', { directory, problem });
  const dockerfile = await readFile(join(directory, 'Dockerfile'), 'utf8').catch(() => {
    throw refuse('there is no Dockerfile');
  });
  const rules = await readFile(join(directory, '.dockerignore'), 'utf8').catch(() => '');
  const ignore = dockerignore.default({ ignorecase: false }).add(rules);
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(directory, '/').length))
    // The daemon needs the Dockerfile even where it is ignored, as docker's own client sends it.
    .filter((path) => path === 'Dockerfile' || !ignore.ignores(path))
    .sort();

  const archive = pack();
  let bytes = 0;
  for (const name of files) {
    const file = join(directory, name);
    const { mode, size } = await stat(file);
    bytes += size;
    if (bytes > MAX_BYTES) throw refuse(`it is larger than ${MAX_BYTES / 1024 ** 2} MB; add a .dockerignore`);
    archive.entry({ name, mode: (mode & 0o100) === 0 ? 0o644 : 0o755, mtime: new Date(0) }, await readFile(file));
  }
  archive.finalize();
  const whole = await buffer(archive);
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 12);
  return { dockerfile, files, archive: whole, hash };
}

/** In the sources, and beside the bundle once built. */
const PLACES = ['../../images/waa-auto/', './image/'] as const;

/** The folder of waa's own image. Raises BUG when the installation is incomplete. */
export async function shippedImage(base: string = import.meta.url): Promise<string> {
  for (const place of PLACES) {
    const directory = fileURLToPath(new URL(place, base));
    const isThere = await access(join(directory, 'Dockerfile')).then(
      () => true,
      () => false,
    );
    if (isThere) return directory;
  }
  throw fail('BUG', { what: `the image definition is missing beside ${fileURLToPath(base)}; install waa again` });
}
