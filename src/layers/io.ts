/** What each layer hands to the one above. Declared together, so that no layer imports another. */

/** How a worker is reached by SSH. */
export interface HostAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** This machine itself: commands run here, without SSH. */
  readonly local?: true | undefined;
}

/** What the azure layer proved. */
export interface AzureOutput {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly region: string;
  readonly subnetId: string;
  readonly nsgId: string;
  /** The address rule that lets us in, e.g. `203.0.113.7/32`. */
  readonly callerCidr: string;
}

/** What the vm layer proved: a Linux host with working KVM and a mounted data disk. */
export interface VmOutput {
  readonly address: HostAddress;
  /** Linux boot id: changes with every boot of the VM. */
  readonly bootId: string;
  readonly cpuCores: number;
  readonly memoryMb: number;
  readonly dataDirectory: string;
  /** `kvm`, or `tcg` where software emulation was explicitly allowed. */
  readonly acceleration: 'kvm' | 'tcg';
}

/** What the docker layer proved: a daemon with the image on the large disk. */
export interface DockerOutput extends VmOutput {
  /** Image reference to create the container from, with its digest. */
  readonly image: string;
  readonly imageId: string;
}

/** What the qemu layer proved: the one container, its QEMU alive. */
export interface QemuOutput extends DockerOutput {
  readonly containerId: string;
  readonly containerStartedAt: string;
  /** Guest address inside the container's network, discovered, never assumed. */
  readonly guestIp: string;
  /** dockur version from the banner, e.g. `6.05`. */
  readonly dockurVersion: string;
}

/** What the windows layer proved: an installed Windows showing a desktop. */
export interface WindowsOutput extends QemuOutput {
  /** ISO time at which its evaluation ends; absent where it is no evaluation. */
  readonly evaluationEnds?: string;
  /** Starts from disk since the container's start: changes with every start of Windows. */
  readonly diskBoots: number;
  readonly screen: { readonly width: number; readonly height: number };
}

/** What the server layer proved: the WAA server does what a task needs. */
export interface ServerOutput extends WindowsOutput {
  readonly apps: readonly string[];
}

/** What the client layer proved: run.py can start with this model. */
export interface ClientOutput extends ServerOutput {
  readonly clientRevision: string;
  readonly model: string;
}
