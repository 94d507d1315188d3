import type { DockerEngine } from '../../clients/docker-engine/docker-engine.js';
import type { WaaServer } from '../../clients/waa-server/waa-server.js';
import type { Deadline } from '../../health/deadline.js';
import type { WindowsOutput } from '../io.js';
import type { LayerTimeouts } from '../layer.js';
import type { ServerNeeds } from './needs.js';

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
