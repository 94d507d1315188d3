import type { RunSummary } from '../benchmark/summary.js';
import { percent, percentRange, resetWords } from '../benchmark/report/words.js';
import { streamsOf } from '../execute.js';
import { paintResults } from '../output/paint/results.js';
import { wrap } from '../output/paint/text.js';
import type { CommandCall } from './command.js';
import { hint } from './hints.js';

/** A run's table by domain, its rates, and what did not go well; `goOn` continues it. */
export function summaryLines(
  summary: RunSummary,
  call: CommandCall,
  goOn = `waa run --resume ${summary.runId}`,
): readonly string[] {
  const style = streamsOf(call.surroundings, call.globals.color).stdout.style();
  const spoiled = summary.tasks.filter((task) => task.state !== 'scored');
  return [
    ...wrap(`Run ${summary.runId}: ${summary.agent} with ${summary.model}`, style.columns, '  '),
    '',
    ...paintResults(summary.tasks, style),
    '',
    `success over valid tasks    ${percent(summary.all.overValid)} (95 % interval ${percentRange(summary.all.interval)})`,
    `success over planned tasks  ${percent(summary.all.overPlanned)}`,
    `infrastructure failures ${summary.infraFailures}, none counted as a zero`,
    ...(summary.reset ? wrap(resetWords(summary.reset), style.columns, '  ') : []),
    ...spoiled.flatMap((task) =>
      wrap(`${task.task}  ${task.state}${task.reason === '' ? '' : `: ${task.reason}`}`, style.columns, '  '),
    ),
    ...nextOf(summary, call, goOn),
  ];
}

function nextOf({ complete, states: { infra_error: spoiled } }: RunSummary, call: CommandCall, goOn: string): string[] {
  if (!complete) return ['', hint(call, `Not finished. Go on with: ${goOn}`)];
  if (spoiled === 0) return [];
  return ['', hint(call, `Spoiled by the infrastructure: ${spoiled}. Try again with: ${goOn}`)];
}
