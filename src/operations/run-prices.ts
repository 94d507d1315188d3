import type { RunPrices } from '../benchmark/cost.js';
import { vmName } from '../deployment/names.js';
import type { SpendTerms } from '../deployment/spend.js';
import { asWaaError } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import type { DeploymentRecord } from '../state/deployment.js';
import { lookDeadline } from './look-deadline.js';
import { sessionOf } from './own-subscription.js';
import { spendTerms } from './spend.js';

/** What the workers of a run are, and what one of them costs. */
export interface RunMachines {
  /** Of their VMs as they stand; the planned one where they could not be looked at. */
  readonly vmSizes: readonly string[];
  /** Of the dearest size, so that a budget is kept whichever worker does the work; undefined when no price was found. */
  readonly prices: RunPrices | undefined;
}

/**
 * Looks at the workers' VMs and their prices, which are those of the deployment's cost. What cannot be found is warned of;
 * with a budget to keep (`benchmark.maxCostUsd`) it is raised.
 */
export async function runMachines(session: Session, record: DeploymentRecord): Promise<RunMachines> {
  const { config, emit, signal } = session;
  let vmSizes: readonly string[] = [record.vmSize];
  // A host of the user's own has no price; a budget would have nothing to count, which the look-up says.
  if (record.hosts && config.benchmark.maxCostUsd === undefined) return { vmSizes, prices: undefined };
  using deadline = lookDeadline(session);
  try {
    if (!record.hosts) vmSizes = await sizesOf(session, record, deadline);
    const terms = await Promise.all(vmSizes.map((vmSize) => spendTerms(session, { ...record, vmSize }, deadline)));
    const [dearest] = terms.toSorted((a, b) => b.vmUsdPerHour - a.vmUsdPerHour);
    return { vmSizes, prices: dearest && pricesOf(dearest) };
  } catch (error) {
    if (signal.aborted || config.benchmark.maxCostUsd !== undefined) throw error;
    const text = `the report will have no cost: ${asWaaError(error).message}`;
    emit('log', { component: 'benchmark' }, text, { level: 'warn' });
    return { vmSizes, prices: undefined };
  }
}

const pricesOf = ({ vmUsdPerHour, storageUsdPerDay, source, asOf }: SpendTerms): RunPrices => ({
  vmUsdPerHour,
  storageUsdPerDay,
  source,
  asOf,
});

/** A VM may have become another size than planned, where the planned one could not be had. */
async function sizesOf(session: Session, record: DeploymentRecord, deadline: Deadline): Promise<readonly string[]> {
  const { clients, retry } = sessionOf(session, record);
  const { name, resourceGroup, workers, vmSize } = record;
  const vms = await retry('arm', (own) => clients.arm.listVms(resourceGroup, own), { deadline });
  const sizes = workers.map((worker) => vms.find((vm) => vm.name === vmName(name, worker))?.size ?? vmSize);
  return [...new Set(sizes)].sort();
}
