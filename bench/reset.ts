/**
 * What `--reset` costs a task, by mode: one worker in the lab, the same tasks in every mode, the time from the order to a
 * worker that is proven ready again. Slow lab time, so that this machine's own slowness does not count.
 *
 *   npm run bench:reset [-- --tasks 4 --scale 30 --seed 1]
 */
import { parseArgs } from 'node:util';
import { stratified } from '../src/benchmark/select-tasks.js';
import { shippedTaskIndex } from '../src/benchmark/task-index.js';
import type { Config } from '../src/config/schema.js';
import type { WaaEvent } from '../src/events/catalogue.js';
import { runTasks } from '../src/operations/run-tasks.js';
import { median } from '../src/state/median.js';
import { startLabRig } from '../test/helpers/lab-session.js';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '4' },
    scale: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
  },
});
/** golden first: its copy is taken of a Windows on which no task has run. */
const modes: readonly Config['benchmark']['reset'][] = ['golden', 'guest', 'close-all', 'none'];
const tasks = stratified(shippedTaskIndex().tasks, Number(values.tasks), Number(values.seed));
const rig = await startLabRig({ scale: Number(values.scale) });

/** Seconds between the end of a task and the start of the next one: everything a worker does not spend on tasks. */
function gapsIn(events: readonly WaaEvent[]): readonly number[] {
  const gaps: number[] = [];
  let endedAt: number | undefined;
  for (const event of events) {
    if (event.type === 'task.started' && endedAt !== undefined) gaps.push((event.at - endedAt) / 1000);
    if (event.type === 'task.started' || event.type === 'task.finished')
      endedAt = event.type === 'task.finished' ? event.at : undefined;
  }
  return gaps;
}

const shown = (seconds: readonly number[]): string =>
  seconds.length === 0
    ? '-'
    : `${median(seconds)?.toFixed(0) ?? '-'} (${Math.min(...seconds).toFixed(0)} to ${Math.max(...seconds).toFixed(0)})`;

try {
  const { error } = await rig.up(async (session, open, events) => {
    const disk = session.config.azure.dataDiskGb;
    console.log(
      `${tasks.length} tasks each, a data disk of ${disk} GB; seconds of lab time at ${values.scale}x: median (range)`,
    );
    console.log('mode       reset                 from task to task   the first, with the copy');
    for (const mode of modes) {
      const from = events.length;
      const config = { ...session.config, benchmark: { ...session.config.benchmark, reset: mode } };
      const summary = await runTasks({ ...session, config }, open, { runId: mode, tasks, selection: { sources: [] } });
      if (!summary.complete || summary.states.infra_error > 0) throw new Error(`the run with ${mode} did not go well`);
      const seen = events.slice(from);
      const resets = seen.flatMap((event) => (event.type === 'task.reset' ? [event.data.durationMs / 1000] : []));
      const [first, later] = mode === 'golden' ? [resets.slice(0, 1), resets.slice(1)] : [[], resets];
      console.log(`${mode.padEnd(10)} ${shown(later).padEnd(21)} ${shown(gapsIn(seen)).padEnd(19)} ${shown(first)}`);
    }
  });
  if (error instanceof Error) throw error;
} finally {
  await rig.close();
}
