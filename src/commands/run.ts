import { randomBytes } from 'node:crypto';
import { createTaskIndex, shippedTaskIndex } from '../benchmark/task-index.js';
import type { TaskSelection } from '../benchmark/select-tasks.js';
import { summarise, type RunSummary } from '../benchmark/summary.js';
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
import { chooseRun, listRuns, newRunId } from '../operations/runs.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { Session } from '../session.js';
import { loadDeployment } from '../state/deployment.js';
import { azureFlags } from './azure-flags.js';
import type { CommandCall, CommandHandler } from './command.js';
import { listOption, textOption } from './input.js';
import { printResult } from './print-result.js';
import { runFlags } from './run-flags.js';
import { summaryLines } from './summary-lines.js';
import { narrowingOf, sourcesOf } from './task-options.js';
import { withSession } from './with-session.js';

interface Chosen {
  readonly runId: string;
  readonly deployment: string | undefined;
  readonly sources: readonly string[];
  readonly narrowing: Omit<TaskSelection, 'sources'>;
}

/** `waa run`: runs tasks on a deployment that is up, results home as they end. */
export const handle: CommandHandler = async (call) => {
  const { summary, page } = await withSession(
    call,
    { flags: [...azureFlags(call.options), ...runFlags(call.options)] },
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
      return withDeployment(session, { name, exclusive: true, needs: needsOf(tasks) }, (open) =>
        asOperation(session, { operation: 'run', deployment: name, totalSteps: tasks.length }, () =>
          runAndReport(session, open, {
            runId: chosen.runId,
            tasks,
            agent,
            selection: { sources: chosen.sources, ...chosen.narrowing },
          }),
        ),
      );
    },
  );
  const lines = [...summaryLines(summary, call), ...(page === undefined ? [] : ['', `Report: ${page}`])];
  return printResult(call, { ...summary, page }, lines, exitCodeOf(summary));
};

/** A run in which tasks are left undone, or were spoiled by the infrastructure, did not do its job. */
function exitCodeOf(summary: RunSummary): number {
  return summary.complete && summary.states.infra_error === 0 ? EXIT.ok : EXIT.failure;
}

/** `--tasks` begins a run; `--resume` continues one, with the very tasks it was begun with. */
async function choose(session: Session, call: CommandCall): Promise<Chosen> {
  const { resume } = call.options;
  const sources = sourcesOf(call.options, listOption(call.options, 'tasks'));
  if (resume === undefined && sources === undefined) {
    throw fail('USAGE', { problem: 'run needs tasks', hint: 'waa run --tasks easy_20.json   (or: waa run --resume)' });
  }
  if (resume === undefined) {
    const runId = newRunId(session.clock.now(), randomBytes(2).toString('hex'));
    return { runId, deployment: undefined, sources: sources ?? [], narrowing: narrowingOf(call.options) };
  }
  const wanted = typeof resume === 'string' ? resume : await latestUnfinished(session);
  const run = await chooseRun(session.paths, wanted);
  return { runId: run.id, deployment: run.head.deployment, sources: run.head.tasks, narrowing: {} };
}

async function latestUnfinished(session: Session): Promise<string | undefined> {
  const index = createTaskIndex(shippedTaskIndex().tasks);
  const runs = await listRuns(session.paths);
  return runs.find((run) => !summarise(run.head, run.lines, index).complete)?.id;
}
