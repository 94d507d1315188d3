import { asWaaError, fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { evaluationEndsAt } from '../../health/evaluation.js';
import { INSTALL_TOKEN } from '../../health/winarena.js';
import type { QemuOutput, WindowsOutput } from '../io.js';
import type { LayerContext, LayerStatus } from '../layer.js';
import type { WindowsTools } from './deps.js';
import { identityOfStart } from '../windows-start.js';
import { LIMITS } from './limits.js';
import { faultInView, lookAtWindows, startInView, type WindowsView } from './look.js';
import { progressOf } from './progress.js';

/** Looks once, and a second time when a desktop is there. Never throws for what is absent or broken. */
export async function checkWindows(
  deps: WindowsTools,
  ctx: LayerContext,
  input: QemuOutput,
): Promise<LayerStatus<WindowsOutput>> {
  try {
    const first = await lookAtWindows(deps, ctx, input, ctx.deadline);
    if (first.preparing) return { state: 'in-progress', progress: first.preparing };
    const fault = faultInView(first, ctx.memory.readyAs?.()) ?? overdue(first, ctx);
    if (fault) return { state: 'unhealthy', fault };
    if (first.frame.kind !== 'desktop' || !first.storage.installedMarker)
      return { state: 'in-progress', progress: progressOf(first) };
    const second = await steadyView(deps, ctx, input, first, ctx.deadline);
    if (!second) return { state: 'in-progress', progress: { phase: 'the desktop is not steady yet' } };
    await forgetInstall(ctx);
    const { width, height } = second.frame;
    const ends = evaluationEndsAt(second.storage);
    return {
      state: 'ready',
      output: {
        ...input,
        ...startInView(second),
        screen: { width, height },
        ...(ends === undefined ? {} : { evaluationEnds: new Date(ends).toISOString() }),
      },
      identity: identityOfStart(startInView(second)),
      detail: `desktop ${width}x${height}`,
    };
  } catch (error) {
    const fault = asWaaError(error);
    return fault.layer === 'windows' || fault.layer === 'qemu'
      ? { state: 'unhealthy', fault }
      : { state: 'unknown', fault };
  }
}

/** A Windows that was ready is no unfinished installation any more: from here on nothing erases it without asking. */
async function forgetInstall({ memory }: LayerContext): Promise<void> {
  if (memory.resumeToken(INSTALL_TOKEN) !== undefined) await memory.saveResumeToken(INSTALL_TOKEN, undefined);
}

/** A second look a little later, when it shows the same desktop: neither a reboot nor another resolution in between. */
export async function steadyView(
  deps: WindowsTools,
  ctx: LayerContext,
  input: QemuOutput,
  first: WindowsView,
  deadline: Deadline,
): Promise<WindowsView | undefined> {
  if (first.frame.kind !== 'desktop') return undefined;
  const { installedMarker } = first.storage;
  await ctx.clock.sleep(installedMarker ? LIMITS.steadyMs : LIMITS.firstSteadyMs, deadline.signal);
  const second = await lookAtWindows(deps, ctx, input, deadline);
  if (second.preparing || second.frame.kind !== 'desktop') return undefined;
  const { frame, log } = second;
  const same = first.frame.width === frame.width && first.frame.height === frame.height;
  return same && first.log.diskBoots === log.diskBoots ? second : undefined;
}

/**
 * An installed Windows that is still black long after the container's start: one look is enough to know it. Of a Windows
 * that was reset since, the container's start says nothing; whether that stands still is for the wait to find out.
 */
function overdue({ frame, storage, container, log }: WindowsView, ctx: LayerContext) {
  const upMs = ctx.clock.now() - Date.parse(container.startedAt);
  const isBlack = frame.kind === 'black' && storage.installedMarker;
  if (!isBlack || log.diskBoots > 1 || !(upMs > LIMITS.bootMs)) return undefined;
  return fail('WINDOWS_BLACK_SCREEN', { seconds: Math.round(upMs / 1000) });
}
