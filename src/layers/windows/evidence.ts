import type { Evidence } from '../../failures/waa-error.js';
import type { QemuOutput } from '../io.js';
import type { LayerContext } from '../layer.js';
import { tryEvidence } from '../try-evidence.js';
import type { WindowsTools } from './deps.js';
import { LIMITS } from './limits.js';
import { lookAtWindows } from './look.js';
import { plainLines } from '../../health/dockur-log.js';

const LOG_LINES = 100;

/** What the screen shows in numbers, disk traffic, marker, and the end of the log. What cannot be had says why. */
export async function collectEvidence(
  deps: WindowsTools,
  ctx: LayerContext,
  input: QemuOutput,
): Promise<readonly Evidence[]> {
  const { deadline } = ctx;
  return Promise.all([
    tryEvidence('Windows seen from outside', async () => {
      const view = await lookAtWindows(deps, ctx, input, deadline);
      if (view.preparing) return JSON.stringify(view.preparing);
      const { frame, traffic, storage, log } = view;
      const { phase, diskBoots, dvdBoots } = log;
      return JSON.stringify(
        { frame, traffic, storage, log: { phase, diskBoots, dvdBoots }, stallAfterMs: LIMITS.stallMs },
        null,
        2,
      );
    }),
    tryEvidence('container log', async () => {
      const engine = deps.engine(await deps.links.open(input.address, deadline));
      return plainLines(await engine.logs(input.containerId, LOG_LINES, deadline)).join('\n');
    }),
  ]);
}
