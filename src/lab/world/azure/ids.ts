/** A resource id taken apart: `Microsoft.Network/virtualNetworks/subnets` has two names. */
export interface ResourceIdParts {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly type: string;
  readonly names: readonly string[];
}

/** Resource Manager compares ids without regard to case; this is the form to compare and to index by. */
export const idKey = (id: string): string => id.toLowerCase();

export const sameId = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && idKey(a) === idKey(b);

export const groupIdOf = (subscriptionId: string, group: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${group}`;

/** Builds an id; `names` has one entry a type segment. */
export function resourceIdOf(subscriptionId: string, group: string, type: string, ...names: readonly string[]): string {
  const [namespace = '', ...segments] = type.split('/');
  const path = segments.map((segment, i) => `${segment}/${names[i] ?? ''}`).join('/');
  return `${groupIdOf(subscriptionId, group)}/providers/${namespace}/${path}`;
}

/** Takes an id apart, or undefined when it is not the id of a resource in a group. */
export function parseResourceId(id: string): ResourceIdParts | undefined {
  const match = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/([^/]+)\/(.+)$/i.exec(id);
  if (!match) return undefined;
  const [, subscriptionId = '', resourceGroup = '', namespace = '', rest = ''] = match;
  const segments = rest.split('/');
  if (segments.length % 2 !== 0 || segments.includes('')) return undefined;
  const types = segments.filter((_, i) => i % 2 === 0);
  return {
    subscriptionId,
    resourceGroup,
    type: [namespace, ...types].join('/'),
    names: segments.filter((_, i) => i % 2 === 1),
  };
}
