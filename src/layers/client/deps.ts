import type { DockerEngine } from '../../clients/docker-engine/docker-engine.js';
import type { ModelClient } from '../../clients/model/model.js';
import type { SshLink } from '../../clients/ssh/ssh.js';
import type { Config } from '../../config/schema.js';
import type { Secret } from '../../config/secret.js';
import type { Deadline } from '../../health/deadline.js';
import type { TaskSupervisor } from '../../host/task-supervisor.js';
import type { ServerOutput } from '../io.js';
import type { LayerTimeouts } from '../layer.js';

export interface ClientLayerDependencies {
  readonly timeouts: LayerTimeouts;
  readonly config: Config;
  /** Undefined leaves the model out of the check: nothing is going to run yet. */
  readonly apiKey: Secret | undefined;
  /** True when any chosen task downloads something. */
  readonly needsAssets: boolean;
  /** Flags of run.py that an attempt relies on. */
  readonly runPyFlags: readonly string[];
  readonly model: ModelClient;
  readonly supervisor: TaskSupervisor;
  docker(input: ServerOutput): DockerEngine;
  link(input: ServerOutput, deadline: Deadline): Promise<SshLink>;
}
