import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { BLIND_MS, waitFor, type Observation } from '../../health/wait-for.js';
import type { NameSilence } from '../../retry/silence.js';
import type { DockerOutput, QemuOutput } from '../io.js';
import type { LayerContext, LayerStatus, Progress } from '../layer.js';
import { awaitMedia } from './await-media.js';
import { checkQemu } from './check.js';
import { containerActs } from './container.js';
import type { QemuLayerDeps } from './deps.js';

/** Numbers of the wait, with their reasons. */
const WAIT = {
  /** With an installed disk QEMU runs some four seconds after the container's start. */
  everyMs: 2_000,
  /** A look is an inspect, a log tail and one socket. */
  attemptTimeoutMs: 30_000,
  /** A download whose percent stands still this long has stopped; preparation steps of 6.04+ take less. */
  stallMs: 180_000,
} as const;

/** Makes the container run and waits until QEMU does; watches the log for what can never come right. */
export async function provisionQemu(
  deps: QemuLayerDeps,
  ctx: LayerContext,
  input: DockerOutput,
  seen: LayerStatus<QemuOutput>,
): Promise<void> {
  if (seen.state === 'unhealthy' && seen.fault.disposition === 'permanent') throw seen.fault;
  const link = await deps.links.open(input.address, ctx.deadline);
  await awaitMedia(deps, ctx, input, link);
  const acts = containerActs(deps, ctx, input, link);
  await ctx.retry('containerStart', (own) => acts.ensureRunning(own), {
    deadline: ctx.deadline,
    silence: startTimeout,
  });
  await waitFor((own) => look(deps, ctx, input, own), {
    what: 'QEMU',
    clock: ctx.clock,
    deadline: ctx.deadline,
    ...WAIT,
    blindMs: BLIND_MS,
    onTimeout: (last) => fail('QEMU_START_TIMEOUT', { seconds: Math.round(ctx.deadline.totalMs / 1000), last }),
    onStall: (last) => fail('QEMU_PREPARATION_STALLED', { seconds: WAIT.stallMs / 1000, last }),
  });
}

const startTimeout: NameSilence = ({ seconds }) =>
  fail('QEMU_START_TIMEOUT', { seconds, last: 'starting the container' });

async function look(
  deps: QemuLayerDeps,
  ctx: LayerContext,
  input: DockerOutput,
  deadline: Deadline,
): Promise<Observation<true>> {
  const status = await checkQemu(deps, { ...ctx, deadline }, input);
  switch (status.state) {
    case 'ready':
      return { ok: true, value: true };
    case 'in-progress':
      ctx.report(status.progress);
      return { ok: false, saw: textOf(status.progress), progress: textOf(status.progress) };
    case 'unknown':
      throw status.fault;
    case 'unhealthy':
      return { ok: false, saw: status.fault.message, fatal: status.fault };
    case 'absent':
      return {
        ok: false,
        saw: 'no running container',
        fatal: fail('QEMU_CONTAINER_EXITED', { exitCode: 0, detail: 'it ended right after its start' }),
      };
    case 'drifted':
      return { ok: false, saw: status.differences.join('; ') };
  }
}

function textOf({ phase, percent }: Progress): string {
  return percent === undefined ? phase : `${phase} (${percent.toFixed(1)} %)`;
}
