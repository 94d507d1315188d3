import type { ClientLayerDependencies } from './deps.js';
import type { ClientOutput, ServerOutput } from '../io.js';
import type { Layer } from '../layer.js';
import { checkClient } from './check.js';
import { recoverClient } from './recover.js';

/** run.py can start a task with this model and leave its results (requirement A7). */
export function createClientLayer(dependencies: ClientLayerDependencies): Layer<ServerOutput, ClientOutput> {
  return {
    id: 'client',
    milestones: [],
    timeouts: dependencies.timeouts,
    check: (ctx, input) => checkClient(dependencies, ctx, input),
    async provision(ctx, input) {
      await dependencies.supervisor.prepare(
        await dependencies.link(input, ctx.deadline),
        input.dataDirectory,
        ctx.deadline,
      );
    },
    recover: (ctx, input, fault) => recoverClient(dependencies, ctx, input, fault),
  };
}
