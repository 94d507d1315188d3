import { agentConditions, differenceOf, experimentOf, type RunChoice } from '../benchmark/experiment.js';
import type { RunHead } from '../benchmark/run-record.js';
import { summarise, type RunSummary } from '../benchmark/summary.js';
import { shippedTaskIndex } from '../benchmark/task-index.js';
import type { ConfigFlag } from '../config/load.js';
import type { StatePaths } from '../state/paths.js';
import type { Tell } from '../tell.js';
import { chooseRun, readableRuns, type KnownRun } from './runs.js';

/**
 * The run that is continued: the one named, else the newest that is not finished, of `deployment` where one is given; else
 * the newest. A damaged record is the end for the run that is named (CLIENT_RUN_CORRUPT, OWN_STATE_*), any other one a note.
 * Raises OWN_RUN_UNKNOWN.
 */
export async function runToResume(
  paths: StatePaths,
  wanted: string | undefined,
  deployment: string | undefined,
  tell: Tell,
): Promise<KnownRun> {
  if (wanted !== undefined) return chooseRun(paths, wanted);
  const runs = await readableRuns(paths, tell);
  const isMeant = ({ head }: KnownRun): boolean => deployment === undefined || head.deployment === deployment;
  return runs.find((run) => isMeant(run) && !summaryOf(run).complete) ?? runs[0] ?? chooseRun(paths, undefined);
}

/**
 * The newest run of this very experiment that is not finished: the same command line again goes on with it. Damaged records
 * are told and passed over.
 */
export async function unfinishedRun(paths: StatePaths, choice: RunChoice, tell: Tell): Promise<RunSummary | undefined> {
  const wanted = { ...experimentOf(choice), conditions: { agent: agentConditions(choice.config) } };
  const runs = await readableRuns(paths, tell);
  return runs
    .filter(({ head }) => differenceOf(head, wanted) === undefined)
    .map(summaryOf)
    .find(({ complete }) => !complete);
}

const summaryOf = ({ head, lines }: KnownRun): RunSummary => summarise(head, lines, shippedTaskIndex());

/**
 * What a run was begun with, as flags that stand before those of its resume: a run is one experiment, which nobody has to
 * describe twice. Neither the model's address nor the agent's directory is in its record.
 */
export function settingsOfRun(head: RunHead): readonly ConfigFlag[] {
  const { agent, maxCostUsd } = head.conditions ?? {};
  const settings = {
    'model.provider': head.provider,
    'model.name': head.model,
    'agent.name': agent?.['name'],
    'agent.maxSteps': head.maxSteps,
    'agent.somOrigin': agent?.['somOrigin'],
    'agent.a11yBackend': agent?.['a11yBackend'],
    'benchmark.taskTimeoutS': head.taskTimeoutS,
    'benchmark.reset': head.reset,
    'benchmark.maxCostUsd': maxCostUsd,
  };
  return Object.entries(settings).map(([key, value]) => ({ flag: `the record of run ${head.runId}`, key, value }));
}
