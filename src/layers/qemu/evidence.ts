import type { Evidence } from '../../failures/waa-error.js';
import { CONTAINER_NAME, winarenaPaths } from '../../health/winarena.js';
import type { DockerOutput } from '../io.js';
import type { LayerContext } from '../layer.js';
import { tryEvidence } from '../try-evidence.js';
import type { QemuLayerDeps } from './deps.js';

const LOG_LINES = 200;

/** The container's state and the end of its log, and what lies in the storage. What cannot be had says why. */
export async function collectEvidence(
  deps: QemuLayerDeps,
  ctx: LayerContext,
  input: DockerOutput,
): Promise<readonly Evidence[]> {
  const { deadline } = ctx;
  return Promise.all([
    tryEvidence('container', async () => {
      const engine = deps.engine(await deps.links.open(input.address, deadline));
      const container = await engine.inspectContainer(CONTAINER_NAME, deadline);
      return container ? JSON.stringify(container, null, 2) : 'no container';
    }),
    tryEvidence('container log', async () => {
      const engine = deps.engine(await deps.links.open(input.address, deadline));
      return engine.logs(CONTAINER_NAME, LOG_LINES, deadline);
    }),
    tryEvidence('Windows storage', async () => {
      const link = await deps.links.open(input.address, deadline);
      return JSON.stringify(await deps.host.storage(link, winarenaPaths(input.dataDirectory).storage, deadline));
    }),
  ]);
}
