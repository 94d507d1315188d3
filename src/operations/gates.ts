import type { CommandSpec, GateName } from '../commands/command.js';
import { fail } from '../failures/waa-error.js';
import { isCritical } from '../preflight/report.js';
import { runPreflight } from '../preflight/runner.js';
import type { Session } from '../session.js';
import { checkContext, type CheckRequest } from './check-context.js';
import { allChecks } from './preflight.js';

/** Checks that stand in front of what a command does. What exists already is proven by the layers, not here. */
export const gates: Readonly<Record<GateName, readonly string[]>> = {
  none: [],
  create: [
    'own-node', 'own-state-home', 'azure-login', 'azure-providers', 'azure-size', 'azure-quota', 'azure-security-type',
    'azure-disk-sizes', 'azure-permissions', 'azure-price', 'vm-ssh-key', 'docker-image',
  ],
  resume: ['own-state-home', 'azure-login', 'vm-ssh-key'],
  run: ['own-state-home', 'own-disk', 'azure-login', 'vm-ssh-key', 'client-model', 'client-tasks'],
};

export interface GateRequest extends CheckRequest {
  readonly ignore: readonly string[];
}

/** Runs the gate a command declares. Raises OWN_GATE_REFUSED with every critical problem as evidence; warnings are told. */
export async function passCommandGate(session: Session, spec: CommandSpec, request: GateRequest): Promise<void> {
  const ids = gates[spec.gate];
  if (ids.length === 0) return;
  const { clock, emit, signal } = session;
  const report = await runPreflight({
    checks: allChecks.filter((check) => ids.includes(check.id)),
    context: checkContext(session, request),
    clock,
    emit,
    ignore: request.ignore,
    knownIds: allChecks.map((check) => check.id),
    signal,
  });
  const critical = report.checks.filter(isCritical);
  if (critical.length === 0) return;
  const evidence = critical.map(({ id, problem }) => ({
    title: id,
    text: [problem?.symptom ?? '', ...(problem?.fix ?? []).map((step) => `fix: ${step}`)].join('\n'),
  }));
  const problems = critical.map((check) => `${check.id}: ${check.detail}`).join('; ');
  throw fail('OWN_GATE_REFUSED', { command: spec.name, count: critical.length, problems, ids: critical.map((check) => check.id).join(' ') }, { evidence });
}
