import { setImmediate as turn } from 'node:timers/promises';
import { createManualClock, type ManualClock } from '../../src/clock/manual-clock.js';
import { configSchema } from '../../src/config/schema.js';
import { Secret } from '../../src/config/secret.js';
import { runOnWorkers } from '../../src/benchmark/run.js';
import type { RunSettings, RunWorker } from '../../src/benchmark/run-settings.js';
import { mulberry32 } from '../../src/seeded-random.js';
import type { RunSummary } from '../../src/benchmark/summary.js';
import { taskName, type Task } from '../../src/benchmark/task-index.js';
import type { SshLink } from '../../src/clients/ssh/ssh.js';
import { fail } from '../../src/failures/waa-error.js';
import { createTaskSupervisor, type ScriptRunner, type TaskStart } from '../../src/host/task-supervisor.js';
import { retryPolicies } from '../../src/retry/policies.js';
import { createRetrier } from '../../src/retry/retry.js';
import { readyClient } from './ready-client.js';
import { createRecordingBus, type RecordingBus } from './recording-bus.js';
import { taskWorker, type TaskWorker } from './task-worker.js';

interface BreakdownKind {
  readonly strike: (worker: TaskWorker) => void;
  /** From the end of the spoiled attempt until the walk has the worker ready again. */
  readonly repairMs: number;
}

/**
 * Ways in which a worker breaks in the middle of a task. Repairs are the medians that `npm run bench:run-wire -- --workers 2
 * --tasks 20 --faults 0.6 --scale 20` shows for the real walk in the lab, workers that rest left out; a restart of Linux is a
 * container to start and some 30 s of boot before; a host out of sight comes back within the time of its attempt; nothing has
 * to be mended where only the supervisor hangs.
 */
export const BREAKDOWNS = {
  'container-killed': {
    repairMs: 129_000,
    strike: (worker) => {
      worker.killContainer();
    },
  },
  'server-500': {
    repairMs: 148_000,
    strike: (worker) => {
      worker.guest.server = 'broken';
    },
  },
  'server-gone': {
    repairMs: 134_000,
    strike: (worker) => {
      worker.guest.server = 'refused';
    },
  },
  'ssh-dropped': {
    repairMs: 0,
    strike: (worker) => {
      worker.dropLinks();
    },
  },
  'host-away': {
    repairMs: 240_000,
    strike: (worker) => {
      worker.dropLinks();
      worker.unreachable = true;
    },
  },
  'linux-restarted': {
    repairMs: 159_000,
    strike: (worker) => {
      worker.reboot();
      worker.killContainer();
    },
  },
  'supervisor-frozen': {
    repairMs: 30_000,
    strike: (worker) => {
      worker.heartStopped = true;
    },
  },
} as const satisfies Record<string, BreakdownKind>;
export type Breakdown = keyof typeof BREAKDOWNS;

export interface Breaking {
  readonly how: Breakdown;
  /** From the start of the attempt. */
  readonly afterMs: number;
}

/** Every kind in turn, in this share of the attempts, 20 to 120 s after their start. */
export function breaksIn(share: number, seed: number): () => Breaking | undefined {
  const random = mulberry32(seed);
  const kinds = Object.keys(BREAKDOWNS) as Breakdown[];
  let struck = 0;
  return () => {
    const how = kinds[struck % kinds.length];
    if (random() >= share || how === undefined) return undefined;
    struck += 1;
    return { how, afterMs: 20_000 + random() * 100_000 };
  };
}

export interface FleetOptions {
  readonly workers: number;
  readonly tasks: readonly Task[];
  /** Folder of the run. */
  readonly directory: string;
  readonly seed?: number;
  /** Asked at each attempt that begins: what breaks during it, if anything. Default nothing. */
  readonly breaks?: (attempt: { readonly worker: string; readonly attempt: string }) => Breaking | undefined;
  readonly expectedMs?: ReadonlyMap<string, number>;
  /** How long the walk needs to mend a worker, in ms. Default by what broke. */
  readonly repairMs?: number;
  readonly settings?: Partial<RunSettings>;
}

export interface Broken {
  readonly worker: string;
  readonly attempt: string;
  readonly how: Breakdown;
  readonly at: number;
}

export interface Fleet {
  readonly clock: ManualClock;
  readonly bus: RecordingBus;
  readonly workers: readonly TaskWorker[];
  /** Where and when something was broken. */
  readonly broken: readonly Broken[];
  /** Attempts that were begun on each machine, in order. */
  readonly begun: readonly { readonly worker: string; readonly attempt: string; readonly at: number }[];
  /** Time that walks took to mend workers between attempts, in all. */
  readonly mendingMs: number;
  run(overrides?: Partial<RunSettings>): Promise<RunSummary>;
}

/** File operations that are under way in this process. */
function filesAreBusy(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq') || name === 'CloseReq');
}

/**
 * Emulated workers on one manual clock under the real queue, store, executor and supervisor: no time passes but the
 * workers' own, so that a makespan is that of the schedule.
 */
