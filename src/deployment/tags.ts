import { TAG_NAMES, tagValue } from '../azure/tags.js';

/** What the tags of a resource tell about the deployment it belongs to. */
export interface DeploymentTags {
  readonly deployment: string;
  readonly owner: string | undefined;
  readonly createdAt: string | undefined;
  readonly expiresAt: string | undefined;
  readonly fingerprint: string | undefined;
}

/** Reads our tags; undefined for a resource that is not ours. Enough to rebuild lost state together with the names. */
export function readTags(tags: Readonly<Record<string, string>>): DeploymentTags | undefined {
  const deployment = tagValue(tags, TAG_NAMES.deployment);
  if (deployment === undefined || deployment === '') return undefined;
  return {
    deployment,
    owner: tagValue(tags, TAG_NAMES.owner),
    createdAt: isoOrNothing(tagValue(tags, TAG_NAMES.created)),
    expiresAt: isoOrNothing(tagValue(tags, TAG_NAMES.expires)),
    fingerprint: tagValue(tags, TAG_NAMES.fingerprint),
  };
}

/** The same tags with a new expiry and without a notice of deletion; foreign tags are kept. */
export function withExpiry(
  tags: Readonly<Record<string, string>>,
  expiresAtMs: number,
): Readonly<Record<string, string>> {
  const changed: readonly string[] = [TAG_NAMES.expires, TAG_NAMES.notice];
  const others = Object.entries(tags).filter(([name]) => !changed.includes(name.toLowerCase()));
  return { ...Object.fromEntries(others), [TAG_NAMES.expires]: new Date(expiresAtMs).toISOString() };
}

/** Tags are written by people too: a date that cannot be read is no date. */
function isoOrNothing(text: string | undefined): string | undefined {
  return text === undefined || Number.isNaN(Date.parse(text)) ? undefined : text;
}
