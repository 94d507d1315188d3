import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FailureCode } from '../../src/failures/catalogue/index.js';
import { Deadline } from '../../src/health/deadline.js';
import { watch } from '../../src/health/watch.js';
import type { Machine } from '../../src/lab/world/contracts.js';
import type { LayerId } from '../../src/layers/layer.js';
import { watchLayers } from '../../src/layers/watch-layers.js';
import { bringUpWorker, walkOptions } from '../../src/operations/walk-worker.js';
import { startLabRig, type LabRig } from '../helpers/lab-session.js';

interface Case {
  readonly code: FailureCode;
  readonly layer: LayerId;
  /** Breaks the layer under a worker that was proven ready. */
  readonly strike: (machine: Machine, rig: LabRig) => void;
}

const winarena = (machine: Machine) => machine.docker.containers.find(({ name }) => name === 'winarena')?.process;

const cases: readonly Case[] = [
  {
    // Docker's proxy takes the connection and then learns that nobody listens.
    code: 'SERVER_CONNECTION_LOST',
    layer: 'server',
    strike(machine, rig) {
      rig.lab.world.faults.arm({ id: 'server-never-up' });
      winarena(machine)?.qemu?.reset();
    },
  },
  { code: 'WINDOWS_CRASHED', layer: 'windows', strike: (machine) => winarena(machine)?.ports.guest?.crash() },
  {
    code: 'QEMU_CONTAINER_KILLED',
    layer: 'qemu',
    strike: (machine) => {
      machine.docker.kill('winarena');
    },
  },
  {
    code: 'DOCKER_DAEMON_DOWN',
    layer: 'docker',
    strike: (machine) => {
      machine.docker.stopDaemon();
    },
  },
];

let rig: LabRig;
beforeAll(async () => {
  rig = await startLabRig();
});
afterAll(() => rig.close());

it('the watch over a real wire names what broke under a worker, layer by layer, and sees nothing in one that is well', async () => {
  const { error, value } = await rig.up(async (session, open) => {
    const [worker] = open.workers;
    const machine = rig.lab.world.azure.findMachine('waa-test-w0');
    if (!worker || !machine) throw new Error('no worker');
    const { clock, signal } = session;
    using deadline = Deadline.after(24 * 3_600_000, clock, signal);
    const seen: { readonly code: FailureCode; readonly layer: string; readonly before: string }[] = [];
    for (const { strike } of cases) {
      const ready = await bringUpWorker(session, open, worker, deadline);
      const look = (own: Deadline) => watchLayers(walkOptions(session, open, worker, own), ready, own);
      const before = (await look(deadline))?.code ?? 'well';
      rig.lab.summary();
      strike(machine, rig);
      const watched = watch({ look, clock, signal });
      while (!watched.fault) await clock.sleep(10_000, deadline.signal);
      const { code, layer } = watched.fault;
      await watched.stop();
      seen.push({ code, layer, before });
    }
    return seen;
  });
  expect(error).toBeUndefined();
  expect(value).toEqual(cases.map(({ code, layer }) => ({ code, layer, before: 'well' })));
});
