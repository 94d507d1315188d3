import type { ContainerInfo, DockerEngine } from '../../clients/docker-engine/docker-engine.js';
import type { SshLink } from '../../clients/ssh/ssh.js';
import { asWaaError, fail, type WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { endedCleanly, faultInLog, faultOfExit } from '../../health/dockur-failures.js';
import type { DockurLog } from '../../health/dockur-log.js';
import { isPreparing, preparationOf } from '../../health/preparation.js';
import { CONTAINER_NAME, INSTALL_TOKEN, PORTS, winarenaPaths } from '../../health/winarena.js';
import type { DockerOutput, QemuOutput } from '../io.js';
import type { LayerContext, LayerStatus } from '../layer.js';
import { readDockurLog } from '../read-dockur-log.js';
import type { QemuLayerDeps } from './deps.js';
import { guestIpOf, versionOf } from './guest-facts.js';
import { differencesOf, winarenaSpec } from './winarena-spec.js';

/** Looks at container, log, status page and QEMU. Never throws for what is absent or broken. */
export async function checkQemu(
  deps: QemuLayerDeps,
  ctx: LayerContext,
  input: DockerOutput,
): Promise<LayerStatus<QemuOutput>> {
  try {
    const link = await deps.links.open(input.address, ctx.deadline);
    const engine = deps.engine(link);
    const container = await engine.inspectContainer(CONTAINER_NAME, ctx.deadline);
    if (!container) return { state: 'absent', detail: 'no container' };
    const differences = differencesOf(winarenaSpec(deps.plan, input), container, input.imageId);
    if (differences.length > 0) return { state: 'drifted', differences };
    if (container.state !== 'running') return await stopped(engine, container, ctx.deadline, input);
    return await running(deps, ctx, input, link, engine, container);
  } catch (error) {
    const fault = asWaaError(error);
    return fault.layer === 'qemu' ? { state: 'unhealthy', fault } : { state: 'unknown', fault };
  }
}

/** A container that was stopped on purpose only needs a start; one that died tells why. */
async function stopped(
  engine: DockerEngine,
  container: ContainerInfo,
  deadline: Deadline,
  input: DockerOutput,
): Promise<LayerStatus<QemuOutput>> {
  switch (container.state) {
    case 'created':
      return { state: 'in-progress', progress: { phase: 'container made, not started' } };
    case 'paused':
      return { state: 'unhealthy', fault: fail('QEMU_STOPPED_GUEST', { status: 'container paused' }) };
    case 'restarting':
    case 'removing':
      return { state: 'in-progress', progress: { phase: `container is ${container.state}` } };
    default: {
      const log = await readDockurLog(engine, container, deadline);
      if (endedCleanly(container, log)) return { state: 'absent', detail: 'container stopped' };
      return { state: 'unhealthy', fault: faultOfExit(container, log, winarenaPaths(input.dataDirectory).storage) };
    }
  }
}

async function running(
  deps: QemuLayerDeps,
  ctx: LayerContext,
  input: DockerOutput,
  link: SshLink,
  engine: DockerEngine,
  container: ContainerInfo,
): Promise<LayerStatus<QemuOutput>> {
  const { deadline } = ctx;
  const paths = winarenaPaths(input.dataDirectory);
  const log = await readDockurLog(engine, container, deadline);
  const fault = faultInLog(log);
  if (fault) return { state: 'unhealthy', fault };
  if (isPreparing(log)) {
    const progress = await preparationOf(
      log,
      deps.readStatus,
      (own) => link.forwardTcp('127.0.0.1', PORTS.web, own),
      deadline,
    );
    return { state: 'in-progress', progress };
  }

  const qemu = await lookAtQemu(deps, ctx, input, link, log);
  if (qemu !== 'running') return qemu;
  const guestIp = await guestIpOf(engine, container.id, log, deadline);
  if (guestIp === undefined) return { state: 'in-progress', progress: { phase: 'waiting for the address of Windows' } };
  await forgetFinishedInstall(deps, ctx, link, paths.storage);
  const dockurVersion = await versionOf(engine, container.id, log, deadline);
  return {
    state: 'ready',
    output: { ...input, containerId: container.id, containerStartedAt: container.startedAt, guestIp, dockurVersion },
    identity: `${container.id}@${container.startedAt}`,
    detail: `dockur ${dockurVersion}, Windows at ${guestIp}`,
  };
}

/** `running`, or what stands against it. */
async function lookAtQemu(
  deps: QemuLayerDeps,
  ctx: LayerContext,
  input: DockerOutput,
  link: SshLink,
  log: DockurLog,
): Promise<'running' | LayerStatus<QemuOutput>> {
  const { deadline } = ctx;
  const paths = winarenaPaths(input.dataDirectory);
  try {
    await using session = await deps.openQmp((own) => link.forwardUnix(paths.qmpSocket, own), deadline);
    const status = await session.status(deadline);
    if (status === 'io-error')
      return { state: 'unhealthy', fault: fail('QEMU_PAUSED_BY_IO_ERROR', { directory: paths.storage }) };
    if (status === 'shutdown' || status === 'prelaunch')
      return { state: 'in-progress', progress: { phase: `QEMU is in ${status}` } };
    if (status !== 'running') return { state: 'unhealthy', fault: fail('QEMU_STOPPED_GUEST', { status }) };
    if (input.acceleration === 'kvm' && !(await session.kvmEnabled(deadline)))
      return { state: 'unhealthy', fault: fail('QEMU_WITHOUT_KVM', {}) };
    return 'running';
  } catch (error) {
    if (deadline.signal.aborted) throw error;
    const fault = asWaaError(error);
    if (!log.handedOver) return { state: 'in-progress', progress: { phase: 'QEMU is starting' } };
    return couldNotLook(fault) ? { state: 'unknown', fault } : { state: 'unhealthy', fault: asControlFault(fault) };
  }
}

/** A dead connection says nothing about QEMU. */
const couldNotLook = (fault: WaaError): boolean => fault.code === 'VM_SSH_DROPPED';

function asControlFault(fault: WaaError): WaaError {
  return fault.layer === 'qemu' ? fault : fail('QEMU_QMP_CLOSED', { command: 'opening the socket' }, { cause: fault });
}

/** Once the marker stands, the note that an installation of ours is under way is over: it would allow a wipe later. */
async function forgetFinishedInstall(
  deps: QemuLayerDeps,
  ctx: LayerContext,
  link: SshLink,
  directory: string,
): Promise<void> {
  if (ctx.memory.resumeToken(INSTALL_TOKEN) === undefined) return;
  const storage = await deps.host.storage(link, directory, ctx.deadline);
  if (storage.installedMarker) await ctx.memory.saveResumeToken(INSTALL_TOKEN, undefined);
}
