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
  if (wanted !== undefined) return chooseRun(paths, wanted);
  const left = await newestUnfinished(paths, (head) => deployment === undefined || head.deployment === deployment);
  return chooseRun(paths, left?.runId);
}

/** The newest run of this very experiment that is not finished: the same command line again goes on with it. */
export function unfinishedRun(paths: StatePaths, choice: RunChoice): Promise<RunSummary | undefined> {
  const wanted = { ...experimentOf(choice), conditions: { agent: agentConditions(choice.config) } };
  return newestUnfinished(paths, (head) => differenceOf(head, wanted) === undefined);
}

async function newestUnfinished(
  paths: StatePaths,
  isMeant: (head: RunHead) => boolean,
): Promise<RunSummary | undefined> {
  const index = shippedTaskIndex();
  const runs = (await listRuns(paths)).filter(({ head }) => isMeant(head));
  return runs.map(({ head, lines }) => summarise(head, lines, index)).find(({ complete }) => !complete);
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
