import type { Disk, Machine } from '../contracts.js';
import type { ArmErrorBody } from './arm-error.js';
import type { DeleteOption, Tags } from './bodies/common.js';
import type { VmBody } from './bodies/compute.js';
import type {
  IpConfigurationProperties,
  NicBody,
  PublicIpBody,
  SecurityRuleProperties,
  SubnetProperties,
  VnetBody,
} from './bodies/network.js';
import type { PlatformImage } from './images.js';
import type { RunningOperation } from './operations.js';

export type ProvisioningState = 'Creating' | 'Updating' | 'Succeeded' | 'Failed' | 'Deleting';

export interface ResourceGroup {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  tags: Tags;
  provisioningState: 'Succeeded' | 'Deleting';
}

interface TrackedResource<Type extends string> {
  readonly type: Type;
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly location: string;
  /** `resourceGuid`, `vmId` or `uniqueId`, by type. */
  readonly guid: string;
  readonly createdAt: number;
  changedAt: number;
  /** Goes up with each write; the etag. */
  revision: number;
  tags: Tags;
  provisioningState: ProvisioningState;
  /** The operation at work on it. */
  operation: RunningOperation | undefined;
}

export interface SecurityRule {
  readonly name: string;
  readonly properties: SecurityRuleProperties;
}

export interface NetworkSecurityGroup extends TrackedResource<'Microsoft.Network/networkSecurityGroups'> {
  rules: readonly SecurityRule[];
}

export interface Subnet {
  readonly name: string;
  readonly properties: SubnetProperties;
}

export interface VirtualNetwork extends TrackedResource<'Microsoft.Network/virtualNetworks'> {
  addressSpace: readonly string[];
  dhcpOptions: VnetBody['properties']['dhcpOptions'];
  subnets: readonly Subnet[];
}

export interface PublicIp extends TrackedResource<'Microsoft.Network/publicIPAddresses'> {
  readonly address: string;
  readonly zones: readonly string[] | undefined;
  properties: NonNullable<PublicIpBody['properties']>;
}

export interface IpConfiguration {
  readonly name: string;
  readonly privateAddress: string;
  readonly properties: IpConfigurationProperties;
}

export interface NetworkInterface extends TrackedResource<'Microsoft.Network/networkInterfaces'> {
  readonly macAddress: string;
  properties: NicBody['properties'];
  ipConfigurations: readonly IpConfiguration[];
  /** Id of the VM that uses it. */
  attachedTo: string | undefined;
  /** After its VM is gone it stays reserved for that VM for a while. */
  reserved: { readonly vmId: string; readonly untilMs: number } | undefined;
}

export interface ManagedDisk extends TrackedResource<'Microsoft.Compute/disks'> {
  sku: string;
  readonly zones: readonly string[] | undefined;
  readonly creation: { readonly createOption: string; readonly imageReference?: string; readonly sourceId?: string };
  readonly osType: 'Linux' | 'Windows' | undefined;
  readonly generation: 'V1' | 'V2' | undefined;
  /** Security type of the VM it was made for, for an OS disk. */
  readonly securityType: SecurityType | undefined;
  /** The contents; its `sizeGb` is the size. */
  readonly contents: Disk;
  managedBy: string | undefined;
}

export interface Snapshot extends TrackedResource<'Microsoft.Compute/snapshots'> {
  sku: string;
  readonly incremental: boolean;
  /** The disk it was taken of, which may be gone. */
  readonly sourceId: string;
  readonly sourceGuid: string;
  readonly osType: ManagedDisk['osType'];
  readonly generation: ManagedDisk['generation'];
  readonly contents: Disk;
}

export type SecurityType = 'Standard' | 'TrustedLaunch' | 'ConfidentialVM';

export type VmPower = 'starting' | 'running' | 'stopping' | 'stopped' | 'deallocating' | 'deallocated';

export interface AttachedDisk {
  readonly diskId: string;
  readonly name: string;
  readonly lun: number;
  readonly caching: 'None' | 'ReadOnly' | 'ReadWrite';
  readonly createOption: 'FromImage' | 'Empty' | 'Attach' | 'Copy';
  readonly deleteOption: DeleteOption;
}

export interface AttachedNic {
  readonly id: string;
  readonly primary: boolean | undefined;
  readonly deleteOption: DeleteOption;
}

export interface VirtualMachine extends TrackedResource<'Microsoft.Compute/virtualMachines'> {
  size: string;
  readonly zones: readonly string[] | undefined;
  readonly priority: 'Regular' | 'Spot';
  readonly evictionPolicy: 'Deallocate' | 'Delete' | undefined;
  readonly maxPrice: number | undefined;
  readonly securityType: SecurityType;
  readonly image: PlatformImage | undefined;
  /** What the client sent last: echoed, secrets left out by the wire. */
  body: VmBody['properties'];
  readonly identityPrincipal: string | undefined;
  readonly customData: string;
  readonly adminUser: string;
  readonly sshPublicKeys: readonly string[];
  readonly osDisk: AttachedDisk;
  dataDisks: readonly AttachedDisk[];
  nics: readonly AttachedNic[];
  /** Undefined until Azure has found a place for it. */
  power: VmPower | undefined;
  /** Holds cores: from acceptance until deallocated. */
  allocated: boolean;
  generalized: boolean;
  /** Why the last creation failed. */
  failure: ArmErrorBody | undefined;
  succeededAt: number | undefined;
  machine: Machine | undefined;
}

export interface Schedule extends TrackedResource<'Microsoft.DevTestLab/schedules'> {
  properties: ScheduleProperties;
  /** Cancels the next firing. */
  cancel: () => void;
}

export interface ScheduleProperties {
  readonly status: 'Enabled' | 'Disabled';
  readonly taskType: 'ComputeVmShutdownTask';
  /** `HHMM`. */
  readonly time: string;
  readonly timeZoneId: string;
  readonly targetResourceId: string;
  readonly notificationSettings: Readonly<Record<string, unknown>> | undefined;
}

export type Resource =
  | NetworkSecurityGroup
  | VirtualNetwork
  | PublicIp
  | NetworkInterface
  | ManagedDisk
  | Snapshot
  | VirtualMachine
  | Schedule;

export type ResourceType = Resource['type'];
export type ResourceOf<Type extends ResourceType> = Extract<Resource, { readonly type: Type }>;
