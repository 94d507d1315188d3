/**
 * Date of this table. It holds list prices of East US, rounded, from
 * https://azure.microsoft.com/pricing/details/virtual-machines/linux/,
 * https://azure.microsoft.com/pricing/details/managed-disks/ and
 * https://azure.microsoft.com/pricing/details/ip-addresses/. The price list itself goes first whenever it can be read.
 */
export const BUILT_IN_AS_OF = '2026-08-20';

/** USD per hour, Linux, pay as you go, East US. Other regions differ by some ten percent; good enough to warn by. */
export const BUILT_IN_VM_USD_PER_HOUR: Readonly<Record<string, number>> = {
  Standard_D4s_v3: 0.192,
  Standard_D8s_v3: 0.384,
  Standard_D4s_v4: 0.192,
  Standard_D8s_v4: 0.384,
  Standard_D4ds_v4: 0.226,
  Standard_D8ds_v4: 0.452,
  Standard_D4s_v5: 0.192,
  Standard_D8s_v5: 0.384,
  Standard_D16s_v5: 0.768,
  Standard_D4ds_v5: 0.226,
  Standard_D8ds_v5: 0.452,
  Standard_D16ds_v5: 0.904,
  Standard_D8as_v5: 0.344,
};

/** What a spot VM has cost at most, as a share of the regular price; used to warn high rather than low. */
export const BUILT_IN_SPOT_SHARE = 0.4;

/** Premium SSD tiers: GiB up to which each reaches (sizes are rounded up) and USD per month, East US. */
export const PREMIUM_TIERS: readonly { readonly name: string; readonly gb: number; readonly usdPerMonth: number }[] = [
  { name: 'P4', gb: 32, usdPerMonth: 5.28 },
  { name: 'P6', gb: 64, usdPerMonth: 10.21 },
  { name: 'P10', gb: 128, usdPerMonth: 19.71 },
  { name: 'P15', gb: 256, usdPerMonth: 38.02 },
  { name: 'P20', gb: 512, usdPerMonth: 73.22 },
  { name: 'P30', gb: 1024, usdPerMonth: 135.17 },
  { name: 'P40', gb: 2048, usdPerMonth: 259.05 },
  { name: 'P50', gb: 4096, usdPerMonth: 495.57 },
];

/** Standard static public IPv4 address, USD per hour. */
export const BUILT_IN_IP_USD_PER_HOUR = 0.005;

/** Snapshots and images on Standard storage, USD per GB in use and month. */
export const BUILT_IN_SNAPSHOT_USD_PER_GB_MONTH = 0.05;

/** The tier a disk of this size is billed as; the largest one for still larger disks. */
export function premiumTier(gb: number): (typeof PREMIUM_TIERS)[number] {
  const tier = PREMIUM_TIERS.find((one) => gb <= one.gb) ?? PREMIUM_TIERS.at(-1);
  if (!tier) throw new Error('the table of disk tiers is empty');
  return tier;
}
