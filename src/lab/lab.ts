import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createScaledClock, type TimeMapping } from '../clock/scaled-clock.js';
import { realClock } from '../clock/real-clock.js';
import type { Clock } from '../clock/clock.js';
import { createControlServer } from './control.js';
import { driveSimulation } from './driver.js';
import type { LabEndpoints } from './lab-endpoints.js';
import type { LabSummary } from './lab-summary.js';
import { startArmWire } from './wire/arm/server.js';
import { createInternet } from './wire/internet/internet.js';
import { startNetwork } from './wire/network/network.js';
import { hostCommands } from './wire/ssh/commands/index.js';
import { createSshWire } from './wire/ssh/ssh-wire.js';
import { servePort, serveSocket } from './wire/worker-services.js';
import type { Machine } from './world/contracts.js';
import { readMeters } from './world/azure/meter.js';
import type { Operation } from './world/azure/operations.js';
import { defaultAzureOptions } from './world/azure/options.js';
import { publishedImages } from './world/docker/registry-world.js';
import { createWorld, type World, type WorldOptions } from './world/world.js';

export interface LabOptions extends Partial<Pick<WorldOptions, 'seed' | 'durations' | 'azure' | 'startMs'>> {
  readonly pid: number;
  /** Lab seconds in one real second. Default 60. */
  readonly scale?: number;
  /** Real milliseconds added to every deadline of whoever uses the lab. Default 5000: a stalled CI machine. */
  readonly slackRealMs?: number;
  /** Address under which the emulated internet sees us. */
  readonly callerAddress?: string;
}

/** A running lab: the world, its time, and every wire on loopback. */
export interface Lab {
  readonly endpoints: LabEndpoints;
  readonly world: World;
  readonly clock: Clock;
  summary(): LabSummary;
  /** Begins to stop; `stopped` resolves when nothing listens any more. Stopping twice is harmless. */
  stop(): void;
  readonly stopped: Promise<void>;
}

const DEFAULT_SCALE = 60;
/** Real time that a busy machine may take for a step, given to every deadline in lab time. */
const DEFAULT_SLACK_REAL_MS = 5000;
/** From TEST-NET-3 (RFC 5737): never a real caller. */
const DEFAULT_CALLER = '203.0.113.7';

/** The one principal of the emulated directory: worth nothing outside of a lab on this machine. */
const { principals, tenantId } = defaultAzureOptions;
const [principal] = principals;
const labLogin = { clientId: principal?.clientId ?? '', clientSecret: principal?.clientSecret ?? '', tenantId };

/** The image of the emulated registries, pinned, with its copy in a second one. */
const [first, second] = publishedImages();
const nameOf = (image: typeof first): string => (image ? `${image.host}/${image.repository}:${image.tag}` : '');
const labImage = { reference: nameOf(first), digest: first?.digest ?? '', fallback: nameOf(second) };

/** Starts a lab on free loopback ports. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const startMs = options.startMs ?? realClock.now();
  const time: TimeMapping = {
    realEpochMs: realClock.now(),
    labEpochMs: startMs,
    scale: options.scale ?? DEFAULT_SCALE,
    slackRealMs: options.slackRealMs ?? DEFAULT_SLACK_REAL_MS,
  };
  const clock = createScaledClock(time);
  const world = createWorld({
    startMs,
    seed: options.seed ?? 1,
    ...(options.durations === undefined ? {} : { durations: options.durations }),
    ...(options.azure === undefined ? {} : { azure: options.azure }),
  });
  const { simulation, azure } = world;
  const driver = driveSimulation(simulation, clock);
  const callerAddress = options.callerAddress ?? DEFAULT_CALLER;
  const token = randomBytes(24).toString('hex');

  const ssh = createSshWire(simulation, {
    commands: hostCommands,
    serveTcp: servePort,
    serveUnix: serveSocket(simulation),
    sync: driver.sync,
  });
  const network = await startNetwork({
    resolve(ip) {
      driver.sync();
      return azure.resolvePublicAddress(ip);
    },
    sourceIp: () => callerAddress,
    after: (ms, action) => simulation.after(ms, action),
    serveSsh: (machine: Machine, stream) => {
      ssh.accept(machine, stream);
    },
  });
  const arm = await startArmWire(azure, simulation, () => clock.now());
  const internet = await listen(
    createInternet({
      world,
      callerAddress,
      sync: () => {
        driver.sync();
      },
    }),
  );
  const summary = (): LabSummary => {
    driver.sync();
    const { groups, virtualMachines } = azure.summary();
    const containers = virtualMachines.flatMap(({ name }) =>
      (azure.findMachine(name)?.docker.containers ?? []).map((container) => ({
        machine: name,
        name: container.name,
        state: container.state,
      })),
    );
    return {
      now: simulation.now,
      groups,
      containers,
      billed: readMeters(azure),
      operations: countOperations(azure.operations.all()),
      armedFaults: world.faults.armed.map((fault) => fault.id),
    };
  };

  let finish: () => void = () => undefined;
  const stopping = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const control = await listenServer(
    createControlServer(
      {
        faults: world.faults,
        summary,
        stop: () => {
          finish();
        },
      },
      token,
    ),
  );

  const base = `http://127.0.0.1:${internet.port}`;
  return {
    world,
    clock,
    summary,
    stop: finish,
    stopped: stopping.then(async () => {
      driver.stop();
      await Promise.all([network.close(), arm.close(), internet.close(), control.close()]);
    }),
    endpoints: {
      armUrl: arm.url,
      caPem: arm.caPem,
      subscriptionId: azure.subscriptionId,
      pricesUrl: `${base}/prices`,
      registryUrl: base,
      modelUrl: `${base}/model/v1`,
      callerAddressUrl: `${base}/ip`,
      network: { host: network.host, port: network.port },
      controlUrl: `http://127.0.0.1:${control.port}`,
      controlToken: token,
      login: labLogin,
      image: labImage,
      pid: options.pid,
      time,
    },
  };
}

/** Equal ones counted, in the order in which the first of each began. */
function countOperations(all: readonly Operation[]): LabSummary['operations'] {
  const counts = new Map<string, LabSummary['operations'][number]>();
  for (const { name: kind, target } of all) {
    const key = `${kind} ${target}`;
    counts.set(key, { kind, name: target, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}

interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

function listen(handler: RequestListener): Promise<Listening> {
  return listenServer(createServer(handler));
}

function listenServer(server: Server): Promise<Listening> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((closed) => {
            server.close(() => {
              closed();
            });
            server.closeAllConnections();
          }),
      });
    });
  });
}
