import type { PoolReady } from '../operations/bring-up.js';
import { wrap } from '../output/paint/text.js';
import { streamsOf } from '../execute.js';
import type { DeploymentRecord } from '../state/deployment.js';
import type { CommandCall } from './command.js';
import { nextLines } from './hints.js';
import { placeOf } from './place.js';
import { printResult } from './print-result.js';
import { warmLine } from './status-lines.js';

/** Says which workers are ready, which were left out and why, and what a person may do next. */
export function printReady(call: CommandCall, record: DeploymentRecord, pool: PoolReady): number {
  const failed = pool.failed.map(({ worker, fault }) => ({ worker, fault: fault.report() }));
  return printResult(call, { deployment: record, workers: pool.outputs, failed }, readyLines(call, record, pool));
}

function readyLines(call: CommandCall, record: DeploymentRecord, { outputs, failed }: PoolReady): readonly string[] {
  const { columns } = streamsOf(call.surroundings, call.globals.color).stdout.style();
  const count = failed.length === 0 ? `${outputs.length}` : `${outputs.length} of ${outputs.length + failed.length}`;
  const plural = outputs.length === 1 && failed.length === 0 ? 'worker is' : 'workers are';
  const next = [
    ['waa run --tasks easy_20.json', 'run tasks'],
    ['waa pool-pause', 'pause'],
    ['waa down', 'delete all'],
    ...(failed.length === 0 ? [] : [['waa up --resume', 'try others'] as const]),
  ] as const;
  return [
    `${record.name}: ${count} ${plural} ready (${placeOf(record)})`,
    ...(record.warm === undefined || record.warm.length === 0 ? [] : wrap(warmLine(record.warm), columns, '  ')),
    ...failed.flatMap(({ worker, fault }) => wrap(`${worker} is not: ${fault.message}`, columns, '  ')),
    ...nextLines(call, next, record.name),
  ];
}
