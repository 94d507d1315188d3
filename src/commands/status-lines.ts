import { streamsOf } from '../execute.js';
import type { FailureReport } from '../failures/waa-error.js';
import { paintFailure } from '../output/paint/failure.js';
import { inColourOf, mark, type MarkName } from '../output/paint/marks.js';
import type { Style } from '../output/paint/style.js';
import { truncate, wrap } from '../output/paint/text.js';
import type { DeploymentIntent, DeploymentRecord } from '../state/deployment.js';
import type { LockHolder } from '../state/lock.js';
import type { CommandCall } from './command.js';
import { hint } from './hints.js';
import { placeOf } from './place.js';
import { leavingOf } from '../operations/scale.js';
import type { WorkerStatus } from '../operations/worker-status.js';

/** The mark a state of `status` is shown with. */
const MARKS: Readonly<Record<string, MarkName>> = {
  ready: 'ready',
  unhealthy: 'failed',
  unknown: 'failed',
  drifted: 'failed',
  absent: 'pending',
  blocked: 'blocked',
  'in-progress': 'provisioning',
};

/**
 * Every layer of one worker, or one line a worker of a pool; then what is wrong and how to mend it, or who is at work on
 * it: while that lasts, every other command would be refused.
 */
export function statusLines(
  record: DeploymentRecord,
  workers: readonly WorkerStatus[],
  call: CommandCall,
  holder?: LockHolder,
): readonly string[] {
  const style = streamsOf(call.surroundings, call.globals.color).stdout.style();
  const say = (text: string): string => hint(call, text, record.name);
  const since = record.createdAt.slice(0, 16).replace('T', ' ');
  const head = `${record.name}: ${record.intent}, ${placeOf(record)}, since ${since} UTC`;
  const lines = [...wrap(head, style.columns, '  ')];
  let shown = 0;
  const isPool = workers.length > 1;
  if (isPool) lines.push(...poolLines(workers, style));
  for (const worker of workers) {
    for (const layer of isPool ? [] : worker.layers) {
      const name = MARKS[layer.state] ?? 'pending';
      const front = `  ${mark(name, style)} ${layer.id.padEnd(8)} ${inColourOf(name, layer.state.padEnd(12), style)}`;
      lines.push(truncate(`${front} ${layer.detail ?? ''}`.trimEnd(), style.columns, style));
    }
    const fault = worker.layers.find((layer) => layer.fault !== undefined)?.fault as FailureReport | undefined;
    if (!fault) continue;
    shown += 1;
    if (shown > MOST_FAULTS) continue;
    const typed = { ...fault, fix: fault.fix.map(say) };
    lines.push('', ...(isPool ? [worker.worker] : []), ...paintFailure(typed, style));
  }
  if (shown > MOST_FAULTS) lines.push('', say(`${shown - MOST_FAULTS} more: waa pool-status --json`));
  if (record.warm && record.warm.length > 0) lines.push('', warmLine(record.warm));
  const leaving = leavingOf(record);
  if (leaving.length > 0) lines.push('', ...wrap(say(leavingLine(leaving)), style.columns, '  '));
  if (holder) {
    const { command, pid, host } = holder;
    lines.push('', ...wrap(`\`${command}\` is at work on it (process ${pid} on ${host}).`, style.columns, '  '));
  } else if (workers.some((worker) => !worker.ready)) {
    lines.push('', say(NEXT[record.intent] ?? 'Mend it with: waa up --resume'));
  }
  return lines;
}

/** What to go on with where somebody did not want the workers ready. */
const NEXT: Readonly<Partial<Record<DeploymentIntent, string>>> = {
  pausing: 'It is being paused. Was that interrupted? Go on with: waa pool-pause',
  paused: 'It is paused. Go on with: waa pool-resume',
  deleting: 'It is being deleted. Was that interrupted? Go on with: waa down',
};

/** What a pool has beside its workers. */
export const warmLine = (warm: readonly string[]): string =>
  `Kept warm, ready and deallocated: ${warm.join(', ')} (pool-scale takes them first)`;

const leavingLine = (leaving: readonly string[]): string =>
  `Being deleted, and billed until then: ${leaving.join(', ')} (waa up --resume or waa pool-pause goes on)`;

/** More than these would push what matters off the screen. */
const MOST_FAULTS = 3;

/** Name, a mark a layer, and the first layer that is not ready. */
function poolLines(workers: readonly WorkerStatus[], style: Style): readonly string[] {
  const width = Math.max(...workers.map(({ worker }) => worker.length));
  const ready = workers.filter((worker) => worker.ready).length;
  return [
    `${ready} of ${workers.length} workers are ready`,
    ...workers.map(({ worker, layers }) => {
      const marks = layers.map(({ state }) => mark(MARKS[state] ?? 'pending', style)).join('');
      const first = layers.find(({ state }) => state !== 'ready');
      const detail = first ? `${first.id} ${first.state} ${first.detail ?? ''}` : 'ready';
      return truncate(`  ${worker.padEnd(width)}  ${marks}  ${detail}`.trimEnd(), style.columns, style);
    }),
  ];
}
