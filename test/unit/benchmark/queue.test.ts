import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEASE_MS, type AttemptResult, type RunQueue, type TaskLease } from '../../../src/benchmark/queue.js';
import { createRunQueue } from '../../../src/benchmark/recorded-queue.js';
import { attemptRows } from '../../../src/benchmark/report/model.js';
import { begins, standings, type QueueLine } from '../../../src/benchmark/run-record.js';

const scored: AttemptResult = { state: 'scored', score: 1, reason: '', durationMs: 1, steps: 1 };
const spoiled: AttemptResult = { state: 'infra_error', score: null, reason: 'x', durationMs: 1, steps: 1 };

interface Bench {
  readonly queue: RunQueue;
  readonly lines: QueueLine[];
  now: number;
  /** The controller dies and comes back: all it has is the lines. */
  restart(): Bench;
  /** A power cut: of the lines that were not flushed only the first `kept` are on the disk. */
  powerCut(kept: number): Bench;
  open(...workers: string[]): void;
}

function bench(
  tasks: readonly string[],
  expected: Record<string, number> = {},
  lines: QueueLine[] = [],
  now = 0,
): Bench {
  let flushed = 0;
  const self: Bench = {
    lines,
    now,
    queue: createRunQueue({
      tasks,
      lines,
      record: {
        append: (line) => {
          lines.push(line);
        },
        flush: () => {
          flushed = lines.length;
          return Promise.resolve();
        },
      },
      expectedMs: new Map(Object.entries(expected)),
      clock: { now: () => self.now },
    }),
    restart: () => self.powerCut(Infinity),
    powerCut: (kept) =>
      bench(
        tasks,
        expected,
        lines.slice(0, flushed + kept).map((line) => JSON.parse(JSON.stringify(line)) as QueueLine),
        self.now,
      ),
    open: (...workers) => {
      lines.push({ type: 'opened', at: self.now, workers });
    },
  };
  return self;
}

async function must(claim: Promise<TaskLease | undefined>): Promise<TaskLease> {
  const lease = await claim;
  if (!lease) throw new Error('nothing to claim');
  return lease;
}

