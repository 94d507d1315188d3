import type { Disk, Machine } from '../contracts.js';
import type { Simulation } from '../simulation.js';
import { shortId } from './digest.js';
import { emptyEngineState, type EngineState } from './engine-state.js';

/** One line of `docker events`. */
export interface EngineEvent {
  readonly type: 'container' | 'image' | 'daemon';
  readonly action: string;
  readonly actorId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly at: number;
}

/** What the parts of one daemon share. Its state lies on the disk below the data-root and is read at each start. */
export interface EngineCore {
  readonly simulation: Simulation;
  readonly machine: Machine;
  readonly dataRoot: string;
  readonly disk: Disk;
  readonly state: EngineState;
  /** False once the daemon ended: whatever was scheduled by it must not happen any more. */
  alive: boolean;
  readonly listeners: Set<(event: EngineEvent) => void>;
  /** Called when the daemon ends: connections close, transfers are over. */
  readonly onEnd: Set<() => void>;
  emit(event: Omit<EngineEvent, 'at'>): void;
}

/** Key of the daemon's state in the data of a disk. */
export const ENGINE_STATE = 'docker';

/** The disk a path lies on: the mount with the longest matching prefix. */
export function diskOf(machine: Machine, path: string): Disk {
  let best = machine.spec.osDisk;
  let bestLength = 0;
  for (const [mount, disk] of machine.mounts) {
    const prefix = mount.endsWith('/') ? mount : `${mount}/`;
    if ((path === mount || path.startsWith(prefix)) && prefix.length > bestLength) {
      best = disk;
      bestLength = prefix.length;
    }
  }
  return best;
}

/** Reads, or begins, the daemon's state on the disk its data-root lies on. */
export function openEngineCore(simulation: Simulation, machine: Machine, dataRoot: string): EngineCore {
  const disk = diskOf(machine, dataRoot);
  const stored = disk.data.get(ENGINE_STATE) as EngineState | undefined;
  const state = stored ?? emptyEngineState();
  if (!stored) disk.data.set(ENGINE_STATE, state);
  removeLeftovers(disk, state);
  const listeners = new Set<(event: EngineEvent) => void>();
  return {
    simulation,
    machine,
    dataRoot,
    disk,
    state,
    alive: true,
    listeners,
    onEnd: new Set(),
    emit(event) {
      for (const listener of [...listeners]) listener({ ...event, at: simulation.now });
    },
  };
}

/** dockerd empties its tmp folder at start; layers of a pull that was cut short belong to no image. */
function removeLeftovers(disk: Disk, state: EngineState): void {
  const used = new Set([...state.images.values()].flatMap((image) => image.layers.map(layerKey)));
  for (const key of [...disk.usedBytes.keys()]) {
    if (key.startsWith(TEMPORARY) || (key.startsWith('layer:') && !used.has(key))) disk.usedBytes.delete(key);
  }
}

const TEMPORARY = 'docker-tmp:';
/** Key of an extracted layer in the accounts of a disk. */
export const layerKey = (digest: string): string => `layer:${shortId(digest)}`;
/** Its key while it is downloaded. */
export const temporaryKey = (digest: string): string => `${TEMPORARY}${shortId(digest)}`;
