/**
 * A run over the wire while the infrastructure breaks under some of its attempts: real SSH, Docker, QMP and HTTP clients
 * against the lab, the real walk mends what broke. Every task must end, none be lost or counted twice, and no failure of
 * the infrastructure be taken for a zero: the results are held against a run of the same tasks without faults. Prints when
 * each fault was noticed and when its worker was at work again, in lab time. Every limit is longer by the slack (real ms, times
 * the scale): as small as this machine bears it.
 *
 *   npm run bench:run-wire [-- --workers 4 --tasks 24 --faults 0.3 --seed 1 --scale 30 --slack 500]
 */
import { parseArgs } from 'node:util';
import { readRun } from '../src/benchmark/run-store.js';
import { stratified } from '../src/benchmark/select-tasks.js';
import { shippedTaskIndex } from '../src/benchmark/task-index.js';
import type { EventConsumer } from '../src/events/bus.js';
import type { Machine } from '../src/lab/world/contracts.js';
import { workerNames } from '../src/deployment/names.js';
import { Deadline } from '../src/health/deadline.js';
import { bringUp } from '../src/operations/bring-up.js';
import { prepareRecord } from '../src/operations/prepare-record.js';
import { runTasks } from '../src/operations/run-tasks.js';
import { withDeployment } from '../src/operations/with-deployment.js';
import { mulberry32 } from '../src/seeded-random.js';
import { median } from '../src/state/median.js';
import { startLabRig } from '../test/helpers/lab-session.js';
import { quotasFor } from './pool-quotas.js';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '4' },
    tasks: { type: 'string', default: '24' },
    faults: { type: 'string', default: '0.3' },
    seed: { type: 'string', default: '1' },
    scale: { type: 'string', default: '30' },
    slack: { type: 'string', default: '500' },
  },
});
const seed = Number(values.seed);
const tasks = stratified(shippedTaskIndex().tasks, Number(values.tasks), seed);
const workers = Number(values.workers);
const rig = await startLabRig({
  scale: Number(values.scale),
  slackRealMs: Number(values.slack),
  azure: { quotas: quotasFor(workers) },
});
const { faults } = rig.lab.world;

const qemuOf = (machine: Machine) => machine.docker.containers.find(({ name }) => name === 'winarena')?.process;

/** How a worker breaks under a task. */
const STRIKES: Readonly<Record<string, (machine: Machine) => void>> = {
  'container killed': (machine) => {
    machine.docker.kill('winarena');
  },
  'blue screen': (machine) => qemuOf(machine)?.ports.guest?.crash(),
  'server gone': (machine) => qemuOf(machine)?.ports.guest?.breakServer('refused'),
  'server answers 500': (machine) => qemuOf(machine)?.ports.guest?.breakServer('broken'),
  'docker stopped': (machine) => {
    machine.docker.stopDaemon();
  },
  'connection dropped': (machine) => {
    faults.arm({ id: 'vm-ssh-dropped', target: machine.spec.name });
  },
};

interface Struck {
  readonly how: string;
  readonly worker: string;
  readonly task: string;
  readonly at: number;
  noticedAt?: number;
  backAt?: number;
}

/** Strikes at the second step of the share of the attempts, each way in turn, and writes down what came of it. */
function striker(share: number, struck: Struck[]): EventConsumer {
  const random = mulberry32(seed);
  const doomed = new Map<string, string>();
  const ways = Object.keys(STRIKES);
  return {
    name: 'striker',
    consume(event) {
      const { worker = '', at } = event;
      if (event.type === 'task.started') {
        const back = struck.findLast((one) => one.worker === worker);
        if (back?.noticedAt !== undefined) back.backAt ??= at;
        if (random() < share) doomed.set(worker, event.data.task);
        else doomed.delete(worker);
      }
      if (event.type === 'task.progress' && event.data.step >= 2 && doomed.get(worker) === event.data.task) {
        doomed.delete(worker);
        const how = ways[struck.length % ways.length] ?? '';
        const machine = rig.lab.world.azure.findMachine(`waa-test-${worker}`);
        if (!machine) throw new Error(`there is no machine of ${worker}`);
        struck.push({ how, worker, task: event.data.task, at });
        // Brings the world to this moment.
        rig.lab.summary();
        STRIKES[how]?.(machine);
      }
      if (event.type === 'task.finished' && event.data.state === 'infra_error') {
        const hit = struck.findLast((one) => one.worker === worker && one.task === event.data.task);
        if (hit) hit.noticedAt ??= at;
      }
    },
  };
}

const seconds = (from: number | undefined, to: number | undefined): string =>
  from === undefined || to === undefined ? '-' : ((to - from) / 1000).toFixed(0);

try {
  const { session } = await rig.open();
  using deadline = Deadline.after(48 * 3_600_000, session.clock, session.signal);
  const { region, vmSize } = session.config.azure;
  await prepareRecord(session, 'test', { place: { region, vmSize, workers: [...workerNames(workers)] } });
  await withDeployment(session, { name: 'test', exclusive: true }, async (open) => {
    await bringUp(session, open, deadline);
    const request = { tasks, selection: { sources: [] } };
    const calm = await runTasks(session, open, { runId: 'calm', ...request });
    const struck: Struck[] = [];
    session.observe(striker(Number(values.faults), struck));
    const rough = await runTasks(session, open, { runId: 'rough', ...request });

    console.log(
      `${tasks.length} tasks, ${workers} workers, ${struck.length} faults; seconds of lab time at ${values.scale}x`,
    );
    console.log('fault                worker  noticed after  at work again after');
    for (const { how, worker, at, noticedAt, backAt } of struck)
      console.log(
        `${how.padEnd(20)} ${worker.padEnd(6)} ${seconds(at, noticedAt).padStart(14)} ${seconds(noticedAt, backAt).padStart(20)}`,
      );
    const noticed = struck.flatMap(({ at, noticedAt }) => (noticedAt === undefined ? [] : [(noticedAt - at) / 1000]));
    console.log(
      `noticed after ${median(noticed)?.toFixed(0) ?? '-'} s in the middle, ${Math.max(...noticed).toFixed(0)} s at most`,
    );

    const lines = (await readRun(session.paths.run('rough').directory))?.lines ?? [];
    const ends = lines.flatMap((line) => (line.type === 'finished' && line.state !== 'infra_error' ? [line.task] : []));
    const doubled = ends.length - new Set(ends).size;
    const unlike = rough.tasks.filter((task, index) => {
      const honest = calm.tasks[index];
      return task.state !== honest?.state || task.score !== honest.score;
    });
    const { pending, infra_error } = rough.states;
    console.log(
      `${unlike.length} results unlike those without faults, ${doubled} doubled, ${pending} without an end, ` +
        `${infra_error} given up, ${rough.infraFailures} attempts spoiled`,
    );
    for (const task of unlike) console.log(`  ${task.task} ${task.state} ${task.score ?? '-'}: ${task.reason}`);
    process.exitCode = unlike.length > infra_error || doubled + pending > 0 ? 1 : 0;
  });
  await session.close();
} finally {
  await rig.close();
}
