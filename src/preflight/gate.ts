import { didYouMean } from '../failures/nearest.js';
import { fail } from '../failures/waa-error.js';
import type { Check } from './check.js';
import { isCritical, type PreflightReport } from './report.js';
import { runPreflight, type PreflightOptions } from './runner.js';

/**
 * Checks whose facts have types. `M` is an interface that maps the id of a check to the facts it establishes:
 * `interface CheckFacts { 'azure-login': AzureLogin; 'azure-quota': Quota }`.
 */
export type TypedCheck<C, M> = { [Id in keyof M & string]: Check<C, M[Id]> & { readonly id: Id } }[keyof M & string];

/** The facts of the checks of a gate; absent where a check did not apply, could not run, or found a mere warning. */
export type GateFacts<M, Id extends keyof M> = { readonly [K in Id]?: M[K] };

export interface GatePassed<M, Id extends keyof M> {
  readonly facts: GateFacts<M, Id>;
  /** Warnings are in here: print them, go on. */
  readonly report: PreflightReport;
}

export interface GateOptions<C, M> extends Omit<PreflightOptions<C>, 'checks' | 'knownIds'> {
  /** The command behind the gate, for the message. */
  readonly command: string;
  /** Every check there is. */
  readonly checks: readonly TypedCheck<C, M>[];
}

/**
 * Runs the checks a command declares as its gate. Raises OWN_GATE_REFUSED (exit 3), with every problem as evidence,
 * when one of them is critical and not ignored. A check that could not run does not refuse: the layers look again.
 * Ids to ignore that belong to checks outside this gate are accepted, so that one list serves every command.
 */
export async function passGate<C, M, const Id extends keyof M & string>(
  gate: readonly Id[],
  options: GateOptions<C, M>,
): Promise<GatePassed<M, Id>> {
  const { command, checks: all, ...rest } = options;
  const checks = selectChecks(gate, all);
  const report = await runPreflight<C>({ ...rest, checks, knownIds: all.map((check) => check.id) });
  const critical = report.checks.filter(isCritical);
  if (critical.length > 0) {
    const ids = critical.map((check) => check.id).join(' ');
    const problems = critical.map((check) => `${check.id}: ${check.detail}`).join('; ');
    const evidence = critical.map(({ id, problem }) => ({ title: id, text: describe(problem) }));
    throw fail('OWN_GATE_REFUSED', { command, count: critical.length, problems, ids }, { evidence });
  }
  const established = report.checks.filter((check) => check.facts !== undefined);
  const facts = Object.fromEntries(established.map((check) => [check.id, check.facts]));
  return { facts: facts as GateFacts<M, Id>, report };
}

/** The declared checks in their declared order. An id without a check is a bug of the command's declaration. */
export function selectChecks<C, M>(gate: readonly string[], all: readonly TypedCheck<C, M>[]): readonly Check<C>[] {
  return gate.map((id) => {
    const check = all.find((candidate) => candidate.id === id);
    if (check) return check;
    const hint = didYouMean(
      id,
      all.map((candidate) => candidate.id),
      'no check has a similar id',
    );
    throw fail('BUG', { what: `a gate names the check ${id}, which does not exist. ${hint}` });
  });
}

function describe(problem: { readonly symptom: string; readonly fix: readonly string[] } | undefined): string {
  return problem ? [problem.symptom, ...problem.fix.map((step) => `fix: ${step}`)].join('\n') : '';
}
