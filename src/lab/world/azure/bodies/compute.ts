import * as z from 'zod';
import { deleteOption, envelope, readOnly } from './common.js';

const managedDiskReference = z.strictObject({
  id: z.string().optional(),
  storageAccountType: z.string().optional(),
  securityProfile: z.strictObject({ securityEncryptionType: z.string().optional() }).optional(),
});

const diskCommon = {
  name: z.string().optional(),
  caching: z.enum(['None', 'ReadOnly', 'ReadWrite']).optional(),
  createOption: z.enum(['FromImage', 'Empty', 'Attach', 'Copy']),
  diskSizeGB: z.number().int().min(1).max(32_767).optional(),
  managedDisk: managedDiskReference.optional(),
  deleteOption: deleteOption.optional(),
  writeAcceleratorEnabled: z.boolean().optional(),
};

export const osDiskSchema = z.strictObject({ ...diskCommon, osType: z.enum(['Linux', 'Windows']).optional() });
export const dataDiskSchema = z.strictObject({
  ...diskCommon,
  lun: z.number().int().min(0),
  /** What a disk with `Copy` is made from. */
  sourceResource: z.strictObject({ id: z.string().optional() }).optional(),
  toBeDetached: z.boolean().optional(),
  detachOption: z.string().optional(),
  diskIOPSReadWrite: readOnly,
  diskMBpsReadWrite: readOnly,
});

const storageProfile = z.strictObject({
  imageReference: z
    .strictObject({
      id: z.string().optional(),
      publisher: z.string().optional(),
      offer: z.string().optional(),
      sku: z.string().optional(),
      version: z.string().optional(),
      exactVersion: readOnly,
    })
    .optional(),
  osDisk: osDiskSchema.optional(),
  dataDisks: z.array(dataDiskSchema).optional(),
  diskControllerType: z.enum(['SCSI', 'NVMe']).optional(),
  alignRegionalDisksToVMZone: readOnly,
});

const linuxConfiguration = z.strictObject({
  disablePasswordAuthentication: z.boolean().optional(),
  ssh: z
    .strictObject({
      publicKeys: z.array(z.strictObject({ path: z.string().optional(), keyData: z.string() })).optional(),
    })
    .optional(),
  provisionVMAgent: z.boolean().optional(),
  patchSettings: z
    .strictObject({
      patchMode: z.string().optional(),
      assessmentMode: z.string().optional(),
      automaticByPlatformSettings: readOnly,
    })
    .optional(),
  enableVMAgentPlatformUpdates: z.boolean().optional(),
});

const osProfile = z.strictObject({
  computerName: z.string().optional(),
  adminUsername: z.string().optional(),
  adminPassword: z.string().optional(),
  customData: z.string().optional(),
  linuxConfiguration: linuxConfiguration.optional(),
  secrets: z.array(z.unknown()).max(0).optional(),
  allowExtensionOperations: z.boolean().optional(),
  requireGuestProvisionSignal: z.boolean().optional(),
});

const nicReference = z.strictObject({
  id: z.string(),
  properties: z.strictObject({ primary: z.boolean().optional(), deleteOption: deleteOption.optional() }).optional(),
});

