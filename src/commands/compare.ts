import { compareRuns, type Comparison, type PairedDifference } from '../benchmark/compare.js';
import { allDifferences, type RunDifference } from '../benchmark/experiment.js';
import { summarise } from '../benchmark/summary.js';
import { shippedTaskIndex } from '../benchmark/task-index.js';
import { fail } from '../failures/waa-error.js';
import { chooseRun } from '../operations/runs.js';
import { wrap } from '../output/paint/text.js';
import type { CommandHandler } from './command.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** `waa compare <run> <run>` */
export const handle: CommandHandler = async (call) => {
  const result = await withSession(call, {}, async (session) => {
    const [a, b] = await Promise.all([0, 1].map((at) => chooseRun(session.paths, call.args[at])));
    const index = shippedTaskIndex();
    if (!a || !b) throw fail('BUG', { what: 'compare without two runs' });
    const comparison = compareRuns(summarise(a.head, a.lines, index), summarise(b.head, b.lines, index));
    return { ...comparison, madeDifferently: allDifferences(a.head, b.head) };
  });
  return printResult(call, result, lines(result));
};

interface Compared extends Comparison {
  /** What else than the agent may have made the difference, or the agent itself. */
  readonly madeDifferently: readonly RunDifference[];
}

function lines(comparison: Compared): readonly string[] {
  const { all, tasks, madeDifferently } = comparison;
  const differing = tasks.filter((task) => task.a !== undefined && task.b !== undefined && task.a !== task.b);
  const left = [
    [comparison.onlyInA, 'only in A'],
    [comparison.onlyInB, 'only in B'],
    [comparison.notValidInBoth, 'not valid in both'],
  ].flatMap(([count, text]) => (count === 0 ? [] : [`${count ?? 0} ${text ?? ''}`]));
  return [
    `A  ${comparison.a}`,
    `B  ${comparison.b}`,
    ...madeDifferently.flatMap(({ what, a, b }) => wrap(`not alike in ${what}: A ${a}, B ${b}`, 80, '  ')),
    '',
    `${'B minus A'.padEnd(22)}${'pairs'.padStart(5)}${'A'.padStart(8)}${'B'.padStart(8)}${'diff'.padStart(8)}${'95 % interval'.padStart(18)}${'p'.padStart(8)}`,
    row('all tasks', all),
    row('without infeasible', comparison.feasible),
    ...Object.entries(comparison.domains).map(([name, group]) => row(name, group)),
    '',
    ...wrap(`A better in ${all.aBetter} tasks, B in ${all.bBetter}. ${judgement(comparison)}`, 80),
    ...(left.length === 0 ? [] : [`Left out: ${left.join(', ')}.`]),
    ...(differing.length === 0 ? [] : ['', 'Tasks that differ:']),
    ...differing.map((task) => `  ${task.task}  ${figure(task.a)} -> ${figure(task.b)}`),
  ];
}

/** What may be concluded, and what not. */
function judgement({ all, leastForProof }: Comparison): string {
  const differing = all.aBetter + all.bBetter;
  if (all.pairs === 0) return 'No task is valid in both runs: nothing can be said.';
  if (differing < leastForProof)
    return `With fewer than ${leastForProof} differing tasks no difference can be shown, whatever it is.`;
  const chance = `Chance alone splits ${differing} differing tasks so unevenly in ${(all.p * 100).toFixed(1)} % of cases`;
  return all.p < 0.05
    ? `${chance} (exact McNemar). One run each: tasks vary between runs of the same agent, too; --repeat shows how much.`
    : `${chance} (exact McNemar): no difference shown. That is no proof that there is none.`;
}

function row(name: string, group: PairedDifference): string {
  const interval = group.interval ? `${points(group.interval[0])} to ${points(group.interval[1])}` : '-';
  const share = (value: number | null): string => (value === null ? '-' : `${(value * 100).toFixed(1)} %`);
  const difference = group.difference === null ? '-' : points(group.difference);
  return (
    name.slice(0, 21).padEnd(22) +
    String(group.pairs).padStart(5) +
    [share(group.meanA), share(group.meanB), difference].map((cell) => cell.padStart(8)).join('') +
    interval.padStart(18) +
    group.p.toFixed(3).padStart(8)
  );
}

function points(value: number): string {
  return `${value > 0 ? '+' : ''}${(value * 100).toFixed(1)}`;
}

function figure(value: number | undefined): string {
  return value === undefined ? '-' : String(Number(value.toFixed(2)));
}
