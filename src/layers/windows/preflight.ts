import { fail } from '../../failures/waa-error.js';
import { daysUntil } from '../../health/evaluation.js';
import type { Check, CheckOutcome } from '../../preflight/check.js';
import { problem } from '../../preflight/outcomes.js';

/** A worker's Windows, as it was last seen. */
export interface EvaluatedWindows {
  readonly deployment: string;
  readonly worker: string;
  /** ISO time at which its evaluation ends. */
  readonly ends: string;
}

/** What the checks of the layer `windows` look at. */
export interface WindowsCheckContext {
  /** Of the deployment that is asked about, or of all that are known here. */
  evaluations(): Promise<readonly EvaluatedWindows[]>;
  /** Lab or real time, epoch ms. */
  now(): number;
}

/** A run of all tasks, and the pause of a fortnight that a pool may have, still fit before the end. */
const WARN_DAYS = 14;

/** Requirement P15: Windows is an evaluation of ninety days. */
const evaluation: Check<WindowsCheckContext> = {
  id: 'windows-evaluation',
  title: 'Windows evaluation',
  requirement: 'P15',
  severity: 'warning',
  async run({ evaluations, now }): Promise<CheckOutcome> {
    const all = [...(await evaluations())].sort((a, b) => a.ends.localeCompare(b.ends));
    const [first] = all;
    if (!first) return { outcome: 'skipped', detail: 'no installed Windows is known here' };
    const days = daysUntil(Date.parse(first.ends), now());
    const until = first.ends.slice(0, 10);
    if (days >= WARN_DAYS) return { outcome: 'pass', detail: `valid until ${until} at least (${days} days)` };
    const { deployment, worker } = first;
    const code = days < 0 ? 'WINDOWS_EVALUATION_OVER' : 'WINDOWS_EVALUATION_ENDS';
    return problem(fail(code, { deployment, worker, until, days }));
  },
};

/** Checks of the layer `windows` that need no worker. */
export const windowsChecks: readonly Check<WindowsCheckContext>[] = [evaluation];
