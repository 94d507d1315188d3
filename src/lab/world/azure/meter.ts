import type { VirtualMachine } from './model.js';
import type { AzureState } from './state.js';

/** What Azure would bill for one VM: the time it held a place, over all its lives under this name. */
export interface Meter {
  readonly name: string;
  billedMs: number;
  /** Since when it holds a place; undefined while it holds none. */
  since: number | undefined;
}

/** Gives a VM its place or takes it back; the meter runs in between. The only way to change `allocated`. */
export function setAllocated(state: AzureState, vm: VirtualMachine, allocated: boolean): void {
  vm.allocated = allocated;
  const { now } = state.simulation;
  const meter = state.meters.get(vm.id.toLowerCase()) ?? { name: vm.name, billedMs: 0, since: undefined };
  state.meters.set(vm.id.toLowerCase(), meter);
  if (allocated) {
    meter.since ??= now;
    return;
  }
  if (meter.since !== undefined) meter.billedMs += now - meter.since;
  meter.since = undefined;
}

/** Every meter read now. */
export function readMeters(state: AzureState): readonly { name: string; billedMs: number; running: boolean }[] {
  return [...state.meters.values()].map(({ name, billedMs, since }) => ({
    name,
    billedMs: billedMs + (since === undefined ? 0 : state.simulation.now - since),
    running: since !== undefined,
  }));
}
