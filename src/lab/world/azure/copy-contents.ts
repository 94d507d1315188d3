import type { Disk } from '../contracts.js';

/** What a disk holds at this moment, apart from the original from now on. A copy may be larger, never smaller. */
export function copyContents(disk: Disk, id: string, sizeGb = disk.sizeGb): Disk {
  return {
    ...disk,
    id,
    sizeGb,
    files: new Map(disk.files),
    usedBytes: new Map(disk.usedBytes),
    data: copyOf(disk.data),
  };
}

/** Parts of the world keep plain data on disks: objects, arrays and maps are copied, bytes are never changed in place. */
function copyOf<T>(value: T): T {
  if (value instanceof Map) return new Map([...value].map(([key, member]) => [key, copyOf(member)])) as T;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copyOf(member)])) as T;
}
