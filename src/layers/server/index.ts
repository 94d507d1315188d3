import type { ServerLayerDependencies } from './deps.js';
import type { ServerOutput, WindowsOutput } from '../io.js';
import type { Layer } from '../layer.js';
import { tryEvidence } from '../try-evidence.js';
import { checkServer } from './check.js';
import { provisionServer } from './provision.js';
import { recoverServer } from './recover.js';
import { watchServer } from './watch.js';

export type { ServerNeeds } from './needs.js';

/** The WAA server in Windows does all that a task needs of it (requirement A6). */
export function createServerLayer(dependencies: ServerLayerDependencies): Layer<WindowsOutput, ServerOutput> {
  return {
    id: 'server',
    milestones: ['waa_ready'],
    timeouts: dependencies.timeouts,
    check: (ctx, input) => checkServer(dependencies, ctx, input),
    provision: (ctx, input) => provisionServer(dependencies, ctx, input),
    recover: (ctx, input, fault) => recoverServer(dependencies, ctx, input, fault),
    watch: (ctx, input) => watchServer(dependencies, ctx, input),
    evidence: async (ctx, input) => [
      await tryEvidence('container log', async () =>
        (await dependencies.docker(input).logs(input.containerId, 50, ctx.deadline)).slice(-4000),
      ),
    ],
  };
}
