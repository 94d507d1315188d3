import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attemptRows } from '../../src/benchmark/report/model.js';
import type { QueueLine } from '../../src/benchmark/run-record.js';
import type { RunSummary } from '../../src/benchmark/summary.js';
import type { CliHome, CliOptions } from './cli.js';
import { runAndKill } from './kill-resume.js';

/** What a run came to: state and score of every task, and what its record says of attempts. */
export interface RunOutcome {
  readonly results: readonly string[];
  /** Tasks with more than one end that counts. */
  readonly doubled: readonly string[];
  readonly attempts: number;
  readonly kills: number;
}

const RUN = ['--lab', '--json', 'run'];

async function must(cli: CliHome, argv: readonly string[], options: CliOptions): Promise<void> {
  const { exitCode, stdout, stderr } = await cli.run(argv, options);
  if (exitCode !== 0) throw new Error(`${argv.join(' ')} ended with ${exitCode}:\n${stdout}\n${stderr.slice(-2000)}`);
}

/** Runs tasks in a lab that is up, uninterrupted. */
export async function runThrough(
  cli: CliHome,
  tasks: Readonly<Record<string, readonly string[]>>,
  options: CliOptions,
): Promise<RunOutcome> {
  await must(cli, [...RUN, '--tasks', tasksFile(cli, tasks)], options);
  return outcomeOf(cli, 0);
}

/** The same, but the controller is killed so many times with SIGKILL and continued each time, then left alone. */
export async function runWithKills(
  cli: CliHome,
  tasks: Readonly<Record<string, readonly string[]>>,
  kills: number,
  random: () => number,
  options: CliOptions,
): Promise<RunOutcome> {
  let killed = 0;
  for (let argv = [...RUN, '--tasks', tasksFile(cli, tasks)]; killed < kills; argv = [...RUN, '--resume']) {
    // Somewhere between the start of an attempt and a little after its end.
    const moment = { text: /\(attempt \d+\)/, afterMs: random() * 500 };
    const result = await runAndKill(cli, argv, moment, options);
    if (!result.killed) {
      if (result.exitCode === 0) return outcomeOf(cli, killed);
      throw new Error(`${argv.join(' ')} ended with ${result.exitCode}:\n${result.stdout}`);
    }
    killed += 1;
  }
  await must(cli, [...RUN, '--resume'], options);
  return outcomeOf(cli, killed);
}

function tasksFile(cli: CliHome, tasks: Readonly<Record<string, readonly string[]>>): string {
  writeFileSync(join(cli.cwd, 'tasks.json'), JSON.stringify(tasks));
  return 'tasks.json';
}

/** Of the newest run. */
function outcomeOf(cli: CliHome, kills: number): RunOutcome {
  const runs = join(cli.home, 'lab', 'home', 'runs');
  const id = readdirSync(runs).sort().at(-1) ?? '';
  const { summary } = JSON.parse(readFileSync(join(runs, id, 'results.json'), 'utf8')) as { summary: RunSummary };
  const lines = readFileSync(join(runs, id, 'queue.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as QueueLine);
  const ends = lines.filter((line) => line.type === 'finished').filter((line) => line.state !== 'infra_error');
  const names = ends.map((line) => line.task);
  return {
    results: summary.tasks.map(({ task, state, score }) => `${task} ${state} ${score ?? '-'}`),
    doubled: names.filter((name, index) => names.indexOf(name) !== index),
    attempts: attemptRows(lines).length,
    kills,
  };
}
