import type { Clock } from '../clock/clock.js';
import { LEASE_MS, type RunQueue, type TaskLease } from './queue.js';
import { createLedger } from './queue-ledger.js';
import type { QueueLine } from './run-record.js';
import type { RunStore } from './run-store.js';

type Renewed = Extract<QueueLine, { type: 'renewed' }>;

export interface QueueOptions {
  /** Names of the tasks, in the order asked for. */
  readonly tasks: readonly string[];
  /** Everything recorded so far. */
  readonly lines: readonly QueueLine[];
  /** Where each line goes: the record of the run. */
  readonly record: Pick<RunStore, 'append' | 'flush'>;
  /** ms by task; one without counts as the mean. */
  readonly expectedMs: ReadonlyMap<string, number>;
  readonly clock: Pick<Clock, 'now'>;
  readonly leaseMs?: number;
}

/** The queue over the append-only record of the run. */
export function createRunQueue(options: QueueOptions): RunQueue {
  const { clock, leaseMs = LEASE_MS } = options;
  const ledger = createLedger(options);
  const record = (line: QueueLine): Promise<void> => {
    options.record.append(line);
    ledger.apply(line);
    return Promise.resolve();
  };
  const partsOf = ({ task, attempt, worker }: TaskLease): Pick<TaskLease, 'task' | 'attempt' | 'worker'> => ({
    task,
    attempt,
    worker,
  });
  const renew = async (lease: TaskLease, more: Pick<Renewed, 'begun' | 'resetMs'>): Promise<boolean> => {
    if (!ledger.isHeld(lease)) return false;
    const at = clock.now();
    await record({ type: 'renewed', at, until: at + leaseMs, ...partsOf(lease), ...more });
    return true;
  };
  return {
    async claim(worker, only) {
      const at = clock.now();
      const chosen = ledger.choose(worker, at, only === 'own');
      if (!chosen) return undefined;
      const { task, attempt, again } = chosen;
      const until = at + leaseMs;
      const common = { at, task, attempt, worker, until };
      await record(again ? { type: 'renewed', ...common } : { type: 'started', ...common, begun: false });
      return { ...chosen, worker };
    },
    renew: (lease) => renew(lease, {}),
    begin: (lease, resetMs) => renew(lease, { begun: true, ...(resetMs === undefined ? {} : { resetMs }) }),
    async complete(lease, result) {
      if (!ledger.isHeld(lease)) return false;
      await record({ type: 'finished', at: clock.now(), ...partsOf(lease), ...result });
      return true;
    },
    async fail(lease, reason, begun) {
      if (!ledger.isHeld(lease)) return;
      const left = begun ? {} : ({ begun: false } as const);
      await record({ type: 'returned', at: clock.now(), reason, ...partsOf(lease), ...left });
    },
    flush: () => options.record.flush(),
    observe: () => Promise.resolve(ledger.view(clock.now())),
  };
}
