import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needsOf } from '../benchmark/task-needs.js';
import type { RunSummary } from '../benchmark/summary.js';
import { realClock } from '../clock/real-clock.js';
import { EXIT } from '../failures/exit-codes.js';
import { fail } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import { callLab, startLab } from '../lab/lab-handle.js';
import { formatUsd } from '../money.js';
import { bringUp } from '../operations/bring-up.js';
import { checkContext } from '../operations/check-context.js';
import { showLive } from '../operations/live-view.js';
import { prepareRecord } from '../operations/prepare-record.js';
import { asOperation } from '../operations/operation.js';
import { pauseDeployment } from '../operations/pause.js';
import { allChecks } from '../operations/preflight.js';
import { resumeDeployment } from '../operations/resume.js';
import { chooseTasks, runTasks } from '../operations/run-tasks.js';
import { newRunId } from '../operations/runs.js';
import { takeDown } from '../operations/take-down.js';
import { withDeployment } from '../operations/with-deployment.js';
import { formatDuration } from '../output/paint/units.js';
import { runPreflight } from '../preflight/runner.js';
import { openSession } from '../runtime/open-session.js';
import type { Session } from '../session.js';
import type { CommandCall, CommandHandler } from './command.js';
import { nextLines } from './hints.js';
import { numberOption } from './input.js';
import { printResult } from './print-result.js';
import { summaryLines } from './summary-lines.js';

/** Three hours of lab time then take some fifty real seconds. */
const DEMO_SCALE = 300;
/** The lab listens within a second or two; real time at its start, the lab's at the question for a price. */
const START_MS = 30_000;
/** Lab time for everything the demo does, with one recovery. */
const DEMO_MS = 8 * 60 * 60_000;
const NAME = 'demo';
const TASKS = 'easy_20.json';

interface Act {
  readonly act: string;
  readonly labMs: number;
}

interface DemoResult {
  readonly acts: readonly Act[];
  readonly summary: RunSummary;
  readonly costUsd: number;
  readonly nothingLeft: boolean;
}

/** `waa demo`: the main job in a private lab, from preflight to proven deletion. The lab and its files are gone afterwards. */
export const handle: CommandHandler = async (call) => {
  const scale = numberOption(call.options, 'scale', { min: 1, max: 2000 }) ?? DEMO_SCALE;
  const seed = numberOption(call.options, 'seed', { min: 0, max: 2 ** 31, integer: true }) ?? 1;
  const directory = await mkdtemp(join(tmpdir(), 'waa-demo-'));
  const startedAt = realClock.now();
  try {
    using starting = Deadline.after(START_MS, realClock, call.surroundings.signal);
    const { self, env } = call.surroundings;
    const lab = await startLab({ directory, self, env, scale: String(scale), seed: String(seed) }, realClock, starting);
    try {
      const session = await openSession(call, { lab: { endpoints: lab, home: join(directory, 'home') } });
      const result = await play(session).finally(() => session.close());
      const seconds = (realClock.now() - startedAt) / 1000;
      return printResult(
        call,
        { ...result, seconds, scale },
        demoLines(result, seconds, scale, call),
        result.nothingLeft ? EXIT.ok : EXIT.failure,
      );
    } finally {
      await callLab(lab, 'POST', '/stop');
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

async function play(session: Session): Promise<DemoResult> {
  const acts: Act[] = [];
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const at = session.clock.now();
    const value = await work();
    acts.push({ act: name, labMs: session.clock.now() - at });
    return value;
  };
  const act = <T>(name: string, totalSteps: number, work: () => Promise<T>): Promise<T> =>
    timed(name, () => asOperation(session, { operation: name, deployment: NAME, totalSteps }, work));
  showLive(session);
  using deadline = Deadline.after(DEMO_MS, session.clock, session.signal);
  const startedAt = session.clock.now();

  await act('preflight', allChecks.length, () => checkEverything(session));
  const tasks = await chooseTasks(session, [TASKS]);
  await prepareRecord(session, NAME);
  const { summary, proof } = await withDeployment(
    session,
    { name: NAME, exclusive: true, needs: needsOf(tasks) },
    async (open) => {
      await act('up', 7, () => bringUp(session, open, deadline));
      const runId = newRunId(session.clock.now(), randomBytes(2).toString('hex'));
      const ran = await timed('run', () => runTasks(session, open, { runId, tasks, selection: { sources: [TASKS] } }));
      await act('pause', 1, () => pauseDeployment(session, open, deadline));
      await act('resume', 7, () => resumeDeployment(session, open, deadline));
      const gone = await act('down', 1, () => takeDown(session, open, false, deadline));
      return { summary: ran, proof: gone };
    },
  );
  using pricing = Deadline.after(START_MS, session.clock, session.signal);
  const { vmSize, region } = session.config.azure;
  const price = await session.clients.prices.vmPrice(vmSize, region, false, pricing);
  const hours = (session.clock.now() - startedAt) / 3_600_000;
  return {
    acts,
    summary,
    costUsd: price.usdPerHour * hours,
    nothingLeft: 'groupsLeft' in proof && proof.groupsLeft.length === 0,
  };
}

async function checkEverything(session: Session): Promise<void> {
  const report = await runPreflight({
    checks: allChecks,
    context: checkContext(session, { sources: [TASKS] }),
    clock: session.clock,
    emit: session.emit,
    signal: session.signal,
  });
  if (report.counts.critical === 0) return;
  const problems = report.checks
    .filter((check) => check.outcome === 'problem')
    .map((check) => check.detail)
    .join('; ');
  throw fail('OWN_GATE_REFUSED', { command: 'demo', count: report.counts.critical, problems, ids: '' });
}

function demoLines(result: DemoResult, seconds: number, scale: number, call: CommandCall): readonly string[] {
  const lab = (name: string): string => formatDuration(result.acts.find((entry) => entry.act === name)?.labMs ?? 0);
  return [
    '',
    ...summaryLines(result.summary, call),
    '',
    'What you saw, in the time it would have taken on Azure:',
    `  first start through seven layers    ${lab('up')}`,
    `  ${result.summary.tasks.length} tasks                            ${lab('run')}`,
    `  pause, nothing lost                 ${lab('pause')}`,
    `  resume to ready                     ${lab('resume')}`,
    `  deleted, and proven by listing      ${lab('down')}`,
    `There it would have cost about ${formatUsd(result.costUsd)} of compute; here ${seconds.toFixed(0)} s at ${scale}x.`,
    '',
    'Next:',
    // The demo itself may have been called with --lab; what comes next is for real where it does not say otherwise.
    ...nextLines({ globals: { ...call.globals, lab: false } }, [
      ['waa preflight', 'what is missing for a real one'],
      ['waa --lab up', 'the same by hand, in the lab'],
      ['docs/guide.md', 'from az login to a finished run'],
    ]),
  ];
}
