import type { HostFacts, StorageFacts } from '../host/host-tools.js';
import { mountOf } from './disk-guardian.js';

const GIB = 1024 ** 3;

/**
 * Room on the data disk before what is to come (requirement P6): 50 GB for image and Windows together, 15 for the image,
 * 20 for Windows. Afterwards Windows only needs its margin.
 */
export function neededBytes(lacks: { readonly image: boolean; readonly windows: boolean }): number {
  if (lacks.image && lacks.windows) return 50 * GIB;
  if (lacks.image) return 15 * GIB;
  return lacks.windows ? 20 * GIB : 2 * GIB;
}

/** Room that apt needs on the OS disk for Docker's packages. */
export const OS_DISK_BYTES = 2 * GIB;

/** Room to build the image: field reports of builds like it speak of 66 GB for two base images and what is made of them. */
export const IMAGE_BUILD_BYTES = 70 * GIB;

/** Free bytes where a path lies, as the host measured it. */
export function freeAt(facts: HostFacts, path: string): number {
  return mountOf(facts.mounts, path)?.freeBytes ?? 0;
}

/** True when no Windows was installed yet. */
export const lacksWindows = (storage: StorageFacts): boolean => !storage.hasDisk;

/** A file system that something is going to be written to, and how much. */
export interface RoomNeed {
  readonly path: string;
  readonly needBytes: number;
}

/** Where how much room is needed: once where Docker's data and the Windows disk share a file system, else on both. */
export function roomNeeds(
  facts: HostFacts,
  dataDirectory: string,
  dataRoot: string,
  lacks: { readonly image: boolean; readonly windows: boolean },
): readonly RoomNeed[] {
  const sourceOf = (path: string): string | undefined => mountOf(facts.mounts, path)?.source;
  if (sourceOf(dataDirectory) === sourceOf(dataRoot)) return [{ path: dataDirectory, needBytes: neededBytes(lacks) }];
  return [
    { path: dataDirectory, needBytes: neededBytes({ image: false, windows: lacks.windows }) },
    ...(lacks.image ? [{ path: dataRoot, needBytes: neededBytes({ image: true, windows: false }) }] : []),
  ];
}
