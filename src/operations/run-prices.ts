import type { RunPrices } from '../benchmark/cost.js';
import { asWaaError } from '../failures/waa-error.js';
import type { Session } from '../session.js';
import type { DeploymentRecord } from '../state/deployment.js';
import { lookDeadline } from './open-deployment.js';

/**
 * What one worker of the deployment costs now. Undefined, with a warning, when no price can be found; with a budget to keep
 * (`benchmark.maxCostUsd`) that is raised.
 */
export async function runPrices(session: Session, record: DeploymentRecord): Promise<RunPrices | undefined> {
  const { clients, config, emit } = session;
  // A host of the user's own has no price; a budget would have nothing to count, which the look-up says.
  if (record.hosts && config.benchmark.maxCostUsd === undefined) return undefined;
  using deadline = lookDeadline(session);
  try {
    const { vmSize, region, spot = config.azure.spot } = record;
    const price = await clients.prices.vmPrice(vmSize, region, spot, deadline);
    const storageUsdPerDay = await clients.prices.storagePerDay(
      [config.azure.osDiskGb, config.azure.dataDiskGb],
      region,
      deadline,
    );
    return { vmUsdPerHour: price.usdPerHour, storageUsdPerDay, source: price.source, asOf: price.asOf };
  } catch (error) {
    if (session.signal.aborted || config.benchmark.maxCostUsd !== undefined) throw error;
    const text = `the report will have no cost: ${asWaaError(error).message}`;
    emit('log', { component: 'benchmark' }, text, { level: 'warn' });
    return undefined;
  }
}
