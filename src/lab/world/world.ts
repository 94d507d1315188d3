import { createFaultBox, type FaultBox } from '../faults/fault-box.js';
import { createAzureWorld, type AzureWorld } from './azure/azure-world.js';
import { defaultAzureOptions, type AzureOptions } from './azure/options.js';
import { createDockerHost } from './docker/docker-host.js';
import { createRegistryWorld, type RegistryWorld } from './docker/registry-world.js';
import { createDockurProcesses } from './dockur/dockur-processes.js';
import { realisticDurations, type Durations } from './durations.js';
import { createMachine } from './machine/machine.js';
import { createSimulation, type Simulation } from './simulation.js';

export interface WorldOptions {
  /** Epoch ms at which the world begins. */
  readonly startMs: number;
  readonly seed: number;
  readonly durations?: Durations;
  readonly azure?: Partial<AzureOptions>;
}

/** The whole emulated world: pure, moved by `simulation.advanceTo` only. */
export interface World {
  readonly simulation: Simulation;
  readonly faults: FaultBox;
  readonly azure: AzureWorld;
  readonly registry: RegistryWorld;
}

/** Puts the parts of the world together. */
export function createWorld(options: WorldOptions): World {
  const faults = createFaultBox(
    () => simulation.now,
    () => simulation.random(),
  );
  const simulation: Simulation = createSimulation({
    startMs: options.startMs,
    seed: options.seed,
    durations: options.durations ?? realisticDurations,
    faults,
  });
  const registry = createRegistryWorld();
  const createDocker = createDockerHost(simulation, { processes: createDockurProcesses(simulation), registry });
  const azure = createAzureWorld({
    simulation,
    createMachine: createMachine(simulation, { createDockerHost: createDocker }),
    options: { ...defaultAzureOptions, ...options.azure },
  });
  return { simulation, faults, azure, registry };
}