export function createFleet(options: FleetOptions): Fleet {
  const { seed = 1 } = options;
  let calls = 0;
  let mendingMs = 0;
  /** Time stands still until everything that happens now is over: files, and the machines' own work. */
  const clock = createManualClock(undefined, async () => {
    for (let quiet = 0; quiet < 3; quiet = calls > 0 || filesAreBusy() ? 0 : quiet + 1) await turn();
  });
  const counted = async <T>(call: Promise<T>): Promise<T> => {
    calls += 1;
    try {
      return await call;
    } finally {
      calls -= 1;
    }
  };
  const bus = createRecordingBus(clock);
  const machines = Array.from({ length: options.workers }, () => taskWorker(clock, seed));
  const machineOf = new WeakMap<SshLink, TaskWorker>();
  const broken: Broken[] = [];
  const begun: { worker: string; attempt: string; at: number }[] = [];
  const running = new Map<TaskWorker, string>();
  const brokenBy = new Map<TaskWorker, Breakdown>();
  /** Meant for attempts that had ended by then: they strike another one, so that the share is what was asked for. */
  const missed: Breaking[] = [];
  const of = (link: SshLink): TaskWorker => {
    const machine = machineOf.get(link);
    if (!machine) throw new Error('a link of no machine');
    return machine;
  };
  const runner: ScriptRunner = {
    // A question about an attempt waits for time to pass.
    run: (link, script, args, options) => {
      const call = of(link).runner.run(link, script, args, options);
      return args[0] === 'status' ? call : counted(call);
    },
    stream: (link, ...rest) => counted(of(link).runner.stream(link, ...rest)),
  };
  const supervisor = createTaskSupervisor(runner);
  const breakSoon = (machine: TaskWorker, attempt: { worker: string; attempt: string }): void => {
    running.set(machine, attempt.attempt);
    const breaking = options.breaks?.(attempt) ?? missed.shift();
    if (!breaking) return;
    const { how, afterMs } = breaking;
    clock.schedule(afterMs, () => {
      if (running.get(machine) !== attempt.attempt) {
        missed.push(breaking);
        return;
      }
      broken.push({ ...attempt, how, at: clock.now() });
      brokenBy.set(machine, how);
      BREAKDOWNS[how].strike(machine);
    });
  };
  const workers = machines.map((machine, index): RunWorker => {
    const name = `w${index}`;
    return {
      name,
      async ensureReady(deadline) {
        if (machine.fit) return readyClient;
        const repairMs = options.repairMs ?? BREAKDOWNS[brokenBy.get(machine) ?? 'container-killed'].repairMs;
        await clock.sleep(repairMs, deadline.signal);
        // A host out of sight is mended within the time of its attempt.
        if (!machine.unreachable) mendingMs += repairMs;
        machine.mend();
        return readyClient;
      },
      link: () =>
        Promise.resolve().then(() => {
          const link = machine.link();
          machineOf.set(link, machine);
          return link;
        }),
      look() {
        if (machine.unreachable) throw fail('VM_SSH_DROPPED', { host: name, during: 'look' });
        const { server } = machine.guest;
        const fault =
          server === 'broken'
            ? fail('SERVER_BAD_ANSWER', { call: '/screen_size', got: 'status 500' })
            : fail('SERVER_NOT_LISTENING', { call: '/screen_size' });
        return Promise.resolve(server === 'up' ? undefined : fault);
      },
    };
  });
  const settings: RunSettings = {
    runId: 'r',
    deployment: 'test',
    runDirectory: options.directory,
    tasks: options.tasks,
    supervisor: {
      ...supervisor,
      async start(link, task: TaskStart, deadline) {
        const machine = of(link);
        const worker = `w${machines.indexOf(machine)}`;
        const known = begun.some((one) => one.attempt === task.attempt && one.worker === worker);
        const status = await supervisor.start(link, task, deadline);
        if (!known) {
          begun.push({ worker, attempt: task.attempt, at: clock.now() });
          breakSoon(machine, { worker, attempt: task.attempt });
        }
        return status;
      },
      async status(link, ...rest) {
        const status = await supervisor.status(link, ...rest);
        if (status.state === 'ended') running.delete(of(link));
        return status;
      },
    },
    apiKey: new Secret('sk-test-key'),
    config: configSchema.parse({}),
    clock,
    emit: bus.emit,
    retry: createRetrier({ clock, policies: retryPolicies, emit: bus.emit, random: () => 0.5 }),
    signal: new AbortController().signal,
    ...(options.expectedMs === undefined ? {} : { expectedMs: options.expectedMs }),
    ...options.settings,
  };
  return {
    clock,
    bus,
    workers: machines,
    broken,
    begun,
    get mendingMs() {
      return mendingMs;
    },
    run: (overrides = {}) => clock.runUntil(runOnWorkers({ ...settings, ...overrides }, workers)),
  };
}

/** What every task took, from the record of a run: its good attempt. */
export function durationsOf(summary: RunSummary): ReadonlyMap<string, number> {
  return new Map(summary.tasks.map((task) => [task.task, task.durationMs]));
}

/**
 * How WAA itself would share the tasks out: contiguous blocks in file order, the first ones a task longer (run.py of
 * WindowsAgentArena at 6d39ed8). The longest block is the makespan.
 */
export function staticSplitMs(tasks: readonly Task[], workers: number, durations: ReadonlyMap<string, number>): number {
  const size = Math.floor(tasks.length / workers);
  const extra = tasks.length % workers;
  const blocks = Array.from({ length: workers }, (_, index) => {
    const from = index * size + Math.min(index, extra);
    return tasks.slice(from, from + size + (index < extra ? 1 : 0));
  });
  return Math.max(...blocks.map((block) => block.reduce((sum, task) => sum + (durations.get(taskName(task)) ?? 0), 0)));
}
