import type { SshLink } from '../../clients/ssh/ssh.js';
import type { WaaError } from '../../failures/waa-error.js';
import type { VmOutput } from '../io.js';
import type { LayerContext, Recovery } from '../layer.js';
import { isForeign, type DockerLayerDeps } from './deps.js';
import { installDocker, startDaemon } from './host-steps.js';
import { cleaningsOf } from './provision.js';

interface Rungs {
  readonly deps: DockerLayerDeps;
  readonly ctx: LayerContext;
  readonly input: VmOutput;
  readonly link: SshLink;
}

/** One thing to do; says what was done. */
type Rung = (rungs: Rungs) => Promise<string>;

const start: Rung = async ({ deps, ctx, link }) => {
  await startDaemon(deps, link, ctx.deadline);
  return 'started the Docker daemon';
};
const makeRoom: Rung = async ({ deps, ctx, link }) => {
  let freed = 0;
  for (const cleaning of cleaningsOf(deps, link, deps.engine(link))) freed += await cleaning.run(ctx.deadline);
  return `freed ${(freed / 1024 ** 3).toFixed(1)} GB`;
};
/** For a daemon that does not start: Docker's own clean-up cannot run then. */
const makeRoomAndStart: Rung = async ({ deps, ctx, link }) => {
  await deps.host.cleanDisks(link, ctx.deadline);
  await startDaemon(deps, link, ctx.deadline);
  return 'cleaned the disks and started the Docker daemon';
};
/** Repairs packages, configuration and group; the next login has the group. */
const repairInstallation: Rung = async ({ deps, ctx, input, link }) => {
  await installDocker(deps, link, input.dataDirectory, ctx.deadline);
  link.close();
  return 'repaired the Docker installation';
};

const makeRoomAndRepair: Rung = async (rungs) => {
  await rungs.deps.host.cleanDisks(rungs.link, rungs.ctx.deadline);
  return repairInstallation(rungs);
};

const daemonLadder = [start, makeRoomAndStart, repairInstallation];
/** Every pull already goes through all registries; what is left is to begin again on a clean engine. */
const pullLadder = [makeRoom, repairInstallation];

const ladders: Readonly<Record<string, readonly Rung[]>> = {
  DOCKER_NOT_INSTALLED: [repairInstallation],
  DOCKER_INSTALL_FAILED: [repairInstallation, makeRoomAndRepair],
  DOCKER_DAEMON_DOWN: daemonLadder,
  DOCKER_CONNECTION_LOST: daemonLadder,
  DOCKER_API_ERROR: daemonLadder,
  DOCKER_STEP_TIMEOUT: daemonLadder,
  DOCKER_NOT_READY: daemonLadder,
  DOCKER_SOCKET_PERMISSION: [repairInstallation],
  DOCKER_DATA_ROOT_WRONG: [repairInstallation],
  DOCKER_DISK_FULL: [makeRoom],
  DOCKER_IMAGE_MISSING: [makeRoom],
  DOCKER_LAYER_CORRUPT: pullLadder,
  DOCKER_PULL_RATE_LIMITED: pullLadder,
  DOCKER_PULL_STALLED: pullLadder,
  DOCKER_PULL_TIMEOUT: pullLadder,
  DOCKER_REGISTRY_UNREACHABLE: pullLadder,
  DOCKER_REGISTRY_ERROR: pullLadder,
};

/** On a host that is not ours the daemon may be started, and its socket opened to our user; nothing else is touched. */
const foreignLadders: Readonly<Record<string, readonly Rung[]>> = {
  DOCKER_DAEMON_DOWN: [start],
  DOCKER_CONNECTION_LOST: [start],
  DOCKER_SOCKET_PERMISSION: [start],
};

/** One rung of the ladder of a fault: start the daemon, make room, repair the installation, give up. */
export async function recoverDocker(
  deps: DockerLayerDeps,
  ctx: LayerContext,
  input: VmOutput,
  fault: WaaError,
): Promise<Recovery> {
  const ladder = isForeign(deps) ? foreignLadders[fault.code] : ladders[fault.code];
  if (!ladder) return { outcome: 'nothing-to-do' };
  const rung = ladder[ctx.recoveryAttempt];
  if (!rung) return { outcome: 'give-up' };
  const link = await deps.links.open(input.address, ctx.deadline);
  return { outcome: 'acted', action: await rung({ deps, ctx, input, link }) };
}
