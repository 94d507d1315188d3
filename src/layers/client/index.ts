import type { DockerEngine } from '../../clients/docker-engine/docker-engine.js';
import type { ModelClient } from '../../clients/model/model.js';
import type { SshLink } from '../../clients/ssh/ssh.js';
import type { Config } from '../../config/schema.js';
import type { Secret } from '../../config/secret.js';
import type { Deadline } from '../../health/deadline.js';
import type { TaskSupervisor } from '../../host/task-supervisor.js';
import type { ClientOutput, ServerOutput } from '../io.js';
import type { Layer, LayerTimeouts } from '../layer.js';
import { checkClient } from './check.js';
import { recoverClient } from './recover.js';

export interface ClientLayerDependencies {
  readonly timeouts: LayerTimeouts;
  readonly config: Config;
  /** Undefined leaves the model out of the check: nothing is going to run yet. */
  readonly apiKey: Secret | undefined;
  /** True when any chosen task downloads something. */
  readonly needsAssets: boolean;
  readonly model: ModelClient;
  readonly supervisor: TaskSupervisor;
  docker(input: ServerOutput): DockerEngine;
  link(input: ServerOutput, deadline: Deadline): Promise<SshLink>;
}

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
