import { planFingerprint } from './fingerprint.js';
import type { WorkerPlan } from './worker-plan.js';
import { KEPT_FOR_MS, MAX_TAG_VALUE, TAG_NAMES } from '../azure/tags.js';

/** Tags for the resources of a worker. Values are plain text without secrets. */
export function workerTags(plan: WorkerPlan): Readonly<Record<string, string>> {
  return {
    [TAG_NAMES.deployment]: plan.deployment,
    [TAG_NAMES.owner]: plan.owner.slice(0, MAX_TAG_VALUE),
    [TAG_NAMES.created]: plan.createdAt,
    [TAG_NAMES.expires]: new Date(Date.parse(plan.createdAt) + KEPT_FOR_MS).toISOString(),
    [TAG_NAMES.fingerprint]: planFingerprint(plan),
    ...(plan.golden ? { [TAG_NAMES.fromImage]: plan.golden.image } : {}),
  };
}
