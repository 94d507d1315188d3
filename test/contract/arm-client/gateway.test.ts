import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createArmClient } from '../../../src/clients/arm/create-arm-client.js';
import { realClock } from '../../../src/clock/real-clock.js';
import { Deadline } from '../../../src/health/deadline.js';
import { createLabTls, type LabTls } from '../../../src/lab/tls.js';
import { createRecordingBus } from '../../helpers/recording-bus.js';

/** What stands between us and Azure on a bad day: proxies, gateways, nothing at all. */
let tls: LabTls;
let server: Server;
let url: string;
let reply: (response: ServerResponse) => void;
let hits: number;
const subscriptionId = '5a6b1c2d-0000-4000-8000-1ab000000001';

beforeEach(async () => {
  tls = await createLabTls();
  hits = 0;
  server = createServer({ key: tls.keyPem, cert: tls.certPem }, (_request, response) => {
    hits += 1;
    reply(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function client(over: { endpoint?: string; caPem?: string } = {}) {
  const bus = createRecordingBus(realClock);
  return createArmClient({
    endpoint: url,
    caPem: tls.caPem,
    subscriptionId,
    clock: realClock,
    emit: bus.emit,
    credential: { getToken: () => Promise.resolve({ token: 'x', expiresOnTimestamp: realClock.now() + 3_600_000 }) },
    ...over,
  });
}
const answer =
  (status: number, body: string, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };
const deadline = (ms = 20_000): Deadline => Deadline.after(ms, realClock);

describe('answers that are not Azure’s', () => {
  it.each([
    ['a web page with 200', 200, '<html>sign in</html>', 'AZURE_BAD_ANSWER'],
    ['a web page with 502', 502, '<html>bad gateway</html>', 'AZURE_INTERNAL'],
    ['an empty 503', 503, '', 'AZURE_INTERNAL'],
    [
      'a PascalCase envelope',
      401,
      '{"Code":"InvalidAuthenticationToken","Message":"The access token is invalid."}',
      'AZURE_LOGIN_REQUIRED',
    ],
    ['a flat envelope', 403, '{"code":"AuthorizationFailed","message":"no"}', 'AZURE_PERMISSION_DENIED'],
    [
      'throttling without a wrapper',
      429,
      '{"code":"OperationNotAllowed","message":"too many requests","details":[{"code":"TooManyRequests"}]}',
      'AZURE_THROTTLED',
    ],
  ])('%s', async (_what, status, body, code) => {
    reply = answer(status, body);
    await expect(client().getVm('g', 'v', deadline())).rejects.toMatchObject({ code });
    await expect(client().permissions(deadline())).rejects.toMatchObject({ code });
  });

  it('are asked for once: repeating is the caller’s decision', async () => {
    reply = answer(503, '');
    await expect(client().getVm('g', 'v', deadline())).rejects.toMatchObject({ code: 'AZURE_INTERNAL' });
    await expect(client().getResourceGroup('g', deadline())).rejects.toMatchObject({ code: 'AZURE_INTERNAL' });
    await expect(client().networkUsages('eastus', deadline())).rejects.toMatchObject({ code: 'AZURE_INTERNAL' });
    expect(hits).toBe(3);
  });

  it('with Retry-After pass it on and do not wait themselves', async () => {
    reply = answer(429, '', { 'retry-after': '120' });
    await expect(client().getVm('g', 'v', deadline())).rejects.toMatchObject({ params: { retryAfterMs: 120_000 } });
  });

  it('with JSON of another shape name the field', async () => {
    reply = answer(200, '{"value":"no list"}');
    await expect(client().permissions(deadline())).rejects.toMatchObject({
      code: 'AZURE_BAD_ANSWER',
      params: { detail: expect.stringContaining('value') as string },
    });
  });
});

describe('no answer', () => {
  it('within the deadline is unreachable, with what was asked', async () => {
    reply = () => undefined;
    await expect(client().getVm('g', 'v', deadline(200))).rejects.toMatchObject({
      code: 'AZURE_UNREACHABLE',
      disposition: 'transient',
    });
  });
  it('because the connection is cut is unreachable', async () => {
    reply = (response) => response.socket?.destroy();
    await expect(client().getVm('g', 'v', deadline())).rejects.toMatchObject({ code: 'AZURE_UNREACHABLE' });
  });
  it('because nothing listens is unreachable', async () => {
    await expect(client({ endpoint: 'https://127.0.0.1:1' }).getVm('g', 'v', deadline())).rejects.toMatchObject({
      code: 'AZURE_UNREACHABLE',
    });
  });
  it('of a certificate nobody vouches for is no trust', async () => {
    const other = await createLabTls();
    reply = answer(200, '{}');
    await expect(client({ caPem: other.caPem }).getVm('g', 'v', deadline())).rejects.toMatchObject({
      code: 'AZURE_TLS_UNTRUSTED',
      disposition: 'permanent',
    });
    expect(hits).toBe(0);
  });
  it('because a person stopped gives their reason back', async () => {
    reply = () => undefined;
    const person = new AbortController();
    const asking = client().getVm('g', 'v', Deadline.after(20_000, realClock, person.signal));
    const reason = new Error('Ctrl-C');
    person.abort(reason);
    await expect(asking).rejects.toBe(reason);
  });
});
