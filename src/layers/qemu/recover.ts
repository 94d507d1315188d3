import type { FailureCode } from '../../failures/catalogue/index.js';
import type { WaaError } from '../../failures/waa-error.js';
import type { SshLink } from '../../clients/ssh/ssh.js';
import type { Deadline } from '../../health/deadline.js';
import { winarenaPaths } from '../../health/winarena.js';
import type { DockerOutput } from '../io.js';
import type { LayerContext, Recovery } from '../layer.js';
import { containerActs } from './container.js';
import type { QemuLayerDeps } from './deps.js';

/** `wait` changes nothing: what was begun goes on. */
type Rung = 'wait' | 'start' | 'restart' | 'recreate' | 'clean-and-continue' | 'clean-and-start';

/**
 * Which rungs help against which failure, first to last; after the last the layer gives up. A code that is not here is not
 * this layer's to mend.
 */
const LADDERS: Partial<Record<FailureCode, readonly Rung[]>> = {
  QEMU_KVM_UNAVAILABLE: ['recreate', 'recreate'],
  QEMU_PAUSED_BY_IO_ERROR: ['clean-and-continue', 'restart'],
  QEMU_DISK_FULL: ['clean-and-start', 'recreate'],
  QEMU_STOPPED_GUEST: ['restart', 'recreate'],
  QEMU_CONTAINER_KILLED: ['start', 'recreate'],
  QEMU_CONTAINER_EXITED: ['start', 'recreate'],
  QEMU_USER_MODE_NETWORK: ['recreate'],
  QEMU_NOT_BOOTABLE: ['restart', 'recreate'],
  QEMU_PREPARATION_STALLED: ['restart', 'recreate'],
  QEMU_START_TIMEOUT: ['wait', 'wait', 'recreate'],
  QEMU_STEP_TIMEOUT: ['wait', 'wait', 'recreate'],
  QEMU_NOT_READY: ['wait', 'restart', 'recreate'],
  QEMU_QMP_CLOSED: ['restart', 'recreate'],
  QEMU_QMP_PROTOCOL: ['restart', 'recreate'],
  QEMU_QMP_COMMAND: ['restart', 'recreate'],
  WINDOWS_ISO_MISSING: ['restart', 'recreate'],
  WINDOWS_DOWNLOAD_FAILED: ['start', 'start', 'recreate'],
  WINDOWS_MEDIA_INVALID: ['recreate', 'recreate'],
};

const ACTION: Readonly<Record<Rung, string>> = {
  wait: 'left what was begun to go on',
  start: 'started the container again',
  restart: 'restarted the container',
  recreate: 'made the container anew',
  'clean-and-continue': 'freed disk space and let Windows go on',
  'clean-and-start': 'freed disk space and started the container',
};

/** One rung against `fault`. Raises what the acts raise, QEMU_STORAGE_WITHOUT_MARKER among them. */
export async function recoverQemu(
  deps: QemuLayerDeps,
  ctx: LayerContext,
  input: DockerOutput,
  fault: WaaError,
): Promise<Recovery> {
  const ladder = LADDERS[fault.code];
  if (!ladder || fault.disposition === 'permanent') return { outcome: 'give-up' };
  const rung = ladder[ctx.recoveryAttempt];
  if (rung === undefined) return { outcome: 'give-up' };
  if (rung !== 'wait') await act(rung, deps, ctx, input, await deps.links.open(input.address, ctx.deadline));
  return { outcome: 'acted', action: ACTION[rung] };
}

async function act(
  rung: Exclude<Rung, 'wait'>,
  deps: QemuLayerDeps,
  ctx: LayerContext,
  input: DockerOutput,
  link: SshLink,
): Promise<void> {
  const acts = containerActs(deps, ctx, input, link);
  const { deadline } = ctx;
  switch (rung) {
    case 'start':
      return acts.ensureRunning(deadline);
    case 'restart':
      await acts.stop(deadline);
      return acts.ensureRunning(deadline);
    case 'recreate':
      await acts.remove(deadline);
      return acts.ensureRunning(deadline);
    case 'clean-and-start':
      await clean(deps, link, deadline);
      return acts.ensureRunning(deadline);
    case 'clean-and-continue': {
      await clean(deps, link, deadline);
      const socket = winarenaPaths(input.dataDirectory).qmpSocket;
      await using session = await deps.openQmp((own) => link.forwardUnix(socket, own), deadline);
      await session.cont(deadline);
      return;
    }
  }
}

/** On a host of the user's own nothing is ours to delete: there the room came from its owner, or the rung does not help. */
async function clean({ host, plan }: QemuLayerDeps, link: SshLink, deadline: Deadline): Promise<void> {
  if (!plan.host) await host.cleanDisks(link, deadline);
}
