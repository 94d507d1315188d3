import * as z from 'zod';
import { fail } from '../../failures/waa-error.js';
import type { ClockOffset } from '../../health/clock-offset.js';
import type { Deadline } from '../../health/deadline.js';
import type { Permission, Subscription, Usage, VmSku } from './arm.js';
import { collect } from './collect.js';
import type { SdkClients } from './sdk.js';
import type { ArmSession } from './session.js';

const SUBSCRIPTIONS_API = '2022-12-01';
const PERMISSIONS_API = '2022-04-01';

const subscriptionSchema = z.object({
  subscriptionId: z.string(),
  displayName: z.string().default(''),
  state: z.string().default('Enabled'),
  tenantId: z.string().default(''),
});
const subscriptionListSchema = z.object({ value: z.array(subscriptionSchema), nextLink: z.string().nullish() });
const permissionListSchema = z.object({
  value: z.array(z.object({ actions: z.array(z.string()).default([]), notActions: z.array(z.string()).default([]) })),
  nextLink: z.string().nullish(),
});

const toSubscription = (row: z.infer<typeof subscriptionSchema>): Subscription => ({
  id: row.subscriptionId,
  name: row.displayName,
  state: row.state,
  tenantId: row.tenantId,
});

/** A next link may be absolute; the raw helper wants the path. */
function pathOfLink(link: string | null | undefined): string | undefined {
  if (link === undefined || link === null || link === '') return undefined;
  if (!/^https?:/.test(link)) return link;
  const url = new URL(link);
  return `${url.pathname}${url.search}`;
}

/** Every subscription that the caller may see. Raises AZURE_*. */
async function listSubscriptions(session: ArmSession, deadline: Deadline): Promise<readonly Subscription[]> {
  const found: Subscription[] = [];
  let path: string | undefined = `/subscriptions?api-version=${SUBSCRIPTIONS_API}`;
  while (path !== undefined) {
    const page: z.infer<typeof subscriptionListSchema> = await session.raw(
      'GET',
      path,
      subscriptionListSchema,
      deadline,
    );
    found.push(...page.value.map(toSubscription));
    path = pathOfLink(page.nextLink);
  }
  return found;
}

/**
 * The subscription that `wanted` (id or name) names, or the only usable one. Raises AZURE_SUBSCRIPTION_NOT_FOUND,
 * _AMBIGUOUS or _DISABLED.
 */
export async function findSubscription(
  session: ArmSession,
  wanted: string | undefined,
  deadline: Deadline,
): Promise<Subscription> {
  const all = await listSubscriptions(session, deadline);
  const names = all.map((one) => `${one.name} (${one.id})`).join(', ') || 'none';
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  const fitting =
    wanted === undefined
      ? all.filter((one) => usable(one) || all.length === 1)
      : all.filter((one) => same(one.id, wanted) || same(one.name, wanted));
  const [first, ...more] = fitting;
  if (first === undefined) {
    throw fail('AZURE_SUBSCRIPTION_NOT_FOUND', { subscription: wanted ?? 'any enabled one', known: names });
  }
  if (more.length > 0) throw fail('AZURE_SUBSCRIPTION_AMBIGUOUS', { count: fitting.length, names });
  if (!usable(first)) throw fail('AZURE_SUBSCRIPTION_DISABLED', { subscription: first.name, state: first.state });
  return first;
}

/** Warned and PastDue subscriptions still accept writes. */
function usable(one: Subscription): boolean {
  return one.state !== 'Disabled' && one.state !== 'Deleted';
}

/** Azure's clock, by an answer that costs it little. */
export async function clockOffset(session: ArmSession, clients: SdkClients, deadline: Deadline): Promise<ClockOffset> {
  const { recording } = await session.observe('the clock of Azure', deadline, (options) =>
    clients.resources.providers.get('Microsoft.Compute', options),
  );
  if (!recording.clockOffset) throw fail('AZURE_BAD_ANSWER', { what: 'the clock of Azure', detail: 'no Date' });
  return recording.clockOffset;
}

/** What the caller may do in a subscription, by all its role assignments. Raises AZURE_*. */
export async function listPermissions(
  session: ArmSession,
  subscriptionId: string,
  deadline: Deadline,
): Promise<readonly Permission[]> {
  const found: Permission[] = [];
  let path: string | undefined =
    `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/permissions?api-version=${PERMISSIONS_API}`;
  while (path !== undefined) {
    const page: z.infer<typeof permissionListSchema> = await session.raw('GET', path, permissionListSchema, deadline);
    found.push(...page.value);
    path = pathOfLink(page.nextLink);
  }
  return found;
}

interface RawUsage {
  readonly currentValue?: number;
  readonly limit?: number;
  readonly name?: { readonly value?: string };
}

const toUsage = (row: RawUsage): Usage => ({
  name: row.name?.value ?? '',
  current: row.currentValue ?? 0,
  limit: row.limit ?? 0,
});

/** Quotas of cores and VMs in a region, with what is used of them. Raises AZURE_*. */
export function computeUsages(
  session: ArmSession,
  clients: SdkClients,
  region: string,
  deadline: Deadline,
): Promise<readonly Usage[]> {
  return session.call(`compute usages of ${region}`, deadline, (options) =>
    collect(clients.compute.usage.list(region, options), toUsage),
  );
}

/** Quotas of addresses and networks in a region, with what is used of them. Raises AZURE_*. */
export function networkUsages(
  session: ArmSession,
  clients: SdkClients,
  region: string,
  deadline: Deadline,
): Promise<readonly Usage[]> {
  return session.call(`network usages of ${region}`, deadline, (options) =>
    collect(clients.network.usages.list(region, options), toUsage),
  );
}

/** VM sizes offered in a region. The filter matters: without it Azure answers with some 70 MB. */
export function vmSkus(
  session: ArmSession,
  clients: SdkClients,
  region: string,
  deadline: Deadline,
): Promise<readonly VmSku[]> {
  return session.call(`VM sizes of ${region}`, deadline, async (options) => {
    const rows: VmSku[] = [];
    for await (const sku of clients.compute.resourceSkus.list({ filter: `location eq '${region}'`, ...options })) {
      if (sku.resourceType !== 'virtualMachines' || sku.name === undefined) continue;
      const capability = (name: string): string => sku.capabilities?.find((one) => one.name === name)?.value ?? '';
      const zones = sku.locationInfo?.[0]?.zones ?? [];
      const restrictions = sku.restrictions ?? [];
      const refusedZones = new Set(
        restrictions.flatMap((one) => (one.type === 'Zone' ? (one.restrictionInfo?.zones ?? []) : [])),
      );
      const wholeRegion = restrictions
        .filter((one) => one.type === 'Location')
        .map((one) => one.reasonCode ?? 'unknown');
      rows.push({
        name: sku.name,
        family: sku.family ?? '',
        vCpus: Number(capability('vCPUs')) || 0,
        memoryGb: Number(capability('MemoryGB')) || 0,
        zones: zones.filter((zone) => !refusedZones.has(zone)),
        hyperVGenerations: capability('HyperVGenerations')
          .split(',')
          .filter((one) => one !== ''),
        restrictions: wholeRegion,
      });
    }
    return rows;
  });
}
