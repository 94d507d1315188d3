import type { ClockOffset } from '../../health/clock-offset.js';
import type { Deadline } from '../../health/deadline.js';

export type Tags = Readonly<Record<string, string>>;

export interface Subscription {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly tenantId: string;
}

export interface Usage {
  /** Azure's name: `cores`, `standardDDSv5Family`, `PublicIPAddresses`. */
  readonly name: string;
  readonly current: number;
  readonly limit: number;
}

/** One role's worth of permissions, as ARM's action patterns (`*` matches any depth). */
export interface Permission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

export interface VmSku {
  readonly name: string;
  readonly family: string;
  readonly vCpus: number;
  readonly memoryGb: number;
  readonly zones: readonly string[];
  readonly hyperVGenerations: readonly string[];
  /** Empty when it can be used in the region; otherwise the reason codes, e.g. `NotAvailableForSubscription`. */
  readonly restrictions: readonly string[];
}

export interface ResourceGroup {
  readonly name: string;
  readonly region: string;
  readonly tags: Tags;
  readonly provisioningState: string;
}

export interface ResourceRef {
  readonly id: string;
  readonly name: string;
  /** e.g. `Microsoft.Compute/virtualMachines`. */
  readonly type: string;
  readonly tags: Tags;
}

export type StorageKind = 'disks' | 'snapshots' | 'images';

export interface StoredSize {
  readonly id: string;
  readonly kind: StorageKind;
  readonly gb: number;
}

/** A copy of a disk as it was at one moment. It stands on its own: disk and VM may go. */
export interface Snapshot {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly gb: number;
  readonly tags: Tags;
  /** `Succeeded`, and all of it is there: disks can be made from it. */
  readonly isComplete: boolean;
  readonly provisioningState: string;
}

export interface SnapshotSpec {
  readonly resourceGroup: string;
  readonly name: string;
  /** That of the disk. */
  readonly region: string;
  readonly tags: Tags;
  readonly diskId: string;
}

export type PowerState = 'starting' | 'running' | 'stopping' | 'stopped' | 'deallocating' | 'deallocated' | 'unknown';

export interface VirtualMachine {
  readonly id: string;
  readonly vmId: string;
  readonly name: string;
  readonly region: string;
  readonly size: string;
  readonly securityType: string | undefined;
  readonly provisioningState: string;
  readonly power: PowerState;
  readonly tags: Tags;
  readonly nicId: string | undefined;
  /** The managed disk with Docker's data and Windows. */
  readonly dataDiskId?: string | undefined;
  /** True when NIC, OS disk and every data disk are deleted with the VM. */
  readonly deletesWithVm: boolean;
  /** Public address of its primary NIC, when it has one. */
  readonly publicIp: string | undefined;
  readonly spot: boolean;
  /** Availability zone it is bound to; undefined when Azure chose. */
  readonly zone?: string | undefined;
  /** Epoch ms of its creation; undefined where Azure does not say. */
  readonly createdAtMs: number | undefined;
  /** Epoch ms at which Azure last finished changing it: of a deallocated VM, when its billing ended. */
  readonly changedAtMs: number | undefined;
}

export interface NetworkSpec {
  readonly resourceGroup: string;
  readonly region: string;
  readonly tags: Tags;
  /** The only source that may reach port 22, e.g. `203.0.113.7/32`. */
  readonly callerCidr: string;
}

export interface Network {
  readonly vnetId: string;
  readonly subnetId: string;
  readonly nsgId: string;
  /** Sources that may reach port 22 now. */
  readonly sshSources: readonly string[];
  /** What else is let in, in words: `5000 from *`. Empty on a network as we make it. */
  readonly otherInbound: readonly string[];
}

/** A VM as far as its public address is concerned. */
export interface AddressSpec {
  readonly resourceGroup: string;
  readonly region: string;
  /** Of the VM. */
  readonly name: string;
  readonly tags: Tags;
}

export interface VmSpec extends AddressSpec {
  readonly size: string;
  readonly subnetId: string;
  readonly nsgId: string;
  readonly adminUser: string;
  readonly sshPublicKey: string;
  readonly osDiskGb: number;
  readonly dataDiskGb: number;
  /** cloud-init user data in clear; the client encodes it. */
  readonly customData: string;
  readonly spot: boolean;
  /** Availability zone, e.g. `1`; without it Azure chooses. */
  readonly zone?: string | undefined;
  /** Reused disk that holds an installed Windows, instead of a new empty one. */
  readonly dataDiskId?: string;
  /** Snapshot that the data disk is made a copy of, instead of an empty one. */
  readonly dataSnapshotId?: string | undefined;
}

/**
 * A long-running ARM operation. `token` continues it from another process and is saved before waiting; it is opaque
 * and can be 10 KB long.
 */
