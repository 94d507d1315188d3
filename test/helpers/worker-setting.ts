import { createManualClock, type ManualClock } from '../../src/clock/manual-clock.js';
import { configSchema, type Config } from '../../src/config/schema.js';
import { buildWorkerPlan } from '../../src/deployment/plan.js';
import { Deadline } from '../../src/health/deadline.js';
import type { LayerContext, LayerMemory } from '../../src/layers/layer.js';
import type { WorkerPlan } from '../../src/layers/worker-plan.js';
import { retryPolicies } from '../../src/retry/policies.js';
import { createRetrier } from '../../src/retry/retry.js';
import { createRecordingBus, type RecordingBus } from './recording-bus.js';

/** Everything a layer is given, on a manual clock. */
export interface WorkerSetting {
  readonly clock: ManualClock;
  readonly bus: RecordingBus;
  readonly plan: WorkerPlan;
  readonly tokens: Map<string, string>;
  readonly memory: LayerMemory;
  context(recoveryAttempt?: number, budgetMs?: number): LayerContext;
}

export function createMemory(tokens = new Map<string, string>()): LayerMemory {
  return {
    resumeToken: (name) => tokens.get(name),
    saveResumeToken: (name, token) => {
      if (token === undefined) tokens.delete(name);
      else tokens.set(name, token);
      return Promise.resolve();
    },
  };
}

/** A plan for worker w0 of deployment `demo` and a context around it. */
export function createWorkerSetting(config: Config = configSchema.parse({})): WorkerSetting {
  const clock = createManualClock();
  const bus = createRecordingBus(clock);
  const tokens = new Map<string, string>();
  const memory = createMemory(tokens);
  const retry = createRetrier({ clock, policies: retryPolicies, emit: bus.emit, random: () => 0 });
  const plan = buildWorkerPlan({
    deployment: 'demo',
    worker: 'w0',
    owner: 'ada',
    config,
    sshPublicKey: 'ssh-ed25519 AAAA test',
    createdAtMs: clock.now(),
  });
  return {
    clock,
    bus,
    plan,
    tokens,
    memory,
    context: (recoveryAttempt = 0, budgetMs = 300_000) => ({
      clock,
      retry,
      memory,
      worker: 'w0',
      recoveryAttempt,
      deadline: Deadline.after(budgetMs, clock),
      emit: bus.emit,
      report: () => undefined,
    }),
  };
}
