import { createManualClock } from '../../src/clock/manual-clock.js';
import { createFaultBox } from '../../src/lab/faults/fault-box.js';
import { createMachine } from '../../src/lab/world/machine/machine.js';
import type { Disk, Machine, MachineSpec } from '../../src/lab/world/contracts.js';
import { realisticDurations } from '../../src/lab/world/durations.js';
import { createSimulation, type Simulation } from '../../src/lab/world/simulation.js';
import { type FakeDockerHost, fakeDockerHosts } from './fake-docker-host.js';

const START_MS = Date.UTC(2026, 0, 1);

export function emptyDisk(id: string, sizeGb: number, formatted = false): Disk {
  return { id, sizeGb, label: '', formatted, files: new Map(), usedBytes: new Map(), data: new Map() };
}

export function machineSpec(overrides: Partial<MachineSpec> = {}): MachineSpec {
  return {
    name: 'vm0',
    cpuCores: 8,
    memoryMb: 32_768,
    nestedVirtualization: true,
    securityType: 'Standard',
    osDisk: emptyDisk('os', 64, true),
    dataDisks: [{ lun: 0, disk: emptyDisk('data', 256) }],
    adminUser: 'azureuser',
    sshPublicKeys: [],
    customData: '',
    ...overrides,
  };
}

export interface LabMachine {
  readonly simulation: Simulation;
  readonly machine: Machine;
  readonly docker: FakeDockerHost;
  /** Lets lab time pass. */
  pass(ms: number): void;
}

/** One emulated machine in a world of its own, switched off. */
export function labMachine(overrides: Partial<MachineSpec> = {}): LabMachine {
  const faults = createFaultBox(
    () => simulation.now,
    () => 0,
  );
  const simulation = createSimulation({ startMs: START_MS, seed: 7, durations: realisticDurations, faults });
  const made: FakeDockerHost[] = [];
  const machine = createMachine(simulation, { createDockerHost: fakeDockerHosts(made) })(machineSpec(overrides));
  const docker = made[0];
  if (!docker) throw new Error('the machine has no Docker host');
  return {
    simulation,
    machine,
    docker,
    pass(ms) {
      simulation.advanceTo(simulation.now + ms);
    },
  };
}

export const newClock = (): ReturnType<typeof createManualClock> => createManualClock(START_MS);
