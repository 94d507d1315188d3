import { callLab } from '../lab/lab-handle.js';
import type { CommandHandler } from './command.js';
import { runningLab } from './lab-home.js';
import { printResult } from './print-result.js';
import { labSummarySchema } from '../lab/lab-summary.js';

/** `waa lab status`: what exists in the emulated subscription, as its own books show it. */
export const handle: CommandHandler = async (call) => {
  const lab = await runningLab(call);
  const summary = labSummarySchema.parse(await callLab(lab, 'GET', '/summary'));
  const groups = summary.groups.flatMap((group) => [
    `${group.name} (${group.region})`,
    ...group.resources.map(
      (resource) =>
        `  ${resource.type.padEnd(40)} ${resource.name}${resource.state === undefined ? '' : `  ${resource.state}`}`,
    ),
  ]);
  return printResult(call, summary, [
    `Lab process ${lab.pid}, time ${lab.time.scale}x, now ${new Date(summary.now).toISOString()} in the lab.`,
    ...(groups.length === 0 ? ['No resource exists.'] : groups),
    ...(summary.armedFaults.length === 0 ? [] : [`Armed faults: ${summary.armedFaults.join(', ')}`]),
  ]);
};
