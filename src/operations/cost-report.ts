import { runCost, type RunCost } from '../benchmark/cost.js';
import { counted } from '../counted.js';
import type { Cost } from '../deployment/cost.js';
import { linesOf, spendUntil, type SpendLine } from '../deployment/spend.js';
import { fail } from '../failures/waa-error.js';
import { didYouMean } from '../failures/nearest.js';
import type { Session } from '../session.js';
import { listDeployments } from '../state/deployment.js';
import { readSpend } from '../state/spend.js';
import type { Tell } from '../tell.js';
import { lookDeadline } from './look-deadline.js';
import { configuredPlace, type Place } from './place.js';
import { chooseRun, readableRuns, type KnownRun } from './runs.js';
import { lookAtSpend, spendTerms } from './spend.js';

/** What a deployment cost in one of its lives. */
export interface DeploymentCost {
  readonly deployment: string;
  readonly createdAt: string;
  readonly state: 'running' | 'paused' | 'deleted';
  readonly cost: Cost;
  readonly workers: Readonly<Record<string, Cost>>;
  /** The price in force now or last. */
  readonly price: Pick<SpendLine, 'vmSize' | 'region' | 'vmUsdPerHour' | 'storageUsdPerDay' | 'source' | 'asOf'>;
  /** Runs of this life, with what their worker time cost; part of `cost`, not beside it. */
  readonly runs: readonly { readonly run: string; readonly totalUsd: number }[];
}

/**
 * What every deployment of this home cost, or the ones of one name; those that exist are looked at first, so that a VM
 * which Azure paused meanwhile is not counted on. What cannot be read is told. Raises OWN_DEPLOYMENT_NOT_FOUND for a name
 * that never cost anything.
 */
export async function deploymentCosts(
  session: Session,
  name: string | undefined,
  tell: Tell,
): Promise<readonly DeploymentCost[]> {
  const { paths, clock } = session;
  const { records } = await listDeployments(paths);
  for (const record of records) if (name === undefined || record.name === name) await lookAtSpend(session, record);
  const { lines, unreadable } = await readSpend(paths.spend);
  if (unreadable > 0) tell(`${counted(unreadable, 'row')} of ${paths.spend} cannot be read: sums may be too low`);
  const lives = new Map(lines.map((line) => [`${line.deployment} ${line.createdAt}`, line]));
  const chosen = [...lives.values()].filter((life) => name === undefined || life.deployment === name);
  if (name !== undefined && chosen.length === 0 && !records.some((record) => record.name === name)) {
    const known = [...new Set(lines.map((line) => line.deployment))];
    throw fail('OWN_DEPLOYMENT_NOT_FOUND', { name, hint: didYouMean(name, known, 'waa cost   (all of them)') });
  }
  const runs = await readableRuns(paths, tell);
  return chosen.map((life) => costOfLife(linesOf(lines, life), runs, clock.now()));
}

function costOfLife(lines: readonly SpendLine[], runs: readonly KnownRun[], nowMs: number): DeploymentCost {
  const [first] = lines;
  const last = lines.at(-1);
  if (!first || !last) throw fail('BUG', { what: 'a life without lines' });
  const { total, workers } = spendUntil(lines, nowMs);
  const latest = [...workers.keys()].map((worker) => lines.findLast((line) => line.worker === worker)?.power);
  const state = latest.includes('billed') ? 'running' : latest.includes('unbilled') ? 'paused' : 'deleted';
  const endMs = state === 'deleted' ? last.at : nowMs;
  const { deployment, createdAt, vmSize, region, vmUsdPerHour, storageUsdPerDay, source, asOf } = last;
  const own = runs.filter(({ head }) => {
    const at = Date.parse(head.createdAt);
    return head.deployment === deployment && at >= Date.parse(createdAt) && at <= endMs;
  });
  return {
    deployment,
    createdAt,
    state,
    cost: total,
    workers: Object.fromEntries(workers),
    price: { vmSize, region, vmUsdPerHour, storageUsdPerDay, source, asOf },
    runs: own.flatMap(({ id, head, lines: queue }) =>
      head.prices ? [{ run: id, totalUsd: runCost(queue, head.prices).totalUsd }] : [],
    ),
  };
}

/** What a run cost, by worker and by task. Raises OWN_RUN_UNKNOWN, OWN_RUN_WITHOUT_PRICES. */
export async function costOfRun(
  session: Session,
  id: string,
): Promise<{ readonly run: string; readonly deployment: string; readonly cost: RunCost }> {
  const run = await chooseRun(session.paths, id);
  const { prices, deployment } = run.head;
  if (!prices) throw fail('OWN_RUN_WITHOUT_PRICES', { run: run.id });
  return { run: run.id, deployment, cost: runCost(run.lines, prices) };
}

/** What `up` would cost with the configuration in force. */
export interface CostEstimate {
  readonly vmSize: string;
  readonly region: string;
  readonly workers: number;
  readonly usdPerHour: number;
  readonly pausedUsdPerDay: number;
  /** Until it pauses by itself when nobody uses it. */
  readonly leaseHours: number;
  readonly leaseUsd: number;
  readonly source: string;
  readonly asOf: string;
}

/** Estimates workers before they are made; by default one as configured. Raises AZURE_PRICE_UNKNOWN. */
export async function estimateCost(
  session: Session,
  { vmSize, region, spot, golden, workers: { length: workers } }: Place = configuredPlace(session),
): Promise<CostEstimate> {
  const { azure } = session.config;
  using deadline = lookDeadline(session);
  const place = { name: '', createdAt: '', vmSize, region, spot, golden };
  const { vmUsdPerHour, storageUsdPerDay, source, asOf } = await spendTerms(session, place, deadline);
  const usdPerHour = workers * (vmUsdPerHour + storageUsdPerDay / 24);
  return {
    vmSize,
    region,
    workers,
    usdPerHour,
    pausedUsdPerDay: workers * storageUsdPerDay,
    leaseHours: azure.autoPauseHours,
    leaseUsd: usdPerHour * azure.autoPauseHours,
    source,
    asOf,
  };
}
