/** Resource Manager compares ids without regard to case; this is the form to compare and to index by. */
export const idKey = (id: string): string => id.toLowerCase();

/** Id of a resource group. */
export const groupIdOf = (subscriptionId: string, group: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${group}`;

/** Builds an id; `names` has one entry a type segment. */
export function resourceIdOf(subscriptionId: string, group: string, type: string, ...names: readonly string[]): string {
  const [namespace = '', ...segments] = type.split('/');
  const path = segments.map((segment, i) => `${segment}/${names[i] ?? ''}`).join('/');
  return `${groupIdOf(subscriptionId, group)}/providers/${namespace}/${path}`;
}
