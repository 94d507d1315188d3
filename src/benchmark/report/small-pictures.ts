import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writePrivate } from '../../state/store.js';
import { shrinkPicture } from './shrink-picture.js';

export interface SmallPictureLimits {
  readonly width: number;
  readonly bytesEach: number;
}

/**
 * The picture at `path` scaled down, from the copy in `folder`; the copy is made when there is none, which takes a tenth of
 * a second. Undefined for what is no whole picture. Raises OWN_STATE_UNWRITABLE.
 */
export async function smallPicture(
  path: string,
  folder: string,
  { width, bytesEach }: SmallPictureLimits,
): Promise<Buffer | undefined> {
  const copy = join(folder, `${width}-${basename(path)}`);
  const known = await readFile(copy).catch(absent);
  if (known) return known;
  const bytes = await readFile(path).catch(absent);
  const small = bytes && shrinkPicture(bytes, width, bytesEach);
  if (small) await writePrivate(copy, small, 'a small picture');
  return small;
}

/** Nothing, for a file or folder that does not exist. */
export function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
