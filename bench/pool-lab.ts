/** The lab of `bench:pool`, a process of its own so that the tool's memory and CPU time are counted alone. */
import { startLab } from '../src/lab/lab.js';
import { realisticDurations, type Durations } from '../src/lab/world/durations.js';
import { quotasFor } from './pool-quotas.js';

const [scale = '60', workers = '100', slackMs = '5000', spread = 'false'] = process.argv.slice(2);
/** Everything takes as long for every worker, so that what many workers take longer is the tool's own doing. */
const middle = Object.fromEntries(
  Object.entries(realisticDurations).map(([name, { minMs, maxMs }]) => {
    const ms = (minMs + maxMs) / 2;
    return [name, { minMs: ms, maxMs: ms }];
  }),
) as unknown as Durations;
const lab = await startLab({
  pid: process.pid,
  scale: Number(scale),
  slackRealMs: Number(slackMs),
  azure: { quotas: quotasFor(Number(workers)) },
  ...(spread === 'true' ? {} : { durations: middle }),
});
process.send?.(lab.endpoints);
process.once('disconnect', () => {
  process.exit(0);
});
