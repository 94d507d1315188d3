import { runPyFlags } from '../benchmark/run-py.js';
import { createDockerEngine } from '../clients/docker-engine/create-docker-engine.js';
import { readDockurStatus } from '../clients/dockur-web/read-dockur-status.js';
import { openQmp } from '../clients/qmp/open-qmp.js';
import type { KnownHosts } from '../clients/ssh/known-hosts.js';
import type { SshLink } from '../clients/ssh/ssh.js';
import { withLocalLinks } from '../clients/ssh/local-links.js';
import { createSshLinks } from '../clients/ssh/links.js';
import { createWaaServer } from '../clients/waa-server/create-waa-server.js';
import type { Clock } from '../clock/clock.js';
import type { Secret } from '../config/secret.js';
import { newLease } from '../deployment/lease.js';
import { renewShutdown } from '../deployment/shutdown-schedule.js';
import { forWorker, type Emit } from '../events/bus.js';
import type { Deadline } from '../health/deadline.js';
import { PORTS, winarenaPaths } from '../health/winarena.js';
import { createHostClaims } from '../host/host-claims.js';
import { createHostTools } from '../host/create-host-tools.js';
import { createScriptRunner, DOCKER_SOCKET } from '../host/script-runner.js';
import { loadHostScripts } from '../host/scripts.js';
import { withSocketAccess } from '../host/socket-access.js';
import { createTaskSupervisor } from '../host/task-supervisor.js';
import { createAzureLayer } from '../layers/azure/index.js';
import { createClientLayer } from '../layers/client/index.js';
import { createDockerLayer } from '../layers/docker/index.js';
import type { VmOutput } from '../layers/io.js';
import { createQemuLayer } from '../layers/qemu/index.js';
import { createServerLayer, type ServerNeeds } from '../layers/server/index.js';
import { takeInventory } from '../layers/server/inventory.js';
import { createHostLayer, createVmLayer } from '../layers/vm/index.js';
import { layerTimeouts } from '../layers/layer-timeouts.js';
import { meetFault } from '../layers/meet-fault.js';
import { shareLayer, type Flights } from '../layers/share-layer.js';
import type { AnyLayer } from '../layers/layer.js';
import { createFrameReader } from '../layers/windows/frame-reader.js';
import { createWindowsLayer } from '../layers/windows/index.js';
import { resetWindows } from '../layers/windows/reset.js';
import { restartGuest } from '../layers/windows/restart-guest.js';
import { shutDownWindows } from '../layers/windows/shut-down.js';
import type { WorkerPlan } from '../layers/worker-plan.js';
import { workerTags } from '../layers/worker-tags.js';
import type { Clients, WorkerStack } from '../session.js';

export interface WorkerStackRequest {
  readonly plan: WorkerPlan;
  readonly clients: Clients;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly sshKeyPath: string;
  /** One object for all workers of the deployment. */
  readonly knownHosts: KnownHosts;
  readonly apiKey: Secret | undefined;
  readonly needs: ServerNeeds;
  readonly allowReinstall: boolean;
  readonly shared?: Flights;
}

/**
 * Builds one worker's layers (seven; without azure on a host of the user's own) with their clients over one connection.
 * Nothing is opened before it is used.
 */
