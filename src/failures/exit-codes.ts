import type { FailureDefinition, FailureKind, FailureLayer } from './failure.js';

/** Exit codes that are not a layer's. A layer's are `tens of the layer + kind`. */
export const EXIT = {
  ok: 0,
  failure: 1,
  preflightWarnings: 2,
  gateRefused: 3,
  unhealthy: 4,
  usage: 64,
  bug: 70,
  interrupted: 130,
  terminated: 143,
} as const;

const LAYER_BASE: Readonly<Record<Exclude<FailureLayer, 'usage'>, number>> = {
  azure: 10,
  vm: 20,
  docker: 30,
  qemu: 40,
  windows: 50,
  server: 80,
  client: 90,
  own: 100,
};

const KIND_OFFSET: Readonly<Record<FailureKind, number>> = {
  error: 0,
  conflict: 1,
  timeout: 2,
  'not-running': 3,
  'not-found': 5,
  unsupported: 6,
  permission: 7,
  configuration: 8,
  quota: 9,
};

/** The exit code of a failure: its own, usage 64, bug 70, otherwise the grid of layer and kind. */
export function exitCodeOf(definition: Pick<FailureDefinition, 'layer' | 'kind' | 'disposition' | 'exitCode'>): number {
  if (definition.exitCode !== undefined) return definition.exitCode;
  if (definition.disposition === 'bug') return EXIT.bug;
  if (definition.layer === 'usage') return EXIT.usage;
  return LAYER_BASE[definition.layer] + KIND_OFFSET[definition.kind];
}
