import { EXIT } from '../failures/exit-codes.js';
import { streamsOf } from '../execute.js';
import { Deadline } from '../health/deadline.js';
import { wrap } from '../output/paint/text.js';
import { sweep, type SweepResult } from '../operations/sweep.js';
import type { CommandHandler } from './command.js';
import { hint } from './hints.js';
import { flagOption } from './input.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** A few deployments to pause or delete, one after the other. */
const SWEEP_MS = 60 * 60_000;

/** `waa sweep`: exit 1 when something that was due could not be done. */
export const handle: CommandHandler = async (call) => {
  const dryRun = flagOption(call.options, 'dryRun');
  const everyone = flagOption(call.options, 'everyone');
  const report = await withSession(call, {}, async (session) => {
    using deadline = Deadline.after(SWEEP_MS, session.clock, session.signal);
    return await sweep(session, { dryRun, everyone }, deadline);
  });
  const { findings, looked, strays } = report;
  const { columns } = streamsOf(call.surroundings, call.globals.color).stdout.style();
  const lines = [
    ...findings.map((finding) => `${finding.deployment}: ${hint(call, finding.text)}${ENDS[finding.outcome](finding)}`),
    ...strays.map((id) => `outside of our resource groups, not touched: ${id}`),
  ].flatMap((line) => wrap(line, columns, '  '));
  const failed = findings.some((finding) => finding.outcome === 'failed');
  const nothing = looked === 0 ? 'Nothing of yours is in Azure.' : `${looked} looked at, nothing is due.`;
  return printResult(call, report, lines.length === 0 ? [nothing] : lines, failed ? EXIT.failure : EXIT.ok);
};

const DONE: Readonly<Record<SweepResult['action'], string>> = {
  none: 'judged',
  guard: 'schedule set',
  deallocate: 'deallocated',
  pause: 'paused',
  notice: 'announced',
  delete: 'deleted',
};

const ENDS: Readonly<Record<SweepResult['outcome'], (finding: SweepResult) => string>> = {
  told: () => '',
  planned: ({ action }) => ` - would be ${DONE[action]}`,
  done: ({ action }) => ` - ${DONE[action]}`,
  failed: (finding) => (finding.outcome === 'failed' ? ` - not ${DONE[finding.action]}: ${finding.fault.symptom}` : ''),
};
