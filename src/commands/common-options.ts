import type { OptionSpec } from './command.js';

/** Options that several commands have. */
export const name: OptionSpec = {
  flags: '-n, --name <deployment>',
  description: 'deployment; default: the only one, else "default"',
};
export const yes: OptionSpec = { flags: '-y, --yes', description: 'do not ask' };
export const ignore: OptionSpec = {
  flags: '--ignore <id...>',
  description: 'treat these preflight checks as warnings',
};
export const region: OptionSpec = { flags: '--region <region>', description: 'Azure region, e.g. eastus' };
export const size: OptionSpec = {
  flags: '--size <size>',
  description: 'VM size with nested virtualization, e.g. Standard_D8ds_v5',
};
export const workerOption: OptionSpec = {
  flags: '--worker <worker...>',
  description: 'these workers only, e.g. w0; default: all of the deployment',
};

/** How many workers a deployment has, and where. */
export const POOL_OPTIONS: readonly OptionSpec[] = [
  { flags: '-w, --workers <count>', description: 'number of VMs (default 1)' },
  { flags: '--min-workers <count>', description: 'so many of them must be ready (default: all)' },
  { flags: '--warm <count>', description: 'so many more, made ready and deallocated: pool-scale takes them first' },
  { flags: '--spot', description: 'spot VMs: cheap, and Azure may take them back' },
  { flags: '--image <image>', description: 'begin with the disk of a golden image: nothing is installed' },
  { flags: '--zones', description: 'spread them over availability zones' },
];
