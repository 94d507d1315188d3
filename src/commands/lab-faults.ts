import { didYouMean } from '../failures/nearest.js';
import { fail } from '../failures/waa-error.js';
import { faultIds, faults, type FaultId } from '../lab/faults/faults.js';
import { callLab } from '../lab/lab-handle.js';
import { streamsOf } from '../execute.js';
import { wrap } from '../output/paint/text.js';
import type { CommandHandler } from './command.js';
import { hint } from './hints.js';
import { flagOption, numberOption } from './input.js';
import { runningLab } from './lab-home.js';
import { printResult } from './print-result.js';

/** `waa lab faults [id]`: lists what can be injected, or arms one fault in the running lab. */
export const handle: CommandHandler = async (call) => {
  const [id] = call.args;
  if (flagOption(call.options, 'clear')) {
    const answer = await callLab(await runningLab(call), 'DELETE', '/faults');
    return printResult(call, answer, ['No fault is armed.']);
  }
  if (id === undefined) {
    const rows = faultIds.map((fault) => ({ id: fault, ...faults[fault] }));
    const { columns, colour } = streamsOf(call.surroundings, call.globals.color).stdout.style();
    return printResult(call, rows, [
      ...rows.flatMap((row) => [
        `${colour.bold(row.id)}  ${row.strikes}`,
        ...wrap(row.effect, columns - 4).map((line) => `    ${line}`),
      ]),
      '',
      hint(call, 'Arm one in the running lab: waa lab faults <id> [--times N] [--skip N]'),
    ]);
  }
  if (!faultIds.includes(id as FaultId)) {
    throw fail('USAGE', { problem: `there is no fault "${id}"`, hint: didYouMean(id, faultIds, 'waa lab faults') });
  }
  const times = numberOption(call.options, 'times', { min: 1, max: 1000, integer: true });
  const skip = numberOption(call.options, 'skip', { min: 0, max: 1000, integer: true });
  const request = { id, ...(times === undefined ? {} : { times }), ...(skip === undefined ? {} : { skip }) };
  const answer = await callLab(await runningLab(call), 'POST', '/faults', request);
  return printResult(call, answer, [`${id} is armed: it strikes ${faults[id as FaultId].strikes}.`]);
};