describe('the queue', () => {
  it('gives the longest expected task first; one without a record counts as the mean', async () => {
    const { queue } = bench(['a', 'b', 'c'], { a: 100, c: 900 });
    const order = [await queue.claim('w0'), await queue.claim('w1'), await queue.claim('w2')];
    expect(order.map((lease) => lease?.task)).toEqual(['c', 'b', 'a']);
    expect(await queue.claim('w3')).toBeUndefined();
  });

  it('gives what has to be repeated before anything new, however short', async () => {
    const { queue } = bench(['a', 'b', 'c'], { a: 900, b: 800, c: 1 });
    const [a, b] = [await must(queue.claim('w0')), await must(queue.claim('w1'))];
    await queue.complete(await must(queue.claim('w2')), spoiled);
    expect([a.task, b.task]).toEqual(['a', 'b']);
    await queue.complete(b, spoiled);
    // Neither gets back what it has just spoiled itself.
    expect(await queue.claim('w2')).toMatchObject({ task: 'b', attempt: 2 });
    expect(await queue.claim('w1')).toMatchObject({ task: 'c', attempt: 2 });
  });

  it('gives a worker that asks again what it has already', async () => {
    const { queue } = bench(['a', 'b']);
    const first = await must(queue.claim('w0'));
    expect(await queue.claim('w0')).toMatchObject({ task: first.task, attempt: 1, again: true });
  });

  it('gives a task on when its lease expired, and takes no result of the old one any more', async () => {
    const setting = bench(['a']);
    const old = await must(setting.queue.claim('w0'));
    setting.now = LEASE_MS - 1;
    expect(await setting.queue.claim('w1')).toBeUndefined();
    setting.now = LEASE_MS;
    expect(await setting.queue.claim('w1')).toMatchObject({ task: 'a', attempt: 2, again: false });
    expect(await setting.queue.renew(old)).toBe(false);
    expect(await setting.queue.complete(old, scored)).toBe(false);
  });

  it('keeps a task with a worker that gives signs of life', async () => {
    const setting = bench(['a']);
    const lease = await must(setting.queue.claim('w0'));
    for (let round = 1; round < 10; round += 1) {
      setting.now = (round * LEASE_MS) / 2;
      expect(await setting.queue.renew(lease)).toBe(true);
      expect(await setting.queue.claim('w1')).toBeUndefined();
    }
  });

  it('tries a spoiled task three times, elsewhere as long as somebody else is at work', async () => {
    const { queue } = bench(['a', 'b'], { a: 2, b: 1 });
    await queue.complete(await must(queue.claim('w0')), spoiled);
    const other = await must(queue.claim('w0'));
    expect(other.task).toBe('b');
    await queue.complete(await must(queue.claim('w1')), spoiled);
    expect(await queue.claim('w1')).toBeUndefined();
    await queue.complete(other, scored);
    await queue.complete(await must(queue.claim('w1')), spoiled);
    expect(await queue.observe()).toEqual({ pending: 0, leased: 0, done: 2 });
  });

  it('counts a lease that expired as free', async () => {
    const setting = bench(['a']);
    await must(setting.queue.claim('w0'));
    expect(await setting.queue.observe()).toEqual({ pending: 0, leased: 1, done: 0 });
    setting.now = LEASE_MS;
    expect(await setting.queue.observe()).toEqual({ pending: 1, leased: 0, done: 0 });
  });

  it('opens what was spoiled or cancelled again when the run is opened again', async () => {
    const setting = bench(['a', 'b', 'c']);
    await setting.queue.complete(await must(setting.queue.claim('w0')), { ...spoiled, state: 'cancelled' });
    await setting.queue.complete(await must(setting.queue.claim('w0')), scored);
    for (let round = 0; round < 3; round += 1)
      await setting.queue.complete(await must(setting.queue.claim('w0')), spoiled);
    expect(await setting.queue.observe()).toEqual({ pending: 0, leased: 0, done: 3 });
    setting.open('w0');
    expect(await setting.restart().queue.observe()).toEqual({ pending: 2, leased: 0, done: 1 });
  });

  it('begins nothing new for who asks for its own only', async () => {
    const setting = bench(['a', 'b']);
    expect(await setting.queue.claim('w0', 'own')).toBeUndefined();
    const lease = await must(setting.queue.claim('w0'));
    await setting.queue.fail(lease, 'the worker went down', true);
    expect(await setting.queue.claim('w0', 'own')).toMatchObject({ task: lease.task, attempt: 1, again: true });
  });

  it('forgets an attempt of which nothing was begun: its number is free for whoever is next', async () => {
    const setting = bench(['a']);
    await setting.queue.fail(await must(setting.queue.claim('w0')), 'no clean copy of the disk', false);
    expect(standings(setting.lines).get('a')).toEqual({ attempts: 0, open: undefined, last: undefined });
    expect(attemptRows(setting.lines)).toEqual([]);
    expect(await setting.restart().queue.claim('w1')).toMatchObject({ task: 'a', attempt: 1, again: false });
  });

  it('counts an attempt from when it is handed to its worker, whoever dies before', async () => {
    const setting = bench(['a']);
    await must(setting.queue.claim('w1'));
    expect(standings(setting.lines).get('a')).toMatchObject({ attempts: 0, open: undefined });
    expect(attemptRows(setting.lines)).toEqual([]);
    setting.now = 1000;
    setting.open('w0', 'w1');
    const lease = await must(setting.restart().queue.claim('w0'));
    expect(lease).toMatchObject({ attempt: 1, again: false, begunAt: 1000 });

    const next = bench(['a'], {}, setting.lines, 1000);
    await next.queue.begin(await must(next.queue.claim('w0')));
    expect(standings(next.lines).get('a')).toMatchObject({ attempts: 1, open: { attempt: 1, worker: 'w0' } });
    expect(attemptRows(next.lines)).toMatchObject([{ attempt: 1, worker: 'w0', startedAt: 1000, state: 'open' }]);
  });

  it('gives on at once what a worker has that is not in the run any more', async () => {
    const setting = bench(['a']);
    await setting.queue.begin(await must(setting.queue.claim('w1')));
    setting.now = 1000;
    setting.open('w0');
    expect(await setting.restart().queue.claim('w0')).toMatchObject({ task: 'a', attempt: 2, again: false });
  });

  it('counts no time in which there was no controller, and knows what the reset took', async () => {
    const setting = bench(['a']);
    const lease = await must(setting.queue.claim('w0'));
    setting.now = 60_000;
    await setting.queue.begin(lease, 40_000);
    setting.now = 10 * 3_600_000;
    setting.open('w0');
    const again = await must(setting.restart().queue.claim('w0'));
    expect(again).toMatchObject({ again: true, begunAt: 10 * 3_600_000 - 60_000, resetMs: 40_000 });
  });

  it('reads a record of a version without leases', async () => {
    const lines: QueueLine[] = [{ type: 'started', at: 5, task: 'a', attempt: 1, worker: 'w0' }];
    expect(await bench(['a'], {}, [...lines], 10).queue.claim('w0')).toMatchObject({
      attempt: 1,
      again: true,
      begunAt: 5,
    });
    expect(await bench(['a'], {}, [...lines], 10).queue.claim('w1')).toMatchObject({ attempt: 2, again: false });
  });
});

type Deed =
  | { readonly do: 'claim' | 'begin' | 'renew' | 'complete' | 'spoil' | 'fail' | 'die'; readonly worker: number }
  /** Of the lines that were not flushed the first `kept` outlive it; a process that dies loses none. */
  | { readonly do: 'restart'; readonly kept: number }
  | { readonly do: 'wait' };

