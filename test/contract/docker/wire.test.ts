import http, { type IncomingHttpHeaders } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startLabDaemon, type LabDaemon } from './lab-daemon.js';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly json: unknown;
}

let daemon: LabDaemon;
beforeEach(async () => {
  daemon = await startLabDaemon();
});
afterEach(async () => {
  await daemon[Symbol.asyncDispose]();
});

/** A request without any Docker library in between: what stands on the wire. */
function ask(method: string, path: string, body?: unknown): Promise<Answer> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers =
      text === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
    const request = http.request({ socketPath: daemon.socketPath, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const isJson = response.headers['content-type'] === 'application/json' && bytes.length > 0;
        const lines = isJson ? bytes.toString('utf8').trim().split('\n') : [];
        const json: unknown = lines.length === 1 ? JSON.parse(lines[0] ?? '') : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes, json });
      });
    });
    request.on('error', reject);
    request.end(text);
  });
}
const pull = (image: string, tag: string) =>
  ask('POST', `/v1.43/images/create?fromImage=${encodeURIComponent(image)}&tag=${encodeURIComponent(tag)}`);
async function create(name: string, over: object = {}): Promise<string> {
  const { json } = await ask('POST', `/v1.43/containers/create?name=${name}`, {
    Image: 'ubuntu:24.04',
    Cmd: ['sleep', 'infinity'],
    ...over,
  });
  return (json as { Id: string }).Id;
}

describe('docker wire: versions', () => {
  it('answers a ping to GET and HEAD with the version to negotiate', async () => {
    const get = await ask('GET', '/_ping');
    expect([get.status, get.body.toString(), get.headers['api-version']]).toEqual([200, 'OK', '1.47']);
    expect((await ask('HEAD', '/_ping')).headers['docker-experimental']).toBe('false');
  });

  it.each(['', '/v1.24', '/v1.43', '/v1.47'])('serves %s/version', async (prefix) => {
    expect(await ask('GET', `${prefix}/version`)).toMatchObject({
      status: 200,
      json: { ApiVersion: '1.47', MinAPIVersion: '1.24' },
    });
  });

  it.each([
    ['/v1.50', 'client version 1.50 is too new. Maximum supported API version is 1.47'],
    [
      '/v1.10',
      'client version 1.10 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
    ],
  ])('refuses %s', async (prefix, message) => {
    expect(await ask('GET', `${prefix}/containers/json`)).toMatchObject({ status: 400, json: { message } });
  });

  it('knows no other pages', async () => {
    expect(await ask('GET', '/v1.43/nothing')).toMatchObject({ status: 404, json: { message: 'page not found' } });
    expect(await ask('PUT', '/v1.43/containers/json')).toMatchObject({ status: 404 });
  });
});

describe('docker wire: pulls', () => {
  it('streams one line of JSON for each step of each layer', async () => {
    const { status, body } = await pull('ubuntu', '24.04');
    const lines = body
      .toString()
      .trim()
      .split('\r\n')
      .map((line) => JSON.parse(line) as { status: string; id?: string });
    expect(status).toBe(200);
    expect(lines[0]).toEqual({ status: 'Pulling from library/ubuntu', progressDetail: {}, id: '24.04' });
    const ofLayer = [...new Set(lines.filter((line) => line.id === lines[1]?.id).map((line) => line.status))];
    expect(ofLayer).toEqual([
      'Pulling fs layer',
      'Downloading',
      'Verifying Checksum',
      'Download complete',
      'Extracting',
      'Pull complete',
    ]);
    expect(lines.at(-2)?.status).toMatch(/^Digest: sha256:[0-9a-f]{64}$/);
    expect(lines.at(-1)?.status).toBe('Status: Downloaded newer image for ubuntu:24.04');
  });

  it('says so when there is nothing to pull', async () => {
    await pull('ubuntu', '24.04');
    expect((await pull('ubuntu', '24.04')).body.toString()).toContain('Status: Image is up to date for ubuntu:24.04');
  });

  it('answers with a status as long as nothing was sent, with a line afterwards', async () => {
    expect(await pull('ubuntu', '9')).toMatchObject({
      status: 404,
      json: { message: 'manifest for ubuntu:9 not found: manifest unknown: manifest unknown' },
    });
    daemon.simulation.faults.arm({ id: 'docker-disk-full' });
    const late = await pull('windowsarena/waa-auto', '2026.11');
    expect(late.status).toBe(200);
    expect(JSON.parse(late.body.toString().trim().split('\r\n').at(-1) ?? '')).toMatchObject({
      error: expect.stringContaining('no space left on device') as string,
    });
  });
});

