import type { Clock } from '../../clock/clock.js';
import type { PipelinePolicy } from './recorder.js';

/** ARM counts these three apart. */
export type RequestKind = 'reads' | 'writes' | 'deletes';

interface Bucket {
  /** Requests that may be sent at once. */
  readonly size: number;
  readonly perSecond: number;
}

/**
 * ARM's token buckets for one principal in one subscription.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 */
export const ARM_BUCKETS: Readonly<Record<RequestKind, Bucket>> = {
  reads: { size: 250, perSecond: 25 },
  writes: { size: 200, perSecond: 10 },
  deletes: { size: 200, perSecond: 10 },
};

/** What of a bucket is ours: az, the portal and another waa of the same person draw on it too. */
const OUR_SHARE = 0.8;

/** Lets requests through as fast as a bucket fills, in the order in which they came. */
export interface Pacer {
  /** Resolves when a request of this kind may be sent; rejects with the signal's reason, and its place is given back. */
  enter(kind: RequestKind, signal?: AbortSignal): Promise<void>;
  /** Azure said how many requests of this kind are left: never more of them are sent than that. */
  heard(kind: RequestKind, left: number): void;
}

/** Creates full buckets. */
export function createPacer(clock: Clock): Pacer {
  const levels = new Map<RequestKind, { tokens: number; at: number }>();
  const levelOf = (kind: RequestKind): { tokens: number; at: number } => {
    const { size, perSecond } = ARM_BUCKETS[kind];
    const now = clock.now();
    const level = levels.get(kind) ?? { tokens: size * OUR_SHARE, at: now };
    const filled = ((now - level.at) / 1000) * perSecond * OUR_SHARE;
    level.tokens = Math.min(size * OUR_SHARE, level.tokens + filled);
    level.at = now;
    levels.set(kind, level);
    return level;
  };
  return {
    async enter(kind, signal) {
      const level = levelOf(kind);
      // Below zero are those who wait: each knows by that when its turn is.
      level.tokens -= 1;
      if (level.tokens >= 0) return;
      try {
        await clock.sleep((-level.tokens / (ARM_BUCKETS[kind].perSecond * OUR_SHARE)) * 1000, signal);
      } catch (error) {
        level.tokens += 1;
        throw error;
      }
    },
    heard(kind, left) {
      const level = levelOf(kind);
      level.tokens = Math.min(level.tokens, left);
    },
  };
}

function kindOf(method: string): RequestKind {
  if (method === 'GET' || method === 'HEAD') return 'reads';
  return method === 'DELETE' ? 'deletes' : 'writes';
}

/** Holds requests back so that Azure need not refuse them, however many workers send them. */
export function pacingPolicy(pacer: Pacer): PipelinePolicy {
  return {
    name: 'waa-pacing',
    async sendRequest(request, next) {
      const kind = kindOf(request.method);
      await pacer.enter(kind, request.abortSignal as AbortSignal | undefined);
      const response = await next(request);
      const left = Number(response.headers.get(`x-ms-ratelimit-remaining-subscription-${kind}`) ?? Number.NaN);
      if (Number.isFinite(left)) pacer.heard(kind, left);
      return response;
    },
  };
}
