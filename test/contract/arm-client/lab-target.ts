import { createArmClient } from '../../../src/clients/arm/create-arm-client.js';
import type { ArmClient } from '../../../src/clients/arm/arm.js';
import { labCredential, type LabLogin } from '../../../src/clients/arm/credential.js';
import { createScaledClock } from '../../../src/clock/scaled-clock.js';
import type { Clock } from '../../../src/clock/clock.js';
import { createFaultBox, type FaultBox } from '../../../src/lab/faults/fault-box.js';
import { startArmWire } from '../../../src/lab/wire/arm/server.js';
import { createAzureWorld, type AzureWorld } from '../../../src/lab/world/azure/azure-world.js';
import type { AzureOptions } from '../../../src/lab/world/azure/options.js';
import { realisticDurations } from '../../../src/lab/world/durations.js';
import { createMachine } from '../../../src/lab/world/machine/machine.js';
import { createSimulation } from '../../../src/lab/world/simulation.js';
import { fakeDockerHosts } from '../../helpers/fake-docker-host.js';
import { createRecordingBus } from '../../helpers/recording-bus.js';
import type { ArmTarget } from './target.js';

const START_MS = Date.UTC(2026, 5, 1, 10);
/** Fast enough that a group's deletion takes half a second, slow enough that a round trip stays under a poll. */
const SCALE = 400;

export interface LabTarget extends ArmTarget {
  readonly azure: AzureWorld;
  readonly faults: FaultBox;
  readonly login: LabLogin;
  readonly url: string;
  readonly caPem: string;
  client(more?: Partial<Parameters<typeof createArmClient>[0]>): ArmClient;
  /** What Azure does stands still from now on, however long this machine takes to look; `goOn` lets it catch up. */
  holdStill(): void;
  goOn(): void;
}

/** A small page makes every list more than one page long. */
const PAGE_SIZE = 3;

/** The emulated subscription over its real wire, its time running fast. */
export async function startLabTarget(options: Partial<AzureOptions> = {}): Promise<LabTarget> {
  const clock: Clock = createScaledClock({
    realEpochMs: Date.now(),
    labEpochMs: START_MS,
    scale: SCALE,
    slackRealMs: 5_000,
  });
  const faults: FaultBox = createFaultBox(
    () => simulation.now,
    () => simulation.random(),
  );
  const simulation = createSimulation({ startMs: START_MS, seed: 11, durations: realisticDurations, faults });
  const azure = createAzureWorld({
    simulation,
    createMachine: createMachine(simulation, { createDockerHost: fakeDockerHosts() }),
    options,
  });
  let heldAt: number | undefined;
  const wire = await startArmWire(azure, simulation, () => heldAt ?? clock.now(), { pageSize: PAGE_SIZE });
  const bus = createRecordingBus(clock);
  const [principal] = azure.options.principals;
  if (!principal) throw new Error('the lab has no principal');
  const { clientId, clientSecret } = principal;
  const login = { authorityHost: wire.url, caPem: wire.caPem, clientId, clientSecret };
  const client: LabTarget['client'] = (more = {}) =>
    createArmClient({
      endpoint: wire.url,
      caPem: wire.caPem,
      credential: labCredential(login),
      clock,
      emit: bus.emit,
      ...more,
    });
  return {
    azure,
    faults,
    login,
    clock,
    client,
    url: wire.url,
    caPem: wire.caPem,
    arm: client(),
    another: () => client(),
    region: 'eastus',
    vmSize: 'Standard_D8ds_v5',
    sshPublicKey: `ssh-ed25519 ${Buffer.concat([
      Buffer.from([0, 0, 0, 11]),
      Buffer.from('ssh-ed25519'),
      Buffer.from([0, 0, 0, 32]),
      Buffer.alloc(32, 7),
    ]).toString('base64')} suite`,
    group: 'waa-contract',
    events: bus.events,
    holdStill() {
      heldAt = clock.now();
    },
    goOn() {
      heldAt = undefined;
    },
    close: () => wire.close(),
  };
}
