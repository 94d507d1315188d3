import type { DockerEngine } from '../../clients/docker-engine/docker-engine.js';
import type { WaaServer } from '../../clients/waa-server/waa-server.js';
import type { Deadline } from '../../health/deadline.js';
import type { ServerOutput, WindowsOutput } from '../io.js';
import type { Layer, LayerTimeouts } from '../layer.js';
import { checkServer } from './check.js';
import type { ServerNeeds } from './needs.js';
import { provisionServer } from './provision.js';
import { recoverServer } from './recover.js';

export { appFiles, type ServerNeeds } from './needs.js';

export interface ServerLayerDependencies {
  readonly timeouts: LayerTimeouts;
  readonly needs: ServerNeeds;
  server(input: WindowsOutput): WaaServer;
  docker(input: WindowsOutput): DockerEngine;
  /** True for a frame that shows nothing. */
  isBlack(png: Uint8Array): boolean;
  /** QMP `system_reset`: Windows starts anew, the disk stays. */
  resetGuest(input: WindowsOutput, deadline: Deadline): Promise<void>;
  /** Bytes that Windows has written to its disk (QMP `query-blockstats`): tells an installation from a standstill. */
  writtenBytes(input: WindowsOutput, deadline: Deadline): Promise<number>;
}

/** The WAA server in Windows does all that a task needs of it (requirement A6). */
export function createServerLayer(dependencies: ServerLayerDependencies): Layer<WindowsOutput, ServerOutput> {
  return {
    id: 'server',
    milestones: ['waa_ready'],
    timeouts: dependencies.timeouts,
    check: (ctx, input) => checkServer(dependencies, ctx, input),
    provision: (ctx, input) => provisionServer(dependencies, ctx, input),
    recover: (ctx, input, fault) => recoverServer(dependencies, ctx, input, fault),
    async evidence(ctx, input) {
      try {
        const log = await dependencies.docker(input).logs(input.containerId, 50, ctx.deadline);
        return [{ title: 'container log', text: log.slice(-4000) }];
      } catch (error) {
        return [
          {
            title: 'container log',
            text: `could not be read: ${error instanceof Error ? error.message : String(error)}`,
          },
        ];
      }
    },
  };
}
