import { familyTitle, vmSizes } from './sizes.js';

/** Someone who can log in: a service principal with the actions its roles give it, as ARM's action patterns. */
export interface Principal {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly objectId: string;
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

export interface ManagementLock {
  readonly name: string;
  /** Subscription, resource group or resource id. */
  readonly scope: string;
  readonly level: 'CanNotDelete' | 'ReadOnly';
  readonly notes: string;
}

/** Limits of each region. */
export interface Quotas {
  readonly cores: number;
  readonly lowPriorityCores: number;
  /** Cores by family; a family not named here has `defaultFamily`. */
  readonly families: Readonly<Record<string, number>>;
  readonly defaultFamily: number;
  readonly publicIps: number;
}

/** A size the subscription cannot use in a region, wholly or in some zones. */
export interface SkuRestriction {
  readonly size: string;
  readonly region: string;
  readonly reason: 'NotAvailableForSubscription' | 'QuotaId';
  /** Only in these zones; empty: the whole region. */
  readonly zones: readonly string[];
}

export interface AzureOptions {
  readonly subscriptionId: string;
  readonly subscriptionName: string;
  readonly subscriptionState: 'Enabled' | 'Warned' | 'PastDue' | 'Disabled' | 'Deleted';
  readonly tenantId: string;
  readonly principals: readonly Principal[];
  readonly quotas: Quotas;
  readonly restrictions: readonly SkuRestriction[];
  readonly registeredProviders: readonly string[];
  readonly locks: readonly ManagementLock[];
}

/** A usable subscription: room for a dozen D8ds_v5, Trusted Launch not the default, no locks. */
export const defaultAzureOptions: AzureOptions = {
  subscriptionId: '5a6b1c2d-0000-4000-8000-1ab000000001',
  subscriptionName: 'waa lab',
  subscriptionState: 'Enabled',
  tenantId: '7e4a0f10-0000-4000-8000-1ab000000002',
  principals: [
    {
      clientId: 'c11e0000-0000-4000-8000-1ab000000003',
      clientSecret: 'lab-secret-not-a-secret',
      objectId: '0b1ec700-0000-4000-8000-1ab000000004',
      actions: ['*'],
      notActions: [],
    },
  ],
  quotas: {
    cores: 100,
    lowPriorityCores: 100,
    families: { standardDASv4Family: 0, StandardDdsv6Family: 0 },
    defaultFamily: 100,
    publicIps: 20,
  },
  restrictions: [
    { size: 'Standard_D8ds_v4', region: 'westeurope', reason: 'NotAvailableForSubscription', zones: [] },
    { size: 'Standard_D8s_v3', region: 'centralus', reason: 'NotAvailableForSubscription', zones: [] },
    { size: 'Standard_D8ds_v6', region: 'eastus', reason: 'NotAvailableForSubscription', zones: ['3'] },
  ],
  registeredProviders: ['Microsoft.Compute', 'Microsoft.Network', 'Microsoft.DevTestLab'],
  locks: [],
};

/** Every core quota of a region: name as in `usages`, title, limit. */
export function coreQuotas(
  quotas: Quotas,
): readonly { readonly name: string; readonly title: string; readonly limit: number }[] {
  const families = [...new Set(vmSizes.map((size) => size.family))];
  const limits = new Map(Object.entries(quotas.families).map(([name, limit]) => [name.toLowerCase(), limit]));
  return [
    { name: 'cores', title: 'Total Regional vCPUs', limit: quotas.cores },
    { name: 'lowPriorityCores', title: 'Total Regional Low-priority vCPUs', limit: quotas.lowPriorityCores },
    ...families.map((name) => {
      const limit = limits.get(name.toLowerCase()) ?? quotas.defaultFamily;
      return { name, title: familyTitle(name), limit };
    }),
  ];
}
