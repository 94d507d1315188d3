import { refuse } from '../../world/azure/arm-error.js';
import { regions } from '../../world/azure/regions.js';

/**
 * The api-versions each type knows: what the @azure/arm-* packages of this project send, what the Azure CLI (2.45 and
 * newer) sends, and the older ones of its hybrid profiles. The shape of answers does not depend on the version.
 */
const compute = [
  '2026-03-01',
  '2025-11-01',
  '2025-04-01',
  '2024-11-01',
  '2024-07-01',
  '2024-03-01',
  '2023-09-01',
  '2023-03-01',
  '2022-11-01',
  '2022-08-01',
  '2020-06-01',
  '2017-12-01',
  '2017-03-30',
  '2016-03-30',
];
const disks = [
  '2025-01-02',
  '2024-03-02',
  '2023-10-02',
  '2023-04-02',
  '2022-07-02',
  '2022-03-02',
  '2020-06-30',
  '2019-07-01',
  '2017-03-30',
];
const network = [
  '2025-05-01',
  '2024-10-01',
  '2024-07-01',
  '2024-05-01',
  '2024-01-01',
  '2023-09-01',
  '2022-07-01',
  '2022-01-01',
  '2018-11-01',
  '2018-10-01',
  '2017-10-01',
  '2015-06-15',
];
const resources = [
  '2025-04-01',
  '2025-03-01',
  '2024-11-01',
  '2024-07-01',
  '2024-03-01',
  '2022-09-01',
  '2021-04-01',
  '2019-10-01',
  '2018-05-01',
  '2016-06-01',
];
const subscriptions = ['2022-12-01', '2022-09-01', '2021-10-01', '2019-11-01', '2019-06-01', '2016-06-01'];

const known: Readonly<Record<string, readonly string[]>> = {
  'Microsoft.Compute/virtualMachines': compute,
  // Operations of the disk provider are asked for in its versions.
  'Microsoft.Compute/locations': [...compute, ...disks],
  'Microsoft.Compute/disks': disks,
  'Microsoft.Compute/snapshots': disks,
  'Microsoft.Compute/skus': ['2021-07-01', '2019-04-01', '2017-09-01'],
  'Microsoft.Network/virtualNetworks': network,
  'Microsoft.Network/networkSecurityGroups': network,
  'Microsoft.Network/publicIPAddresses': network,
  'Microsoft.Network/networkInterfaces': network,
  'Microsoft.Network/locations': network,
  'Microsoft.DevTestLab/schedules': ['2018-09-15', '2016-05-15'],
  'Microsoft.Resources/subscriptions': subscriptions,
  'Microsoft.Resources/resourceGroups': resources,
  'Microsoft.Resources/resources': resources,
  'Microsoft.Resources/providers': resources,
  'Microsoft.Resources/tags': resources,
  'Microsoft.Resources/operationresults': resources,
  'Microsoft.Features/features': ['2021-07-01', '2015-12-01'],
  'Microsoft.Authorization/permissions': ['2022-05-01-preview', '2022-04-01', '2018-07-01', '2015-07-01'],
  'Microsoft.Authorization/locks': ['2020-05-01', '2017-04-01', '2016-09-01'],
  'Microsoft.Authorization/policyAssignments': ['2024-05-01', '2023-04-01', '2022-06-01', '2021-06-01', '2016-12-01'],
};

/** ARM's own types; the others belong to a resource provider and are refused in its name. */
const ownNamespaces = new Set(['Microsoft.Resources', 'Microsoft.Authorization', 'Microsoft.Features']);

/** API versions that Azure takes for a type, newest first; empty for an unknown type. */
export const versionsOf = (type: string): readonly string[] => known[type] ?? [];

/** Namespaces and their types, as `GET /providers/{namespace}` lists them. */
export function typesOf(
  namespace: string,
): { readonly namespace: string; readonly types: readonly string[] } | undefined {
  const types = Object.keys(known).filter((type) => type.toLowerCase().startsWith(`${namespace.toLowerCase()}/`));
  const first = types[0];
  if (first === undefined) return undefined;
  return {
    namespace: first.slice(0, first.indexOf('/')),
    types: types.map((type) => type.slice(type.indexOf('/') + 1)),
  };
}

/** Returns the request's version. Raises 400 when it is missing, malformed or not one of the type's. */
export function checkApiVersion(version: string | undefined, type: string, location: string): string {
  if (version === undefined || version === '') {
    throw refuse(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
  }
  const versions = versionsOf(type);
  if (versions.includes(version)) return version;
  const list = versions.join(', ');
  if (ownNamespaces.has(type.split('/')[0] ?? '')) {
    throw refuse(
      400,
      'InvalidApiVersionParameter',
      `The api-version '${version}' is invalid. The supported versions are '${list}'.`,
    );
  }
  throw refuse(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for location '${location}' and API version '${version}' for type ` +
      `'${type.split('/').slice(1).join('/')}'. The supported api-versions are '${list}'. The supported locations are ` +
      `'${regions.map((region) => region.name).join(', ')}'.`,
  );
}
