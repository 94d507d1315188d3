import type { ConfigFlag } from '../config/load.js';
import type { OptionSpec, RawOptions } from './command.js';
import { textOption } from './input.js';

interface RunFlag extends OptionSpec {
  /** camelCase name, as commander gives it. */
  readonly option: string;
  readonly key: string;
}

/** Flags of `waa run` that set a key of the configuration for this run. */
const flags: readonly RunFlag[] = [
  { option: 'model', key: 'model.name', flags: '--model <name>', description: 'model the agent uses' },
  { option: 'agent', key: 'agent.name', flags: '--agent <name>', description: "agent of WAA's client, e.g. navi" },
  {
    option: 'agentDir',
    key: 'agent.directory',
    flags: '--agent-dir <path>',
    description: 'directory with an agent of your own (agent.py)',
  },
  { option: 'maxSteps', key: 'agent.maxSteps', flags: '--max-steps <count>', description: 'actions a task may take' },
  {
    option: 'somOrigin',
    key: 'agent.somOrigin',
    flags: '--som-origin <kind>',
    description: 'where the marks on the screen come from',
    choices: ['oss', 'a11y', 'mixed-oss', 'omni', 'mixed-omni'],
  },
  {
    option: 'a11yBackend',
    key: 'agent.a11yBackend',
    flags: '--a11y-backend <kind>',
    description: 'how the accessibility tree is read: uia is right, win32 is fast',
    choices: ['uia', 'win32'],
  },
  {
    option: 'reset',
    key: 'benchmark.reset',
    flags: '--reset <mode>',
    description: 'before each task: close-all windows, reboot the guest, or restore the golden disk',
    choices: ['none', 'close-all', 'guest', 'golden'],
  },
  {
    option: 'screenshots',
    key: 'benchmark.keepScreenshots',
    flags: '--screenshots <keep|drop>',
    description: 'what becomes of step pictures once they are home',
    choices: ['keep', 'drop'],
  },
];

/** The same for the help and the parser. */
export const RUN_FLAGS: readonly OptionSpec[] = flags.map(({ option: _option, key: _key, ...spec }) => spec);

/** What was given of them, as the configuration wants it. */
export function runFlags(options: RawOptions): readonly ConfigFlag[] {
  return flags.map(({ option, key, flags: text }) => {
    const given = textOption(options, option);
    const value = option === 'screenshots' && given !== undefined ? given === 'keep' : given;
    return { flag: text.split(' ')[0] ?? text, key, value };
  });
}
