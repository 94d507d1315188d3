import { createHash } from 'node:crypto';
import type { WorkerPlan } from './worker-plan.js';

/** Enough to tell configurations apart, short enough for a tag. */
const LENGTH = 16;

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, canonical(member)]));
}

/** A hash of plain data that does not depend on the order of keys; undefined members do not count. 16 hex digits. */
export function stableHash(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(value)))
    .digest('hex')
    .slice(0, LENGTH);
}

/** What a VM cannot become without being made anew. Workers of one deployment share it. */
export function planFingerprint(plan: WorkerPlan): string {
  const { osDiskGb, dataDiskGb, spot } = plan.config.azure;
  const { region, vmSize, sshPublicKey } = plan;
  const golden = plan.golden?.image;
  return stableHash({ region, vmSize, user: plan.config.ssh.user, sshPublicKey, osDiskGb, dataDiskGb, spot, golden });
}
