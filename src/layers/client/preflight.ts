import type { ModelClient } from '../../clients/model/model.js';
import { keyVariables, modelKey, modelTarget } from '../../config/model-key.js';
import type { Config } from '../../config/schema.js';
import { counted } from '../../counted.js';
import { asWaaError, fail } from '../../failures/waa-error.js';
import type { Check, CheckOutcome } from '../../preflight/check.js';
import { couldNotRun, problem } from '../../preflight/outcomes.js';

/** What the user's selection came to; `notes`: what a task file names twice. */
export interface ChosenTasks {
  readonly tasks: number;
  readonly domains: number;
  readonly notes: readonly string[];
}

/** What the checks of the client layer look at. */
export interface ClientPreflightContext {
  readonly config: Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly model: ModelClient;
  /** Resolves what the user asked for; raises CLIENT_TASK_*. Undefined when the command runs no tasks. */
  readonly chooseTasks: (() => Promise<ChosenTasks>) | undefined;
  /** The nearest of some names. */
  readonly nearest: (wanted: string, candidates: readonly string[]) => string | undefined;
}

/** P10: key set, model known (nearest match offered), one call of the exact model. */
const modelCheck: Check<ClientPreflightContext> = {
  id: 'client-model',
  title: 'Model answers with your key',
  requirement: 'P10',
  severity: 'critical',
  async run({ config, environment, model, nearest }, deadline): Promise<CheckOutcome> {
    const provider = config.model.provider;
    const key = modelKey(config, environment);
    if (!key) return problem(fail('CLIENT_KEY_MISSING', { variable: keyVariables[provider][0], provider }));
    const target = modelTarget(config);
    try {
      const answered = await model.probe(target, key.reveal(), deadline);
      return { outcome: 'pass', detail: `${provider} answers as ${answered}`, facts: { model: answered } };
    } catch (error) {
      if (deadline.signal.aborted && !deadline.expired) throw error;
      const failure = asWaaError(error);
      if (failure.code === 'CLIENT_MODEL_UNKNOWN') {
        const known = await model.listModels(target, key.reveal(), deadline).catch(() => []);
        return problem(
          fail('CLIENT_MODEL_UNKNOWN', {
            provider,
            model: target.model,
            nearest: nearest(target.model, known) ?? 'none',
          }),
        );
      }
      return failure.disposition === 'transient' ? couldNotRun(failure) : problem(failure);
    }
  },
};

/** P11: the task file or selection is valid, every name known. */
const tasksCheck: Check<ClientPreflightContext> = {
  id: 'client-tasks',
  title: 'Tasks are valid',
  requirement: 'P11',
  severity: 'critical',
  async run({ chooseTasks }): Promise<CheckOutcome> {
    if (!chooseTasks) return { outcome: 'skipped', detail: 'no tasks were asked for' };
    try {
      const { tasks, domains, notes } = await chooseTasks();
      const counts = `${counted(tasks, 'task')} in ${counted(domains, 'domain')}`;
      return {
        outcome: 'pass',
        detail: [counts, ...notes].join('; '),
        facts: { tasks },
      };
    } catch (error) {
      return problem(asWaaError(error));
    }
  },
};

/** The checks of the client layer. */
export const clientChecks: readonly Check<ClientPreflightContext>[] = [modelCheck, tasksCheck];
