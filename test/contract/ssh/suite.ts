import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureKeyPair } from '../../../src/clients/ssh/keys.js';
import { createKnownHosts } from '../../../src/clients/ssh/known-hosts.js';
import { createSshLinks, type SshLinksOptions } from '../../../src/clients/ssh/links.js';
import type { SshLinks } from '../../../src/clients/ssh/ssh.js';
import type { ManualClock } from '../../../src/clock/manual-clock.js';
import { Deadline } from '../../../src/health/deadline.js';
import { newClock } from '../../helpers/lab-machine.js';
import type { SshTarget } from './target.js';

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => stream.once('end', resolve));
  return Buffer.concat(chunks).toString('utf8');
}

/** What our SSH client promises against any sshd. `setup` gives a fresh, reachable target. */
export function sshSuite(name: string, setup: () => Promise<SshTarget>): void {
  describe(`ssh client against ${name}`, () => {
    let target: SshTarget;
    let clock: ManualClock;
    let links: SshLinks;
    let deadline: Deadline;
    const knownHosts = (): string => join(target.directory, 'known_hosts');
    const newLinks = (overrides: Partial<SshLinksOptions> = {}): SshLinks =>
      createSshLinks({
        dial: target.dial,
        clock,
        privateKeyPath: target.privateKeyPath,
        knownHosts: createKnownHosts(knownHosts()),
        ...overrides,
      });

    beforeEach(async () => {
      target = await setup();
      clock = newClock();
      links = newLinks();
      deadline = Deadline.after(60_000, clock);
    });
    afterEach(async () => {
      await links.close();
      await target.dispose();
    });

    it('runs a command and gives output and exit code', async () => {
      const link = await links.open(target.address, deadline);
      expect(await link.exec(['echo', 'hello'], { deadline })).toEqual({ exitCode: 0, stdout: 'hello\n', stderr: '' });
    });

    it('passes every word through unchanged', async () => {
      const link = await links.open(target.address, deadline);
      const words = ["it's", 'a "b"', '$HOME', '`id`', '*', '; rm -rf /', 'back\\slash', '', 'tab\tnew\nline', '-n'];
      const { stdout } = await link.exec(['echo', 'x', ...words], { deadline });
      expect(stdout).toBe(`x ${words.join(' ')}\n`);
    });

    it("gives 127 and the shell's words for a program that does not exist", async () => {
      const link = await links.open(target.address, deadline);
      const result = await link.exec(['waa-no-such-program'], { deadline });
      expect(result.exitCode).toBe(127);
      expect(result.stderr).toMatch(/not found/);
    });

    it('gives the exit code of a command that fails', async () => {
      const link = await links.open(target.address, deadline);
      expect((await link.exec(['cat', '/no/such/file'], { deadline })).exitCode).toBe(1);
    });

    it('shares one connection between concurrent callers', async () => {
      const opened = await Promise.all([1, 2, 3].map(() => links.open(target.address, deadline)));
      expect(new Set(opened).size).toBe(1);
    });

    it('runs more commands at once than sshd has sessions', async () => {
      const link = await links.open(target.address, deadline);
      const results = await Promise.all(
        Array.from({ length: 30 }, (_, i) => link.exec(['echo', String(i)], { deadline })),
      );
      expect(results.map((result) => result.stdout)).toEqual(Array.from({ length: 30 }, (_, i) => `${i}\n`));
    });

    it('keeps the end of a long output and says what was dropped', async () => {
      const link = await links.open(target.address, deadline);
      const { stdout } = await link.exec(['echo', 'a'.repeat(500), 'the end'], { deadline, maxOutputBytes: 100 });
      expect(stdout).toMatch(/^\[\d+ earlier bytes dropped\]\na+ the end\n$/);
    });

    it('pins the host key at first contact in a private OpenSSH file', async () => {
      await links.open(target.address, deadline);
      const text = await readFile(knownHosts(), 'utf8');
      const { host, port } = target.address;
      const hostField = port === 22 ? host : `[${host}]:${port}`;
      expect(text.startsWith(`${hostField} ssh-ed25519 AAAA`)).toBe(true);
      expect((await stat(knownHosts())).mode & 0o777).toBe(0o600);
    });

    it('refuses a host whose key changed, and takes it after forget', async () => {
      await links.open(target.address, deadline);
      await links.close();
      await target.changeHostKey();
      links = newLinks();
      await expect(links.open(target.address, deadline)).rejects.toMatchObject({ code: 'VM_HOST_KEY_CHANGED' });
      await links.forget(target.address);
      expect((await links.open(target.address, deadline)).closed).toBe(false);
    });

    it('reports a connection that breaks while its host key is written down', async () => {
      let socket: Duplex | undefined;
      const broken = newLinks({
        dial: async (...call) => (socket = await target.dial(...call)),
        knownHosts: {
          ...createKnownHosts(knownHosts()),
          pin: () =>
            new Promise((resolve) => {
              socket?.once('close', resolve);
              socket?.destroy(new Error('read ECONNRESET'));
            }),
        },
      });
      await expect(broken.open(target.address, deadline)).rejects.toMatchObject({ code: 'VM_SSH_DROPPED' });
      await broken.close();
    });

    it('keeps lines of others in known_hosts', async () => {
      const foreign = '# mine\nother.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAA\n';
      await writeFile(knownHosts(), foreign);
      await links.open(target.address, deadline);
      expect((await readFile(knownHosts(), 'utf8')).startsWith(foreign)).toBe(true);
    });

    it('says so when the key is not accepted', async () => {
      const stranger = join(target.directory, 'stranger');
      await ensureKeyPair(stranger);
      const others = newLinks({ privateKeyPath: stranger });
      await expect(others.open(target.address, deadline)).rejects.toMatchObject({ code: 'VM_SSH_AUTH' });
      await others.close();
    });

    it('names a missing private key before it dials', async () => {
      const others = newLinks({ privateKeyPath: join(target.directory, 'missing') });
      await expect(others.open(target.address, deadline)).rejects.toMatchObject({ code: 'VM_SSH_KEY_MISSING' });
      await others.close();
    });

    it('reports a server that is not there as refused', async () => {
      await target.stop();
      await expect(links.open(target.address, deadline)).rejects.toMatchObject({ code: 'VM_SSH_REFUSED' });
    });

    it('opens a new connection after the old one was dropped', async () => {
      const before = await links.open(target.address, deadline);
      const closed = new Promise<void>((resolve) => {
        const look = (): void => (before.closed ? resolve() : void setImmediate(look));
        look();
      });
      await target.dropConnections();
      await closed;
      const after = await links.open(target.address, deadline);
      expect(after).not.toBe(before);
      expect((await after.exec(['true'], { deadline })).exitCode).toBe(0);
    });

    it('tells of a connection that broke, and of none whose host we took down ourselves', async () => {
      const told: string[] = [];
      const own = newLinks({ onDropped: (fault) => (told.push(fault.code), () => undefined) });
      const end = async (cut: () => unknown): Promise<void> => {
        const link = await own.open(target.address, deadline);
        await cut();
        while (!link.closed) await new Promise((resolve) => setImmediate(resolve));
      };
      await end(() => {
        own.hangUp();
      });
      await target.dropConnections();
      expect(told).toEqual([]);
      await end(() => target.dropConnections());
      expect(told).toEqual(['VM_SSH_DROPPED']);
      await own.close();
    });

    it('forwards a unix socket', async () => {
      const link = await links.open(target.address, deadline);
      const stream = await link.forwardUnix(target.pongSocket, deadline);
      stream.write('ping');
      expect(await textOf(stream)).toBe('pong');
    });

    it('forwards a TCP port of the loopback', async () => {
      const link = await links.open(target.address, deadline);
      const stream = await link.forwardTcp('127.0.0.1', target.pongPort, deadline);
      stream.write('ping');
      expect(await textOf(stream)).toBe('pong');
    });

    it.each([
      [
        'a TCP port',
        (l: SshLinks) => l.open(target.address, deadline).then((link) => link.forwardTcp('127.0.0.1', 1, deadline)),
      ],
      [
        'a unix socket',
        (l: SshLinks) => l.open(target.address, deadline).then((link) => link.forwardUnix('/no/such.sock', deadline)),
      ],
    ])('reports %s where nothing listens as refused', async (_what, forward) => {
      await expect(forward(links)).rejects.toMatchObject({ code: 'VM_FORWARD_REFUSED' });
    });

    it('streams output and ends with the exit code', async () => {
      const link = await links.open(target.address, deadline);
      const stream = await link.stream(['echo', 'line'], { deadline });
      expect(await textOf(stream.stdout)).toBe('line\n');
      expect(await stream.exit).toBe(0);
    });

    it('carries binary input and output of some megabytes', async () => {
      const link = await links.open(target.address, deadline);
      const text = randomBytes(1_500_000).toString('hex');
      const { stdout } = await link.exec(['cat'], { deadline, stdin: text, maxOutputBytes: 4_000_000 });
      expect(stdout === text).toBe(true);
    });

    it('ends at the deadline and names the command', async () => {
      const link = await links.open(target.address, deadline);
      using short = Deadline.after(5000, clock);
      const call = link.exec(['sleep', '1000'], { deadline: short });
      const outcome = expect(call).rejects.toMatchObject({
        code: 'VM_EXEC_TIMEOUT',
        params: { command: 'sleep 1000', seconds: 5 },
      });
      await clock.advance(5000);
      await outcome;
    });

    it('rejects with the reason of a person who stops it', async () => {
      const link = await links.open(target.address, deadline);
      const controller = new AbortController();
      using own = Deadline.after(60_000, clock, controller.signal);
      const call = link.exec(['sleep', '1000'], { deadline: own });
      const reason = new Error('Ctrl-C');
      controller.abort(reason);
      await expect(call).rejects.toBe(reason);
    });

    it('fails a running command when the connection breaks', async () => {
      const link = await links.open(target.address, deadline);
      const stream = await link.stream(['sleep', '1000'], { deadline });
      stream.stdout.resume();
      await target.dropConnections();
      await expect(stream.exit).rejects.toMatchObject({ code: 'VM_SSH_DROPPED' });
    });
  });
}
