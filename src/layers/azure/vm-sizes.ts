import type { VmSku } from '../../clients/arm/arm.js';

/** A series of VM sizes. No capability of the SKU API tells about nested virtualization, so this is a list. */
export interface VmSeries {
  readonly name: string;
  /** Matches full size names. */
  readonly pattern: RegExp;
  /** How sure: `yes` on the series' Microsoft page, `reported` works with reports of trouble. */
  readonly nested: 'yes' | 'reported';
}

/**
 * Series whose page says "Nested Virtualization: Supported"; /dev/kvm is tested on the VM all the same.
 * https://learn.microsoft.com/azure/virtual-machines/sizes/overview
 */
export const NESTED_SERIES: readonly VmSeries[] = [
  { name: 'Ddv5, Ddsv5, Dv5, Dsv5', pattern: /^Standard_D\d+d?s?_v5$/i, nested: 'yes' },
  { name: 'Edv5, Edsv5, Ev5, Esv5', pattern: /^Standard_E\d+(?:-\d+)?d?s?_v5$/i, nested: 'yes' },
  { name: 'Ebsv5, Ebdsv5', pattern: /^Standard_E\d+(?:-\d+)?bd?s_v5$/i, nested: 'yes' },
  { name: 'Dsv6, Ddsv6', pattern: /^Standard_D\d+d?s_v6$/i, nested: 'yes' },
  { name: 'Dasv6, Dadsv6', pattern: /^Standard_D\d+ad?s_v6$/i, nested: 'yes' },
  { name: 'Dv4, Dsv4, Ddv4, Ddsv4', pattern: /^Standard_D\d+d?s?_v4$/i, nested: 'yes' },
  { name: 'Ev4, Esv4, Edv4, Edsv4', pattern: /^Standard_E\d+(?:-\d+)?d?s?_v4$/i, nested: 'yes' },
  { name: 'Dv3, Dsv3', pattern: /^Standard_D\d+s?_v3$/i, nested: 'yes' },
  { name: 'Ev3, Esv3', pattern: /^Standard_E\d+(?:-\d+)?s?_v3$/i, nested: 'yes' },
  { name: 'Fsv2', pattern: /^Standard_F\d+s_v2$/i, nested: 'yes' },
  { name: 'FX', pattern: /^Standard_FX\d+(?:-\d+)?m?d?s(?:_v2)?$/i, nested: 'yes' },
  { name: 'M', pattern: /^Standard_M\d+(?:-\d+)?[a-z]*(?:_v[23])?$/i, nested: 'yes' },
  { name: 'Dasv5, Dadsv5', pattern: /^Standard_D\d+ad?s_v5$/i, nested: 'reported' },
  { name: 'Easv5, Eadsv5', pattern: /^Standard_E\d+(?:-\d+)?ad?s_v5$/i, nested: 'reported' },
];

/** The series of a size when it is known to support nested virtualization. */
export function nestedSeriesOf(size: string): VmSeries | undefined {
  return NESTED_SERIES.find((series) => series.pattern.test(size));
}

/** What a worker needs beside KVM. */
export interface SizeNeeds {
  readonly vCpus: number;
  readonly memoryGb: number;
}

/** Linux, Docker and the agent beside Windows; with less, QEMU or the agent gets killed in the middle of a task. */
const HOST_MEMORY_GB = 4;

/** What the VM must have for a Windows of this size. */
export function sizeNeeds(windows: { readonly cpuCores: number; readonly ramGb: number }): SizeNeeds {
  return { vCpus: Math.max(2, windows.cpuCores), memoryGb: windows.ramGb + HOST_MEMORY_GB };
}

/**
 * Sizes of a region that would do instead of `wanted`: usable, nested, second generation, large enough; preferred ones
 * first in their order, then by the distance in vCPUs and memory, sure ones before reported ones.
 */
export function nearestSizes(
  skus: readonly VmSku[],
  wanted: string,
  needs: SizeNeeds,
  preferred: readonly string[],
  count = 3,
): readonly string[] {
  const model = skus.find((sku) => sku.name.toLowerCase() === wanted.toLowerCase());
  const target = { vCpus: model?.vCpus ?? needs.vCpus, memoryGb: model?.memoryGb ?? needs.memoryGb };
  const rank = (sku: VmSku): readonly number[] => {
    const place = preferred.findIndex((name) => name.toLowerCase() === sku.name.toLowerCase());
    return [
      place === -1 ? preferred.length : place,
      nestedSeriesOf(sku.name)?.nested === 'yes' ? 0 : 1,
      Math.abs(sku.vCpus - target.vCpus),
      Math.abs(sku.memoryGb - target.memoryGb),
    ];
  };
  return skus
    .filter((sku) => sku.name.toLowerCase() !== wanted.toLowerCase() && fits(sku, needs))
    .map((sku) => ({ name: sku.name, rank: rank(sku) }))
    .sort((a, b) => compare(a.rank, b.rank) || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map(({ name }) => name);
}

/** True when a worker can run on this size in the region the SKU was listed for. */
export function fits(sku: VmSku, needs: SizeNeeds): boolean {
  return (
    sku.restrictions.length === 0 &&
    nestedSeriesOf(sku.name) !== undefined &&
    sku.hyperVGenerations.includes('V2') &&
    sku.vCpus >= needs.vCpus &&
    sku.memoryGb >= needs.memoryGb
  );
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
