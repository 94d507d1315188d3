import {
  goneLines,
  linesOf,
  spendChanges,
  spendUntil,
  type Gone,
  type SpendLine,
  type SpendTerms,
} from '../deployment/spend.js';
import type { Cost } from '../deployment/cost.js';
import { vmName } from '../deployment/names.js';
import { dataDiskGbOf } from '../deployment/plan.js';
import type { VirtualMachine } from '../clients/arm/arm.js';
import { asWaaError } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import { formatUsd } from '../money.js';
import type { Session } from '../session.js';
import type { DeploymentRecord } from '../state/deployment.js';
import { appendSpend, readSpend } from '../state/spend.js';
import { sessionOf } from './own-subscription.js';

/** A listing and at most four prices. */
const LOOK_MS = 30_000;

/** The price of one worker of a deployment. Raises AZURE_PRICE_UNKNOWN. */
export async function spendTerms(
  session: Session,
  record: Pick<DeploymentRecord, 'name' | 'createdAt' | 'vmSize' | 'region' | 'spot' | 'golden'>,
  deadline: Deadline,
): Promise<SpendTerms> {
  const { clients, config } = session;
  const { name: deployment, createdAt, vmSize, region, spot = config.azure.spot } = record;
  const { osDiskGb } = config.azure;
  const dataDiskGb = dataDiskGbOf(config, record.golden);
  const [price, storageUsdPerDay] = await Promise.all([
    clients.prices.vmPrice(vmSize, region, spot, deadline),
    clients.prices.storagePerDay([osDiskGb, dataDiskGb], region, deadline),
  ]);
  const { usdPerHour: vmUsdPerHour, source, asOf } = price;
  return { deployment, createdAt, vmSize, region, vmUsdPerHour, storageUsdPerDay, source, asOf };
}

/** Notes what the workers of a deployment cost from now on, as Azure shows them; returns the total so far. */
export async function noteSpend(
  session: Session,
  record: DeploymentRecord,
  vms: readonly VirtualMachine[],
  deadline: Deadline,
  startedAtMs?: number,
): Promise<Cost> {
  const { clock, paths } = session;
  const { lines } = await readSpend(paths.spend);
  const life = { deployment: record.name, createdAt: record.createdAt };
  // A worker that the pool has no more cost something as long as its VM stood.
  const names = new Set([...record.workers, ...linesOf(lines, life).map(({ worker }) => worker)]);
  const seen = [...names].map((worker) => {
    const vm = vms.find((one) => one.name === vmName(record.name, worker));
    return { worker, vm, vmSize: vm?.size ?? record.vmSize };
  });
  const sizes = [...new Set(seen.map(({ vmSize }) => vmSize))];
  const bySize = await Promise.all(
    sizes.map(async (vmSize) => {
      const terms = await spendTerms(session, { ...record, vmSize }, deadline);
      const ofSize = seen.filter((one) => one.vmSize === vmSize);
      return spendChanges(lines, ofSize, terms, clock.now(), startedAtMs);
    }),
  );
  const changes = bySize.flat();
  await appendSpend(paths.spend, changes);
  return tellTotal(session, linesOf([...lines, ...changes], life));
}

/**
 * Notes that a deployment, or one worker of it, costs nothing more, once its deletion is proven: nobody will look at it
 * again, or only later. Raises the OWN_STATE_* failures.
 */
export async function noteGone(session: Session, gone: Gone): Promise<void> {
  const { clock, paths } = session;
  const { lines } = await readSpend(paths.spend);
  const ends = goneLines(lines, gone, clock.now());
  if (ends.length === 0) return;
  await appendSpend(paths.spend, ends);
  tellTotal(session, linesOf([...lines, ...ends], gone));
}

function tellTotal({ clock, emit }: Session, life: readonly SpendLine[]): Cost {
  const { total } = spendUntil(life, clock.now());
  if (life.length > 0)
    emit(
      'cost.updated',
      { usd: total.totalUsd, hourlyUsd: total.hourlyUsd },
      `cost so far ${formatUsd(total.totalUsd)}`,
    );
  return total;
}

/**
 * Looks at the VMs of a deployment and notes their cost. Undefined for hosts of the user's own, and when Azure, the price
 * or the file could not be had, which is told: what a command did is not undone by a missing figure.
 */
export async function lookAtSpend(
  session: Session,
  record: DeploymentRecord,
  startedAtMs?: number,
): Promise<Cost | undefined> {
  if (record.hosts) return undefined;
  const { clients, clock, emit, retry, signal } = sessionOf(session, record);
  using deadline = Deadline.after(LOOK_MS, clock, signal);
  try {
    const vms = await retry('arm', (own) => clients.arm.listVms(record.resourceGroup, own), { deadline });
    return await noteSpend(session, record, vms, deadline, startedAtMs);
  } catch (error) {
    if (signal.aborted) return undefined;
    const text = `the cost could not be brought up to date: ${asWaaError(error).message}`;
    emit('log', { component: 'cost' }, text, { level: 'warn' });
    return undefined;
  }
}
