import { createServer, type RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { createModelClient } from '../../../src/clients/model/create-model-client.js';
import type { ModelTarget } from '../../../src/clients/model/model.js';
import { Deadline } from '../../../src/health/deadline.js';
import { createFaultBox, type FaultBox } from '../../../src/lab/faults/fault-box.js';
import { createModelHandler } from '../../../src/lab/wire/internet/model.js';

const client = createModelClient();
const deadline = (): Deadline => Deadline.none(createManualClock());

async function serving<T>(listener: RequestListener, body: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  try {
    return await body(`http://127.0.0.1:${address.port}/somewhere`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

type Targets = (overrides?: Partial<ModelTarget>) => ModelTarget;
const inLab = <T>(body: (target: Targets, faults: FaultBox) => Promise<T>): Promise<T> => {
  const faults = createFaultBox(
    () => 0,
    () => 0,
  );
  const handler = createModelHandler(faults);
  return serving(
    (request, response) => {
      if (!handler(request, response)) response.writeHead(404).end();
    },
    (endpoint) => body((overrides = {}) => ({ provider: 'openai', model: 'gpt-4o', endpoint, ...overrides }), faults),
  );
};
const answering =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, headers).end(body);
  };
const openai = (endpoint: string): ModelTarget => ({ provider: 'openai', model: 'gpt-4o', endpoint });

describe('the model client against the lab', () => {
  it.each(['openai', 'azure-openai', 'anthropic'] as const)('proves key and model of %s with one call', (provider) =>
    inLab(async (target) => {
      expect(await client.probe(target({ provider }), 'sk-good', deadline())).toBe('gpt-4o');
    }),
  );

  it('refuses a wrong key', () =>
    inLab(async (target, faults) => {
      await expect(client.probe(target(), 'sk-invalid', deadline())).rejects.toMatchObject({
        code: 'CLIENT_MODEL_KEY_INVALID',
      });
      faults.arm({ id: 'client-model-key-invalid' });
      await expect(client.probe(target(), 'sk-good', deadline())).rejects.toMatchObject({
        code: 'CLIENT_MODEL_KEY_INVALID',
      });
      await client.probe(target(), 'sk-good', deadline());
    }));

  it('names a model that does not exist, and lists those that do', () =>
    inLab(async (target) => {
      await expect(client.probe(target({ model: 'gpt-4oo' }), 'sk', deadline())).rejects.toMatchObject({
        code: 'CLIENT_MODEL_UNKNOWN',
      });
      expect(await client.listModels(target(), 'sk', deadline())).toContain('gpt-4o');
    }));

  it('needs the address of an Azure resource', async () => {
    await expect(client.probe({ provider: 'azure-openai', model: 'gpt-4o' }, 'sk', deadline())).rejects.toMatchObject({
      code: 'CLIENT_MODEL_ENDPOINT_MISSING',
    });
  });
});

describe('answers of real providers', () => {
  it.each([
    [
      429,
      '{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}',
      'CLIENT_MODEL_NO_CREDIT',
    ],
    [
      400,
      '{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}',
      'CLIENT_MODEL_NO_CREDIT',
    ],
    [
      429,
      '{"error":{"message":"Rate limit reached","type":"tokens","code":"rate_limit_exceeded"}}',
      'CLIENT_MODEL_RATE_LIMITED',
    ],
    [
      403,
      '{"error":{"message":"Project does not have access to model","code":"model_not_found"}}',
      'CLIENT_MODEL_FORBIDDEN',
    ],
    [400, '{"error":{"message":"This is not a chat model"}}', 'CLIENT_MODEL_REFUSED'],
    [502, '', 'CLIENT_MODEL_UNREACHABLE'],
    [503, '<html>', 'CLIENT_MODEL_UNREACHABLE'],
    [200, '<html>proxy</html>', 'CLIENT_MODEL_REFUSED'],
  ])('%i %s is %s', (status, body, code) =>
    serving(answering(status, body), async (url) => {
      await expect(client.probe(openai(url), 'sk', deadline())).rejects.toMatchObject({ code });
    }),
  );

  it('a rate limit carries the time to wait', () =>
    serving(answering(429, '{}', { 'retry-after': '7' }), async (url) => {
      await expect(client.probe(openai(url), 'sk', deadline())).rejects.toMatchObject({
        params: { retryAfterMs: 7000 },
      });
    }));

  it('a server that knows only max_tokens is asked again its way', async () => {
    const asked: string[] = [];
    const old: RequestListener = (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        asked.push(body);
        if (body.includes('max_completion_tokens'))
          answering(400, '{"error":{"message":"Unrecognized request argument supplied: max_completion_tokens"}}')(
            request,
            response,
          );
        else answering(200, '{"model":"gpt-4o-2024-05-13"}')(request, response);
      });
    };
    expect(await serving(old, (url) => client.probe(openai(url), 'sk', deadline()))).toBe('gpt-4o-2024-05-13');
    expect(asked).toHaveLength(2);
  });

  it('a model that spent its few tokens on thinking has proved itself', () =>
    serving(
      answering(
        400,
        '{"error":{"message":"Could not finish the message because max_tokens or model output limit was reached."}}',
      ),
      async (url) => {
        expect(await client.probe(openai(url), 'sk', deadline())).toBe('gpt-4o');
      },
    ));

  it('no server at all is unreachable', async () => {
    const gone = await serving(answering(200, ''), (url) => Promise.resolve(url));
    await expect(client.probe(openai(gone), 'sk', deadline())).rejects.toMatchObject({
      code: 'CLIENT_MODEL_UNREACHABLE',
    });
  });

  it('a person who stops is obeyed', () =>
    serving(
      () => undefined,
      async (url) => {
        const controller = new AbortController();
        const asking = client.probe(openai(url), 'sk', Deadline.none(createManualClock(), controller.signal));
        controller.abort(new Error('stop'));
        await expect(asking).rejects.toThrow('stop');
      },
    ));
});
