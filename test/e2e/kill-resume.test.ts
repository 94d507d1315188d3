import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab } from '../../src/lab/lab.js';
import { publishLab } from '../../src/lab/lab-handle.js';
import { realisticDurations } from '../../src/lab/world/durations.js';
import { createCliHome, type CliHome } from '../helpers/cli.js';
import {
  anomaliesOf,
  booksOf,
  journalOf,
  listThroughArm,
  remembersOperation,
  runAndKill,
} from '../helpers/kill-resume.js';
import { mulberry32 } from '../../src/seeded-random.js';

const SCALE = 600;
const SLACK_MS = 6000;
const env = { WAA_LAB_SCALE: String(SCALE), WAA_LAB_SLACK_MS: String(SLACK_MS) };
const UP = ['--lab', '--json', 'up', '--yes'];
/** Twelve real seconds are two lab hours: the auto-pause would fall into a test of a minute. */
const LONG_LEASE = 'azure:\n  autoPauseHours: 24\n  idlePauseMinutes: 0\n';

async function succeed(cli: CliHome, argv: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await cli.run(argv, { env });
  expect(exitCode, `${stdout}\n${stderr.slice(-3000)}`).toBe(0);
}

describe('a deployment whose controller is killed with SIGKILL again and again', { shuffle: false }, () => {
  const KILLS = 25;
  const random = mulberry32(25);
  let cli: CliHome;
  beforeAll(() => {
    cli = createCliHome();
    writeFileSync(join(cli.cwd, 'waa.yaml'), LONG_LEASE);
  });
  afterAll(() => cli.dispose());

  it('up: 25 kills at random moments, then --resume ends ready with one of everything', async () => {
    let killed = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      // Most fall into the walk, which begins later on a busy machine; the others anywhere since the process began.
      const moment = kill % 3 === 0 ? { afterMs: random() * 1200 } : { text: 'begins', afterMs: random() * 900 };
      const argv = kill % 2 === 0 ? UP : [...UP, '--resume'];
      if ((await runAndKill(cli, argv, moment, { env })).killed) killed += 1;
    }
    expect(killed).toBeGreaterThan(KILLS / 2);
    await succeed(cli, [...UP, '--resume']);
    expect(await anomaliesOf(cli)).toEqual([]);
  }, 120_000);

  it('run: the same command again keeps what is finished and attaches to the attempt that was running', async () => {
    const tasks = { clock: CLOCK_TASKS };
    writeFileSync(join(cli.cwd, 'tasks.json'), JSON.stringify(tasks));
    const second = /\(attempt 1\)[^]*\(attempt 1\)/;
    const command = ['--lab', '--json', 'run', '--tasks', 'tasks.json'];
    const first = await runAndKill(cli, command, { text: second, afterMs: random() * 300 }, { env });
    expect(first.killed).toBe(true);
    const before = queueOf(cli);
    await succeed(cli, command);
    const after = queueOf(cli);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(before.some((line) => line.type === 'finished')).toBe(true);
    for (const task of CLOCK_TASKS) {
      const lines = after.filter((line) => line.task === `clock/${task}` && line.type !== 'renewed');
      expect(lines.map(({ type, attempt }) => `${type} ${attempt}`)).toEqual(['started 1', 'finished 1']);
      expect(lines[1]?.state).not.toBe('infra_error');
    }
  }, 60_000);

  it('pool-pause: repeated, it ends deallocated with Windows shut down cleanly', async () => {
    await runAndKill(cli, ['--lab', '--json', 'pool-pause'], { text: 'begins', afterMs: random() * 2500 }, { env });
    const { exitCode, stdout } = await cli.run(['--lab', '--json', 'pool-pause'], { env });
    // Killed after its last note, the first one had done it all.
    if (exitCode !== 0) expect(stdout).toContain('OWN_POOL_PAUSED');
    expect(await countOf(cli, 'deallocate')).toBe(1);
    // Killed while Windows was on its way down, the first one could not say so any more, and the second found it off.
    const found = (await journalOf(cli)).flatMap((event) =>
      event.type === 'log' && event.data.component === 'windows' ? [event.text] : [],
    );
    expect(['Windows is shut down cleanly', 'Windows was off']).toContain(found.at(-1));
  }, 60_000);

  it('pool-resume: repeated, it ends ready with the same VM and container', async () => {
    await runAndKill(cli, ['--lab', '--json', 'pool-resume'], { text: 'begins', afterMs: random() * 1500 }, { env });
    await succeed(cli, ['--lab', '--json', 'pool-resume']);
    expect(await countOf(cli, 'start')).toBe(1);
    expect(await countOf(cli, 'create')).toBe(1);
    expect((await booksOf(cli)).containers).toMatchObject([{ name: 'winarena', state: 'running' }]);
  }, 60_000);

  it('image-create: killed while it copies the disk and repeated, it ends with one image, which is deleted whole', async () => {
    const create = ['--lab', '--json', 'image-create', 'golden', '--force'];
    // From here on it takes less than a tenth of a second: on a busy machine it may be over when it is killed.
    const first = await runAndKill(cli, create, { text: 'copying the data disk', afterMs: 0 }, { env });
    expect(first.killed || first.exitCode === 0, first.stderr.slice(-3000)).toBe(true);
    const { exitCode, stdout } = await cli.run(create, { env });
    // Killed after its last note, or not at all, the first one had done it all.
    if (exitCode !== 0) expect(stdout).toContain('OWN_IMAGE_EXISTS');
    const copies = async () =>
      (await listThroughArm(cli)).filter((row) => row.startsWith('Microsoft.Compute/snapshots'));
    expect(await copies()).toHaveLength(1);
    await succeed(cli, ['--lab', '--json', 'image-delete', 'golden', '--yes']);
    expect(await copies()).toEqual([]);
  }, 60_000);

  it('down: repeated, it ends with nothing listed', async () => {
    await runAndKill(cli, ['--lab', '--json', 'down', '--yes'], { text: 'begins', afterMs: random() * 1000 }, { env });
    const { exitCode, stdout } = await cli.run(['--lab', '--json', 'down', '--yes'], { env });
    // Killed after the last file was removed, the first one had done it all.
    if (exitCode !== 0) expect(stdout).toContain('OWN_DEPLOYMENT_NOT_FOUND');
    expect(await listThroughArm(cli)).toEqual([]);
  }, 60_000);
});

