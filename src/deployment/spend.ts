import * as z from 'zod';
import type { PowerState, VirtualMachine } from '../clients/arm/arm.js';
import { costUntil, isBilled, type Cost, type StateInterval } from './cost.js';

/** What one worker cost from a moment on. `gone`: its VM and disks are deleted. */
export const spendLine = z.object({
  v: z.literal(1),
  /** Epoch ms since which this holds. */
  at: z.number(),
  deployment: z.string(),
  /** Of the deployment: tells two of the same name apart. */
  createdAt: z.string(),
  worker: z.string(),
  power: z.enum(['billed', 'unbilled', 'gone']),
  vmSize: z.string(),
  region: z.string(),
  vmUsdPerHour: z.number().nonnegative(),
  storageUsdPerDay: z.number().nonnegative(),
  /** `retail`, `cache` or `built-in`, and the date of the price. */
  source: z.string(),
  asOf: z.string(),
});
export type SpendLine = Readonly<z.infer<typeof spendLine>>;

/** A worker's VM as Azure showed it; undefined when there is none. */
export interface SeenWorker {
  readonly worker: string;
  readonly vm: Pick<VirtualMachine, 'power' | 'createdAtMs' | 'changedAtMs'> | undefined;
}

/** What is the same for all lines of one look. */
export type SpendTerms = Omit<SpendLine, 'v' | 'at' | 'worker' | 'power'>;

const stateOf = (power: PowerState | undefined): SpendLine['power'] =>
  power === undefined ? 'gone' : isBilled(power) ? 'billed' : 'unbilled';

/**
 * The lines that a look adds to what is known: one for each worker whose state or price differs. A change is dated by
 * Azure's own time of it, which also dates what happened while nobody looked; within what was known before and now.
 * `startedAtMs` is when a start that was just made began. Pure.
 */
export function spendChanges(
  known: readonly SpendLine[],
  seen: readonly SeenWorker[],
  terms: SpendTerms,
  nowMs: number,
  startedAtMs = nowMs,
): readonly SpendLine[] {
  return seen.flatMap(({ worker, vm }) => {
    const last = linesOf(known, terms).findLast((line) => line.worker === worker);
    const power = stateOf(vm?.power);
    const samePrice = last?.vmUsdPerHour === terms.vmUsdPerHour && last.storageUsdPerDay === terms.storageUsdPerDay;
    if (last ? last.power === power && (samePrice || power === 'gone') : power === 'gone') return [];
    const line = (at: number, state: SpendLine['power']): SpendLine => ({ v: 1, at, worker, power: state, ...terms });
    // Seen for the first time: whatever it is now, it was created billed.
    if (!last || last.power === 'gone') {
      const createdAt = Math.min(vm?.createdAtMs ?? nowMs, nowMs);
      const first = line(Math.max(createdAt, last?.at ?? createdAt), 'billed');
      return power === 'billed' ? [first] : [first, line(within(first.at, vm?.changedAtMs, nowMs), power)];
    }
    if (last.power === power) return [line(nowMs, power)];
    // A start is billed from its beginning; Azure dates its end.
    const changedAtMs = Math.min(vm?.changedAtMs ?? nowMs, power === 'billed' ? startedAtMs : nowMs);
    return [line(within(last.at, changedAtMs, nowMs), power)];
  });
}

/** What costs nothing more: a life of a deployment, or one worker of it. */
export type Gone = Pick<SpendLine, 'deployment' | 'createdAt'> & { readonly worker?: string };

/** The lines that end whatever is gone, which is proven: neither Azure nor a price is needed. Pure. */
export function goneLines(known: readonly SpendLine[], gone: Gone, nowMs: number): readonly SpendLine[] {
  const lastOf = new Map(linesOf(known, gone).map((line) => [line.worker, line]));
  return [...lastOf.values()]
    .filter(({ power, worker }) => power !== 'gone' && worker === (gone.worker ?? worker))
    .map((line) => ({ ...line, at: Math.max(line.at, nowMs), power: 'gone' }));
}

function within(fromMs: number, atMs: number | undefined, toMs: number): number {
  return Math.min(Math.max(atMs ?? toMs, fromMs), toMs);
}

/** The lines of one life of a deployment, oldest first. */
export function linesOf(
  lines: readonly SpendLine[],
  { deployment, createdAt }: Pick<SpendLine, 'deployment' | 'createdAt'>,
): readonly SpendLine[] {
  return lines
    .filter((line) => line.deployment === deployment && line.createdAt === createdAt)
    .sort((a, b) => a.at - b.at);
}

/** The cost of the workers in these lines, all of one deployment's life, until `nowMs`; by worker and in all. Pure. */
export function spendUntil(
  lines: readonly SpendLine[],
  nowMs: number,
): { readonly total: Cost; readonly workers: ReadonlyMap<string, Cost> } {
  const names = [...new Set(lines.map((line) => line.worker))];
  const workers = new Map(
    names.map((name) => [
      name,
      workerCost(
        lines.filter((line) => line.worker === name),
        nowMs,
      ),
    ]),
  );
  return { total: sum([...workers.values()]), workers };
}

function workerCost(lines: readonly SpendLine[], nowMs: number): Cost {
  const parts = lines.flatMap((line, index) => {
    if (line.power === 'gone') return [];
    const next = lines[index + 1];
    const interval: StateInterval = {
      worker: line.worker,
      power: line.power === 'billed' ? 'running' : 'deallocated',
      fromMs: line.at,
      ...(next ? { toMs: next.at } : {}),
    };
    return [costUntil([interval], line, nowMs)];
  });
  return sum(parts);
}

function sum(costs: readonly Cost[]): Cost {
  const add = (pick: (cost: Cost) => number): number => costs.reduce((total, cost) => total + pick(cost), 0);
  return {
    computeUsd: add((cost) => cost.computeUsd),
    storageUsd: add((cost) => cost.storageUsd),
    totalUsd: add((cost) => cost.totalUsd),
    hourlyUsd: add((cost) => cost.hourlyUsd),
    billedHours: add((cost) => cost.billedHours),
  };
}
