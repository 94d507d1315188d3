import { diskState, premiumTier } from '../../../world/azure/disks.js';
import type { ManagedDisk, Snapshot } from '../../../world/azure/model.js';
import type { AzureOptions } from '../../../world/azure/options.js';
import { zones } from '../../../world/azure/regions.js';
import type { VmSize } from '../../../world/azure/sizes.js';
import type { AzureState } from '../../../world/azure/state.js';
import { envelopeOf } from './envelope.js';

/** A managed disk as `GET .../disks/{name}` answers. */
export function renderDiskResource(state: AzureState, disk: ManagedDisk) {
  const { sizeGb } = disk.contents;
  return {
    ...envelopeOf(disk),
    sku: { name: disk.sku, tier: disk.sku.split('_')[0] },
    ...(disk.zones ? { zones: disk.zones } : {}),
    ...(disk.managedBy === undefined ? {} : { managedBy: disk.managedBy }),
    properties: {
      ...(disk.osType ? { osType: disk.osType, hyperVGeneration: disk.generation } : {}),
      creationData: {
        createOption: disk.creation.createOption,
        ...(disk.creation.imageReference === undefined ? {} : { imageReference: { id: disk.creation.imageReference } }),
        ...(disk.creation.sourceId === undefined ? {} : { sourceResourceId: disk.creation.sourceId }),
      },
      diskSizeGB: sizeGb,
      diskSizeBytes: sizeGb * 1024 ** 3,
      diskState: diskState(state, disk),
      provisioningState: disk.provisioningState,
      timeCreated: new Date(disk.createdAt).toISOString(),
      uniqueId: disk.guid,
      ...(disk.sku.startsWith('Premium_') ? { tier: premiumTier(sizeGb) } : {}),
      encryption: { type: 'EncryptionAtRestWithPlatformKey' },
      networkAccessPolicy: 'AllowAll',
      publicNetworkAccess: 'Enabled',
    },
  };
}

/** A snapshot of a Premium or Standard disk is complete at once: no `completionPercent` below 100. */
export function renderSnapshot(snapshot: Snapshot) {
  const { sizeGb } = snapshot.contents;
  return {
    ...envelopeOf(snapshot),
    sku: { name: snapshot.sku, tier: snapshot.sku.split('_')[0] },
    properties: {
      ...(snapshot.osType ? { osType: snapshot.osType, hyperVGeneration: snapshot.generation } : {}),
      creationData: {
        createOption: 'Copy',
        sourceResourceId: snapshot.sourceId,
        sourceUniqueId: snapshot.sourceGuid,
      },
      incremental: snapshot.incremental,
      diskSizeGB: sizeGb,
      diskSizeBytes: sizeGb * 1024 ** 3,
      diskState: 'Unattached',
      completionPercent: 100,
      provisioningState: snapshot.provisioningState,
      timeCreated: new Date(snapshot.createdAt).toISOString(),
      uniqueId: snapshot.guid,
      encryption: { type: 'EncryptionAtRestWithPlatformKey' },
      networkAccessPolicy: 'AllowAll',
      publicNetworkAccess: 'Enabled',
    },
  };
}

const yes = (value: boolean): string => (value ? 'True' : 'False');

/** A row of `resourceSkus` for a VM size in one region. */
export function renderVmSku(size: VmSize, region: string, options: AzureOptions) {
  const short = size.name.replace('Standard_', '');
  const capabilities: Readonly<Record<string, string>> = {
    MaxResourceVolumeMB: String(size.tempDiskMb),
    OSVhdSizeMB: '1047552',
    vCPUs: String(size.cores),
    vCPUsAvailable: String(size.cores),
    vCPUsPerCore: '2',
    MemoryGB: String(size.memoryGb),
    MaxDataDiskCount: String(size.maxDataDisks),
    MaxNetworkInterfaces: String(size.maxNics),
    CpuArchitectureType: 'x64',
    HyperVGenerations: size.generations.join(','),
    DiskControllerTypes: size.controllers.join(','),
    PremiumIO: 'True',
    LowPriorityCapable: yes(size.spotCapable),
    AcceleratedNetworkingEnabled: yes(size.acceleratedNetworking),
    EncryptionAtHostSupported: 'True',
    EphemeralOSDiskSupported: yes(size.tempDiskMb > 0),
    CapacityReservationSupported: 'True',
    VMDeploymentTypes: 'IaaS',
    RdmaEnabled: 'False',
  };
  return {
    resourceType: 'virtualMachines',
    name: size.name,
    tier: 'Standard',
    size: short,
    family: size.family,
    locations: [region],
    locationInfo: [{ location: region, zones, zoneDetails: [] }],
    capabilities: Object.entries(capabilities).map(([name, value]) => ({ name, value })),
    restrictions: options.restrictions
      .filter((entry) => entry.size === size.name && entry.region === region)
      .map((entry) => ({
        type: entry.zones.length === 0 ? 'Location' : 'Zone',
        values: [region],
        restrictionInfo: { locations: [region], ...(entry.zones.length === 0 ? {} : { zones: entry.zones }) },
        reasonCode: entry.reason,
      })),
  };
}

/** A kind of disk as `GET .../skus` lists it beside the VM sizes. */
export const renderDiskSku = (name: string, region: string) => ({
  resourceType: 'disks',
  name,
  tier: name.split('_')[0],
  locations: [region],
  locationInfo: [{ location: region, zones }],
  capabilities: [],
  restrictions: [],
});