export function createWorkerStack(request: WorkerStackRequest): WorkerStack {
  const { plan, clients, clock } = request;
  const dockerSocket = plan.host?.dockerSocket ?? DOCKER_SOCKET;
  const runner = createScriptRunner(() => loadHostScripts(), { dockerSocket });
  const connections = withLocalLinks(
    createSshLinks({
      dial: clients.dial,
      clock,
      privateKeyPath: request.sshKeyPath,
      knownHosts: request.knownHosts,
      onDropped(fault) {
        const told = { clock, emit: forWorker(request.emit, plan.worker) };
        const recovered = meetFault(told, 'vm', fault);
        return () => {
          recovered('connected again');
        };
      },
    }),
  );
  const links = withSocketAccess(connections, runner);
  const { dataDirectory, host: target } = plan;
  const host = createHostTools({ runner, dataDirectory, ...(target ? { dataLun: 'none' as const } : {}) });
  const claims = target && createHostClaims(runner);
  const supervisor = createTaskSupervisor(runner);
  const engine = (link: SshLink) => createDockerEngine((deadline) => link.forwardUnix(dockerSocket, deadline));
  const docker = (input: VmOutput) =>
    createDockerEngine(async (deadline) =>
      (await links.open(input.address, deadline)).forwardUnix(dockerSocket, deadline),
    );
  const serverBehind = (open: (deadline: Deadline) => Promise<SshLink>) =>
    createWaaServer(async (deadline) => (await open(deadline)).forwardTcp('127.0.0.1', PORTS.waaServer, deadline));
  const server = (input: VmOutput) => serverBehind((deadline) => links.open(input.address, deadline));
  const withQmp = async <T>(
    input: VmOutput,
    deadline: Deadline,
    work: (session: Awaited<ReturnType<typeof openQmp>>) => Promise<T>,
  ) => {
    const link = await links.open(input.address, deadline);
    await using session = await openQmp(
      (own) => link.forwardUnix(winarenaPaths(input.dataDirectory).qmpSocket, own),
      deadline,
    );
    return await work(session);
  };

  const readFrame = createFrameReader();
  const layers: readonly AnyLayer[] = [
    ...(target && claims
      ? [createHostLayer({ links, host, plan, claims, target })]
      : [
          shareLayer(
            createAzureLayer({ arm: clients.arm, callerAddress: clients.callerAddress, plan }),
            request.shared ?? new Map<string, Promise<unknown>>(),
          ),
          createVmLayer({
            arm: clients.arm,
            links,
            host,
            plan,
            guard: (ctx) => {
              const lease = newLease(ctx.clock.now(), plan.config.azure.autoPauseHours);
              const worker = { ...plan, tags: workerTags(plan) };
              return renewShutdown(
                { arm: clients.arm, clock: ctx.clock, retry: ctx.retry },
                worker,
                lease,
                ctx.deadline,
              );
            },
            bootScripts: async () => (await loadHostScripts()).files,
          }),
        ]),
    createDockerLayer({ engine, links, host, registry: clients.registry, login: clients.registryLogin, plan }),
    createQemuLayer({ engine, links, openQmp, readStatus: readDockurStatus, host, plan }),
    createWindowsLayer({
      engine,
      links,
      openQmp,
      readStatus: readDockurStatus,
      host,
      plan,
      allowReinstall: request.allowReinstall,
    }),
    createServerLayer({
      timeouts: layerTimeouts(plan.config, 'server'),
      needs: request.needs,
      server,
      docker,
      isBlack: (png) => readFrame(png).kind === 'black',
      resetGuest: async (input, deadline) => {
        const link = await links.open(input.address, deadline);
        await restartGuest({ engine, openQmp }, link, input.dataDirectory, clock, deadline);
      },
      writtenBytes: (input, deadline) =>
        withQmp(input, deadline, async (session) => (await session.blockStats(deadline)).writtenBytes),
    }),
    createClientLayer({
      timeouts: layerTimeouts(plan.config, 'client'),
      config: plan.config,
      apiKey: request.apiKey,
      needsAssets: request.needs.internet,
      runPyFlags: runPyFlags(plan.config),
      model: clients.model,
      supervisor,
      docker,
      link: (input, deadline) => links.open(input.address, deadline),
    }),
  ] as readonly AnyLayer[];

  const windowsDeps = {
    links,
    engine,
    openQmp,
    host,
    server: (link: SshLink) => serverBehind(() => Promise.resolve(link)),
  };
  return {
    plan,
    layers,
    host,
    claims,
    supervisor,
    link: (address, deadline) => links.open(address, deadline),
    engine,
    quiesce: (target, deadline) => shutDownWindows(windowsDeps, target, clock, deadline),
    hangUp: () => links.hangUp(),
    inventory: async ({ address }, deadline) =>
      takeInventory(windowsDeps.server(await links.open(address, deadline)), deadline),
    reset: (mode, { address, dataDirectory }, deadline) =>
      resetWindows(windowsDeps, { worker: plan.worker, address, dataDirectory }, mode, clock, deadline),
    close: () => links.close(),
  };
}
