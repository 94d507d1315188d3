/**
 * Evicts spot workers in the middle of a run, the first of them for good, and proves that every task is scored once.
 *
 *   npm run bench:evict [-- --workers 10 --evictions 3 --scale 300]
 */
import { parseArgs } from 'node:util';
import { startLabRig } from '../test/helpers/lab-session.js';
import { runWithEvictions } from '../test/helpers/pool.js';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '10' },
    evictions: { type: 'string', default: '3' },
    scale: { type: 'string', default: '300' },
  },
});
const [workers, evictions] = [Number(values.workers), Number(values.evictions)];
const began = performance.now();
const rig = await startLabRig({ scale: Number(values.scale) });
try {
  const { evicted, madeAnew, powerAfterwards, repeated, scored, summary, tasks } = await runWithEvictions(rig, {
    workers,
    evictions,
  });
  const twice = scored.length - new Set(scored).size;
  const running = powerAfterwards.filter((power) => power === 'running').length;
  console.log(`evicted     ${evicted.join(', ')}, of ${workers}`);
  console.log(`made anew   ${madeAnew.join(', ') || 'none'}; ${running} of ${workers} run afterwards`);
  console.log(
    `tasks       ${tasks.length}, scored ${scored.length}, of these twice ${twice}; tried again ${repeated.length}`,
  );
  console.log(`time        ${((performance.now() - began) / 1000).toFixed(1)} s at ${values.scale}x`);
  const isFine = summary.complete && twice === 0 && scored.length === tasks.length && evicted.length === evictions;
  process.exitCode = isFine && running === workers ? 0 : 1;
} finally {
  await rig.close();
}
