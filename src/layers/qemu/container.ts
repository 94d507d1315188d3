import type { ContainerInfo, DockerEngine } from '../../clients/docker-engine/docker-engine.js';
import type { SshLink } from '../../clients/ssh/ssh.js';
import type { Deadline } from '../../health/deadline.js';
import { judgeStorage } from '../../health/storage-guard.js';
import { CONTAINER_NAME, INSTALL_TOKEN, winarenaPaths } from '../../health/winarena.js';
import type { DockerOutput } from '../io.js';
import type { LayerContext } from '../layer.js';
import { stopDockur } from '../stop-dockur.js';
import type { QemuLayerDeps } from './deps.js';
import { differencesOf, sizeGuest, winarenaSpec } from './winarena-spec.js';

/** One worker's container, ready to be acted upon. */
export interface ContainerActs {
  /** Makes the container be there as specified and run; does nothing when it does. */
  ensureRunning(deadline: Deadline): Promise<void>;
  /** Stops it with time for Windows to shut down. Nothing when it is not there. */
  stop(deadline: Deadline): Promise<void>;
  remove(deadline: Deadline): Promise<void>;
}

/**
 * The acts on the container. Every start passes the storage guard first and, when it begins an installation, notes that
 * durably before: after a crash only that note tells an unfinished installation of ours from somebody's Windows.
 */
export function containerActs(
  deps: QemuLayerDeps,
  ctx: LayerContext,
  input: DockerOutput,
  link: SshLink,
): ContainerActs {
  const engine = deps.engine(link);
  const spec = winarenaSpec(deps.plan, input);
  const acts: ContainerActs = {
    async ensureRunning(deadline) {
      let container = await engine.inspectContainer(CONTAINER_NAME, deadline);
      if (container && differencesOf(spec, container, input.imageId).length > 0) {
        await acts.remove(deadline);
        container = undefined;
      }
      if (container?.state === 'running') return;
      await guard(deps, ctx, input, link, deadline);
      const id = container?.id ?? (await create(engine, deadline));
      await engine.startContainer(id, deadline);
    },
    async stop(deadline) {
      const container = await engine.inspectContainer(CONTAINER_NAME, deadline);
      if (container && isAlive(container)) await stopDockur(engine, container.id, deadline);
    },
    async remove(deadline) {
      await acts.stop(deadline);
      const container = await engine.inspectContainer(CONTAINER_NAME, deadline);
      if (container) await engine.removeContainer(container.id, deadline);
    },
  };
  return acts;

  async function create(own: DockerEngine, deadline: Deadline): Promise<string> {
    for (const note of sizeGuest(deps.plan.config.windows, input).notes)
      ctx.emit('log', { component: 'qemu' }, note, { level: 'warn' });
    return own.createContainer(spec, deadline);
  }
}

const isAlive = (container: ContainerInfo): boolean => ['running', 'paused', 'restarting'].includes(container.state);

async function guard(
  deps: QemuLayerDeps,
  ctx: LayerContext,
  input: DockerOutput,
  link: SshLink,
  deadline: Deadline,
): Promise<void> {
  const directory = winarenaPaths(input.dataDirectory).storage;
  const seen = await deps.host.storage(link, directory, deadline);
  const ourUnfinishedInstall = ctx.memory.resumeToken(INSTALL_TOKEN) !== undefined;
  const verdict = judgeStorage({ directory, seen, version: deps.plan.config.windows.version, ourUnfinishedInstall });
  if (verdict.start === 'refused') throw verdict.fault;
  if (verdict.start === 'boots') return;
  await ctx.memory.saveResumeToken(INSTALL_TOKEN, new Date(ctx.clock.now()).toISOString());
  if (verdict.start === 'installs-again') {
    ctx.emit('log', { component: 'qemu' }, 'the interrupted installation of Windows begins again', { level: 'warn' });
  }
}
