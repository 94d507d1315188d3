import { ArmError, refuse } from '../../world/azure/arm-error.js';
import type { Method, Route } from './context.js';

interface Bucket {
  readonly size: number;
  readonly perSecond: number;
  left: number;
  at: number;
}

interface Limit {
  readonly name: string;
  readonly size: number;
  readonly perSecond: number;
}

/** Token buckets of ARM since 2024, per subscription and principal. https://aka.ms/arm-throttling */
const armLimits: Readonly<Record<'reads' | 'writes' | 'deletes', Limit>> = {
  reads: { name: 'reads', size: 250, perSecond: 25 },
  writes: { name: 'writes', size: 200, perSecond: 10 },
  deletes: { name: 'deletes', size: 200, perSecond: 10 },
};

const perMinute = (name: string, refill: number, size: number): Limit => ({ name, size, perSecond: refill / 60 });

/** Buckets of compute, one a VM. https://learn.microsoft.com/troubleshoot/azure/virtual-machines/troubleshooting-throttling-errors */
function computeLimit(route: Route, method: Method): Limit | undefined {
  if (route.type !== 'Microsoft.Compute/virtualMachines' || !route.path.includes('{name}')) return undefined;
  if (method === 'GET') return perMinute('LowCostGetResource', 12, 36);
  if (method === 'PUT') return perMinute('PutVMResource', 4, 12);
  if (method === 'DELETE' || /\/(deallocate|simulateEviction)$/.test(route.path))
    return perMinute('DeleteVMResource', 4, 12);
  return perMinute('UpdateVMResource', 4, 12);
}

const kindOf = (method: Method): 'reads' | 'writes' | 'deletes' =>
  method === 'GET' || method === 'HEAD' ? 'reads' : method === 'DELETE' ? 'deletes' : 'writes';

/** Counts requests; one instance a lab. */
export interface RateLimiter {
  /** Takes a token from every bucket the request falls into. Returns the headers that count them; raises 429. */
  take(route: Route, method: Method, scope: string, who: string): Readonly<Record<string, string>>;
}

/** Creates full buckets. `now` is lab time in ms; `subscriptionId` stands in the messages. */
export function createRateLimiter(now: () => number, subscriptionId: string): RateLimiter {
  const buckets = new Map<string, Bucket>();
  const bucketOf = (key: string, limit: Limit): Bucket => {
    const at = now();
    const bucket = buckets.get(key) ?? { size: limit.size, perSecond: limit.perSecond, left: limit.size, at };
    bucket.left = Math.min(bucket.size, bucket.left + ((at - bucket.at) / 1000) * bucket.perSecond);
    bucket.at = at;
    buckets.set(key, bucket);
    return bucket;
  };
  const waitOf = (bucket: Bucket): number => Math.max(1, Math.ceil((1 - bucket.left) / bucket.perSecond));

  return {
    take(route, method, scope, who) {
      const kind = kindOf(method);
      const own = bucketOf(`${who} ${kind}`, armLimits[kind]);
      if (own.left < 1) throw armThrottled(kind, subscriptionId, who, waitOf(own));
      const limit = computeLimit(route, method);
      const compute = limit ? bucketOf(`${scope.toLowerCase()} ${limit.name}`, limit) : undefined;
      if (compute && limit && compute.left < 1) throw computeThrottled(limit.name, waitOf(compute));
      own.left -= 1;
      if (compute) compute.left -= 1;
      return {
        [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(Math.floor(own.left)),
        ...(compute && limit
          ? {
              'x-ms-ratelimit-remaining-resource': `Microsoft.Compute/${limit.name};${Math.floor(compute.left)}`,
              'x-ms-request-charge': '1',
            }
          : {}),
      };
    },
  };
}

/** ARM's own 429. */
export function armThrottled(kind: string, subscriptionId: string, who: string, seconds: number): ArmError {
  const error = refuse(
    429,
    'SubscriptionRequestsThrottled',
    `Number of '${kind.replace(/s$/, '')}' requests for subscription '${subscriptionId}' actor '${who}' exceeded. Please try again after ` +
      `'${seconds}' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information.`,
  );
  return new ArmError(429, error.body, { 'retry-after': String(seconds) });
}

/** Compute's 429: the wire writes it without the `error` wrapper. */
export function computeThrottled(group: string, seconds: number): ArmError {
  return new ArmError(
    429,
    {
      code: 'OperationNotAllowed',
      message: 'The server rejected the request because too many requests have been received for this subscription.',
      details: [{ code: 'TooManyRequests', target: group, message: JSON.stringify({ operationGroup: group }) }],
    },
    { 'retry-after': String(seconds) },
  );
}
