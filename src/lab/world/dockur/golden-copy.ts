import { freeBytes, type Machine, type WorldFile } from '../contracts.js';
import { allocatedDiskBytes, diskAt, openStorage, type WindowsDisk } from './storage.js';

const USED = '.waa-used';
/** As in golden.sh. */
const MARGIN_BYTES = 2 * 1024 ** 3;

interface Kept {
  readonly files: ReadonlyMap<string, WorldFile>;
  readonly windows: WindowsDisk;
  readonly capturedS: number;
}

/** The clean copy of a Windows storage directory, as golden.sh keeps it beside the directory. */
export interface GoldenCopy {
  readonly kept: Kept | undefined;
  /** Tasks have run since the installation or the last restore. */
  readonly used: boolean;
  /** Bytes that a copy moves. */
  readonly bytes: number;
  readonly hasRoom: boolean;
  capture(epochS: number): boolean;
  restore(): boolean;
  remove(): void;
}

/** The copy that belongs to the storage directory `directory` of a machine; it lives on the same disk. */
export function goldenCopy(machine: Machine, directory: string): GoldenCopy {
  const disk = diskAt(machine, directory);
  const key = `golden:${directory}`;
  const copy: GoldenCopy = {
    get kept() {
      return disk.data.get(key) as Kept | undefined;
    },
    get used() {
      return machine.readFile(`${directory}/${USED}`) !== undefined;
    },
    get bytes() {
      return copy.kept?.windows.allocatedBytes ?? allocatedDiskBytes(machine, directory);
    },
    get hasRoom() {
      return freeBytes(disk) >= copy.bytes + MARGIN_BYTES;
    },
    capture(epochS) {
      const { windows } = openStorage(machine, directory);
      if (windows?.stage !== 'installed') return false;
      const files = new Map(
        machine.listFiles(directory).flatMap((path) => {
          const file = machine.readFile(path);
          return file ? [[path, file] as const] : [];
        }),
      );
      disk.data.set(key, { files, windows: { ...windows }, capturedS: epochS } satisfies Kept);
      disk.usedBytes.set('golden', windows.allocatedBytes);
      return true;
    },
    restore() {
      const { kept } = copy;
      if (!kept) return false;
      for (const [path, file] of kept.files) machine.writeFile(path, file.content, file.modeBits, file.modifiedMs);
      disk.data.set(`dockur:${directory}`, { ...kept.windows });
      disk.usedBytes.set('windows', kept.windows.allocatedBytes);
      machine.removeTree(`${directory}/${USED}`);
      return true;
    },
    remove() {
      disk.data.delete(key);
      disk.usedBytes.delete('golden');
    },
  };
  return copy;
}
