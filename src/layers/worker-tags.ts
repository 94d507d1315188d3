import { planFingerprint } from './fingerprint.js';
import type { WorkerPlan } from './worker-plan.js';

/** The tags on every resource we make. Nothing without `deployment` is ever touched. */
export const TAG_NAMES = {
  deployment: 'waa-deployment',
  owner: 'waa-owner',
  created: 'waa-created',
  expires: 'waa-expires',
  fingerprint: 'waa-fingerprint',
} as const;

/** A paused deployment is deleted after this long (requirement V6). */
export const KEPT_FOR_MS = 14 * 24 * 3_600_000;

/** A tag's value holds at most 256 characters. */
const MAX_VALUE = 256;

/** Tags for the resources of a worker. Values are plain text without secrets. */
export function workerTags(plan: WorkerPlan): Readonly<Record<string, string>> {
  return {
    [TAG_NAMES.deployment]: plan.deployment,
    [TAG_NAMES.owner]: plan.owner.slice(0, MAX_VALUE),
    [TAG_NAMES.created]: plan.createdAt,
    [TAG_NAMES.expires]: new Date(Date.parse(plan.createdAt) + KEPT_FOR_MS).toISOString(),
    [TAG_NAMES.fingerprint]: planFingerprint(plan),
  };
}

/** Azure keeps the case of tag names but compares them without it. */
export function tagValue(tags: Readonly<Record<string, string>>, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(tags).find(([key]) => key.toLowerCase() === wanted)?.[1];
}

/** What tells one deployment from another. Two people may use the same name; then the time of creation differs. */
export interface Identity {
  readonly deployment: string;
  /** ISO time the deployment was made; without it any of this name is meant. */
  readonly createdAt?: string;
  readonly owner?: string;
}

/** True when a resource belongs to this deployment. */
export function belongsTo(tags: Readonly<Record<string, string>>, { deployment, createdAt, owner }: Identity): boolean {
  if (tagValue(tags, TAG_NAMES.deployment) !== deployment) return false;
  const created = tagValue(tags, TAG_NAMES.created) ?? createdAt;
  if (createdAt !== undefined && created !== createdAt) return false;
  return owner === undefined || tagValue(tags, TAG_NAMES.owner) === owner;
}

/** Whose a resource is, in words. */
export function ownerText(tags: Readonly<Record<string, string>>): string {
  const deployment = tagValue(tags, TAG_NAMES.deployment);
  if (deployment === undefined) return `it has no ${TAG_NAMES.deployment} tag`;
  const [owner = 'somebody', created = 'an unknown time'] = [TAG_NAMES.owner, TAG_NAMES.created].map((name) =>
    tagValue(tags, name),
  );
  return `it is deployment '${deployment}' of ${owner}, made at ${created}`;
}