describe('docker wire: containers', () => {
  beforeEach(async () => {
    await pull('ubuntu', '24.04');
  });

  it('answers create as dockerd, down to its words', async () => {
    expect(await ask('POST', '/v1.43/containers/create?name=w0', { Image: 'ubuntu:24.04' })).toMatchObject({
      status: 201,
      json: { Warnings: [] },
    });
    expect(await ask('POST', '/v1.43/containers/create?name=w0', { Image: 'ubuntu:24.04' })).toMatchObject({
      status: 409,
      json: {
        message: expect.stringMatching(
          /^Conflict\. The container name "\/w0" is already in use by container "[0-9a-f]{64}"\./,
        ) as string,
      },
    });
    expect(await ask('POST', '/v1.43/containers/create?name=w9', { Image: 'dockurr/windows:6.05' })).toMatchObject({
      status: 404,
      json: { message: 'No such image: dockurr/windows:6.05' },
    });
    expect(await ask('POST', '/v1.43/containers/create?name=x', { Image: 'ubuntu:24.04' })).toMatchObject({
      status: 400,
    });
  });

  it.each([
    ['', 400],
    ['{', 400],
    ['{"Image":"ubuntu:24.04","Env":"A=B"}', 400],
    ['{"Image":"ubuntu:24.04","Unknown":1}', 201],
    ['{"Image":"ubuntu:24.04","Env":null,"HostConfig":null}', 201],
  ])('answers the body %s with %i', async (body, status) => {
    expect((await ask('POST', '/v1.43/containers/create?name=body', body)).status).toBe(status);
  });

  it('starts once, then 304; stops once, then 304', async () => {
    const id = await create('w0');
    const statuses = [];
    for (const action of ['start', 'start', 'stop?t=1', 'stop'])
      statuses.push((await ask('POST', `/v1.43/containers/${id}/${action}`)).status);
    expect(statuses).toEqual([204, 304, 204, 304]);
  });

  it('finds a container by id, prefix and name, and no other', async () => {
    const id = await create('w0');
    for (const name of [id, id.slice(0, 12), 'w0'])
      expect(await ask('GET', `/v1.43/containers/${name}/json`)).toMatchObject({ json: { Id: id, Name: '/w0' } });
    expect(await ask('GET', '/v1.43/containers/w7/json')).toMatchObject({
      status: 404,
      json: { message: 'No such container: w7' },
    });
  });

  it('lists by label and state', async () => {
    await create('w0', { Labels: { 'waa.deployment': 'a' } });
    const second = await create('w1', { Labels: { 'waa.deployment': 'b' } });
    await ask('POST', `/v1.43/containers/${second}/start`);
    const list = async (query: string) =>
      ((await ask('GET', `/v1.43/containers/json?${query}`)).json as { Names: string[] }[]).map((one) => one.Names[0]);
    const filters = (value: object) => `filters=${encodeURIComponent(JSON.stringify(value))}`;
    expect(await list('')).toEqual(['/w1']);
    expect(await list('all=1')).toEqual(['/w1', '/w0']);
    expect(await list(`all=1&${filters({ label: ['waa.deployment=a'] })}`)).toEqual(['/w0']);
    expect(await list(filters({ status: { created: true } }))).toEqual(['/w0']);
    expect((await ask('GET', `/v1.43/containers/json?${filters({ colour: ['red'] })}`)).status).toBe(400);
    expect((await ask('GET', '/v1.43/containers/json?filters=label')).status).toBe(400);
  });

  it('will not remove what runs unless forced', async () => {
    const id = await create('w0');
    await ask('POST', `/v1.43/containers/${id}/start`);
    expect((await ask('DELETE', `/v1.43/containers/${id}`)).status).toBe(409);
    expect((await ask('DELETE', `/v1.43/containers/${id}?force=1`)).status).toBe(204);
  });

  it('answers a wait with the exit code', async () => {
    const id = await create('w0');
    await ask('POST', `/v1.43/containers/${id}/start`);
    const waiting = ask('POST', `/v1.43/containers/${id}/wait`);
    await ask('POST', `/v1.43/containers/${id}/kill?signal=KILL`);
    expect(await waiting).toMatchObject({ status: 200, json: { StatusCode: 137 } });
  });

  it('multiplexes logs in frames of eight bytes, with time stamps when asked', async () => {
    const id = await create('w0', { Cmd: ['echo', 'hello'] });
    const waiting = ask('POST', `/v1.43/containers/${id}/wait?condition=next-exit`);
    await ask('POST', `/v1.43/containers/${id}/start`);
    await waiting;
    const { body, headers } = await ask('GET', `/v1.43/containers/${id}/logs?stdout=1&stderr=1`);
    expect(headers['content-type']).toBe('application/vnd.docker.multiplexed-stream');
    expect(body).toEqual(Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 6]), Buffer.from('hello\n')]));
    const stamped = await ask('GET', `/v1.43/containers/${id}/logs?stdout=1&timestamps=1`);
    expect(stamped.body.subarray(8).toString()).toMatch(/^2026-11-22T\d\d:\d\d:\d\d\.\d{9}Z hello\n$/);
    expect((await ask('GET', `/v1.43/containers/${id}/logs?stderr=1`)).body).toHaveLength(0);
    expect(await ask('GET', `/v1.43/containers/${id}/logs`)).toMatchObject({
      status: 400,
      json: { message: 'Bad parameters: you must choose at least one stream' },
    });
  });

  it('sends no frames from a terminal', async () => {
    const id = await create('w0', { Cmd: ['echo', 'hello'], Tty: true });
    const waiting = ask('POST', `/v1.43/containers/${id}/wait?condition=next-exit`);
    await ask('POST', `/v1.43/containers/${id}/start`);
    await waiting;
    expect((await ask('GET', `/v1.43/containers/${id}/logs?stdout=1`)).body.toString()).toBe('hello\n');
  });
});

describe('docker wire: the end of the daemon', () => {
  it('closes every connection and takes no new one', async () => {
    await expect(
      Promise.all([
        ask('GET', '/v1.43/events'),
        new Promise((resolve) => setImmediate(resolve)).then(() => {
          daemon.host.stopDaemon();
        }),
      ]),
    ).rejects.toThrow();
    await expect(ask('GET', '/_ping')).rejects.toThrow();
  });
});
