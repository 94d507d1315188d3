/** Names of what stands beside a VM. One network a resource group; everything else is named after its VM. */
export const NETWORK_NAMES = {
  vnet: 'waa-vnet',
  subnet: 'workers',
  nsg: 'waa-nsg',
  sshRule: 'waa-ssh-from-caller',
} as const;

export interface VmResourceNames {
  readonly nic: string;
  readonly publicIp: string;
  readonly osDisk: string;
  readonly dataDisk: string;
}

/** Names of the resources of one VM. */
export function vmResourceNames(vmName: string): VmResourceNames {
  return { nic: `${vmName}-nic`, publicIp: `${vmName}-ip`, osDisk: `${vmName}-os`, dataDisk: `${vmName}-data` };
}

/** The name Azure demands of a VM's shutdown schedule. */
export function shutdownScheduleName(vmName: string): string {
  return `shutdown-computevm-${vmName}`;
}

/** The last segment of an ARM id. */
export function nameOfId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** The resource group in an ARM id; ids differ in case between providers. */
export function groupOfId(id: string): string | undefined {
  return /\/resourcegroups\/([^/]+)/i.exec(id)?.[1];
}
