import type { ArmClient, VmSpec } from '../../../src/clients/arm/arm.js';
import type { Clock } from '../../../src/clock/clock.js';
import type { WaaEvent } from '../../../src/events/catalogue.js';

/** A subscription to run the suite against: the lab's, or a real one that may be written to. */
export interface ArmTarget {
  readonly arm: ArmClient;
  readonly clock: Clock;
  readonly region: string;
  readonly vmSize: string;
  readonly sshPublicKey: string;
  /** A group name nobody uses. */
  readonly group: string;
  readonly events: readonly WaaEvent[];
  /** A second client of the same subscription, as another process would have it. */
  another(): ArmClient;
  close(): Promise<void>;
}

export function vmSpec(
  target: ArmTarget,
  network: { subnetId: string; nsgId: string },
  more: Partial<VmSpec> = {},
): VmSpec {
  return {
    resourceGroup: target.group,
    region: target.region,
    name: 'waa-contract-w0',
    size: target.vmSize,
    subnetId: network.subnetId,
    nsgId: network.nsgId,
    adminUser: 'azureuser',
    sshPublicKey: target.sshPublicKey,
    osDiskGb: 64,
    dataDiskGb: 128,
    customData: '#cloud-config\n{}\n',
    tags: { 'waa-deployment': 'contract' },
    spot: false,
    ...more,
  };
}
