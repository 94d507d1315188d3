import { fail } from '../failures/waa-error.js';

/** VM names become Linux host names and prefixes of NIC and disk names; this leaves room for all of them. */
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const MAX_LENGTH = 24;
/** Azure refuses these as part of a name: https://learn.microsoft.com/azure/azure-resource-manager/templates/error-reserved-resource-name */
const RESERVED = ['microsoft', 'windows'];
/** More are more than one subnet, one key and one process are meant for. */
export const MAX_WORKERS = 100;

/** Names everything of a deployment begins with, so that a person sees in the portal whose it is. */
const PREFIX = 'waa-';

/** Checks a deployment name. Raises OWN_DEPLOYMENT_NAME_INVALID saying what is wrong with it. */
export function validateDeploymentName(name: string): string {
  const problem = nameProblem(name);
  if (problem !== undefined) throw fail('OWN_DEPLOYMENT_NAME_INVALID', { name, problem });
  return name;
}

/** What is wrong with a name that becomes part of names in Azure; undefined when nothing. */
export function nameProblem(name: string): string | undefined {
  if (name.length === 0) return 'it is empty';
  if (name.length > MAX_LENGTH) return `it has ${name.length} characters; ${MAX_LENGTH} are allowed`;
  if (!NAME.test(name)) return 'only a-z, 0-9 and single hyphens between them are allowed, beginning with a letter';
  const reserved = RESERVED.find((word) => name.includes(word));
  return reserved === undefined ? undefined : `Azure reserves the word '${reserved}'`;
}

/** The one resource group of a deployment. */
export function resourceGroupName(deployment: string): string {
  return `${PREFIX}${deployment}`;
}

/** `w0`, `w1`, ... for a pool of `count`. Raises USAGE when the count makes no sense. */
export function workerNames(count: number): readonly string[] {
  if (!Number.isInteger(count) || count < 1 || count > MAX_WORKERS) {
    throw fail('USAGE', {
      problem: `${count} is not a number of workers that a deployment can have`,
      hint: `Give a whole number from 1 to ${MAX_WORKERS}; those of --warm count.`,
    });
  }
  return Array.from({ length: count }, (_, index) => `w${index}`);
}

/** Name of the VM of a worker: `waa-demo-w0`. */
export function vmName(deployment: string, worker: string): string {
  return `${PREFIX}${deployment}-${worker}`;
}

/** The worker a VM name stands for, or undefined when the VM is not of this deployment. */
export function workerOfVm(deployment: string, vm: string): string | undefined {
  const worker = workerOfResource(deployment, vm);
  return worker !== undefined && vm === vmName(deployment, worker) ? worker : undefined;
}

/**
 * The worker that a VM, or what stands beside it, belongs to: everything is named after its VM, as `waa-demo-w3-nic`, and
 * the schedule as Azure wants it, `shutdown-computevm-waa-demo-w3`. Undefined for what workers share and for others' things.
 */
export function workerOfResource(deployment: string, resource: string): string | undefined {
  const name = resource.replace(/^shutdown-computevm-/, '');
  const prefix = vmName(deployment, '');
  return name.startsWith(prefix) ? /^(w\d+)(?:-|$)/.exec(name.slice(prefix.length))?.[1] : undefined;
}
