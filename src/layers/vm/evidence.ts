import type { SshLink } from '../../clients/ssh/ssh.js';
import { asWaaError, type Evidence } from '../../failures/waa-error.js';
import type { LayerContext } from '../layer.js';
import { addressOf, type HostDeps, type VmLayerDeps } from './deps.js';
import { findVm } from './find-vm.js';
import type { HostAddress } from '../io.js';

const MAX_TEXT = 8000;

/** Azure's view of the VM and the ends of the logs on it, as far as they can be reached. Never throws. */
export async function vmEvidence(deps: VmLayerDeps, ctx: LayerContext): Promise<readonly Evidence[]> {
  try {
    const vm = await findVm(deps, ctx);
    if (!vm) return [{ title: 'VM in Azure', text: 'does not exist' }];
    const view: Evidence = {
      title: 'VM in Azure',
      text: `${vm.size}, provisioning ${vm.provisioningState}, ${vm.power}, address ${vm.publicIp ?? 'none'}`,
    };
    if (vm.publicIp === undefined || vm.power !== 'running') return [view];
    return [view, ...(await hostEvidence(deps, ctx, addressOf(deps.plan, vm.publicIp)))];
  } catch (error) {
    return [{ title: 'VM in Azure', text: `could not be read: ${asWaaError(error).message}` }];
  }
}

/** The ends of the logs of a host. Never throws. */
export async function hostEvidence(
  deps: HostDeps,
  ctx: LayerContext,
  address: HostAddress,
): Promise<readonly Evidence[]> {
  try {
    const link: SshLink = await deps.links.open(address, ctx.deadline);
    const logs = await deps.host.hostLogs(link, ctx.deadline);
    return Object.entries(logs)
      .filter(([, text]) => text !== '')
      .map(([title, text]) => ({ title, text: text.slice(-MAX_TEXT) }));
  } catch (error) {
    return [{ title: 'logs of the host', text: `could not be read: ${asWaaError(error).message}` }];
  }
}
