import type { CommandSpec, GateName } from '../commands/command.js';
import { passGate } from '../preflight/gate.js';
import type { Session } from '../session.js';
import { findDeployment } from '../state/deployment.js';
import { checkContext, type CheckContext, type CheckRequest } from './check-context.js';
import { sessionOf } from './own-subscription.js';
import { allChecks, checksFor } from './preflight.js';

/** Checks that stand in front of what a command does. What exists already is proven by the layers, not here. */
export const gates: Readonly<Record<GateName, readonly string[]>> = {
  none: [],
  create: [
    'own-node',
    'own-state-home',
    'azure-login',
    'azure-providers',
    'azure-size',
    'azure-quota',
    'azure-security-type',
    'azure-disk-sizes',
    'azure-permissions',
    'azure-price',
    'azure-clock',
    'vm-ssh-key',
    'docker-image',
    'own-known-good',
  ],
  resume: ['own-state-home', 'azure-login', 'azure-clock', 'vm-ssh-key', 'windows-evaluation'],
  run: [
    'own-state-home',
    'own-disk',
    'azure-login',
    'azure-clock',
    'vm-ssh-key',
    'windows-evaluation',
    'client-model',
    'client-tasks',
  ],
};

export interface GateRequest extends CheckRequest {
  readonly ignore: readonly string[];
}

/**
 * Runs the gate a command declares, without the checks of Azure where the workers are hosts of the user's own; for a
 * deployment that exists in its own subscription. Raises OWN_GATE_REFUSED; warnings are told.
 */
export async function passCommandGate(session: Session, spec: CommandSpec, request: GateRequest): Promise<void> {
  const { clock, emit, paths, signal } = session;
  const known = request.deployment === undefined ? undefined : await findDeployment(paths, request.deployment);
  const applies = new Set(checksFor(request.hosts !== undefined).map((check) => check.id));
  // An image that is on the host already, or was built there, needs no registry: the docker layer finds out.
  const unneeded = request.hosts ? ['docker-image'] : [];
  const gate = gates[spec.gate].filter((id) => applies.has(id) && !unneeded.includes(id));
  await passGate<CheckContext>(gate, {
    command: spec.name,
    checks: allChecks,
    context: checkContext(known ? sessionOf(session, known) : session, request),
    clock,
    emit,
    ignore: request.ignore,
    signal,
  });
}
