import { createServer, connect, type Server, type Socket } from 'node:net';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { createWaaServer } from '../../../src/clients/waa-server/create-waa-server.js';
import type { WaaServer } from '../../../src/clients/waa-server/waa-server.js';
import { Deadline } from '../../../src/health/deadline.js';
import { serveGuest } from '../../../src/lab/wire/waa-server/serve-guest.js';
import { fakeGuest, type FakeGuest } from '../../helpers/task-worker.js';
import { waaServerSuite, type ServerTarget } from './suite.js';

interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

async function listen(accept: (socket: Socket) => void): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    accept(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}

function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

async function target(guest: FakeGuest = fakeGuest()): Promise<ServerTarget & { readonly guest: FakeGuest }> {
  const listening = await listen((socket) => {
    serveGuest(guest, socket);
  });
  return {
    guest,
    server: createWaaServer(() => dial(listening.port)),
    raw: (method, path, body) =>
      new Promise((resolve, reject) => {
        const call = request(
          {
            host: '127.0.0.1',
            port: listening.port,
            method,
            path,
            agent: false,
            headers: { 'content-type': 'application/json' },
          },
          (response) => {
            let text = '';
            response.on('data', (chunk: Buffer) => (text += chunk.toString()));
            response.on('end', () => {
              resolve({ status: response.statusCode ?? 0, body: text });
            });
          },
        );
        call.on('error', reject);
        call.end(body);
      }),
    close: () => listening.close(),
  };
}

const deadline = (): Deadline => Deadline.none(createManualClock());

/** A server that sends `bytes` whatever it is asked. */
async function against(bytes: string, body: (server: WaaServer) => Promise<void>): Promise<void> {
  const listening = await listen((socket) => {
    socket.once('data', () => socket.end(bytes));
  });
  try {
    await body(createWaaServer(() => dial(listening.port)));
  } finally {
    await listening.close();
  }
}

describe('WAA server in the lab', () => {
  waaServerSuite(target);

  it('says success for a command that failed; the return code tells', async () => {
    const { guest, raw, server, close } = await target();
    guest.answer = () => ({ output: '', error: "No module named 'x'", returnCode: 1 });
    expect(JSON.parse((await raw('POST', '/execute', '{"command":["python","-c","import x"]}')).body)).toMatchObject({
      status: 'success',
      returncode: 1,
    });
    expect(await server.execute(['python', '-c', 'import x'], deadline())).toMatchObject({ returnCode: 1 });
    await close();
  });

  it('refuses a program that does not exist with a 500', async () => {
    const { guest, server, close } = await target();
    guest.answer = () => ({
      output: '',
      error: "[WinError 2] The system cannot find the file specified: 'nope'",
      returnCode: 1,
    });
    await expect(server.execute(['nope'], deadline())).rejects.toMatchObject({
      code: 'SERVER_ERROR',
      params: { status: 500 },
    });
    await close();
  });

  it('splits a command given as one string', async () => {
    const { guest, raw, close } = await target();
    await raw('POST', '/setup/execute', '{"command":"python -c \\"print(1)\\""}');
    expect(guest.executed).toEqual([['python', '-c', 'print(1)']]);
    await close();
  });

  it('answers only /probe when the desktop is broken', async () => {
    const { guest, server, close } = await target();
    guest.server = 'broken';
    await server.probe(deadline());
    await expect(server.screenshot(deadline())).rejects.toMatchObject({ code: 'SERVER_ERROR' });
    await expect(server.execute(['ver'], deadline())).rejects.toMatchObject({ code: 'SERVER_ERROR' });
    await close();
  });

  it('powers Windows off when asked', async () => {
    const { guest, server, close } = await target();
    await server.shutdown(deadline());
    expect(guest.shutDowns).toBe(1);
    await close();
  });
});

describe('the client of the WAA server', () => {
  it('names a port where nothing listens', async () => {
    const { port, close } = await listen(() => undefined);
    await close();
    await expect(createWaaServer(() => dial(port)).probe(deadline())).rejects.toMatchObject({
      code: 'SERVER_NOT_LISTENING',
    });
  });

  it("names the same behind Docker's proxy, which accepts and hangs up", async () => {
    const { port, close } = await listen((socket) => socket.destroy());
    const server = createWaaServer(() => dial(port));
    await expect(server.probe(deadline())).rejects.toMatchObject({ code: 'SERVER_NOT_LISTENING' });
    await expect(server.screenshot(deadline())).rejects.toMatchObject({ code: 'SERVER_CONNECTION_LOST' });
    await close();
  });

  it('names a connection that breaks in the middle of an answer', () =>
    against('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nabc', async (server) => {
      await expect(server.screenshot(deadline())).rejects.toMatchObject({ code: 'SERVER_CONNECTION_LOST' });
    }));

  it('names another service on the port', () =>
    against('SSH-2.0-OpenSSH_9.2\r\n', async (server) => {
      await expect(server.probe(deadline())).rejects.toMatchObject({ code: 'SERVER_BAD_ANSWER' });
    }));

  it.each([['<!doctype html>'], ['{"status":1}'], ['']])('does not take %j for an answer', (body) =>
    against(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`, async (server) => {
      await expect(server.probe(deadline())).rejects.toMatchObject({ code: 'SERVER_BAD_ANSWER' });
    }),
  );

  it('does not take a PNG that is cut off for a screenshot', () =>
    against('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\u0089PNG', async (server) => {
      await expect(server.screenshot(deadline())).rejects.toMatchObject({ code: 'SERVER_BAD_ANSWER' });
    }));

  it('tells its own wrong call from a broken server', () =>
    against(
      'HTTP/1.1 500 X\r\ncontent-length: 43\r\n\r\n{"message":"404 Not Found: ","status":"er"}',
      async (server) => {
        await expect(server.probe(deadline())).rejects.toMatchObject({ code: 'SERVER_CALL_REFUSED' });
      },
    ));

  it('gives up at its deadline, and at once when a person stops it', async () => {
    const silent = await listen(() => undefined);
    const server = createWaaServer(() => dial(silent.port));
    const clock = createManualClock();
    const late = server.probe(Deadline.after(10_000, clock));
    const controller = new AbortController();
    const stopped = server.probe(Deadline.none(clock, controller.signal));
    const checks = [
      expect(late).rejects.toMatchObject({ code: 'SERVER_TIMEOUT', params: { seconds: 10 } }),
      expect(stopped).rejects.toThrow('stop'),
    ];
    await clock.advance(10_000);
    controller.abort(new Error('stop'));
    await Promise.all(checks);
    await silent.close();
  });
});
