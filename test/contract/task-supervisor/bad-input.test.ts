import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeReport } from '../../../src/benchmark/report/write-report.js';
import { runOnWorkers } from '../../../src/benchmark/run.js';
import { readRun } from '../../../src/benchmark/run-store.js';
import type { TaskResult } from '../../../src/benchmark/summary.js';
import { shippedTaskIndex, type Task } from '../../../src/benchmark/task-index.js';
import { createScaledClock } from '../../../src/clock/scaled-clock.js';
import { configSchema } from '../../../src/config/schema.js';
import { Secret } from '../../../src/config/secret.js';
import { resultsAway } from '../../../src/operations/results-home.js';
import type { StatePaths } from '../../../src/state/paths.js';
import { createTaskSupervisor, type ScriptRunner } from '../../../src/host/task-supervisor.js';
import { retryPolicies } from '../../../src/retry/policies.js';
import { createRetrier } from '../../../src/retry/retry.js';
import { createRecordingBus } from '../../helpers/recording-bus.js';
import { readyClient as ready } from '../../helpers/ready-client.js';
import { taskWorker, type TaskWorker } from '../../helpers/task-worker.js';

const [task] = shippedTaskIndex().tasks.filter(({ domain }) => domain === 'clock') as [Task];
const garbage = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 37) % 256));

let directory = '';
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'waa-bad-')), 'r');
});
afterEach(() => rm(dirname(directory), { recursive: true, force: true }));

interface Spoiler {
  readonly worker: TaskWorker;
  /** Writes into the folder of the attempt that has just ended; `name` ends as the file's path does. */
  write(name: string, content: string | Buffer): void;
  rename(from: string, to: string): void;
}

/** A run of one task whose attempts are spoiled by `spoil` when they have ended, before they are fetched. */
async function runSpoiled(spoil: (spoiler: Spoiler) => void) {
  const labEpochMs = Date.UTC(2026, 0, 1);
  const clock = createScaledClock({ realEpochMs: Date.now(), labEpochMs, scale: 4000, slackRealMs: 5000 });
  const worker = taskWorker(clock);
  const bus = createRecordingBus(clock);
  const { machine } = worker;
  const pathOf = (name: string): string => {
    const path = machine.listFiles('/data/waa/results/r').find((file) => file.endsWith(name));
    if (path === undefined) throw new Error(`the attempt has no ${name}`);
    return path;
  };
  const spoiler: Spoiler = {
    worker,
    write: (name, content) => {
      machine.writeFile(pathOf(name), content);
    },
    rename(from, to) {
      const path = pathOf(from);
      machine.writeFile(path.replace(from, to), machine.readFile(path)?.content ?? '');
      machine.removeTree(path);
    },
  };
  const runner: ScriptRunner = {
    run(link, script, args, options) {
      if (script === 'collect' && args[0] === 'manifest') spoil(spoiler);
      return worker.runner.run(link, script, args, options);
    },
    stream: (...call) => worker.runner.stream(...call),
  };
  const summary = await runOnWorkers(
    {
      runId: 'r',
      deployment: 'test',
      runDirectory: directory,
      tasks: [task],
      supervisor: createTaskSupervisor(runner),
      apiKey: new Secret('sk-key'),
      config: configSchema.parse({ benchmark: { infraRetries: 1 } }),
      clock,
      emit: bus.emit,
      retry: createRetrier({ clock, policies: retryPolicies, emit: bus.emit, random: () => 0 }),
      signal: new AbortController().signal,
    },
    [
      {
        name: 'w0',
        ensureReady: () => Promise.resolve(ready),
        link: () => Promise.resolve().then(() => worker.link()),
      },
    ],
  );
  const run = await readRun(directory);
  if (!run) throw new Error('no run');
  await writeReport({ directory, ...run, index: shippedTaskIndex(), redact: (text) => text });
  const entries = await readdir(join(directory, 'attempts'), { recursive: true });
  const kept = (name: string): Promise<Buffer> =>
    readFile(join(directory, 'attempts', entries.find((entry) => entry.endsWith(name)) ?? name));
  const [result] = summary.tasks as [TaskResult];
  return { result, kept, entries, bus, page: await readFile(join(directory, 'report.html'), 'utf8') };
}

