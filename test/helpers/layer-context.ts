import type { Clock } from '../../src/clock/clock.js';
import { Deadline } from '../../src/health/deadline.js';
import type { LayerContext } from '../../src/layers/layer.js';
import { retryPolicies } from '../../src/retry/policies.js';
import { createRetrier } from '../../src/retry/retry.js';

export interface TestContext extends LayerContext {
  /** Phases reported so far. */
  readonly phases: readonly string[];
}

/** What the walk gives a layer, for one step of `budgetMs`. */
export function layerContext(clock: Clock, budgetMs: number, recoveryAttempt = 0): TestContext {
  const phases: string[] = [];
  return {
    clock,
    deadline: Deadline.after(budgetMs, clock),
    emit: () => undefined,
    retry: createRetrier({ clock, policies: retryPolicies, emit: () => undefined, random: () => 0 }),
    memory: { resumeToken: () => undefined, saveResumeToken: () => Promise.resolve() },
    worker: 'w0',
    recoveryAttempt,
    report: ({ phase }) => phases.push(phase),
    phases,
  };
}
