import type { Clock } from '../clock/clock.js';
import type { Emit } from '../events/bus.js';
import { didYouMean } from '../failures/nearest.js';
import { asWaaError, fail, type FailureReport } from '../failures/waa-error.js';
import { Deadline, DeadlineExceeded } from '../health/deadline.js';
import type { Check, CheckOutcome } from './check.js';
import { couldNotRun } from './outcomes.js';
import { isCritical, summarise, type CheckResult, type PreflightReport } from './report.js';

/** Requirement P: all of it within 10 s. */
export const PREFLIGHT_BUDGET_MS = 10_000;
/** Repairs may take longer than looks: registering a resource provider needs a minute or two. */
const FIX_BUDGET_MS = 180_000;

export interface PreflightOptions<C> {
  readonly checks: readonly Check<C>[];
  readonly context: C;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Ids whose problems only warn. Raises USAGE for an id that no check has. */
  readonly ignore?: readonly string[];
  /** Every id there is, when `checks` is only a part of them. */
  readonly knownIds?: readonly string[];
  /** Repairs what is safe to repair, then checks that again. */
  readonly fix?: boolean;
  readonly budgetMs?: number;
  /** Ctrl-C. */
  readonly signal?: AbortSignal;
}

/**
 * Runs all checks side by side under one deadline. A check that throws or has no answer in time could not run; the
 * others are not touched by it. The order of the report is the order of `checks`. Raises USAGE for an unknown id to
 * ignore, and the signal's reason when a person ends it; never because of what a check found.
 */
export async function runPreflight<C>(options: PreflightOptions<C>): Promise<PreflightReport> {
  const { checks, clock, ignore = [], fix = false } = options;
  refuseUnknownIds(ignore, options.knownIds ?? checks.map((check) => check.id));
  const startedAt = clock.now();
  let results = await runAll(checks, options);
  if (fix) {
    const repaired = await repair(checks, results, options);
    const again = await runAll(
      checks.filter((check) => repaired.has(check.id)),
      options,
    );
    const byId = new Map(again.map((result) => [result.id, withFix(result, repaired.get(result.id))]));
    results = results.map((result) => byId.get(result.id) ?? result);
  }
  for (const result of results) {
    const { id, outcome, detail } = result;
    const level = outcome === 'pass' || outcome === 'skipped' ? 'info' : isCritical(result) ? 'error' : 'warn';
    options.emit('check.finished', { id, outcome, detail }, `${id}: ${detail}`, { level });
  }
  return summarise(results, clock.now() - startedAt);
}

async function runAll<C>(checks: readonly Check<C>[], options: PreflightOptions<C>): Promise<readonly CheckResult[]> {
  using deadline = Deadline.after(options.budgetMs ?? PREFLIGHT_BUDGET_MS, options.clock, options.signal);
  const results = await Promise.all(checks.map((check) => runOne(check, options, deadline)));
  options.signal?.throwIfAborted();
  return withoutEchoes(results);
}

/**
 * One cause, one problem: where several checks fail with the very same one (nobody is logged in), the first keeps it and
 * the others could not run.
 */
function withoutEchoes(results: readonly CheckResult[]): readonly CheckResult[] {
  const first = new Map<string, string>();
  return results.map((result) => {
    if (result.outcome !== 'problem' || !result.problem) return result;
    const cause = `${result.problem.code} ${result.detail}`;
    const before = first.get(cause);
    if (before === undefined) {
      first.set(cause, result.id);
      return result;
    }
    return { ...result, outcome: 'could-not-run', detail: `same problem as ${before}` };
  });
}

async function runOne<C>(check: Check<C>, options: PreflightOptions<C>, deadline: Deadline): Promise<CheckResult> {
  const startedAt = options.clock.now();
  const outcome = await look(check, options.context, deadline);
  const common = {
    id: check.id,
    title: check.title,
    requirement: check.requirement,
    outcome: outcome.outcome,
    severity: outcome.outcome === 'problem' ? (outcome.severity ?? check.severity) : check.severity,
    ignored: options.ignore?.includes(check.id) ?? false,
    durationMs: options.clock.now() - startedAt,
  };
  switch (outcome.outcome) {
    case 'pass':
      return { ...common, detail: outcome.detail, ...(outcome.facts === undefined ? {} : { facts: outcome.facts }) };
    case 'skipped':
      return { ...common, detail: outcome.detail };
    default:
      return { ...common, detail: outcome.problem.symptom, problem: mutable(outcome.problem) };
  }
}

/** The check's answer, or that it could not run; never throws. */
async function look<C>(check: Check<C>, context: C, deadline: Deadline): Promise<CheckOutcome> {
  try {
    return await deadline.race(Promise.resolve().then(() => check.run(context, deadline)));
  } catch (error) {
    const outOfTime = deadline.expired || error instanceof DeadlineExceeded;
    const seconds = Math.round(deadline.totalMs / 1000);
    const failure = outOfTime
      ? fail('OWN_CHECK_TIMEOUT', { id: check.id, seconds }, { cause: error })
      : asWaaError(error);
    return couldNotRun(failure);
  }
}

/** Runs the fix of every check that found a problem; returns what was done, or why not, by id. */
async function repair<C>(
  checks: readonly Check<C>[],
  results: readonly CheckResult[],
  options: PreflightOptions<C>,
): Promise<ReadonlyMap<string, string>> {
  using deadline = Deadline.after(FIX_BUDGET_MS, options.clock, options.signal);
  const done = new Map<string, string>();
  const broken = new Set(results.filter((result) => result.outcome === 'problem').map((result) => result.id));
  await Promise.all(
    checks.map(async (check) => {
      if (!check.fix || !broken.has(check.id)) return;
      try {
        const fixing = check.fix(options.context, deadline);
        done.set(check.id, await deadline.race(fixing));
      } catch (error) {
        options.signal?.throwIfAborted();
        done.set(check.id, `could not be repaired: ${asWaaError(error).message}`);
      }
    }),
  );
  return done;
}

function withFix(result: CheckResult, fixed: string | undefined): CheckResult {
  return fixed === undefined ? result : { ...result, fixed };
}

function refuseUnknownIds(ignore: readonly string[], known: readonly string[]): void {
  for (const id of ignore) {
    if (known.includes(id)) continue;
    const hint = didYouMean(id, known, 'waa preflight   (lists every check with its id)');
    throw fail('USAGE', { problem: `--ignore ${id}: there is no such check`, hint });
  }
}

/** The report in the mutable types that its schema gives. */
function mutable(report: FailureReport): NonNullable<CheckResult['problem']> {
  const { original, evidence, ...rest } = report;
  return {
    ...rest,
    fix: [...report.fix],
    params: { ...report.params },
    evidence: evidence.map((item) => ({ ...item })),
    ...(original === undefined ? {} : { original }),
  };
}
