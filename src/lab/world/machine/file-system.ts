import { posix } from 'node:path';
import type { Disk, WorldFile } from '../contracts.js';

/** Directories Linux makes anew at every boot; they are on no disk. */
const VOLATILE = ['/dev', '/proc', '/run', '/sys'] as const;

/** The mount table of a machine and the files behind it. Paths on a disk are kept relative to its mount point. */
export interface FileSystem {
  readonly mounts: Map<string, Disk>;
  read(path: string): WorldFile | undefined;
  write(path: string, content: string | Buffer, modeBits?: number, modifiedMs?: number): void;
  removeTree(path: string): void;
  /** Absolute paths below `directory`, sorted. */
  list(directory: string): readonly string[];
  /** What a boot does to /dev, /run and the like. */
  clearVolatile(): void;
}

interface Place {
  readonly files: Map<string, WorldFile>;
  /** Path on that disk, beginning with a slash. */
  readonly key: string;
}

function isBelow(path: string, directory: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}

function clean(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

/** A file system whose root is `root`; other disks appear once mounted. `now` dates what is written. */
export function createFileSystem(root: Disk, now: () => number): FileSystem {
  const mounts = new Map<string, Disk>([['/', root]]);
  const volatile = new Map<string, WorldFile>();

  const locate = (path: string): Place => {
    const full = clean(path);
    if (VOLATILE.some((directory) => isBelow(full, directory))) return { files: volatile, key: full };
    let mountPoint = '/';
    for (const candidate of mounts.keys()) {
      if (isBelow(full, candidate) && candidate.length > mountPoint.length) mountPoint = candidate;
    }
    const key = mountPoint === '/' ? full : full.slice(mountPoint.length) || '/';
    return { files: (mounts.get(mountPoint) ?? root).files, key };
  };
  const keysBelow = (place: Place): string[] => [...place.files.keys()].filter((key) => isBelow(key, place.key));

  return {
    mounts,
    read(path) {
      const { files, key } = locate(path);
      return files.get(key);
    },
    write(path, content, modeBits = 0o644, modifiedMs = now()) {
      const { files, key } = locate(path);
      files.set(key, { content: Buffer.from(content), modeBits, modifiedMs });
    },
    removeTree(path) {
      const place = locate(path);
      for (const key of keysBelow(place)) place.files.delete(key);
    },
    list(directory) {
      const found = new Set<string>();
      const full = clean(directory);
      const inside = [...mounts.keys()].filter((mountPoint) => mountPoint !== full && isBelow(mountPoint, full));
      for (const start of [full, ...inside]) {
        const place = locate(start);
        const prefix = start === '/' ? '' : start.slice(0, start.length - (place.key === '/' ? 0 : place.key.length));
        for (const key of keysBelow(place)) found.add(`${prefix}${key}`);
      }
      found.delete(full);
      return [...found].sort();
    },
    clearVolatile() {
      volatile.clear();
    },
  };
}
