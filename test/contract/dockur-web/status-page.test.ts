import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { parseStatusFragment, readDockurStatus } from '../../../src/clients/dockur-web/read-dockur-status.js';
import { realClock } from '../../../src/clock/real-clock.js';
import { Deadline } from '../../../src/health/deadline.js';
import { serveStatusPage } from '../../../src/lab/wire/dockur-web/serve-status-page.js';
import { newMachine, newSimulation, pass, passUntil, startContainer } from '../../unit/dockur/container-harness.js';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function listen(serve: (socket: Socket) => void): Promise<() => Promise<Duplex>> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  cleanups.push(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  );
  return () =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket));
      sockets.add(socket);
      socket.on('error', reject);
    });
}

async function read(serve: (socket: Socket) => void) {
  const open = await listen(serve);
  using deadline = Deadline.after(5_000, realClock);
  return await readDockurStatus(() => open(), deadline);
}

describe("dockur's status page", () => {
  it('tells phase and percent while Windows is downloaded', async () => {
    const simulation = newSimulation();
    const container = startContainer(simulation, newMachine());
    pass(simulation, 100);
    const status = await read((socket) => serveStatusPage(container.process.ports, socket));
    expect(status).toEqual({
      phase: 'Downloading Windows 11 Enterprise (Evaluation)',
      percent: expect.any(Number) as number,
    });
  });

  it('says over once QEMU runs', async () => {
    const simulation = newSimulation();
    const container = startContainer(simulation, newMachine());
    passUntil(simulation, () => container.process.qemu !== undefined);
    expect(await read((socket) => serveStatusPage(container.process.ports, socket))).toBe('over');
  });

  it('fails with QEMU_STATUS_PAGE for another status, another protocol and a cut connection', async () => {
    const answer = (text: string) => (socket: Socket) => socket.once('data', () => socket.end(text));
    await expect(read(answer('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n'))).rejects.toMatchObject({
      code: 'QEMU_STATUS_PAGE',
    });
    await expect(read(answer('SSH-2.0-OpenSSH_9.6\r\n'))).rejects.toMatchObject({ code: 'QEMU_STATUS_PAGE' });
    await expect(read((socket) => socket.destroy())).rejects.toMatchObject({ code: 'QEMU_STATUS_PAGE' });
    const endless = `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`;
    await expect(read(answer(endless))).rejects.toMatchObject({ code: 'QEMU_STATUS_PAGE' });
  });

  it('answers a browser: the waiting page, the viewer, 404 and 405', async () => {
    const page = { statusPage: '<p class="loading">Creating overlay image</p>', guest: undefined };
    const open = await listen((socket) => serveStatusPage(page, socket));
    const ask = async (line: string): Promise<string> => {
      const stream = await open();
      stream.write(`${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      let text = '';
      for await (const chunk of stream) text += String(chunk);
      return text;
    };
    expect(await ask('GET /')).toContain('Creating overlay image');
    expect(await ask('GET /websockify')).toMatch(/^HTTP\/1.1 404/);
    expect(await ask('POST /msg.html')).toMatch(/^HTTP\/1.1 405/);
    expect(await ask('HEAD /msg.html')).not.toContain('Creating overlay');
  });
});

describe('status fragment', () => {
  it.each([
    ['<p class="loading">Downloading Windows 11 (12.3%)</p>', { phase: 'Downloading Windows 11', percent: 12.3 }],
    ['<p class="loading">Requesting Windows 11</p>', { phase: 'Requesting Windows 11' }],
    ['Downloading Windows 11 (1.2 GiB)', { phase: 'Downloading Windows 11 (1.2 GiB)' }],
    ['<p>Extracting &amp; checking... (140%)</p>', { phase: 'Extracting & checking', percent: 100 }],
    ['', { phase: '' }],
  ])('%s', (html, status) => {
    expect(parseStatusFragment(html)).toEqual(status);
  });
});