describe('a creation that is still running when up is resumed', () => {
  it('is continued, not begun again', async () => {
    const minutes = (count: number) => ({ minMs: count * 60_000, maxMs: count * 60_000 });
    const cli = createCliHome();
    const lab = await startLab({
      pid: process.pid,
      scale: SCALE,
      slackRealMs: SLACK_MS,
      durations: { ...realisticDurations, 'azure.vm.create': minutes(60) },
    });
    try {
      await publishLab(join(cli.home, 'lab'), lab.endpoints);
      const begun = { until: () => remembersOperation(cli), afterMs: 0 };
      const first = await runAndKill(cli, UP, begun, { env });
      expect(first.killed).toBe(true);
      await succeed(cli, [...UP, '--resume']);
      const states = (await journalOf(cli)).flatMap((event) =>
        event.type === 'arm.operation' && event.data.name === 'create vm waa-default-w0' ? [event.data.state] : [],
      );
      expect(states).toContain('resumed');
      expect(states.lastIndexOf('started')).toBeLessThan(states.indexOf('resumed'));
      expect(await anomaliesOf(cli)).toEqual([]);
    } finally {
      await cli.dispose();
      await lab.stopped;
    }
  }, 90_000);
});

/** Tasks of one domain of the shipped easy_20.json. */
const CLOCK_TASKS = [
  '02F10F89-7171-4D37-8550-A00BA8930CDF-WOS',
  '02F10F89-7171-4D37-8550-A00BA8930CDF-2-WOS',
  '91A30BE9-0E11-4374-8D43-41D4D097080A-WOS',
];

interface QueueLine {
  readonly type: string;
  readonly task: string;
  readonly attempt: number;
  readonly state?: string;
}

/** The queue of the only run. */
function queueOf(cli: CliHome): readonly QueueLine[] {
  const runs = join(cli.home, 'lab', 'home', 'runs');
  const [run = ''] = readdirSync(runs);
  const text = readFileSync(join(runs, run, 'queue.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as QueueLine);
}

/** How often the VM was created, started or deallocated. */
async function countOf(cli: CliHome, kind: string): Promise<number> {
  const { operations } = await booksOf(cli);
  return operations.find((one) => one.kind === kind && one.name === 'waa-default-w0')?.count ?? 0;
}
