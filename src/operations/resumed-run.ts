import { agentConditions, differenceOf, experimentOf, type RunChoice } from '../benchmark/experiment.js';
import type { RunHead } from '../benchmark/run-record.js';
import { summarise, type RunSummary } from '../benchmark/summary.js';
import { shippedTaskIndex } from '../benchmark/task-index.js';
import type { ConfigFlag } from '../config/load.js';
import type { StatePaths } from '../state/paths.js';
import { chooseRun, listRuns, type KnownRun } from './runs.js';

/**
 * The run that is continued: the one named, else the newest that is not finished, of `deployment` where one is given; else
 * the newest. Raises OWN_RUN_UNKNOWN.
 */
export async function runToResume(
  paths: StatePaths,
  wanted: string | undefined,
  deployment: string | undefined,
): Promise<KnownRun> {
  return chooseRun(paths, wanted ?? (await latestUnfinished(paths, deployment)));
}

async function latestUnfinished(paths: StatePaths, deployment: string | undefined): Promise<string | undefined> {
  const index = shippedTaskIndex();
  const runs = await listRuns(paths);
  const own = runs.filter(({ head }) => deployment === undefined || head.deployment === deployment);
  return own.find(({ head, lines }) => !summarise(head, lines, index).complete)?.id;
}

/** The newest run of this very experiment that is not finished: the same command line again goes on with it. */
export async function unfinishedRun(paths: StatePaths, choice: RunChoice): Promise<RunSummary | undefined> {
  const wanted = { ...experimentOf(choice), conditions: { agent: agentConditions(choice.config) } };
  const index = shippedTaskIndex();
  const same = (await listRuns(paths)).filter(({ head }) => differenceOf(head, wanted) === undefined);
  return same.map(({ head, lines }) => summarise(head, lines, index)).find(({ complete }) => !complete);
}

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
