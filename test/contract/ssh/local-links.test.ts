import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLocalLinks } from '../../../src/clients/ssh/local-links.js';
import type { SshLink, SshLinks } from '../../../src/clients/ssh/ssh.js';
import { fail } from '../../../src/failures/waa-error.js';
import { Deadline } from '../../../src/health/deadline.js';
import { newClock } from '../../helpers/lab-machine.js';

const address = { host: 'localhost', port: 0, user: 'me', local: true } as const;
const noSsh: SshLinks = {
  open: () => Promise.reject(fail('BUG', { what: 'SSH was asked for' })),
  forget: () => Promise.resolve(),
  hangUp: () => undefined,
  close: () => Promise.resolve(),
};

describe('links to this machine', () => {
  let links: SshLinks;
  let link: SshLink;
  let directory: string;
  let servers: Server[];
  let deadline: Deadline;

  const pong = async (where: string | number): Promise<Server> => {
    const server = createServer((socket) => socket.once('data', () => socket.end('pong')));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(where, resolve));
    return server;
  };
  const ask = (stream: Duplex): Promise<string> => {
    stream.write('ping');
    return text(stream);
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'waa-local-'));
    servers = [];
    deadline = Deadline.after(60_000, newClock());
    links = withLocalLinks(noSsh);
    link = await links.open(address, deadline);
  });
  afterEach(async () => {
    await links.close();
    for (const server of servers) server.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('runs a command with its input and gives output and exit code', async () => {
    const result = await link.exec(['sh', '-c', 'cat; echo oops >&2; exit 3'], { deadline, stdin: 'hello' });
    expect(result).toEqual({ exitCode: 3, stdout: 'hello', stderr: 'oops\n' });
  });

  it('passes every word through unchanged', async () => {
    const words = ["it's", 'a "b"', '$HOME', '`id`', '*', '; false', 'back\\slash', '', 'tab\tnew\nline'];
    const { stdout } = await link.exec(['printf', '%s|', ...words], { deadline });
    expect(stdout).toBe(`${words.join('|')}|`);
  });

  it('answers as a shell does for a program that does not exist, or that was killed', async () => {
    const missing = await link.exec(['waa-no-such-program'], { deadline });
    expect(missing.exitCode).toBe(127);
    expect(missing.stderr).toMatch(/not found/);
    expect((await link.exec(['sh', '-c', 'kill -KILL $$'], { deadline })).exitCode).toBe(137);
  });

  it('survives a command that does not read its input', async () => {
    expect((await link.exec(['true'], { deadline, stdin: 'x'.repeat(1_000_000) })).exitCode).toBe(0);
  });

  it('keeps the end of a long output', async () => {
    const { stdout } = await link.exec(['sh', '-c', 'seq 1 1000; echo the end'], { deadline, maxOutputBytes: 100 });
    expect(stdout).toMatch(/^\[\d+ earlier bytes dropped\]\n[\s\S]*the end\n$/);
  });

  it('ends a command at its deadline and says how far it came', async () => {
    const clock = newClock();
    const short = Deadline.after(1000, clock);
    const call = link.exec(['sleep', '600'], { deadline: short });
    const outcome = expect(call).rejects.toMatchObject({ code: 'VM_EXEC_TIMEOUT', params: { seconds: 1 } });
    await clock.advance(1000);
    await outcome;
  });

  it('streams, and ends the command when told to', async () => {
    const stream = await link.stream(['sh', '-c', 'echo first; exec sleep 600'], { deadline });
    await new Promise((resolve) => stream.stdout.once('data', resolve));
    stream.abort();
    expect(await stream.exit).toBeGreaterThan(128);
  });

  it('reaches sockets and ports, and names those where nobody listens', async () => {
    const socket = join(directory, 'pong.sock');
    await pong(socket);
    const { port } = (await pong(0)).address() as AddressInfo;
    expect(await ask(await link.forwardUnix(socket, deadline))).toBe('pong');
    expect(await ask(await link.forwardTcp('127.0.0.1', port, deadline))).toBe('pong');
    const nowhere = link.forwardUnix(join(directory, 'nothing'), deadline);
    await expect(nowhere).rejects.toMatchObject({ code: 'VM_FORWARD_REFUSED' });
    await expect(link.forwardTcp('127.0.0.1', 1, deadline)).rejects.toMatchObject({ code: 'VM_FORWARD_REFUSED' });
  });

  it('is opened anew after it was closed', async () => {
    link.close();
    expect(link.closed).toBe(true);
    await expect(link.forwardTcp('127.0.0.1', 1, deadline)).rejects.toMatchObject({ code: 'VM_SSH_DROPPED' });
    expect((await links.open(address, deadline)).closed).toBe(false);
  });

  it('leaves every other address to SSH', async () => {
    await expect(links.open({ ...address, local: undefined }, deadline)).rejects.toThrow('SSH was asked for');
  });
});