describe('what a worker may send home, reported and kept, never the end of the run', () => {
  it('a result.txt that is no score', async () => {
    const { result, kept, page } = await runSpoiled(({ write }) => {
      write('/result.txt', 'Traceback (most recent call last): <b>');
    });
    expect(result).toMatchObject({ state: 'eval_error', score: null, attempts: 1 });
    expect(result.reason).toContain('result.txt holds "Traceback');
    expect((await kept('result.txt')).toString()).toContain('Traceback');
    expect(page).toContain('result.txt holds &quot;Traceback (most recent call last): &lt;b&gt;');
  });

  it('a tar that is cut off: fetched again', async () => {
    let cuts = 0;
    const { result, bus, entries } = await runSpoiled(({ worker }) => {
      cuts += 1;
      worker.cutStreamAt = cuts === 1 ? 200 : undefined;
    });
    expect(cuts).toBe(2);
    expect(result.attempts).toBe(1);
    expect(bus.events.filter((event) => event.type === 'retry.waiting')).toMatchObject([
      { data: { policy: 'fileTransfer', reason: 'CLIENT_RESULTS_CORRUPT' } },
    ]);
    expect(entries.some((entry) => entry.includes('.partial-'))).toBe(false);
  });

  it('lines of traj.jsonl that are not JSON', async () => {
    const { result, kept, page } = await runSpoiled(({ write }) => {
      write('/traj.jsonl', '{"step_num":1,"action":"click"}\n{"step_num":\nnot json\n[1]\nnull\n');
    });
    expect(result.state).toBe('scored');
    expect((await kept('traj.jsonl')).toString()).toContain('not json');
    expect(page).toContain('4 lines of traj.jsonl could not be read');
  });

  it('a log of binary garbage', async () => {
    const { result, kept } = await runSpoiled(({ write }) => {
      write('/run.log', garbage);
    });
    expect(result.state).toBe('scored');
    expect((await kept('run.log')).equals(garbage)).toBe(true);
  });

  it("another task's result: not counted, tried again", async () => {
    const { result, entries } = await runSpoiled(({ rename }) => {
      rename(`/${task.domain}/${task.id}/result.txt`, '/notepad/other-WOS/result.txt');
    });
    expect(result).toMatchObject({ state: 'infra_error', score: null, attempts: 2 });
    expect(result.reason).toContain('the result of another task: results/');
    expect(entries.filter((entry) => entry.endsWith('notepad/other-WOS/result.txt'))).toHaveLength(2);
  });

  it('a file that could be written elsewhere: no score, all of it stays there, tried again by a resume', async () => {
    let machine: TaskWorker['machine'] | undefined;
    const { result, entries, bus } = await runSpoiled(({ worker }) => {
      machine = worker.machine;
      const [first = ''] = machine.listFiles('/data/waa/results/r');
      machine.writeFile(`${first.split('/').slice(0, 6).join('/')}/..\\outside.txt`, 'x');
    });
    expect(result).toMatchObject({ state: 'eval_error', score: null, attempts: 1 });
    expect(result.reason).toContain('..\\outside.txt');
    expect(entries).toEqual([]);
    expect(machine?.listFiles('/data/waa/results/r').some((file) => file.endsWith('result.txt'))).toBe(true);
    expect(bus.events.some((event) => event.text.includes('stay on the worker'))).toBe(true);
    const runs = { runs: dirname(directory), run: () => ({ directory }) } as unknown as StatePaths;
    expect(await resultsAway(runs, 'test')).toMatchObject({ runs: [{ attempts: 1 }], unreadable: [] });

    expect((await runSpoiled(() => undefined)).result).toMatchObject({ state: 'scored', attempts: 2 });
    expect(await resultsAway(runs, 'test')).toEqual({ runs: [], unreadable: [] });
  });

  it('a file more than the manifest names is left where it is', async () => {
    const { result, entries } = await runSpoiled(({ worker }) => {
      const { stream } = worker.runner;
      Object.assign(worker.runner, {
        stream: (...call: Parameters<ScriptRunner['stream']>) => {
          worker.machine.writeFile(`${worker.machine.listFiles('/data/waa/results/r')[0] ?? ''}.late`, 'late');
          return stream(...call);
        },
      });
    });
    expect(result.state).toBe('scored');
    expect(entries.some((entry) => entry.endsWith('.late'))).toBe(false);
  });
});