export interface ArmOperation {
  readonly name: string;
  readonly token: string;
  /** Waits for the end. Raises the operation's failure with Azure's own code, or AZURE_OPERATION_TIMEOUT. */
  wait(deadline: Deadline): Promise<void>;
}

/**
 * Azure Resource Manager in the terms of a deployment. Every method raises AZURE_* failures translated from ARM's
 * error codes; none retries by itself. `undefined` means the resource does not exist.
 */
export interface ArmClient {
  /** The same login on another subscription, named by its id. Sends nothing. */
  within(subscriptionId: string): ArmClient;
  /** The subscription in use; proves the login. */
  subscription(deadline: Deadline): Promise<Subscription>;
  /** Azure's clock, by the `Date` of an answer. Raises AZURE_BAD_ANSWER when it has none. */
  clockOffset(deadline: Deadline): Promise<ClockOffset>;
  /** Registration state of a resource provider, e.g. `Registered`. */
  providerState(namespace: string, deadline: Deadline): Promise<string>;
  registerProvider(namespace: string, deadline: Deadline): Promise<void>;
  /** What the caller's roles allow in the subscription; an action is allowed when any one entry allows it. */
  permissions(deadline: Deadline): Promise<readonly Permission[]>;
  computeUsages(region: string, deadline: Deadline): Promise<readonly Usage[]>;
  networkUsages(region: string, deadline: Deadline): Promise<readonly Usage[]>;
  vmSkus(region: string, deadline: Deadline): Promise<readonly VmSku[]>;

  getResourceGroup(name: string, deadline: Deadline): Promise<ResourceGroup | undefined>;
  listResourceGroups(tagName: string, deadline: Deadline): Promise<readonly ResourceGroup[]>;
  /** Creates it or replaces its tags. */
  putResourceGroup(name: string, region: string, tags: Tags, deadline: Deadline): Promise<ResourceGroup>;
  deleteResourceGroup(name: string, deadline: Deadline): Promise<ArmOperation>;
  listResources(resourceGroup: string, deadline: Deadline): Promise<readonly ResourceRef[]>;
  /** Asks for the deletion of an interface, address, disk, snapshot or schedule; the listing tells when it is gone. */
  deleteResource(resource: ResourceRef, deadline: Deadline): Promise<void>;
  /** Every resource of the subscription that has a tag of this name, wherever it stands. */
  listTagged(tagName: string, deadline: Deadline): Promise<readonly ResourceRef[]>;
  /** Sizes of what is billed by the GB: disks always, snapshots and images when asked for. One request a kind. */
  listStorage(kinds: readonly StorageKind[], deadline: Deadline): Promise<readonly StoredSize[]>;

  getSnapshot(resourceGroup: string, name: string, deadline: Deadline): Promise<Snapshot | undefined>;
  /** Asks for a full snapshot of a disk; looking at it tells when it is complete. The same spec again changes nothing. */
  putSnapshot(spec: SnapshotSpec, deadline: Deadline): Promise<void>;

  /** VNet, subnet and NSG of a deployment as they are. */
  getNetwork(resourceGroup: string, deadline: Deadline): Promise<Network | undefined>;
  /** Creates or corrects them and waits; idempotent. */
  putNetwork(spec: NetworkSpec, deadline: Deadline): Promise<Network>;

  /** Creates the public address of a VM that shall be made, when it is missing; needs nothing but the group. */
  putPublicAddress(spec: AddressSpec, deadline: Deadline): Promise<void>;

  getVm(resourceGroup: string, name: string, deadline: Deadline): Promise<VirtualMachine | undefined>;
  listVms(resourceGroup: string, deadline: Deadline): Promise<readonly VirtualMachine[]>;
  /** Creates public IP and NIC when missing, then begins the VM. Same spec again continues or repairs it. */
  beginCreateVm(spec: VmSpec, deadline: Deadline): Promise<ArmOperation>;
  beginStartVm(resourceGroup: string, name: string, deadline: Deadline): Promise<ArmOperation>;
  beginDeallocateVm(resourceGroup: string, name: string, deadline: Deadline): Promise<ArmOperation>;
  beginRestartVm(resourceGroup: string, name: string, deadline: Deadline): Promise<ArmOperation>;
  beginDeleteVm(resourceGroup: string, name: string, deadline: Deadline): Promise<ArmOperation>;
  /** Continues an operation of another process. A token of a forgotten operation raises AZURE_OPERATION_LOST. */
  resumeOperation(token: string, deadline: Deadline): Promise<ArmOperation>;

  /** Microsoft.DevTestLab/schedules `shutdown-computevm-<vm>`: a once-a-day deallocation at `HHMM` UTC. */
  putShutdownSchedule(
    resourceGroup: string,
    vmName: string,
    region: string,
    timeUtc: string,
    tags: Tags,
    deadline: Deadline,
  ): Promise<void>;
  getShutdownSchedule(resourceGroup: string, vmName: string, deadline: Deadline): Promise<string | undefined>;
}
