import { streamsOf } from '../execute.js';
import { callLab } from '../lab/lab-handle.js';
import { truncate } from '../output/paint/text.js';
import type { CommandHandler } from './command.js';
import { runningLab } from './lab-home.js';
import { printResult } from './print-result.js';
import { labSummarySchema } from '../lab/lab-summary.js';

/** `waa lab status`: what exists in the emulated subscription, as its own books show it. */
export const handle: CommandHandler = async (call) => {
  const lab = await runningLab(call);
  const summary = labSummarySchema.parse(await callLab(lab, 'GET', '/summary'));
  const style = streamsOf(call.surroundings, call.globals.color).stdout.style();
  const groups = summary.groups.flatMap((group) => [
    `${group.name} (${group.region})`,
    ...group.resources.map(({ type, name, state = 'Succeeded' }) => {
      const line = `  ${(type.split('/').at(-1) ?? type).padEnd(21)}  ${name}`;
      return truncate(state === 'Succeeded' ? line : `${line}  ${state}`, style.columns, style);
    }),
  ]);
  return printResult(call, summary, [
    `Lab process ${lab.pid}, time ${lab.time.scale}x, now ${new Date(summary.now).toISOString()} in the lab.`,
    ...(groups.length === 0 ? ['No resource exists.'] : groups),
    ...(summary.armedFaults.length === 0 ? [] : [`Armed faults: ${summary.armedFaults.join(', ')}`]),
  ]);
};
