import * as z from 'zod';
import { failureReport } from '../events/catalogue.js';

/** What one check came to. */
const checkResult = z.strictObject({
  id: z.string().describe('Stable; what --ignore names'),
  title: z.string(),
  requirement: z.string(),
  outcome: z.enum(['pass', 'problem', 'could-not-run', 'skipped']),
  severity: z.enum(['critical', 'warning']).describe('How bad a problem is; --ignore makes a critical one a warning'),
  ignored: z.boolean().describe('Named by --ignore'),
  detail: z.string(),
  problem: failureReport.optional(),
  fixed: z.string().optional().describe('What --fix did'),
  facts: z.unknown().optional().describe('What the check established'),
  durationMs: z.number().nonnegative(),
});
export type CheckResult = z.infer<typeof checkResult>;

/** The result of `waa preflight --json`, published as docs/schemas/preflight.schema.json. */
export const preflightReport = z.strictObject({
  v: z.literal(1),
  outcome: z.enum(['pass', 'warnings', 'critical']),
  exitCode: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  durationMs: z.number().nonnegative(),
  counts: z.strictObject({
    pass: z.number().int(),
    critical: z.number().int(),
    warning: z.number().int(),
    couldNotRun: z.number().int(),
    skipped: z.number().int(),
  }),
  checks: z.array(checkResult).describe('In the order of the stack'),
});
export type PreflightReport = z.infer<typeof preflightReport>;

/** The published JSON Schema of the report. */
export function preflightJsonSchema(): Readonly<Record<string, unknown>> {
  return { title: 'waa preflight --json: the result', ...z.toJSONSchema(preflightReport) };
}

/**
 * Sums up: a critical problem is 1; a warning, an ignored critical problem or a check that could not run is 2; else 0.
 * When every check that applied could not run, nothing at all was proven: 1. An ignored warning, or an
 * ignored check that could not run, does not count.
 */
export function summarise(checks: readonly CheckResult[], durationMs: number): PreflightReport {
  const count = (matches: (check: CheckResult) => boolean): number => checks.filter(matches).length;
  const counts = {
    pass: count((check) => check.outcome === 'pass'),
    critical: count(isCritical),
    warning: count((check) => check.outcome === 'problem' && !isCritical(check)),
    couldNotRun: count((check) => check.outcome === 'could-not-run'),
    skipped: count((check) => check.outcome === 'skipped'),
  };
  const applied = checks.filter((check) => check.outcome !== 'skipped');
  const blind = applied.some((check) => !check.ignored) && applied.every((check) => check.outcome === 'could-not-run');
  const doubts = applied.some(
    (check) =>
      check.outcome !== 'pass' && (!check.ignored || (check.outcome === 'problem' && check.severity === 'critical')),
  );
  const outcome = counts.critical > 0 || blind ? 'critical' : doubts ? 'warnings' : 'pass';
  const exitCode = ({ pass: 0, critical: 1, warnings: 2 } as const)[outcome];
  return { v: 1, outcome, exitCode, durationMs, counts, checks: [...checks] };
}

/** True for a problem that stops: critical and not ignored. */
export function isCritical(check: CheckResult): boolean {
  return check.outcome === 'problem' && check.severity === 'critical' && !check.ignored;
}
