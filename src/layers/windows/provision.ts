import { fail, type WaaError } from '../../failures/waa-error.js';
import { BLIND_MS, waitFor, type Observation } from '../../health/wait-for.js';
import { INSTALL_TOKEN, winarenaPaths } from '../../health/winarena.js';
import type { QemuOutput, WindowsOutput } from '../io.js';
import type { LayerContext, LayerStatus } from '../layer.js';
import { steadyView } from './check.js';
import type { WindowsTools } from './deps.js';
import { LIMITS } from './limits.js';
import { faultInView, lookAtWindows, type WindowsView } from './look.js';
import { progressMark, progressOf } from './progress.js';

/**
 * Waits for a steady desktop, through a first installation or an ordinary boot, then marks the disk as installed. Ends
 * early on a crash screen, a reboot loop, or when screen and disk stand still.
 */
export async function provisionWindows(
  deps: WindowsTools,
  ctx: LayerContext,
  input: QemuOutput,
  seen: LayerStatus<WindowsOutput>,
): Promise<void> {
  if (seen.state === 'unhealthy' && seen.fault.disposition === 'permanent') throw seen.fault;
  let last: WindowsView | undefined;

  const look = async (deadline: LayerContext['deadline']): Promise<Observation<true>> => {
    const view = await lookAtWindows(deps, ctx, input, deadline);
    if (view.preparing) {
      const { phase, percent } = view.preparing;
      ctx.report(view.preparing);
      return { ok: false, saw: phase, progress: `${phase} ${percent ?? ''}` };
    }
    last = view;
    await noteInstall(ctx, view);
    const progress = progressOf(view);
    ctx.report(progress);
    const fatal = faultInView(view, ctx.memory.readyAs?.());
    if (fatal) return { ok: false, saw: fatal.message, fatal };
    if (await steadyView(deps, ctx, input, view, deadline)) return { ok: true, value: true };
    return { ok: false, saw: progress.phase, progress: progressMark(view) };
  };

  await waitFor(async (deadline) => fatalBelow(await settled(look(deadline))), {
    what: 'the Windows desktop',
    clock: ctx.clock,
    deadline: ctx.deadline,
    everyMs: () => (last && isInstalling(last) ? LIMITS.everyInstallingMs : LIMITS.everyMs),
    attemptTimeoutMs: LIMITS.attemptTimeoutMs,
    stallMs: LIMITS.stallMs,
    blindMs: BLIND_MS,
    onStall: (saw) => stallOf(last, saw),
    onTimeout: (saw) =>
      fail('WINDOWS_INSTALL_TIMEOUT', { seconds: Math.round(ctx.deadline.totalMs / 1000), last: saw }),
  });
  await markInstalled(deps, ctx, input);
}

const isInstalling = ({ storage, frame }: WindowsView): boolean => !storage.installedMarker && frame.kind !== 'desktop';

/** An installation on an unmarked disk that runs now is the one the layer below began; a later restart may repeat it. */
async function noteInstall(ctx: LayerContext, view: WindowsView): Promise<void> {
  if (isInstalling(view) && ctx.memory.resumeToken(INSTALL_TOKEN) === undefined) {
    await ctx.memory.saveResumeToken(INSTALL_TOKEN, new Date(ctx.clock.now()).toISOString());
  }
}

/** From here on a restart must keep the disk: dockur's own marker is set at a clean exit only, which may never come. */
async function markInstalled(deps: WindowsTools, ctx: LayerContext, input: QemuOutput): Promise<void> {
  const link = await deps.links.open(input.address, ctx.deadline);
  const { storage } = winarenaPaths(input.dataDirectory);
  await deps.host.markInstalled(link, storage, ctx.deadline);
}

type Settled = { readonly seen: Observation<true> } | { readonly error: unknown };

async function settled(look: Promise<Observation<true>>): Promise<Settled> {
  try {
    return { seen: await look };
  } catch (error) {
    return { error };
  }
}

/** A container or QEMU that broke will not come back while we wait: end the wait so that its layer can mend it. */
function fatalBelow(result: Settled): Observation<true> {
  if ('seen' in result) return result.seen;
  const { error } = result;
  if (isFault(error) && ENDS_THE_WAIT.has(error.code)) return { ok: false, saw: error.message, fatal: error };
  throw error;
}

const ENDS_THE_WAIT: ReadonlySet<string> = new Set([
  'QEMU_CONTAINER_EXITED',
  'QEMU_CONTAINER_KILLED',
  'QEMU_PAUSED_BY_IO_ERROR',
  'QEMU_STOPPED_GUEST',
  'QEMU_NOT_BOOTABLE',
  'QEMU_USER_MODE_NETWORK',
  'QEMU_KVM_UNAVAILABLE',
  'QEMU_DISK_FULL',
  'WINDOWS_ISO_MISSING',
  'WINDOWS_DOWNLOAD_FAILED',
]);

function isFault(error: unknown): error is WaaError {
  return error instanceof Error && 'code' in error && 'disposition' in error;
}

function stallOf(view: WindowsView | undefined, saw: string): WaaError {
  const seconds = LIMITS.stallMs / 1000;
  return view?.frame.kind === 'black'
    ? fail('WINDOWS_BLACK_SCREEN', { seconds })
    : fail('WINDOWS_INSTALL_STALLED', { phase: saw, seconds });
}
