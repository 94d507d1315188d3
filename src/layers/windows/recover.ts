import type { FailureCode } from '../../failures/catalogue/index.js';
import { fail, type WaaError } from '../../failures/waa-error.js';
import type { SshLink } from '../../clients/ssh/ssh.js';
import type { Deadline } from '../../health/deadline.js';
import { judgeStorage, type StorageVerdict } from '../../health/storage-guard.js';
import { INSTALL_TOKEN, winarenaPaths } from '../../health/winarena.js';
import type { QemuOutput } from '../io.js';
import type { LayerContext, Recovery } from '../layer.js';
import { stopDockur } from '../stop-dockur.js';
import type { WindowsLayerDeps } from './deps.js';
import { restartGuest } from './restart-guest.js';

type Rung = 'reset' | 'restart' | 'reinstall';

/** Which rungs help against which failure, mildest first. Codes of other layers are mended there. */
const LADDERS: Partial<Record<FailureCode, readonly Rung[]>> = {
  WINDOWS_INSTALL_STALLED: ['reset', 'restart', 'reinstall'],
  WINDOWS_INSTALL_TIMEOUT: ['reset', 'restart', 'reinstall'],
  WINDOWS_STEP_TIMEOUT: ['reset', 'restart', 'reinstall'],
  WINDOWS_NOT_READY: ['reset', 'restart', 'reinstall'],
  WINDOWS_BLACK_SCREEN: ['reset', 'restart', 'reinstall'],
  WINDOWS_CRASHED: ['reset', 'restart', 'reinstall'],
  WINDOWS_REBOOT_LOOP: ['restart', 'restart', 'reinstall'],
  WINDOWS_ISO_MISSING: ['restart', 'restart'],
  WINDOWS_SCREEN_UNREADABLE: ['restart'],
};

const ACTION: Readonly<Record<Rung, string>> = {
  reset: 'reset Windows',
  restart: 'restarted the container',
  reinstall: 'erased the Windows disk and began the installation again',
};

/** dockur from 6.04 on erases a disk that was never marked. */
const BEGINS_AGAIN = 'restarted the container; the installation of Windows begins again';

/**
 * One rung against `fault`. Erases an installed Windows only with `allowReinstall`, else WINDOWS_REINSTALL_REFUSED; an
 * installation that waa began and never saw ready is begun again without asking.
 */
export async function recoverWindows(
  deps: WindowsLayerDeps,
  ctx: LayerContext,
  input: QemuOutput,
  fault: WaaError,
): Promise<Recovery> {
  const ladder = LADDERS[fault.code];
  if (!ladder) return { outcome: fault.layer === 'windows' ? 'give-up' : 'nothing-to-do' };
  const rung = ladder[ctx.recoveryAttempt];
  if (rung === undefined) return { outcome: 'give-up' };
  const link = await deps.links.open(input.address, ctx.deadline);
  if (rung === 'reset') {
    await restartGuest(deps, link, input.dataDirectory, ctx.clock, ctx.deadline);
    return { outcome: 'acted', action: ACTION.reset };
  }
  const start = await restart(deps, ctx, input, link, rung === 'reinstall' ? fault : undefined);
  const action = rung === 'restart' && start === 'installs-again' ? BEGINS_AGAIN : ACTION[rung];
  return { outcome: 'acted', action, restarted: 'qemu' };
}

/**
 * Stop, look at the disk, start; what the start does. `erase` names the fault that makes a new installation necessary: the
 * start is left to the layer below then.
 */
async function restart(
  deps: WindowsLayerDeps,
  ctx: LayerContext,
  input: QemuOutput,
  link: SshLink,
  erase: WaaError | undefined,
): Promise<StorageVerdict['start']> {
  const { deadline } = ctx;
  const engine = deps.engine(link);
  const directory = winarenaPaths(input.dataDirectory).storage;
  const before = await deps.host.storage(link, directory, deadline);
  const isOurs = ctx.memory.resumeToken(INSTALL_TOKEN) !== undefined;
  if (erase && before.installedMarker && deps.allowReinstall !== true) {
    const isUnfinished = isOurs && !(await hasWorked(deps, link, directory, deadline));
    if (!isUnfinished) throw fail('WINDOWS_REINSTALL_REFUSED', { reason: erase.message }, { cause: erase });
  }

  // Judged before the stop: a container that may not be started again is better left as it is.
  const verdict = judgeStorage({
    directory,
    seen: before,
    version: deps.plan.config.windows.version,
    ourUnfinishedInstall: isOurs || erase !== undefined,
  });
  if (verdict.start === 'refused') throw verdict.fault;
  await stopDockur(engine, input.containerId, deadline);
  if (erase) {
    await ctx.memory.saveResumeToken(INSTALL_TOKEN, new Date(ctx.clock.now()).toISOString());
    await deps.host.resetStorage(link, directory, deadline);
    // The layer below makes another and notes that it installs: each remembers for itself, and without its note it would
    // take an interrupted installation for somebody's Windows.
    await engine.removeContainer(input.containerId, deadline);
    return verdict.start;
  }
  await engine.startContainer(input.containerId, deadline);
  return verdict.start;
}

/**
 * The marker alone proves no finished Windows: dockur sets it whenever Windows shuts down by itself, in the middle of its
 * set-up, too. Nor does our note alone prove an unfinished one: another machine may have gone on with the installation.
 */
async function hasWorked(
  { host }: WindowsLayerDeps,
  link: SshLink,
  directory: string,
  deadline: Deadline,
): Promise<boolean> {
  const { exists, used } = await host.golden(link, 'status', directory, deadline);
  return exists || used;
}
