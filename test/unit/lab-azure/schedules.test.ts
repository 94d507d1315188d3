import { describe, expect, it } from 'vitest';
import type { ScheduleProperties } from '../../../src/lab/world/azure/model.js';
import { deleteSchedule, nextOccurrence, putSchedule } from '../../../src/lab/world/azure/schedules.js';
import { deleteVm } from '../../../src/lab/world/azure/virtual-machines.js';
import { startVm } from '../../../src/lab/world/azure/vm-power.js';
import { at, buildVm, createTestWorld, location, type TestWorld } from './world.js';

const name = at('shutdown-computevm-w1');

function put(world: TestWorld, vmId: string, time: string, status: ScheduleProperties['status'] = 'Enabled'): void {
  putSchedule(world.azure, name, {
    location,
    tags: {},
    properties: {
      status,
      taskType: 'ComputeVmShutdownTask',
      time,
      timeZoneId: 'UTC',
      targetResourceId: vmId,
      notificationSettings: undefined,
    },
  });
}

const advanceTo = (world: TestWorld, day: number, hour: number, minute: number): void => {
  world.simulation.advanceTo(Date.UTC(2026, 5, day, hour, minute));
};

describe('the next occurrence', () => {
  const noon = Date.UTC(2026, 5, 1, 12);
  it.each([
    ['1201', Date.UTC(2026, 5, 1, 12, 1)],
    ['1200', Date.UTC(2026, 5, 2, 12)],
    ['0000', Date.UTC(2026, 5, 2)],
    ['2359', Date.UTC(2026, 5, 1, 23, 59)],
  ])('of %s is strictly after now', (time, expected) => {
    expect(nextOccurrence(noon, time)).toBe(expected);
  });
});

describe('auto-shutdown', () => {
  it('fires every day, but does not watch in between', () => {
    const world = createTestWorld();
    const { vm } = buildVm(world);
    put(world, vm.id, '1200');
    advanceTo(world, 1, 12, 5);
    expect(vm.power).toBe('deallocated');
    startVm(world.azure, vm);
    advanceTo(world, 2, 11, 59);
    expect(vm.power).toBe('running');
    advanceTo(world, 2, 12, 5);
    expect(vm.power).toBe('deallocated');
  });

  it('moves with the last PUT', () => {
    const world = createTestWorld();
    const { vm } = buildVm(world);
    put(world, vm.id, '1200');
    put(world, vm.id, '1400');
    advanceTo(world, 1, 13, 0);
    expect(vm.power).toBe('running');
    advanceTo(world, 1, 14, 5);
    expect(vm.power).toBe('deallocated');
  });

  it.each(['disabled', 'deleted'])('does nothing once it is %s', (how) => {
    const world = createTestWorld();
    const { vm } = buildVm(world);
    put(world, vm.id, '1200', how === 'disabled' ? 'Disabled' : 'Enabled');
    if (how === 'deleted') expect(deleteSchedule(world.azure, name)).toBe(true);
    advanceTo(world, 1, 12, 5);
    expect(vm.power).toBe('running');
  });

  it('outlives its VM as a resource', () => {
    const world = createTestWorld();
    const { vm } = buildVm(world);
    put(world, vm.id, '1200');
    deleteVm(world.azure, at('w1'), true);
    advanceTo(world, 2, 12, 5);
    expect(world.azure.summary().groups[0]?.resources.map((resource) => resource.name)).toContain(name.name);
  });
});
