import type { Config } from '../config/schema.js';
import type { Secret } from '../config/secret.js';
import { keyVariables } from '../config/model-key.js';
import type { ClientOutput } from '../layers/io.js';
import type { TaskStart } from '../host/task-supervisor.js';
import type { AgentBundle } from './agent-directory.js';
import { runPyArguments } from './run-py.js';
import { taskName, type Task } from './task-index.js';

/** One try of one task. `id` names its folder here and on the worker. */
export interface Attempt {
  readonly id: string;
  readonly task: Task;
  /** 1 for the first try. */
  readonly number: number;
}

/** The `number`th try of a task. */
export function attemptOf(task: Task, number: number): Attempt {
  return { id: attemptIdOf(taskName(task), number), task, number };
}

/** Name of an attempt's folder, from the task's name (`domain/id`, repetitions `domain/id#2`). */
export function attemptIdOf(name: string, number: number): string {
  return `${name.replace('/', '.').replace('#', '.r')}.${number}`;
}

/** Environment of run.py: the key and, where it is not the usual one, the address of the model. */
export function agentEnvironment(config: Config, apiKey: Secret): Readonly<Record<string, string>> {
  const { provider, endpoint } = config.model;
  const addressVariable = {
    openai: 'OPENAI_BASE_URL',
    'azure-openai': 'AZURE_ENDPOINT',
    anthropic: 'ANTHROPIC_BASE_URL',
  }[provider];
  return {
    [keyVariables[provider][0]]: apiKey.reveal(),
    ...(endpoint === undefined ? {} : { [addressVariable]: endpoint }),
  };
}

/** Everything the worker needs to start an attempt. */
export function taskStart(
  run: string,
  attempt: Attempt,
  config: Config,
  ready: ClientOutput,
  apiKey: Secret,
  container: string,
  agent: AgentBundle | undefined,
): TaskStart {
  return {
    dataDirectory: ready.dataDirectory,
    run,
    attempt: attempt.id,
    container,
    domain: attempt.task.domain,
    taskId: attempt.task.id,
    limitS: config.benchmark.taskTimeoutS,
    launch: agent?.sha256 ?? (config.model.provider === 'azure-openai' ? 'azure' : '-'),
    runPyArgs: runPyArguments(config, ready),
    secretEnv: agentEnvironment(config, apiKey),
  };
}
