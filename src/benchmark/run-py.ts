import type { Config } from '../config/schema.js';
import type { ClientOutput } from '../layers/io.js';

/** What the agent runs with, by argparse's destinations in run.py (WindowsAgentArena at 6d39ed8). */
export function agentSettings(config: Config): Readonly<Record<string, string>> {
  return {
    agent_name: config.agent.name,
    model: config.model.name,
    som_origin: config.agent.somOrigin,
    a11y_backend: config.agent.a11yBackend,
    max_steps: String(config.agent.maxSteps),
    // One worker in one: the queue is ours.
    worker_id: '0',
    num_workers: '1',
  };
}

/** Added on the worker by task.sh. */
const ADDED = ['test_all_meta_path', 'result_dir'] as const;

/** Every flag that an attempt relies on: run.py ignores those it does not know. */
export function runPyFlags(config: Config): readonly string[] {
  const names = [...Object.keys(agentSettings(config)), ...Object.keys(PLACE), ...ADDED];
  return names.map((name) => `--${name}`);
}

/** Flags that say where the agent works. */
const PLACE = {
  emulator_ip: (ready: ClientOutput) => ready.guestIp,
  screen_width: (ready: ClientOutput) => String(ready.screen.width),
  screen_height: (ready: ClientOutput) => String(ready.screen.height),
} as const;

/** Arguments of run.py. The task file and the results directory are added on the worker. */
export function runPyArguments(config: Config, ready: ClientOutput): readonly string[] {
  const place = Object.entries(PLACE).map(([name, of]) => [name, of(ready)] as const);
  return [...Object.entries(agentSettings(config)), ...place].flatMap(([name, value]) => [`--${name}`, value]);
}

/** A setting that run.py says it runs with, other than the one asked for. */
export interface IgnoredSetting {
  readonly flag: string;
  readonly wanted: string;
  /** `missing` when run.py has no such setting. */
  readonly used: string;
}

/**
 * Which settings did not take effect, by the line `Args: Namespace(...)` that run.py logs first. Undefined when the log has
 * no such line: then nothing is known. Pure.
 */
export function ignoredSettings(
  log: string,
  settings: Readonly<Record<string, string>>,
  agentSha256?: string,
): readonly IgnoredSetting[] | undefined {
  const [, list] = /Args: Namespace\((.*)\)/.exec(log) ?? [];
  if (list === undefined) return undefined;
  const used = new Map(
    [...list.matchAll(/(\w+)=(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,\s]+))/g)].map(
      ([, name = '', single, double, bare]) => [name, single ?? double ?? bare ?? ''] as const,
    ),
  );
  const agent = /^waa: agent ([0-9a-f]+)$/m.exec(log)?.[1] ?? "run.py's own";
  const another = agentSha256 !== undefined && agent !== agentSha256;
  const agents = another ? [{ flag: '--agent-dir', wanted: agentSha256, used: agent }] : [];
  return [
    ...agents,
    ...Object.entries(settings).flatMap(([name, wanted]): IgnoredSetting[] => {
      const value = used.get(name);
      return value === wanted ? [] : [{ flag: `--${name}`, wanted, used: value ?? 'missing' }];
    }),
  ];
}
