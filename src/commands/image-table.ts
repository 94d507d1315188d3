import type { ArgumentSpec, CommandSpec, OptionSpec } from './command.js';
import { name, workerOption, yes } from './common-options.js';

const image: ArgumentSpec = { syntax: '<image>', description: 'name of the golden image' };
const capture: readonly OptionSpec[] = [
  name,
  { flags: '--worker <worker>', description: 'whose disk is captured (default: the first)' },
  { flags: '--force', description: 'although tasks have run in its Windows, and results are not home' },
];

/**
 * Golden images: the disk of a worker with Docker's data and Windows in it, for workers to begin with. And the container image,
 * between a worker and a registry.
 */
export const imageCommands: readonly CommandSpec[] = [
  {
    name: 'image-create',
    summary: 'Capture the disk of a worker as a golden image; its deployment is paused by that',
    group: 'Images',
    arguments: [image],
    options: capture,
    examples: ['image-create win11', 'image-create win11 --name fresh --worker w2'],
    gate: 'resume',
    sweeps: true,
    load: () => import('./image-create.js'),
  },
  {
    name: 'image-refresh',
    summary: 'Capture a golden image anew; the old one stays until the new one is complete',
    group: 'Images',
    arguments: [image],
    options: capture,
    examples: ['image-refresh win11 --name fresh'],
    gate: 'resume',
    sweeps: true,
    load: () => import('./image-create.js'),
  },
  {
    name: 'image-list',
    summary: 'List golden images: region, size, apps, end of their Windows, who uses them',
    group: 'Images',
    gate: 'none',
    load: () => import('./image-list.js'),
  },
  {
    name: 'image-delete',
    summary: 'Delete a golden image and prove it; refused while a deployment uses it',
    group: 'Images',
    arguments: [image],
    options: [yes],
    gate: 'none',
    load: () => import('./image-delete.js'),
  },
  {
    name: 'image-push',
    summary: 'Push the container image of a worker to an Azure Container Registry, by your Azure login',
    group: 'Images',
    arguments: [{ syntax: '<reference>', description: 'its name there, e.g. myregistry.azurecr.io/waa-auto:1' }],
    options: [name, { flags: '--worker <worker>', description: 'that has it (default: the first)' }],
    examples: ['image-push myregistry.azurecr.io/waa-auto:2026.11'],
    gate: 'none',
    load: () => import('./image-push.js'),
  },
  {
    name: 'image-pull',
    summary: 'Pull a container image to the workers, by your Azure login where the registry is in Azure',
    group: 'Images',
    arguments: [{ syntax: '[reference]', description: 'default: image.fallback, else image.reference' }],
    options: [name, workerOption],
    examples: ['image-pull', 'image-pull myregistry.azurecr.io/waa-auto:2026.11 --worker w3'],
    gate: 'none',
    load: () => import('./image-pull.js'),
  },
];
