import { TAG_NAMES, tagValue } from '../azure/tags.js';
import type { ResourceRef, StorageKind } from '../clients/arm/arm.js';
import { billedAs, type Billed } from '../deployment/inventory.js';
import type { GoldenImage } from '../deployment/golden-image.js';
import { spendUntil } from '../deployment/spend.js';
import type { SweptGroup } from '../deployment/sweep-plan.js';
import type { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import { readSpend } from '../state/spend.js';
import { imageResources } from './images.js';
import { lookAtGroups } from './sweep-look.js';

/** One resource with what it costs as it is. */
export interface ResourceRow {
  readonly deployment: string;
  readonly owner: string | undefined;
  readonly group: string;
  readonly name: string;
  readonly type: string;
  /** Power of a VM, GB of a disk. */
  readonly detail: string;
  readonly usdPerDay: number;
}

export interface Inventory {
  readonly resources: readonly ResourceRow[];
  readonly usdPerDay: number;
  /** By deployment, what was spent as far as this machine knows. */
  readonly spentUsd: Readonly<Record<string, number>>;
  readonly listedAtMs: number;
}

/** Lists everything of ours: what stands in groups of deployments and images, and what has our tag elsewhere. Changes nothing. */
export async function inventory(session: Session, everyone: boolean, deadline: Deadline): Promise<Inventory> {
  const { clients, clock, paths, retry } = session;
  const { arm } = clients;
  const { ours, unseen, strays } = await lookAtGroups(session, everyone, deadline);
  // A sum that leaves one out would be taken for the whole.
  if (unseen[0]) throw unseen[0].fault;
  const inGroups = await Promise.all(
    ours.map(async (seen) => ({
      seen,
      refs: await retry('arm', (own) => arm.listResources(seen.group.name, own), { deadline }),
    })),
  );
  const images = await imageResources(session, everyone, deadline);
  const refs = [...inGroups.flatMap((one) => one.refs), ...strays, ...images.flatMap((one) => one.refs)];
  const kinds = STORAGE_KINDS.filter((kind) => refs.some((ref) => ref.type.toLowerCase().endsWith(`/${kind}`)));
  const sizes = await retry('arm', (own) => arm.listStorage(kinds, own), { deadline });

  const rowOf = async (ref: ResourceRef, seen?: SweptGroup, image?: GoldenImage): Promise<ResourceRow> => {
    const billed = billedAs(ref, seen?.vms ?? [], sizes);
    const vm = seen?.vms.find((one) => one.id.toLowerCase() === ref.id.toLowerCase());
    const region = vm?.region ?? seen?.group.region ?? image?.region ?? session.config.azure.region;
    return {
      deployment: image
        ? `image ${image.name}`
        : (seen?.tags.deployment ?? tagValue(ref.tags, TAG_NAMES.deployment) ?? ''),
      owner: image?.owner ?? seen?.tags.owner ?? tagValue(ref.tags, TAG_NAMES.owner),
      group: image?.group ?? seen?.group.name ?? /\/resourcegroups\/([^/]+)/i.exec(ref.id)?.[1] ?? '',
      name: ref.name,
      type: ref.type,
      detail: vm?.power ?? (billed && 'gb' in billed ? `${billed.gb} GB` : ''),
      usdPerDay: billed === undefined ? 0 : await priceOf(session, billed, region, deadline),
    };
  };
  const resources = await Promise.all([
    ...inGroups.flatMap(({ seen, refs: of }) => of.map((ref) => rowOf(ref, seen))),
    ...strays.map((ref) => rowOf(ref)),
    ...images.flatMap(({ image, refs: of }) => of.map((ref) => rowOf(ref, undefined, image))),
  ]);
  const { lines } = await readSpend(paths.spend);
  const spent = ours.map(({ tags }) => {
    const own = lines.filter((line) => line.deployment === tags.deployment && line.createdAt === tags.createdAt);
    return [tags.deployment, spendUntil(own, clock.now()).total.totalUsd] as const;
  });
  return {
    resources,
    usdPerDay: resources.reduce((sum, row) => sum + row.usdPerDay, 0),
    spentUsd: Object.fromEntries(spent),
    listedAtMs: clock.now(),
  };
}

const STORAGE_KINDS: readonly StorageKind[] = ['disks', 'snapshots', 'images'];

async function priceOf({ clients }: Session, billed: Billed, region: string, deadline: Deadline): Promise<number> {
  if (billed.kind !== 'vm') return clients.prices.itemPerDay(billed, region, deadline);
  return (await clients.prices.vmPrice(billed.vm.size, region, billed.vm.spot, deadline)).usdPerHour * 24;
}
