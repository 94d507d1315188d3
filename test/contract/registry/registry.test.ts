import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAcrLogin } from '../../../src/clients/registry/acr-login.js';
import { createRegistryClient } from '../../../src/clients/registry/create-registry-client.js';
import type { RegistryClient } from '../../../src/clients/registry/registry.js';
import { createManualClock, type ManualClock } from '../../../src/clock/manual-clock.js';
import { Deadline } from '../../../src/health/deadline.js';
import { createRegistryHandler } from '../../../src/lab/wire/internet/registry.js';
import { createRegistryWorld, type RegistryWorld } from '../../../src/lab/world/docker/registry-world.js';

const IMAGE = 'windowsarena/waa-auto:2026.11';

let clock: ManualClock;
let world: RegistryWorld;
let server: http.Server;
let base: string;
let client: RegistryClient;
let requests: string[];
/** What answers instead of the lab's registries. */
let instead: ((response: http.ServerResponse) => void) | undefined;

beforeEach(async () => {
  clock = createManualClock();
  world = createRegistryWorld();
  requests = [];
  instead = undefined;
  const handler = createRegistryHandler({ registry: world, now: () => clock.now(), source: '203.0.113.7' });
  server = http.createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${new URL(request.url ?? '', 'http://x').pathname}`);
    if (instead) instead(response);
    else if (!handler(request, response)) response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = createRegistryClient({ clock, baseUrl: base });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
const manifest = (image: string) => client.manifest(image, Deadline.none(clock));
const digestOf = (image: string): string => {
  const found = world.resolve(image);
  if ('code' in found) throw new Error(found.code);
  return found.digest;
};

const ACR = 'waalab.azurecr.io';
/** A token as Azure's directory makes them, of which only audience and end count here. */
const azureToken = (aud: string, endsInS: number): string =>
  `x.${Buffer.from(JSON.stringify({ aud, exp: clock.now() / 1000 + endsInS })).toString('base64url')}.x`;
const loginWith = (token: string) => {
  const scopes: string[] = [];
  const login = createAcrLogin({
    baseUrl: base,
    azureToken: (scope) => {
      scopes.push(scope);
      return Promise.resolve(token);
    },
  });
  return { login, scopes };
};

describe('a login by identity', () => {
  it('exchanges the Azure token for one of the registry, which opens what is private', async () => {
    world.privateHosts.add(ACR);
    const { login, scopes } = loginWith(azureToken('https://containerregistry.azure.net', 60));
    const image = `${ACR}/waa-auto:2026.11`;
    await expect(manifest(image)).rejects.toMatchObject({ code: 'DOCKER_REGISTRY_UNAUTHORIZED' });
    const auth = await login(ACR, Deadline.none(clock));
    expect(world.admits(ACR, auth?.password.reveal(), clock.now())).toBe(true);
    expect(scopes).toEqual(['https://containerregistry.azure.net/.default']);
    expect(JSON.stringify(auth)).toContain('***');
    client = createRegistryClient({ clock, baseUrl: base, login });
    expect((await manifest(image)).digest).toMatch(/^sha256:/);
    expect(requests).toContain(`POST /${ACR}/oauth2/exchange`);
  });

  it.each([
    ['a token for something else', () => azureToken('https://graph.microsoft.com', 60)],
    ['a token that is over', () => azureToken('https://containerregistry.azure.net', -1)],
    ['no token at all', () => 'nonsense'],
  ])('is refused %s', async (_what, token) => {
    const { login } = loginWith(token());
    await expect(login(ACR, Deadline.none(clock))).rejects.toMatchObject({ code: 'DOCKER_REGISTRY_UNAUTHORIZED' });
  });

  it('is not tried where it means nothing', async () => {
    const { login, scopes } = loginWith('unused');
    expect(await login('docker.io', Deadline.none(clock))).toBeUndefined();
    expect(await login('azurecr.io.example.com', Deadline.none(clock))).toBeUndefined();
    expect(scopes).toEqual([]);
  });
});

describe('registry client', () => {
  it('gets a token, then the digest, and remembers the token', async () => {
    expect(await manifest(IMAGE)).toMatchObject({ digest: digestOf(IMAGE) });
    await manifest(IMAGE);
    const path = '/registry-1.docker.io/v2/windowsarena/waa-auto/manifests/2026.11';
    expect(requests).toEqual([`HEAD ${path}`, 'GET /auth.docker.io/token', `HEAD ${path}`, `HEAD ${path}`]);
  });

  it('gets another token when the first is over', async () => {
    await manifest(IMAGE);
    await clock.advance(300_000);
    expect(await manifest(IMAGE)).toMatchObject({ digest: digestOf(IMAGE) });
    expect(requests.filter((one) => one.endsWith('/token'))).toHaveLength(2);
  });

  it('finds an image by its digest and not by a wrong one', async () => {
    const digest = digestOf(IMAGE);
    expect(await manifest(`${IMAGE}@${digest}`)).toMatchObject({ digest });
    await expect(manifest(`${IMAGE}@sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({
      code: 'DOCKER_IMAGE_NOT_FOUND',
    });
  });

  it("reads Docker Hub's budget without spending it", async () => {
    expect((await manifest(IMAGE)).rateLimit).toEqual({ limit: 100, remaining: 100 });
    world.spendPull('docker.io', '203.0.113.7', clock.now());
    expect((await manifest(IMAGE)).rateLimit).toEqual({ limit: 100, remaining: 99 });
    await clock.advance(6 * 3_600_000);
    expect((await manifest(IMAGE)).rateLimit).toEqual({ limit: 100, remaining: 100 });
  });

  it('asks other registries at their own address, without a budget', async () => {
    expect((await manifest('waalab.azurecr.io/waa-auto:2026.11')).rateLimit).toBeUndefined();
    expect(requests[0]).toBe('HEAD /waalab.azurecr.io/v2/waa-auto/manifests/2026.11');
  });

  it.each([
    ['windowsarena/waa-auto:1999', 'DOCKER_IMAGE_NOT_FOUND'],
    ['nobody/nothing:1', 'DOCKER_REGISTRY_UNAUTHORIZED'],
    ['WindowsArena/winarena', 'DOCKER_IMAGE_REFERENCE_INVALID'],
  ])('names why %s is not to be had', async (image, code) => {
    await expect(manifest(image)).rejects.toMatchObject({ code });
  });

  it.each<[string, (response: http.ServerResponse) => void, object]>([
    [
      'a registry in trouble',
      (response) => response.writeHead(503).end(),
      { code: 'DOCKER_REGISTRY_ERROR', params: { status: 503 } },
    ],
    [
      'a limit with its time',
      (response) => response.writeHead(429, { 'retry-after': '30' }).end(),
      { code: 'DOCKER_PULL_RATE_LIMITED', params: { retryAfterMs: 30_000 } },
    ],
    [
      'a registry that wants a password',
      (response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
      { code: 'DOCKER_REGISTRY_UNAUTHORIZED' },
    ],
    [
      'a page that is no manifest',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      { code: 'DOCKER_REGISTRY_ERROR' },
    ],
    ['a connection that breaks', (response) => response.destroy(), { code: 'DOCKER_REGISTRY_UNREACHABLE' }],
  ])('names %s', async (_what, answer, failure) => {
    instead = answer;
    await expect(manifest(IMAGE)).rejects.toMatchObject(failure);
  });

  it('ends with its deadline', async () => {
    const deadline = Deadline.after(5000, clock);
    instead = () => void clock.advance(5000);
    const failure: unknown = await client.manifest(IMAGE, deadline).catch((error: unknown) => error);
    expect(deadline.expired).toBe(true);
    expect(failure).toBe(deadline.signal.reason);
  });
});

