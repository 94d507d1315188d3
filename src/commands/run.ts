import { randomBytes } from 'node:crypto';
import type { RunChoice } from '../benchmark/experiment.js';
import type { TaskSelection } from '../benchmark/select-tasks.js';
import type { RunSummary } from '../benchmark/summary.js';
import { needsOf } from '../benchmark/task-needs.js';
import { EXIT } from '../failures/exit-codes.js';
import { fail } from '../failures/waa-error.js';
import { passCommandGate } from '../operations/gates.js';
import { showLive } from '../operations/live-view.js';
import { chooseName } from '../operations/choose-name.js';
import { asOperation } from '../operations/operation.js';
import { ownAgent } from '../operations/own-agent.js';
import { runAndReport } from '../operations/report-run.js';
import { chooseTasks } from '../operations/run-tasks.js';
import { unfinishedRun } from '../operations/resumed-run.js';
import { newRunId } from '../operations/runs.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { Session } from '../session.js';
import { loadDeployment } from '../state/deployment.js';
import type { CommandCall, CommandHandler } from './command.js';
import { listOption, textOption } from './input.js';
import { printResult } from './print-result.js';
import { goOnOf, resumable, resumed, runFlagsOf } from './resume-run.js';
import { summaryLines } from './summary-lines.js';
import { narrowingOf, sourcesOf } from './task-options.js';
import { withSession } from './with-session.js';

interface Chosen {
  /** The run to go on with. */
  readonly runId: string | undefined;
  readonly deployment: string | undefined;
  readonly sources: readonly string[];
  readonly narrowing: Omit<TaskSelection, 'sources'>;
}

/** `waa run`: runs tasks on a deployment that is up, results home as they end. */
export const handle: CommandHandler = async (call) => {
  const { summary, page, budgetUsd } = await withSession(
    call,
    { flags: (paths) => runFlagsOf(call, paths) },
    async (session) => {
      showLive(session, call.globals.debug);
      const chosen = await choose(session, call);
      const tasks = await chooseTasks(session, chosen.sources, chosen.narrowing);
      const name = await chooseName(session, textOption(call.options, 'name') ?? chosen.deployment);
      const { hosts } = await loadDeployment(session.paths, name);
      const agent = await ownAgent(session);
      await passCommandGate(session, call.spec, {
        ignore: listOption(call.options, 'ignore'),
        deployment: name,
        sources: chosen.sources,
        hosts,
      });
      const runId = chosen.runId ?? (await runIdFor(session, call, { deployment: name, tasks, agent }));
      const reported = await withDeployment(session, { name, exclusive: true, needs: needsOf(tasks) }, (open) =>
        asOperation(session, { operation: 'run', deployment: name, totalSteps: tasks.length }, () =>
          resumable(call, session.paths, runId, () =>
            runAndReport(session, open, {
              runId,
              tasks,
              agent,
              selection: { sources: chosen.sources, ...chosen.narrowing },
            }),
          ),
        ),
      );
      return { ...reported, budgetUsd: session.config.benchmark.maxCostUsd };
    },
  );
  // Nothing but its budget ends a run before its last task without a failure.
  const goOn = goOnOf(call, summary.runId, summary.complete || budgetUsd === undefined ? undefined : 2 * budgetUsd);
  const lines = [...summaryLines(summary, call, goOn), ...(page === undefined ? [] : ['', `Report: ${page}`])];
  return printResult(call, { ...summary, page }, lines, exitCodeOf(summary));
};

/** A run in which tasks are left undone, or were spoiled by the infrastructure, did not do its job. */
function exitCodeOf(summary: RunSummary): number {
  return summary.complete && summary.states.infra_error === 0 ? EXIT.ok : EXIT.failure;
}

/** The same command line again goes on with what it left unfinished, unless a new run is asked for. */
async function runIdFor(session: Session, call: CommandCall, choice: Omit<RunChoice, 'config'>): Promise<string> {
  const { clock, config, emit, paths } = session;
  const left = call.options['new'] === true ? undefined : await unfinishedRun(paths, { ...choice, config });
  if (!left) return newRunId(clock.now(), randomBytes(2).toString('hex'));
  const { runId, tasks, waiting } = left;
  const done = `${tasks.length - waiting} of ${tasks.length} tasks done`;
  emit('log', { component: 'benchmark' }, `going on with run ${runId}, ${done}; --new begins another`);
  return runId;
}

/** `--tasks` begins a run; `--resume` continues one, with the very tasks it was begun with. */
async function choose(session: Session, call: CommandCall): Promise<Chosen> {
  const sources = sourcesOf(call.options, listOption(call.options, 'tasks'));
  const narrowing = narrowingOf(call.options);
  if (call.options['resume'] === undefined) {
    const hint = 'waa run --tasks easy_20.json   (or: waa run --resume)';
    if (sources === undefined) throw fail('USAGE', { problem: 'run needs tasks', hint });
    return { runId: undefined, deployment: undefined, sources, narrowing };
  }
  const { id, head } = await resumed(session.paths, call);
  const isAnother = call.options['new'] === true;
  if (isAnother || sources !== undefined || narrowing.seed !== undefined || narrowing.repeat !== undefined) {
    const problem = '--resume goes on with a run and the tasks it was begun with; no others can be chosen';
    throw fail('USAGE', { problem, hint: `waa run --resume ${id}` });
  }
  return { runId: id, deployment: head.deployment, sources: head.tasks, narrowing: {} };
}
