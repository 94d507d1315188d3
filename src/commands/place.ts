import { hostText } from '../deployment/hosts.js';
import type { DeploymentRecord } from '../state/deployment.js';

/** Where a deployment is, in words. */
export function placeOf({ hosts, vmSize, region, spot, zones }: DeploymentRecord): string {
  if (hosts) return hosts.addresses.map(hostText).join(', ');
  const where = zones === undefined ? region : `${region}, zones ${zones.join(', ')}`;
  return `${spot === true ? 'spot ' : ''}${vmSize} in ${where}`;
}
