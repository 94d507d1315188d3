/** A marketplace image the lab's VMs can be made from. https://documentation.ubuntu.com/azure/azure-how-to/instances/find-ubuntu-images/ */
export interface PlatformImage {
  readonly publisher: string;
  readonly offer: string;
  readonly sku: string;
  readonly version: string;
  readonly generation: 'V1' | 'V2';
  readonly sizeGb: number;
  readonly osName: string;
  readonly osVersion: string;
}

const noble = { offer: 'ubuntu-24_04-lts', version: '24.04.202511060', osName: 'ubuntu', osVersion: '24.04' } as const;
const jammy = {
  offer: '0001-com-ubuntu-server-jammy',
  version: '22.04.202511050',
  osName: 'ubuntu',
  osVersion: '22.04',
} as const;

export const platformImages: readonly PlatformImage[] = [
  { publisher: 'Canonical', ...noble, sku: 'server', generation: 'V2', sizeGb: 30 },
  { publisher: 'Canonical', ...noble, sku: 'server-gen1', generation: 'V1', sizeGb: 30 },
  { publisher: 'Canonical', ...jammy, sku: '22_04-lts-gen2', generation: 'V2', sizeGb: 30 },
  { publisher: 'Canonical', ...jammy, sku: '22_04-lts', generation: 'V1', sizeGb: 30 },
];

interface ImageUrn {
  readonly publisher: string;
  readonly offer: string;
  readonly sku: string;
  readonly version: string;
}

/** Finds `publisher:offer:sku:version`; `latest` means the newest. */
export function findImage(urn: ImageUrn): PlatformImage | undefined {
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  return platformImages.find(
    (image) =>
      same(image.publisher, urn.publisher) &&
      same(image.offer, urn.offer) &&
      same(image.sku, urn.sku) &&
      (same(urn.version, 'latest') || urn.version === image.version),
  );
}
