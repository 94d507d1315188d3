import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { openQmp } from '../../../src/clients/qmp/open-qmp.js';
import { realClock } from '../../../src/clock/real-clock.js';
import { Deadline } from '../../../src/health/deadline.js';
import type { Qemu } from '../../../src/lab/world/contracts.js';
import { serveQmp } from '../../../src/lab/wire/qmp/serve-qmp.js';
import { newMachine, newSimulation, pass, passUntil, startContainer } from '../../unit/dockur/container-harness.js';
import { qmpContract } from './suite.js';

interface Listening {
  open(): Promise<Duplex>;
  close(): Promise<void>;
}

/** Serves each connection of a real socket on a free port. */
async function listen(serve: (socket: Socket) => void): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    open: () =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => resolve(socket));
        sockets.add(socket);
        socket.on('error', reject);
      }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

async function labQemu() {
  const simulation = newSimulation();
  const machine = newMachine();
  const container = startContainer(simulation, machine);
  passUntil(simulation, () => container.process.qemu !== undefined);
  pass(simulation, 60);
  const qemu = container.process.qemu as Qemu;
  const server = await listen((socket) => serveQmp(qemu, socket, { now: () => simulation.now }));
  return { simulation, machine, qemu, server };
}

qmpContract('the lab', async () => {
  const { machine, server } = await labQemu();
  return {
    open: () => server.open(),
    clock: realClock,
    screenPath: '/run/waa/screen.png',
    readScreen: () => Promise.resolve(machine.readFile('/data/waa/run/screen.png')?.content ?? Buffer.alloc(0)),
    impossiblePath: '/no/such/directory/screen.png',
    close: () => server.close(),
  };
});

describe("the lab's QMP, word for word", () => {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  /** Sends lines and collects answers until `count` have come. */
  async function talk(send: readonly string[], count: number, during?: (qemu: Qemu) => void): Promise<unknown[]> {
    const { server, qemu } = await labQemu();
    cleanups.push(() => server.close());
    const stream = await server.open();
    const answers: unknown[] = [];
    let pending = '';
    return new Promise((resolve) => {
      stream.on('data', (chunk: Buffer) => {
        pending += chunk.toString('utf8');
        const lines = pending.split('\r\n');
        pending = lines.pop() ?? '';
        answers.push(...lines.map((line) => JSON.parse(line) as unknown));
        if (answers.length === send.length + 1) during?.(qemu);
        if (answers.length >= count) resolve(answers);
      });
      for (const line of send) stream.write(`${line}\n`);
    });
  }

  it('greets, and refuses everything before negotiation', async () => {
    const [greeting, early] = await talk(['{"execute":"query-status","id":7}'], 2);
    expect(greeting).toMatchObject({ QMP: { version: { qemu: { major: 11 } }, capabilities: ['oob'] } });
    expect(early).toEqual({
      id: 7,
      error: { class: 'CommandNotFound', desc: "Expecting capabilities negotiation with 'qmp_capabilities'" },
    });
  });

  it('says of an unknown command that it has not been found', async () => {
    const answers = await talk(['{"execute":"qmp_capabilities"}', '{"execute":"make-coffee","id":"x"}'], 3);
    expect(answers[2]).toEqual({
      id: 'x',
      error: { class: 'CommandNotFound', desc: 'The command make-coffee has not been found' },
    });
  });

  it('refuses a second negotiation, what is no JSON, no object, and members it does not know', async () => {
    const answers = await talk(
      [
        '{"execute":"qmp_capabilities"}',
        '{"execute":"qmp_capabilities"}',
        'hello',
        '[1]',
        '{"execute":"cont","force":true}',
        '{}',
      ],
      7,
    );
    expect(answers.slice(2)).toMatchObject([
      { error: { class: 'CommandNotFound' } },
      { error: { class: 'GenericError', desc: expect.stringContaining('JSON') as string } },
      { error: { desc: 'QMP input must be a JSON object' } },
      { error: { desc: "QMP input member 'force' is unexpected" } },
      { error: { desc: "QMP input lacks member 'execute'" } },
    ]);
  });

  it('names the missing parameter', async () => {
    const answers = await talk(['{"execute":"qmp_capabilities"}', '{"execute":"screendump"}'], 3);
    expect(answers[2]).toEqual({ error: { class: 'GenericError', desc: "Parameter 'filename' is missing" } });
  });

  it('sends events with a time stamp, and ends the stream with QEMU', async () => {
    const answers = await talk(['{"execute":"qmp_capabilities"}'], 3, (qemu) => qemu.quit());
    expect(answers[2]).toMatchObject({
      event: 'SHUTDOWN',
      data: { guest: false },
      timestamp: { seconds: expect.any(Number) as number },
    });
  });
});

describe('QMP client against broken servers', () => {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  async function against(serve: (socket: Socket) => void): Promise<unknown> {
    const server = await listen(serve);
    cleanups.push(() => server.close());
    using deadline = Deadline.after(5_000, realClock);
    return await openQmp(() => server.open(), deadline).then(
      () => 'opened',
      (error: unknown) => error,
    );
  }

  it('takes another protocol for what it is', async () => {
    expect(await against((socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'))).toMatchObject({
      code: 'QEMU_QMP_PROTOCOL',
    });
    expect(await against((socket) => socket.write('{"hello":"world"}\r\n'))).toMatchObject({
      code: 'QEMU_QMP_PROTOCOL',
    });
  });

  it('tells a connection that is closed at once', async () => {
    expect(await against((socket) => socket.end())).toMatchObject({ code: 'QEMU_QMP_CLOSED' });
  });

  it('tells one that is closed during negotiation', async () => {
    const greeting = '{"QMP":{"version":{"qemu":{"micro":0,"minor":1,"major":11},"package":""},"capabilities":[]}}\r\n';
    expect(
      await against((socket) => {
        socket.write(greeting);
        socket.once('data', () => socket.destroy());
      }),
    ).toMatchObject({ code: 'QEMU_QMP_CLOSED' });
  });
});
