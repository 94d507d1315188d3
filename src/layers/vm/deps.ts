import type { ArmClient } from '../../clients/arm/arm.js';
import type { SshLinks } from '../../clients/ssh/ssh.js';
import type { HostTools } from '../../host/host-tools.js';
import type { HostAddress } from '../io.js';
import type { LayerContext } from '../layer.js';
import type { WorkerPlan } from '../worker-plan.js';

/** What both faces of the layer work with. */
export interface HostDeps {
  readonly links: SshLinks;
  readonly host: HostTools;
  readonly plan: WorkerPlan;
  /** True where software emulation instead of KVM was explicitly allowed. */
  readonly allowEmulation?: boolean;
}

/** What the layer works with when the host is an Azure VM. */
export interface VmLayerDeps extends HostDeps {
  readonly arm: ArmClient;
  /**
   * Sets an end to the VM's billing in Azure. Called as soon as Azure has taken the VM's creation, before it has power, and
   * before every start.
   */
  readonly guard: (ctx: Pick<LayerContext, 'clock' | 'retry' | 'deadline'>) => Promise<void>;
  /** Host scripts by file name, for first boot. */
  readonly bootScripts: () => Promise<ReadonlyMap<string, string>>;
}

/** Under this name the create operation is remembered. */
export const CREATE_TOKEN = 'vm-create';
/** LUN of the data disk on every VM we make. */
export const DATA_LUN = 0;
const SSH_PORT = 22;

/** How a VM with this public address is reached. */
export function addressOf(plan: WorkerPlan, publicIp: string): HostAddress {
  return { host: publicIp, port: SSH_PORT, user: plan.config.ssh.user };
}