const vmProperties = z.strictObject({
  hardwareProfile: z
    .strictObject({ vmSize: z.string().optional(), vmSizeProperties: z.looseObject({}).optional() })
    .optional(),
  storageProfile: storageProfile.optional(),
  osProfile: osProfile.optional(),
  networkProfile: z.strictObject({ networkInterfaces: z.array(nicReference).optional() }).optional(),
  securityProfile: z
    .strictObject({
      securityType: z.enum(['Standard', 'TrustedLaunch', 'ConfidentialVM']).optional(),
      uefiSettings: z
        .strictObject({ secureBootEnabled: z.boolean().optional(), vTpmEnabled: z.boolean().optional() })
        .optional(),
      encryptionAtHost: z.boolean().optional(),
    })
    .optional(),
  diagnosticsProfile: z
    .strictObject({
      bootDiagnostics: z
        .strictObject({ enabled: z.boolean().optional(), storageUri: z.string().optional() })
        .optional(),
    })
    .optional(),
  additionalCapabilities: z
    .strictObject({ ultraSSDEnabled: z.boolean().optional(), hibernationEnabled: z.boolean().optional() })
    .optional(),
  priority: z.enum(['Regular', 'Low', 'Spot']).optional(),
  evictionPolicy: z.enum(['Deallocate', 'Delete']).optional(),
  billingProfile: z.strictObject({ maxPrice: z.number().optional() }).optional(),
  scheduledEventsProfile: z.looseObject({}).optional(),
  userData: z.string().optional(),
  provisioningState: readOnly,
  instanceView: readOnly,
  vmId: readOnly,
  timeCreated: readOnly,
});

const identity = z.strictObject({
  type: z.enum(['SystemAssigned', 'None']),
  principalId: readOnly,
  tenantId: readOnly,
});

export const vmBody = z.strictObject({
  ...envelope,
  zones: z.array(z.string()).optional(),
  identity: identity.optional(),
  resources: readOnly,
  managedBy: readOnly,
  properties: vmProperties,
});

/** PATCH of a VM: tags and size. */
export const vmPatchBody = z.strictObject({
  tags: z.record(z.string(), z.string()).optional(),
  properties: z
    .strictObject({
      hardwareProfile: z
        .strictObject({ vmSize: z.string(), vmSizeProperties: z.looseObject({}).optional() })
        .optional(),
    })
    .optional(),
});

export const diskBody = z.strictObject({
  ...envelope,
  sku: z.strictObject({ name: z.string(), tier: readOnly }).optional(),
  zones: z.array(z.string()).optional(),
  managedBy: readOnly,
  managedByExtended: readOnly,
  properties: z.strictObject({
    creationData: z.strictObject({ createOption: z.string(), sourceResourceId: z.string().optional() }),
    diskSizeGB: z.number().int().min(1).max(32_767).optional(),
    osType: z.enum(['Linux', 'Windows']).optional(),
    hyperVGeneration: z.enum(['V1', 'V2']).optional(),
    networkAccessPolicy: z.string().optional(),
    publicNetworkAccess: z.string().optional(),
    provisioningState: readOnly,
    diskState: readOnly,
    timeCreated: readOnly,
    uniqueId: readOnly,
    diskSizeBytes: readOnly,
    diskIOPSReadWrite: readOnly,
    diskMBpsReadWrite: readOnly,
    tier: readOnly,
    encryption: readOnly,
  }),
});

export const snapshotBody = z.strictObject({
  ...envelope,
  sku: z.strictObject({ name: z.string(), tier: readOnly }).optional(),
  managedBy: readOnly,
  properties: z.strictObject({
    creationData: z.strictObject({
      createOption: z.string(),
      sourceResourceId: z.string().optional(),
      sourceUniqueId: readOnly,
    }),
    incremental: z.boolean().optional(),
    networkAccessPolicy: z.string().optional(),
    publicNetworkAccess: z.string().optional(),
    osType: readOnly,
    hyperVGeneration: readOnly,
    diskSizeGB: readOnly,
    diskSizeBytes: readOnly,
    provisioningState: readOnly,
    diskState: readOnly,
    completionPercent: readOnly,
    timeCreated: readOnly,
    uniqueId: readOnly,
    encryption: readOnly,
  }),
});

export type VmBody = z.infer<typeof vmBody>;
export type VmPatchBody = z.infer<typeof vmPatchBody>;
export type SnapshotBody = z.infer<typeof snapshotBody>;
export type DiskBody = z.infer<typeof diskBody>;
export type OsDiskBody = z.infer<typeof osDiskSchema>;
export type DataDiskBody = z.infer<typeof dataDiskSchema>;
