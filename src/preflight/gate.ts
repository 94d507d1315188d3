import { didYouMean } from '../failures/nearest.js';
import { fail } from '../failures/waa-error.js';
import type { Check } from './check.js';
import { isCritical, type PreflightReport } from './report.js';
import { runPreflight, type PreflightOptions } from './runner.js';

export interface GateOptions<C> extends Omit<PreflightOptions<C>, 'knownIds'> {
  /** The command behind the gate, for the message. */
  readonly command: string;
}

/**
 * Runs the checks a command declares as its gate, out of `checks`, which are all there are. Raises OWN_GATE_REFUSED (exit
 * 3), with every problem as evidence, when one of them is critical and not ignored. A check that could not run does not
 * refuse: the layers look again. Ids to ignore that belong to checks outside this gate are accepted, so that one list
 * serves every command. Returns what was seen, warnings among it.
 */
export async function passGate<C>(gate: readonly string[], options: GateOptions<C>): Promise<PreflightReport> {
  const { command, checks: all, ...rest } = options;
  const checks = selectChecks(gate, all);
  const report = await runPreflight<C>({ ...rest, checks, knownIds: all.map((check) => check.id) });
  const critical = report.checks.filter(isCritical);
  if (critical.length === 0) return report;
  const ids = critical.map((check) => check.id).join(' ');
  const problems = critical.map((check) => `${check.id}: ${check.detail}`).join('; ');
  const evidence = critical.map(({ id, problem }) => ({ title: id, text: describe(problem) }));
  throw fail('OWN_GATE_REFUSED', { command, count: critical.length, problems, ids }, { evidence });
}

/** The declared checks in their declared order. An id without a check is a bug of the command's declaration. */
function selectChecks<C>(gate: readonly string[], all: readonly Check<C>[]): readonly Check<C>[] {
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
