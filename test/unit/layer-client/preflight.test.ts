import { describe, expect, it } from 'vitest';
import { nearest } from '../../../src/failures/nearest.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { modelKey } from '../../../src/config/model-key.js';
import { configSchema } from '../../../src/config/schema.js';
import { fail, type WaaError } from '../../../src/failures/waa-error.js';
import { Deadline } from '../../../src/health/deadline.js';
import { clientChecks, type ClientPreflightContext } from '../../../src/layers/client/preflight.js';
import type { CheckOutcome } from '../../../src/preflight/check.js';

const context = (overrides: Partial<ClientPreflightContext> = {}): ClientPreflightContext => ({
  config: configSchema.parse({}),
  environment: { OPENAI_API_KEY: 'sk-test' },
  model: { probe: () => Promise.resolve('gpt-4o'), listModels: () => Promise.resolve(['gpt-4o', 'gpt-4o-mini']) },
  chooseTasks: () => Promise.resolve({ tasks: 20, domains: 7, notes: [] }),
  nearest,
  ...overrides,
});
const refusing = (error: WaaError): ClientPreflightContext['model'] => ({
  ...context().model,
  probe: () => Promise.reject(error),
});
const run = (id: string, overrides: Partial<ClientPreflightContext> = {}): Promise<CheckOutcome> => {
  const check = clientChecks.find((candidate) => candidate.id === id);
  if (!check) throw new Error(`no check ${id}`);
  return check.run(context(overrides), Deadline.none(createManualClock()));
};

describe('preflight of the model', () => {
  it('passes when the exact model answers', async () => {
    expect(await run('client-model')).toMatchObject({ outcome: 'pass', facts: { model: 'gpt-4o' } });
  });

  it.each([[{}], [{ OPENAI_API_KEY: ' ' }], [{ ANTHROPIC_API_KEY: 'x' }]])(
    'names the variable that is missing in %j',
    async (environment) => {
      expect(await run('client-model', { environment })).toMatchObject({
        outcome: 'problem',
        problem: { code: 'CLIENT_KEY_MISSING', params: { variable: 'OPENAI_API_KEY' } },
      });
    },
  );

  it('offers the nearest model for a typo', async () => {
    const model = refusing(fail('CLIENT_MODEL_UNKNOWN', { provider: 'openai', model: 'gpt-4o-mni', nearest: 'none' }));
    const config = configSchema.parse({ model: { name: 'gpt-4o-mni' } });
    expect(await run('client-model', { model, config })).toMatchObject({
      problem: { params: { nearest: 'gpt-4o-mini' } },
    });
  });

  it('calls an outage what could not be looked at', async () => {
    const model = refusing(fail('CLIENT_MODEL_UNREACHABLE', { provider: 'openai', reason: '502' }));
    expect(await run('client-model', { model })).toMatchObject({ outcome: 'could-not-run' });
  });

  it('reads either name of the Azure key and never shows it', () => {
    const config = configSchema.parse({ model: { provider: 'azure-openai', endpoint: 'https://x.openai.azure.com' } });
    const key = modelKey(config, { AZURE_OPENAI_API_KEY: 'k-1' });
    expect(key?.reveal()).toBe('k-1');
    expect(JSON.stringify({ key })).not.toContain('k-1');
  });
});

describe('preflight of the tasks', () => {
  it('passes with the numbers', async () => {
    expect(await run('client-tasks')).toMatchObject({ outcome: 'pass', detail: '20 tasks in 7 domains' });
  });

  it('passes on the one failure of the selection', async () => {
    const chooseTasks = (): Promise<never> => Promise.reject(fail('CLIENT_TASK_FILE_EMPTY', { path: 't.json' }));
    expect(await run('client-tasks', { chooseTasks })).toMatchObject({
      outcome: 'problem',
      problem: { code: 'CLIENT_TASK_FILE_EMPTY' },
    });
  });

  it('does not apply without tasks', async () => {
    expect(await run('client-tasks', { chooseTasks: undefined })).toMatchObject({ outcome: 'skipped' });
  });
});
