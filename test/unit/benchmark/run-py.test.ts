import { describe, expect, it } from 'vitest';
import { agentSettings, ignoredSettings, runPyArguments, runPyFlags } from '../../../src/benchmark/run-py.js';
import { configSchema } from '../../../src/config/schema.js';
import { readyClient } from '../../helpers/ready-client.js';
import { readCorpus } from '../patterns/corpus.js';

const config = configSchema.parse({ model: { name: "o'model/4" }, agent: { maxSteps: 30, somOrigin: 'mixed-omni' } });
const upstream =
  "Args: Namespace(headless=False, action_space='pyautogui', screen_width=1440, max_steps=30, a11y_backend='uia', " +
  "agent_name='navi', som_origin='mixed-omni', model=\"o'model/4\", stop_token=None, emulator_ip='172.30.0.2', " +
  'worker_id=0, num_workers=1)';

describe('arguments of run.py', () => {
  it('carry every setting and where the agent works', () => {
    const args = runPyArguments(config, readyClient);
    const value = (name: string): string | undefined => args[args.indexOf(name) + 1];
    expect(value('--som_origin')).toBe('mixed-omni');
    expect(value('--max_steps')).toBe('30');
    expect(value('--screen_width')).toBe('1440');
    expect(value('--emulator_ip')).toBe('172.30.0.2');
    expect(runPyFlags(config)).toEqual(expect.arrayContaining(args.filter((_, index) => index % 2 === 0)));
  });
});

describe('whether they took effect', () => {
  const ignored = (log: string) => ignoredSettings(`\u001b[0m${log}\n`, agentSettings(config));

  it('all did', () => {
    expect(ignored(upstream)).toEqual([]);
  });

  it.each([
    ['max_steps=30', 'max_steps=15', { flag: '--max_steps', wanted: '30', used: '15' }],
    ["som_origin='mixed-omni'", "som_origin='oss'", { flag: '--som_origin', wanted: 'mixed-omni', used: 'oss' }],
    ["a11y_backend='uia', ", '', { flag: '--a11y_backend', wanted: 'uia', used: 'missing' }],
  ])('%s became "%s"', (from, to, found) => {
    expect(ignored(upstream.replace(from, to))).toEqual([found]);
  });

  it('a fork that renamed a flag is found out by its own log', () => {
    const log = readCorpus().find(({ id }) => id === 'neg-runpy-start')?.text ?? '';
    expect(ignored(log)).toContainEqual({ flag: '--agent_name', wanted: 'navi', used: 'missing' });
  });

  it('a log without the line says nothing', () => {
    expect(ignored('Waiting for the server to start...')).toBeUndefined();
  });
});
