import type { QueueLine, RunHead } from '../../src/benchmark/run-record.js';
import { createTaskIndex, type Task, type TaskIndex } from '../../src/benchmark/task-index.js';

export const task = (domain: string, id: string, feasible = true): Task => ({
  domain,
  id,
  feasible,
  url: false,
  cdp: false,
  evaluator: 'x',
});

export const fixtureIndex: TaskIndex = createTaskIndex([
  task('clock', 'one'),
  task('clock', 'two'),
  task('notepad', 'three'),
  task('notepad', 'INF-four', false),
  task('vlc', 'five'),
  task('vlc', 'six'),
  task('vlc', 'seven'),
  task('vlc', 'eight'),
]);

export const fixtureHead: RunHead = {
  runId: 'r1',
  deployment: 'test',
  createdAt: '2026-01-01T00:00:00.000Z',
  tasks: fixtureIndex.tasks.map((one) => `${one.domain}/${one.id}`),
  agent: 'navi',
  provider: 'openai',
  model: 'gpt-4o',
  maxSteps: 15,
  taskTimeoutS: 600,
  prices: { vmUsdPerHour: 0.6, storageUsdPerDay: 2.4, source: 'retail', asOf: '2026-01-01T00:00:00.000Z' },
};

type Finished = Extract<QueueLine, { type: 'finished' }>;

/** An attempt of `minutes` that began at minute `from` of 2026. */
export function attempt(
  name: string,
  worker: string,
  from: number,
  minutes: number,
  end: Pick<Finished, 'state' | 'score'> & { readonly reason?: string; readonly attempt?: number },
): readonly QueueLine[] {
  const at = Date.UTC(2026, 0, 1) + from * 60_000;
  const common = { task: name, attempt: end.attempt ?? 1, worker };
  const { state, score, reason = '' } = end;
  const durationMs = minutes * 60_000;
  return [
    { type: 'started', at, ...common },
    { type: 'finished', at: at + durationMs, ...common, state, score, reason, durationMs, steps: 4 },
  ];
}

/** Every state there is, over two workers and one hour. */
export const fixtureLines: readonly QueueLine[] = [
  ...attempt('clock/one', 'w0', 0, 5, {
    state: 'infra_error',
    score: null,
    reason: 'the WAA server could not be reached',
  }),
  ...attempt('clock/one', 'w1', 6, 10, { state: 'scored', score: 1, attempt: 2 }),
  ...attempt('clock/two', 'w0', 8, 10, { state: 'scored', score: 0 }),
  ...attempt('notepad/three', 'w1', 17, 10, { state: 'timeout', score: null, reason: 'time limit reached' }),
  ...attempt('notepad/INF-four', 'w0', 20, 5, { state: 'scored', score: 1 }),
  ...attempt('vlc/five', 'w1', 30, 10, {
    state: 'agent_error',
    score: null,
    reason: 'crashed: <script>alert("x")</script> & more',
  }),
  ...attempt('vlc/six', 'w0', 30, 10, { state: 'eval_error', score: null, reason: '=cmd|calc' }),
  ...attempt('vlc/seven', 'w1', 50, 10, { state: 'cancelled', score: null, reason: 'stopped on request' }),
].toSorted((a, b) => a.at - b.at);
