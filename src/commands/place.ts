import { hostText } from '../deployment/hosts.js';
import type { DeploymentRecord } from '../state/deployment.js';

/** Where a deployment is, in words. */
export function placeOf({ hosts, vmSize, region }: DeploymentRecord): string {
  return hosts ? hosts.addresses.map(hostText).join(', ') : `${vmSize} in ${region}`;
}
