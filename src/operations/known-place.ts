import { counted } from '../counted.js';
import { fail } from '../failures/waa-error.js';
import type { Session } from '../session.js';
import type { DeploymentRecord } from '../state/deployment.js';
import type { Place, PoolRequest } from './place.js';

/**
 * The place of a deployment that exists: only the number of workers that must be ready can be said anew. Raises USAGE for
 * what contradicts it.
 */
export function knownPlace(
  session: Pick<Session, 'resolved'>,
  known: DeploymentRecord,
  request: Omit<PoolRequest, 'ignore'>,
): Place {
  refuseOtherThan(session, known);
  const { name, zones, golden, cooling = [], warm = [] } = known;
  const count = known.workers.length - cooling.length;
  if (request.workers !== undefined && request.workers !== count) {
    const hint = `waa pool-scale ${request.workers} --name ${name}`;
    throw fail('USAGE', { problem: `${name} has ${counted(count, 'worker')}, not ${request.workers}`, hint });
  }
  const kept = cooling.length + warm.length;
  if (request.warm !== undefined && request.warm !== kept) {
    const hint = `Warm workers are chosen when a pool is made: waa pool-create --name NAME --warm ${request.warm}`;
    throw fail('USAGE', { problem: `${name} keeps ${counted(kept, 'worker')} warm, not ${request.warm}`, hint });
  }
  if (request.image !== undefined && request.image !== golden?.image) {
    const made = golden ? `from image ${golden.image}` : 'without an image';
    const hint = `Make another one: waa up --name NAME --image ${request.image}`;
    throw fail('USAGE', { problem: `${name} was made ${made}, which cannot be changed`, hint });
  }
  if (request.zones && zones === undefined) {
    const hint = 'Make another one: waa pool-create --name NAME --zones';
    throw fail('USAGE', { problem: `${name} was made without zones, which cannot be changed`, hint });
  }
  const minWorkers = minimum(request.minWorkers, count) ?? known.minWorkers;
  return { ...known, minWorkers };
}

/** How many workers must be ready. Raises USAGE for a minimum that cannot be met or means nothing. */
export function minimum(minWorkers: number | undefined, workers: number): number | undefined {
  if (minWorkers === undefined || (minWorkers >= 1 && minWorkers <= workers)) return minWorkers;
  const hint = `Give --min-workers from 1 to ${workers}, or have more workers.`;
  throw fail('USAGE', { problem: `--min-workers ${minWorkers} of ${counted(workers, 'worker')} makes no sense`, hint });
}

/** What a deployment keeps from its making, by the key of the configuration. */
const KEPT = {
  'azure.region': ({ region }: DeploymentRecord) => region,
  'azure.vmSize': ({ vmSize }: DeploymentRecord) => vmSize,
  'azure.spot': ({ spot = false }: DeploymentRecord) => String(spot),
};

/**
 * Raises USAGE for a flag that says something else than what the deployment was made with: it would change nothing. What
 * is configured is for the next one.
 */
function refuseOtherThan({ resolved }: Pick<Session, 'resolved'>, known: DeploymentRecord): void {
  for (const [key, keptOf] of Object.entries(KEPT)) {
    const row = resolved.rows.find((one) => one.key === key);
    const kept = keptOf(known);
    if (row?.origin.kind !== 'flag' || String(row.value).toLowerCase() === kept.toLowerCase()) continue;
    const flag = row.value === true ? row.origin.name : `${row.origin.name} ${String(row.value)}`;
    const problem = `${known.name} was made with ${key} ${kept}, which cannot be changed`;
    throw fail('USAGE', { problem, hint: `Make another one: waa up --name NEW ${flag}` });
  }
}
