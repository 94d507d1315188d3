/** A region as `GET /subscriptions/{id}/locations` lists it. https://learn.microsoft.com/azure/reliability/regions-list */
export interface Region {
  readonly name: string;
  readonly displayName: string;
  readonly geography: string;
  readonly geographyGroup: string;
  readonly physicalLocation: string;
  readonly longitude: string;
  readonly latitude: string;
  readonly pairedWith: string;
  /** Relative to eastus, for the price list. */
  readonly priceFactor: number;
}

export const regions: readonly Region[] = [
  {
    name: 'eastus',
    displayName: 'East US',
    geography: 'United States',
    geographyGroup: 'US',
    physicalLocation: 'Virginia',
    longitude: '-79.8164',
    latitude: '37.3719',
    pairedWith: 'westus',
    priceFactor: 1,
  },
  {
    name: 'eastus2',
    displayName: 'East US 2',
    geography: 'United States',
    geographyGroup: 'US',
    physicalLocation: 'Virginia',
    longitude: '-78.3889',
    latitude: '36.6681',
    pairedWith: 'centralus',
    priceFactor: 1,
  },
  {
    name: 'centralus',
    displayName: 'Central US',
    geography: 'United States',
    geographyGroup: 'US',
    physicalLocation: 'Iowa',
    longitude: '-93.6208',
    latitude: '41.5908',
    pairedWith: 'eastus2',
    priceFactor: 1.16,
  },
  {
    name: 'westus2',
    displayName: 'West US 2',
    geography: 'United States',
    geographyGroup: 'US',
    physicalLocation: 'Washington',
    longitude: '-119.852',
    latitude: '47.233',
    pairedWith: 'westcentralus',
    priceFactor: 1,
  },
  {
    name: 'westeurope',
    displayName: 'West Europe',
    geography: 'Europe',
    geographyGroup: 'Europe',
    physicalLocation: 'Netherlands',
    longitude: '4.9',
    latitude: '52.3667',
    pairedWith: 'northeurope',
    priceFactor: 1.2,
  },
];

/** `East US` and `eastus` name the same region. */
export const normalizeLocation = (text: string): string => text.replaceAll(' ', '').toLowerCase();

/** A region by its name or display name: `eastus`, `East US`. */
export const findRegion = (text: string): Region | undefined => {
  const name = normalizeLocation(text);
  return regions.find((region) => region.name === name);
};

export const zones: readonly string[] = ['1', '2', '3'];
