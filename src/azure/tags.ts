import { DAY_MS } from '../clock/units.js';

/** The tags on every resource we make. Nothing without `deployment` is ever touched. */
export const TAG_NAMES = {
  deployment: 'waa-deployment',
  owner: 'waa-owner',
  created: 'waa-created',
  expires: 'waa-expires',
  fingerprint: 'waa-fingerprint',
  /** On a resource group: when it was announced that it will be deleted. */
  notice: 'waa-notice',
  /** On a golden image: its name. */
  image: 'waa-image',
  /** On what was made from a golden image: its name. */
  fromImage: 'waa-from-image',
} as const;

/** A paused deployment is deleted after this long (requirement V6). */
export const KEPT_FOR_MS = 14 * DAY_MS;

/** A tag's value holds at most so many characters. */
export const MAX_TAG_VALUE = 256;

/** Azure keeps the case of tag names but compares them without it. */
export function tagValue(tags: Readonly<Record<string, string>>, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(tags).find(([key]) => key.toLowerCase() === wanted)?.[1];
}

/** What tells one deployment from another. Two people, or two state homes, may use the same name in one subscription. */
export interface Identity {
  readonly deployment: string;
  readonly owner: string;
  /** ISO time the deployment was made; without it any of this name and owner is meant. */
  readonly createdAt?: string;
}

/** Why something with these tags must not be touched as part of a deployment, in words; undefined when it is ours. */
export function foreignBecause(tags: Readonly<Record<string, string>>, ours: Identity): string | undefined {
  const [deployment, owner, created] = [TAG_NAMES.deployment, TAG_NAMES.owner, TAG_NAMES.created].map((name) =>
    tagValue(tags, name),
  );
  if (deployment === undefined) return `it has no ${TAG_NAMES.deployment} tag`;
  if (deployment !== ours.deployment) return `its ${TAG_NAMES.deployment} tag is '${deployment}'`;
  if (owner !== undefined && !sameOwner(owner, ours.owner))
    return `its ${TAG_NAMES.owner} tag is '${owner}', and you are '${ours.owner}'`;
  if (created === undefined || ours.createdAt === undefined || created === ours.createdAt) return undefined;
  return `it was made at ${created}, and the one known here at ${ours.createdAt}`;
}

/** Owners are compared as tags hold them: cut to length, without regard to case. */
export function sameOwner(one: string, other: string): boolean {
  const asTag = (owner: string): string => owner.slice(0, MAX_TAG_VALUE).toLowerCase();
  return asTag(one) === asTag(other);
}
