import { describe, expect, it } from 'vitest';
import { readCorpus } from '../patterns/corpus.js';
import { parseScore, verdict, type AttemptTrace } from '../../../src/benchmark/scoring.js';

const clean =
  '\u001b[1;33m[2026-01-01 00:00:00,000 \u001b[31mINFO \u001b[32mrun/1-MainProcess\u001b[1;33m] \u001b[0mResult: 0.00\n';
const trace = (overrides: Partial<AttemptTrace>): AttemptTrace => ({
  outcome: 'finished',
  exitCode: 0,
  result: undefined,
  trajectory: '',
  log: clean,
  feasible: true,
  foreign: undefined,
  withheld: undefined,
  ...overrides,
});

describe('the truth table', () => {
  it.each<[string, Partial<AttemptTrace>, string, number | null]>([
    ['a numeric result', { result: '1.0\n' }, 'scored', 1],
    ['a partial result', { result: '0.5\n' }, 'scored', 0.5],
    ['an honest zero', { result: '0.0\n' }, 'scored', 0],
    ['a bool that is true', { result: 'True' }, 'scored', 1],
    ['a bool that is false', { result: 'False' }, 'scored', 0],
    ['a full score beside a taint', { result: '1.0', log: 'Failed to activate window' }, 'scored', 1],
    [
      'a zero beside an evaluator exception',
      { result: '0.0', log: 'An unexpected error occurred: list index' },
      'eval_error',
      null,
    ],
    ['a result that is no number', { result: 'nan' }, 'eval_error', null],
    [
      'a crash record',
      { trajectory: '{"step_num":1}\n{"Error":"x","Exception":"KeyError","Traceback":""}\n' },
      'agent_error',
      null,
    ],
    ['no result and a failing exit code', { exitCode: 1 }, 'agent_error', null],
    ['no result and nothing else', {}, 'infra_error', null],
    ['a time limit', { outcome: 'timeout' }, 'timeout', null],
    ['a time limit with a dead server', { outcome: 'timeout', log: 'Failed to get screenshot!' }, 'infra_error', null],
    [
      'a time limit while run.py still waited for the server',
      { outcome: 'timeout', log: 'Failed to get hello: timed out\nRetrying...\n' },
      'infra_error',
      null,
    ],
    ['a time limit after the result was written', { outcome: 'timeout', result: '1.0' }, 'scored', 1],
    ['a dead container with a zero', { outcome: 'container-died', result: '0.0' }, 'infra_error', null],
    ['a lost supervisor', { outcome: 'lost' }, 'infra_error', null],
    ['a start that failed', { outcome: 'start-failed' }, 'infra_error', null],
    ['a giving up on an infeasible task', { result: '1', feasible: false }, 'scored', 1],
    [
      'a giving up on an infeasible task in front of a dead screen',
      { result: '1', feasible: false, log: 'Failed to get screenshot!' },
      'infra_error',
      null,
    ],
    ["another task's result", { result: '1', foreign: 'results/m/0/notepad/y/result.txt' }, 'infra_error', null],
    [
      'a task file that run.py cannot read',
      { exitCode: 2, log: 'run.py: error: argument --max_steps' },
      'infra_error',
      null,
    ],
    [
      "the user's own agent that cannot be loaded",
      { exitCode: 1, log: "waa: the agent could not be loaded\nModuleNotFoundError: No module named 'x'" },
      'agent_error',
      null,
    ],
    ['an interrupted attempt', { trajectory: '{"step_num":1}\n' }, 'infra_error', null],
    ['a crash line of the log without a record', { log: "Exception in clock/x: 'NoneType'" }, 'agent_error', null],
    ['files that stay on the worker', { exitCode: 0, withheld: 'it holds a link' }, 'eval_error', null],
    [
      'files of a lost attempt that stay on the worker',
      { outcome: 'lost', withheld: 'it holds a link' },
      'infra_error',
      null,
    ],
    ['a stop on request', { outcome: 'stopped', result: '0.0' }, 'cancelled', null],
  ])('%s', (_name, overrides, state, score) => {
    expect(verdict(trace(overrides))).toMatchObject({ state, score });
  });

  it.each([
    'Failed to upload file. Status code: 500',
    'Failed to launch application. Status code: 500',
    'Failed to open file. Status code: 404',
    'Failed to activate window. Status code: 404',
    'An error occurred while trying to send the request: HTTPConnectionPool',
    'Failed to connect after multiple attempts',
    'Failed to get screenshot!',
    '\u001b[0mFailed to get accessibility tree. Status code: 500',
    'Failed to get the observations for the agent from the server. Status code: 500',
    'Request timed out while trying to get accessibility tree.',
    'VM did not become ready after 20 attempts.',
    'openai.AuthenticationError: Error code: 401 - Incorrect API key provided',
    "openai.RateLimitError: Error code: 429 - {'error': {'code': 'insufficient_quota'}}",
    'Observation is None. Waiting a little to do next step.\n'.repeat(5),
  ])('a zero beside %j is never an honest zero', (line) => {
    expect(verdict(trace({ result: '0.0', log: clean + line }))).toMatchObject({ state: 'infra_error', score: null });
  });

  it.each([
    'Not implemented! Reverting to snapshot is not supported for remote VMs! Closing all applications instead',
    'Observation is None. Waiting a little to do next step.',
    'HTTP Request: POST https://api.openai.com/v1/chat/completions "HTTP/1.1 429 Too Many Requests"',
  ])('the usual noise %j taints nothing', (line) => {
    expect(verdict(trace({ result: '0.0', log: clean + line }))).toMatchObject({ state: 'scored', score: 0 });
  });

  it.each([
    'Failed to activate window. Status code: 404',
    'Failed to open file. Status code: 404',
    'Failed to launch application. Status code: 500',
  ])('%j of the set-up spoils a zero; of the evaluation it may be what the agent did', (line) => {
    const steps = `${clean}Step 1: computer.keyboard.hotkey('alt', 'f4')\n${clean}Step 2: DONE\n`;
    const judge = (log: string) => verdict(trace({ result: '0.0', log }));
    expect(judge(`${clean}${line}\n${steps}`)).toMatchObject({ state: 'infra_error', score: null });
    expect(judge(`${steps}${line}\n${clean}`)).toMatchObject({ state: 'scored', score: 0 });
  });

  it('one empty observation in each of many steps is the usual noise', () => {
    const step = (number: number): string => `${clean}Step ${number}: WAIT\nObservation is None. Waiting a little\n`;
    const log = Array.from({ length: 9 }, (_, index) => step(index + 1)).join('');
    expect(verdict(trace({ result: '0.0', log }))).toMatchObject({ state: 'scored' });
  });

  // Verbatim texts of run.py and of model clients: beside a zero, and in the place of a result.
  const spoiled = [
    'QEMU_QMP_REFUSED',
    'SERVER_ERROR',
    'CLIENT_ASSETS_UNREACHABLE',
    'CLIENT_MODEL_NO_CREDIT',
    'CLIENT_MODEL_RATE_LIMITED',
  ];
  const texts = readCorpus().filter(({ channel }) => channel === 'run.py');
  const named = (wanted: (code: string | null) => boolean): (readonly [string, string])[] =>
    texts.flatMap(({ id, code, text, healthy }) => (!healthy && wanted(code) ? [[id, text] as const] : []));

  it.each(named((code) => spoiled.includes(code ?? '')))('%s spoils a zero', (_id, text) => {
    expect(verdict(trace({ result: '0.0\n', log: text })).state).toBe('infra_error');
  });

  // Verbatim texts of run.py's model clients, which the agent may catch, print, or end with.
  const model = readCorpus().filter(
    ({ channel, code }) => channel === 'model-api' && (code ?? '').startsWith('CLIENT_MODEL_'),
  );
  const beyondTheAgent = model.filter(({ code }) => code !== 'CLIENT_MODEL_REFUSED');
  it.each(beyondTheAgent.map(({ id, text }) => [id, text]))('%s that ends the agent is not laid to it', (_id, text) => {
    const record = { Error: 'Exception in clock/x', Exception: text, Traceback: 'Traceback (most recent call last):' };
    const trajectory = `${JSON.stringify(record)}\n`;
    expect(verdict(trace({ trajectory, log: `Exception in clock/x: ${text}\n` })).state).toBe('infra_error');
    expect(verdict(trace({ trajectory })).state).toBe('infra_error');
    expect(verdict(trace({ result: '0.0\n', log: `${clean}${text}\n` })).state).toBe('infra_error');
  });

  it('a request that the model refuses is the agent that wrote it', () => {
    const refused = model.find(({ code }) => code === 'CLIENT_MODEL_REFUSED')?.text ?? '';
    expect(verdict(trace({ log: `Exception in clock/x: ${refused}\n` })).state).toBe('agent_error');
  });

  it.each(named(() => true))('%s in the place of a result is not laid to the agent', (_id, text) => {
    expect(verdict(trace({ exitCode: 1, log: text })).state).toBe('infra_error');
  });

  it.each(texts.flatMap(({ id, healthy, text }) => (healthy ? [[id, text] as const] : [])))(
    '%s spoils nothing',
    (_id, text) => {
      expect(verdict(trace({ result: '0.0\n', log: text }))).toMatchObject({ state: 'scored', score: 0 });
    },
  );

  it('words of the agent in the trajectory taint nothing', () => {
    const trajectory = '{"step_num":3,"plan_result":"the page says Failed to get screenshot!"}\n';
    expect(verdict(trace({ result: '0.0', trajectory })).state).toBe('scored');
  });
});

describe('a score', () => {
  it.each([
    ['1', 1],
    ['0.25\n', 0.25],
    ['1e-1', 0.1],
    ['2', undefined],
    ['-1', undefined],
    ['', undefined],
    ['0.5 0.5', undefined],
  ])('%j is %s', (text, score) => {
    expect(parseScore(text)).toBe(score);
  });
});