const deeds: fc.Arbitrary<readonly Deed[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constantFrom('claim', 'begin', 'renew', 'complete', 'spoil', 'fail', 'die'),
        worker: fc.nat(3),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('restart' as const),
        kept: fc.oneof(fc.nat(3), fc.constant(Infinity)),
      }),
    },
  ),
  { maxLength: 80 },
);

describe('whoever crashes when', () => {
  it('no task is lost, none is with two workers, none is scored twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), deeds, async (count, plan) => {
        const tasks = Array.from({ length: count }, (_, index) => `t${index}`);
        let setting = bench(tasks);
        const held = new Map<number, TaskLease>();
        const deleted = new Set<string>();
        for (const deed of plan) {
          if (deed.do === 'wait') setting.now += LEASE_MS * 0.7;
          else if (deed.do === 'restart') {
            setting = setting.powerCut(deed.kept);
            setting.open('w0', 'w1', 'w2', 'w3');
            setting = setting.restart();
            // The workers of a controller that died ask again; what ran on their VMs ran on.
            held.clear();
          } else await act(setting, deed, held, deleted);
          const { pending, leased, done } = await setting.queue.observe();
          expect(pending + leased + done).toBe(count);
        }
        await finish(setting);
        const scores = setting.lines.filter((line) => line.type === 'finished' && line.state === 'scored');
        const names = scores.map((line) => (line.type === 'finished' ? line.task : ''));
        expect(new Set(names).size).toBe(names.length);
        expect(await setting.queue.observe()).toEqual({ pending: 0, leased: 0, done: count });
        // What was deleted on its worker is still known here.
        for (const task of deleted) expect(names).toContain(task);
        expectOneHolderAtATime(setting.lines);
      }),
      { numRuns: 400 },
    );
  });

  it('a replay is in the state of the original', async () => {
    await fc.assert(
      fc.asyncProperty(deeds, async (plan) => {
        const setting = bench(['a', 'b', 'c']);
        const held = new Map<number, TaskLease>();
        for (const deed of plan) {
          if (deed.do === 'wait') setting.now += LEASE_MS * 0.7;
          else if (deed.do !== 'restart') await act(setting, deed, held, new Set());
        }
        const copy = setting.restart();
        for (const worker of ['w0', 'w1', 'w2', 'w3']) {
          expect(await copy.queue.claim(worker)).toEqual(await setting.queue.claim(worker));
        }
      }),
    );
  });
});

async function act(
  setting: Bench,
  deed: Extract<Deed, { worker: number }>,
  held: Map<number, TaskLease>,
  deleted: Set<string>,
): Promise<void> {
  const lease = held.get(deed.worker);
  if (deed.do === 'claim') {
    const claimed = await setting.queue.claim(`w${deed.worker}`);
    if (claimed) held.set(deed.worker, claimed);
    return;
  }
  if (!lease) return;
  if (deed.do === 'renew') await setting.queue.renew(lease);
  else if (deed.do === 'begin') await setting.queue.begin(lease);
  else held.delete(deed.worker);
  if (deed.do === 'complete' && (await setting.queue.complete(lease, scored))) {
    // Half of the workers are cut off between the record and the deletion on their VM, which waits for the disk.
    if (deed.worker % 2 === 0) return;
    await setting.queue.flush();
    deleted.add(lease.task);
  }
  if (deed.do === 'spoil') await setting.queue.complete(lease, spoiled);
  // What is attached to was begun; of the rest half were not.
  if (deed.do === 'fail') await setting.queue.fail(lease, 'down', lease.again || deed.worker % 2 === 0);
}

async function finish(setting: Bench): Promise<void> {
  setting.now += LEASE_MS * 2;
  for (let lease = await setting.queue.claim('last'); lease; lease = await setting.queue.claim('last')) {
    expect(await setting.queue.complete(lease, scored)).toBe(true);
  }
}

/** From the lines alone: nobody was given a task that was begun while the lease of another one ran. */
function expectOneHolderAtATime(lines: readonly QueueLine[]): void {
  const holders = new Map<string, { worker: string; until: number; begun: boolean }>();
  for (const line of lines) {
    // The controller that held what was never handed over is dead.
    if (line.type === 'opened') for (const [task, { begun }] of holders) if (!begun) holders.delete(task);
    if (!('task' in line)) continue;
    const holder = holders.get(line.task);
    if (line.type === 'started' || line.type === 'renewed') {
      if (holder && holder.worker !== line.worker) expect(line.at).toBeGreaterThanOrEqual(holder.until);
      const begun = begins(line) || (line.type === 'renewed' && holder?.begun === true);
      holders.set(line.task, { worker: line.worker, until: line.until ?? 0, begun });
    } else {
      if (line.type === 'finished') expect(holder?.worker).toBe(line.worker);
      holders.delete(line.task);
    }
  }
}
