import { streamsOf } from '../execute.js';
import type { FailureReport } from '../failures/waa-error.js';
import { paintFailure } from '../output/paint/failure.js';
import { inColourOf, mark, type MarkName } from '../output/paint/marks.js';
import { truncate, wrap } from '../output/paint/text.js';
import type { DeploymentRecord } from '../state/deployment.js';
import type { CommandCall } from './command.js';
import { placeOf } from './place.js';
import type { WorkerStatus } from './worker-status.js';

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

/** Every layer of every worker with mark and detail, then what is wrong and how to mend it. */
export function statusLines(
  record: DeploymentRecord,
  workers: readonly WorkerStatus[],
  call: CommandCall,
): readonly string[] {
  const style = streamsOf(call.surroundings, call.globals.color).stdout.style();
  const since = record.createdAt.slice(0, 16).replace('T', ' ');
  const head = `${record.name}: ${record.intent}, ${placeOf(record)}, since ${since} UTC`;
  const lines = [...wrap(head, style.columns, '  ')];
  for (const worker of workers) {
    if (workers.length > 1) lines.push('', worker.worker);
    for (const layer of worker.layers) {
      const name = MARKS[layer.state] ?? 'pending';
      const front = `  ${mark(name, style)} ${layer.id.padEnd(8)} ${inColourOf(name, layer.state.padEnd(12), style)}`;
      lines.push(truncate(`${front} ${layer.detail ?? ''}`.trimEnd(), style.columns, style));
    }
    const fault = worker.layers.find((layer) => layer.fault !== undefined)?.fault as FailureReport | undefined;
    if (fault) lines.push('', ...paintFailure(fault, style));
  }
  if (record.intent === 'paused') lines.push('', 'It is paused. Go on with: waa pool-resume');
  else if (workers.some((worker) => !worker.ready)) lines.push('', 'Mend it with: waa up --resume');
  return lines;
}
