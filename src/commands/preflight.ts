import { workerNames } from '../deployment/names.js';
import { checkContext } from '../operations/check-context.js';
import { givenHosts } from '../operations/hosts.js';
import { allChecks, checksFor } from '../operations/preflight.js';
import { streamsOf } from '../execute.js';
import { paintPreflight } from '../output/paint/preflight.js';
import { runPreflight } from '../preflight/runner.js';
import { reportAsTyped } from './as-typed.js';
import { azureFlags } from './azure-flags.js';
import type { CommandHandler } from './command.js';
import { hostFlags } from './host-flags.js';
import { flagOption, listOption, numberOption } from './input.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** `waa preflight`: exit 0 all pass, 1 a critical problem, 2 warnings only. */
export const handle: CommandHandler = async (call) => {
  const { options } = call;
  const tasks = listOption(options, 'tasks');
  const workers = workerNames(numberOption(options, 'workers', { min: 1, max: 100, integer: true }) ?? 1);
  const found = await withSession(call, { flags: azureFlags(options) }, (session) => {
    const hosts = givenHosts(session, hostFlags(options));
    return runPreflight({
      checks: checksFor(hosts !== undefined),
      knownIds: allChecks.map((check) => check.id),
      context: checkContext(session, { workers, hosts, sources: tasks.length === 0 ? undefined : tasks }),
      clock: session.clock,
      emit: session.emit,
      ignore: listOption(options, 'ignore'),
      fix: flagOption(options, 'fix'),
      signal: session.signal,
    });
  });
  const report = {
    ...found,
    checks: found.checks.map(({ problem, ...check }) =>
      problem === undefined ? check : { ...check, problem: reportAsTyped(problem, call.globals) },
    ),
  };
  const style = streamsOf(call.surroundings, call.globals.color).stdout.style();
  return printResult(call, report, paintPreflight(report, style), report.exitCode);
};
