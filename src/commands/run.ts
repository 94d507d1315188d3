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
import { ownAgent } from '../operations/own-agent.js';
import { runAndReport } from '../operations/report-run.js';
import { chooseTasks, type RunTasksRequest } from '../operations/run-tasks.js';
import { unfinishedRun } from '../operations/resumed-run.js';
import { newRunId, type KnownRun } from '../operations/runs.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { Session } from '../session.js';
import { loadDeployment, type HostsRecord } from '../state/deployment.js';
import type { Tell } from '../tell.js';
import type { CommandCall, CommandHandler } from './command.js';
import { listOption, textOption } from './input.js';
import { notesTo } from './notes.js';
import { printResult } from './print-result.js';
import { goOnOf, resumable, resumed, runFlagsOf, type Resumed } from './resume-run.js';
import { summaryLines } from './summary-lines.js';
import { narrowingOf, sourcesOf } from './task-options.js';
import { withSession } from './with-session.js';

interface Chosen {
  /** The run to go on with. */
  readonly runId: string | undefined;
  readonly deployment: string | undefined;
  readonly selection: TaskSelection;
}

/** A run of which everything is decided that can be decided on this machine. */
interface Prepared extends RunTasksRequest {
  readonly name: string;
  readonly hosts: HostsRecord | undefined;
}

/** `waa run`: runs tasks on a deployment that is up, results home as they end. */
export const handle: CommandHandler = async (call) => {
  let resume: Resumed | undefined;
  const { summary, page, budgetUsd } = await withSession(
    call,
    {
      flags: async (paths) => {
        resume = await resumed(call, paths);
        return runFlagsOf(call, resume?.run);
      },
    },
    async (session) => {
      const { name, hosts, ...request } = await prepare(session, call, resume);
      // What prepares it tells stays above it.
      showLive(session, call.globals.debug);
      await passCommandGate(session, call.spec, {
        ignore: listOption(call.options, 'ignore'),
        deployment: name,
        sources: request.selection.sources,
        hosts,
      });
      const { runId, tasks } = request;
      const reported = await withDeployment(session, { name, exclusive: true, needs: needsOf(tasks) }, (open) =>
        resumable(call, session.paths, runId, () => runAndReport(session, open, request)),
      );
      return { ...reported, budgetUsd: session.config.benchmark.maxCostUsd };
    },
  );
  // Nothing but its budget ends a run before its last task without a failure.
  const goOn = goOnOf(call, summary.runId, summary.complete || budgetUsd === undefined ? undefined : 2 * budgetUsd);
  const lines = [...summaryLines(summary, call, goOn), ...(page === undefined ? [] : ['', `Report: ${page}`])];
  return printResult(call, { ...summary, page }, lines, exitCodeOf(summary));
};

/** Raises USAGE, CLIENT_TASK_*, CLIENT_AGENT_*, OWN_*. */
async function prepare(session: Session, call: CommandCall, resume: Resumed | undefined): Promise<Prepared> {
  const tell = notesTo(session);
  resume?.notes.forEach(tell);
  const { runId, deployment, selection } = choose(call, resume?.run);
  const { sources, ...narrowing } = selection;
  const tasks = await chooseTasks(session, sources, narrowing, tell);
  const name = await chooseName(session, textOption(call.options, 'name') ?? deployment);
  const { hosts } = await loadDeployment(session.paths, name);
  const agent = await ownAgent(session, tell);
  const choice = { deployment: name, tasks, agent };
  return { name, hosts, tasks, agent, selection, runId: runId ?? (await runIdFor(session, call, choice, tell)) };
}

/** A run in which tasks are left undone, or were spoiled by the infrastructure, did not do its job. */
function exitCodeOf(summary: RunSummary): number {
  return summary.complete && summary.states.infra_error === 0 ? EXIT.ok : EXIT.failure;
}

/** The same command line again goes on with what it left unfinished, unless a new run is asked for. */
async function runIdFor(
  { clock, config, paths }: Session,
  call: CommandCall,
  choice: Omit<RunChoice, 'config'>,
  tell: Tell,
): Promise<string> {
  const left = call.options['new'] === true ? undefined : await unfinishedRun(paths, { ...choice, config }, tell);
  if (!left) return newRunId(clock.now(), randomBytes(2).toString('hex'));
  const { runId, tasks, waiting } = left;
  tell(`going on with run ${runId}, ${tasks.length - waiting} of ${tasks.length} tasks done; --new begins another`);
  return runId;
}

/** `--tasks` begins a run; `--resume` continues `run`, with the very tasks it was begun with. */
function choose(call: CommandCall, run: KnownRun | undefined): Chosen {
  const sources = sourcesOf(call.options, listOption(call.options, 'tasks'));
  const narrowing = narrowingOf(call.options);
  if (!run) {
    const hint = 'waa run --tasks easy_20.json   (or: waa run --resume)';
    if (sources === undefined) throw fail('USAGE', { problem: 'run needs tasks', hint });
    return { runId: undefined, deployment: undefined, selection: { sources, ...narrowing } };
  }
  const { id, head } = run;
  const isAnother = call.options['new'] === true;
  if (isAnother || sources !== undefined || narrowing.seed !== undefined || narrowing.repeat !== undefined) {
    const problem = '--resume goes on with a run and the tasks it was begun with; no others can be chosen';
    throw fail('USAGE', { problem, hint: `waa run --resume ${id}` });
  }
  return { runId: id, deployment: head.deployment, selection: { sources: head.tasks } };
}
