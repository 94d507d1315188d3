import { readRun } from '../../src/benchmark/run-store.js';
import { selectTasks } from '../../src/benchmark/select-tasks.js';
import type { RunSummary } from '../../src/benchmark/summary.js';
import { shippedTaskIndex, taskName } from '../../src/benchmark/task-index.js';
import { workerNames } from '../../src/deployment/names.js';
import type { WaaEvent } from '../../src/events/catalogue.js';
import { Deadline } from '../../src/health/deadline.js';
import { simulateEviction } from '../../src/lab/world/azure/spot.js';
import { listOf } from '../../src/lab/world/azure/state.js';
import { bringUp, type PoolReady } from '../../src/operations/bring-up.js';
import type { OpenDeployment } from '../../src/operations/open-deployment.js';
import type { Place } from '../../src/operations/place.js';
import { prepareRecord } from '../../src/operations/prepare-record.js';
import { runTasks } from '../../src/operations/run-tasks.js';
import { withDeployment } from '../../src/operations/with-deployment.js';
import type { Session } from '../../src/session.js';
import type { LabRig } from './lab-session.js';

/** Of lab time. Real time that a busy machine takes is lab time too: this is never what ends a test. */
const LIMIT_MS = 48 * 3_600_000;

/** An open pool in the lab. */
export interface Up {
  readonly open: OpenDeployment;
  readonly session: Session;
  readonly deadline: Deadline;
  readonly events: readonly WaaEvent[];
  bringUp(): Promise<PoolReady>;
}

/** Opens a pool of so many workers in the lab; `work` brings it up. */
export async function withPool<T>(
  lab: LabRig,
  { count, ...more }: Partial<Place> & { readonly count: number },
  work: (up: Up) => Promise<T>,
): Promise<T> {
  const { session, events } = await lab.open();
  using deadline = Deadline.after(LIMIT_MS, session.clock, session.signal);
  try {
    const { region, vmSize } = session.config.azure;
    const place = { region, vmSize, workers: [...workerNames(count)], ...more };
    await prepareRecord(session, 'test', { place });
    return await withDeployment(session, { name: 'test', exclusive: true }, (open) =>
      work({ open, session, deadline, events, bringUp: () => bringUp(session, open, deadline) }),
    );
  } finally {
    await session.close();
  }
}

/** Azure's VMs by name: workers that start side by side are made in no order of theirs. */
export const vmsOf = ({ lab }: LabRig) =>
  [...listOf(lab.world.azure, 'Microsoft.Compute/virtualMachines')].sort((a, b) => a.name.localeCompare(b.name));

/** Twelve tasks: with ten workers none is idle at first. */
const SOURCES = ['clock', 'notepad', 'windows_calc', 'microsoft_paint'];

/** What came of a run on spot workers, some of which Azure took back. Names are sorted. */
export interface EvictedRun {
  readonly zones: readonly string[];
  /** VMs, in the order of their eviction. For the first one there was no place any more. */
  readonly evicted: readonly string[];
  readonly summary: RunSummary;
  readonly tasks: readonly string[];
  /** A task that was scored twice is here twice. */
  readonly scored: readonly string[];
  /** Tasks with a second attempt. */
  readonly repeated: readonly string[];
  readonly notices: readonly string[];
  /** VMs that were created more than once. */
  readonly madeAnew: readonly string[];
  readonly powerAfterwards: readonly (string | undefined)[];
}

/** Brings a spot pool over three zones up, runs tasks, and evicts workers in the middle of their first step. */
export async function runWithEvictions(
  lab: LabRig,
  { workers, evictions }: { readonly workers: number; readonly evictions: number },
): Promise<EvictedRun> {
  const { azure, faults } = lab.lab.world;
  const tasks = await selectTasks({ sources: SOURCES }, shippedTaskIndex(), () => Promise.resolve(undefined));
  const place = { count: workers, spot: true, zones: ['1', '2', '3'] };
  return withPool(lab, place, async ({ open, session, events, ...up }) => {
    await up.bringUp();
    const zones = [...new Set(vmsOf(lab).flatMap((vm) => vm.zones ?? []))].sort();
    const evicted: string[] = [];
    session.observe({
      name: 'evictions',
      consume(event) {
        if (event.type !== 'task.progress' || event.data.step !== 1 || evicted.length === evictions) return;
        const vm = vmsOf(lab).find(({ name }) => name === `waa-test-${event.worker ?? ''}`);
        if (!vm || evicted.includes(vm.name)) return;
        if (evicted.length === 0) faults.arm({ id: 'azure-allocation-failed', target: vm.name });
        evicted.push(vm.name);
        // Azure's half a minute would be 50 ms here, which a busy machine may let pass between two looks.
        simulateEviction(azure, vm, 120_000);
      },
    });
    const summary = await runTasks(session, open, { runId: 'r', tasks, selection: { sources: [] } });
    const lines = (await readRun(session.paths.run('r').directory))?.lines ?? [];
    // Who was evicted at the end of the run was not needed in it any more.
    await up.bringUp();
    const created = lab.lab.summary().operations.filter(({ kind, count }) => kind === 'create' && count > 1);
    return {
      zones,
      evicted,
      summary,
      tasks: tasks.map(taskName).sort(),
      scored: lines.flatMap((line) => (line.type === 'finished' && line.state === 'scored' ? [line.task] : [])).sort(),
      repeated: lines.flatMap((line) => (line.type === 'started' && line.attempt === 2 ? [line.task] : [])).sort(),
      notices: events.flatMap((event) => (event.type === 'log' && event.data.component === 'spot' ? [event.text] : [])),
      madeAnew: created.flatMap(({ name }) => (/w\d$/.test(name) ? [name] : [])),
      powerAfterwards: vmsOf(lab).map(({ power }) => power),
    };
  });
}
