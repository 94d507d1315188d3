import { DAY_MS } from '../../../clock/units.js';
import { refuse } from './arm-error.js';
import type { Tags } from './bodies/common.js';
import type { Schedule, ScheduleProperties } from './model.js';
import { normalizeLocation } from './regions.js';
import type { AzureState, Place, Written } from './state.js';
import { add, findAt, findTyped, newTracked, placeLocation, remove, touch, writableGroup } from './state.js';
import { deallocateVm } from './vm-power.js';

const type = 'Microsoft.DevTestLab/schedules';
const prefix = 'shutdown-computevm-';

export interface ScheduleInput {
  readonly location: string;
  readonly tags: Tags;
  readonly properties: ScheduleProperties;
}

/**
 * Creates or replaces the auto-shutdown of a VM: once a day at `HHMM` UTC it is deallocated, if it holds a place then.
 * It does not look at what happens after that moment, and it outlives the VM as a resource of its own.
 */
export function putSchedule(state: AzureState, place: Place, input: ScheduleInput): Written<Schedule> {
  writableGroup(state, place.group);
  const location = placeLocation(state, type, place, input.location);
  const { properties } = input;
  const vm = findTyped(state, 'Microsoft.Compute/virtualMachines', properties.targetResourceId);
  const bad = (message: string) => refuse(400, 'InvalidParameterValue', message);
  if (!vm) throw refuse(404, 'ResourceNotFound', `The target resource ${properties.targetResourceId} was not found.`);
  if (place.name.toLowerCase() !== `${prefix}${vm.name}`.toLowerCase()) {
    throw bad(`The name of a schedule for compute VM '${vm.name}' must be '${prefix}${vm.name}'.`);
  }
  if (normalizeLocation(vm.location) !== location)
    throw bad(`The schedule must be in the location of its target, '${vm.location}'.`);
  if (!/^([01]\d|2[0-3])[0-5]\d$/.test(properties.time))
    throw bad(`'${properties.time}' is not a time of day of the form HHmm.`);
  if (properties.timeZoneId !== 'UTC') throw bad(`The time zone '${properties.timeZoneId}' is not known.`);

  const existing = findAt(state, type, place);
  const schedule: Schedule = existing ?? {
    ...newTracked(state, type, place, location, input.tags),
    properties,
    cancel: () => undefined,
  };
  if (!existing) add(state, schedule);
  schedule.properties = properties;
  schedule.tags = input.tags;
  schedule.provisioningState = 'Succeeded';
  schedule.cancel();
  touch(state, schedule);
  planNext(state, schedule);
  return { resource: schedule, created: true, operation: undefined };
}

/** Deletes a schedule; false when there was none. */
export function deleteSchedule(state: AzureState, place: Place): boolean {
  writableGroup(state, place.group);
  const schedule = findAt(state, type, place);
  if (!schedule) return false;
  schedule.cancel();
  remove(state, schedule);
  return true;
}

/** The next moment after `now` at which a UTC clock shows `HHMM`. */
export function nextOccurrence(now: number, time: string): number {
  const inDay = (Number(time.slice(0, 2)) * 60 + Number(time.slice(2))) * 60_000;
  const today = Math.floor(now / DAY_MS) * DAY_MS + inDay;
  return today > now ? today : today + DAY_MS;
}

function planNext(state: AzureState, schedule: Schedule): void {
  const { simulation } = state;
  schedule.cancel = simulation.after(nextOccurrence(simulation.now, schedule.properties.time) - simulation.now, () => {
    planNext(state, schedule);
    const vm = findTyped(state, 'Microsoft.Compute/virtualMachines', schedule.properties.targetResourceId);
    const off = !vm?.allocated || vm.provisioningState === 'Deleting' || vm.power === 'deallocating';
    if (schedule.properties.status === 'Enabled' && vm && !off) deallocateVm(state, vm, false);
  });
}