describe('registry wire', () => {
  const token = async (scope: string): Promise<string> => {
    const response = await fetch(
      `${base}/auth.docker.io/token?service=registry.docker.io&scope=${encodeURIComponent(scope)}`,
    );
    return ((await response.json()) as { token: string }).token;
  };
  const path = '/registry-1.docker.io/v2/dockurr/windows/manifests/6.05';

  it('counts a GET as a pull and refuses the hundred-and-first', async () => {
    const headers = { authorization: `Bearer ${await token('repository:dockurr/windows:pull')}` };
    const first = await fetch(base + path, { headers });
    expect(await first.json()).toMatchObject({ schemaVersion: 2, layers: expect.any(Array) as unknown[] });
    for (let pull = 1; pull < 100; pull += 1) world.spendPull('docker.io', '203.0.113.7', clock.now());
    const refused = await fetch(base + path, { headers });
    expect([refused.status, await refused.json()]).toMatchObject([429, { errors: [{ code: 'TOOMANYREQUESTS' }] }]);
    expect(refused.headers.get('ratelimit-remaining')).toBe('0;w=21600');
  });

  it('takes a token for another repository, a broken one and none alike: 401 with a challenge', async () => {
    const others = [await token('repository:library/ubuntu:pull'), 'broken', ''];
    for (const value of others) {
      const response = await fetch(base + path, { headers: value === '' ? {} : { authorization: `Bearer ${value}` } });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('scope="repository:dockurr/windows:pull"');
    }
  });

  it('leaves other paths to others', async () => {
    expect((await fetch(`${base}/prices`)).status).toBe(404);
  });
});
