/** A VM size as Azure offers it. Sizes: https://learn.microsoft.com/azure/virtual-machines/sizes */
export interface VmSize {
  readonly name: string;
  /** Quota family, as in `resourceSkus` and `usages`. */
  readonly family: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly nestedVirtualization: boolean;
  readonly tempDiskMb: number;
  readonly maxDataDisks: number;
  readonly maxNics: number;
  readonly generations: readonly ('V1' | 'V2')[];
  readonly controllers: readonly ('SCSI' | 'NVMe')[];
  readonly acceleratedNetworking: boolean;
  readonly spotCapable: boolean;
  /** Linux, pay as you go, eastus: the order of the public price list, not a quote. */
  readonly usdPerHour: number;
}

const common = {
  nestedVirtualization: true,
  tempDiskMb: 0,
  generations: ['V1', 'V2'],
  controllers: ['SCSI'],
  acceleratedNetworking: true,
  spotCapable: true,
} as const;

type Special = Partial<
  Pick<VmSize, 'nestedVirtualization' | 'tempDiskMb' | 'controllers' | 'acceleratedNetworking' | 'spotCapable'>
>;

/** A size with 4 GB a core. */
const size = (name: string, family: string, cores: number, usdPerHour: number, special: Special = {}): VmSize => ({
  ...common,
  name: `Standard_${name}`,
  family,
  cores,
  memoryGb: cores * 4,
  maxDataDisks: cores * 2,
  maxNics: cores >= 8 ? 4 : 2,
  usdPerHour,
  ...special,
});

/**
 * Azure has no capability that tells nested virtualization; true here is what Microsoft's pages list (Dv3, Dsv3 and later
 * Intel, AMD from v5), false for B and Dasv4.
 */
export const vmSizes: readonly VmSize[] = [
  size('D2ds_v5', 'standardDDSv5Family', 2, 0.113, { tempDiskMb: 76_800 }),
  size('D4ds_v5', 'standardDDSv5Family', 4, 0.226, { tempDiskMb: 153_600 }),
  size('D8ds_v5', 'standardDDSv5Family', 8, 0.452, { tempDiskMb: 307_200 }),
  size('D16ds_v5', 'standardDDSv5Family', 16, 0.904, { tempDiskMb: 614_400 }),
  size('D4s_v5', 'standardDSv5Family', 4, 0.192),
  size('D8s_v5', 'standardDSv5Family', 8, 0.384),
  size('D8ds_v4', 'standardDDSv4Family', 8, 0.452, { tempDiskMb: 307_200 }),
  size('D8s_v4', 'standardDSv4Family', 8, 0.384),
  size('D8s_v3', 'standardDSv3Family', 8, 0.384, { tempDiskMb: 65_536 }),
  size('D8as_v5', 'standardDASv5Family', 8, 0.344),
  size('D8as_v4', 'standardDASv4Family', 8, 0.384, { tempDiskMb: 65_536, nestedVirtualization: false }),
  size('D8ds_v6', 'StandardDdsv6Family', 8, 0.504, { controllers: ['SCSI', 'NVMe'] }),
  size('B8ms', 'standardBSFamily', 8, 0.333, {
    tempDiskMb: 65_536,
    nestedVirtualization: false,
    acceleratedNetworking: false,
    spotCapable: false,
  }),
];

/** A size by its name; case does not matter. */
export const findSize = (name: string): VmSize | undefined =>
  vmSizes.find((entry) => entry.name.toLowerCase() === name.toLowerCase());

/** `standardDDSv5Family` as usages spell it out: `Standard DDSv5 Family vCPUs`. */
export const familyTitle = (family: string): string =>
  `Standard ${family.replace(/^standard|Family$/gi, '')} Family vCPUs`;
