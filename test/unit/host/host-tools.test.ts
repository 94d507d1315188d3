import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { gunzipSync } from 'node:zlib';
import type { ExecResult, SshLink, SshLinks } from '../../../src/clients/ssh/ssh.js';
import { quoteArgv } from '../../../src/failures/quote-argv.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { fail } from '../../../src/failures/waa-error.js';
import { Deadline } from '../../../src/health/deadline.js';
import { createHostTools } from '../../../src/host/create-host-tools.js';
import { createScriptRunner } from '../../../src/host/script-runner.js';
import { withSocketAccess } from '../../../src/host/socket-access.js';
import { splitWords } from '../../../src/lab/wire/ssh/split-words.js';
import { renderCloudInit } from '../../../src/layers/vm/cloud-init.js';
import fc from 'fast-check';

const deadline = Deadline.after(60_000, createManualClock());
const scripts = { hash: '0123456789abcdef', files: new Map([['lib.sh', 'x']]) };

/** A link that answers each command line with what `reply` says. */
function scriptedLink(reply: (argv: readonly string[]) => Partial<ExecResult>, user = 'azureuser') {
  const lines: string[] = [];
  const link: SshLink = {
    address: { host: 'h', port: 22, user },
    closed: false,
    exec: (argv) => {
      lines.push(argv.join(' '));
      return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', ...reply(argv) });
    },
    stream: () => Promise.reject(new Error('not used')),
    forwardTcp: () => Promise.reject(new Error('not used')),
    forwardUnix: () => Promise.reject(fail('VM_FORWARD_REFUSED', { host: 'h', target: 's' })),
    close: () => undefined,
  };
  return { link, lines };
}

describe('script runner', () => {
  it('installs the bundle when it is missing, once, and runs as root through sudo', async () => {
    const { link, lines } = scriptedLink((argv) => ({ exitCode: argv[0] === 'test' ? 1 : 0 }));
    const runner = createScriptRunner(() => Promise.resolve(scripts));
    await Promise.all([
      runner.run(link, 'facts', ['/data', '0'], { deadline }),
      runner.run(link, 'facts', ['/data', '0'], { deadline }),
    ]);
    expect(lines.filter((line) => line.startsWith('sudo -n sh -c'))).toHaveLength(1);
    expect(lines.at(-1)).toBe('sudo -n sh /var/lib/waa/host/0123456789abcdef/facts.sh /data 0');
  });

  it('needs no sudo as root', async () => {
    const { link, lines } = scriptedLink(() => ({}), 'root');
    await createScriptRunner(() => Promise.resolve(scripts)).run(link, 'facts', [], { deadline });
    expect(lines.some((line) => line.includes('sudo'))).toBe(false);
  });

  const refusals = ['sudo: a password is required', 'sh: 1: sudo: not found', 'azureuser is not in the sudoers file.'];
  it.each(refusals)('names missing rights: %s', async (stderr) => {
    const { link } = scriptedLink((argv) => (argv[0] === 'sudo' ? { exitCode: 1, stderr } : {}));
    const runner = createScriptRunner(() => Promise.resolve(scripts));
    await expect(runner.run(link, 'facts', [], { deadline })).rejects.toMatchObject({ code: 'VM_SUDO_MISSING' });
  });

  it('tries a failed installation again with the next call', async () => {
    let broken = true;
    const { link } = scriptedLink((argv) =>
      argv[0] === 'test' ? { exitCode: 1 } : { exitCode: broken ? 1 : 0, stderr: 'disk full' },
    );
    const runner = createScriptRunner(() => Promise.resolve(scripts));
    await expect(runner.run(link, 'facts', [], { deadline })).rejects.toMatchObject({
      code: 'VM_HOST_SCRIPT_FAILED',
      params: { detail: 'disk full' },
    });
    broken = false;
    expect((await runner.run(link, 'facts', [], { deadline })).exitCode).toBe(0);
  });
});

describe('host tools', () => {
  const toolsAnswering = (reply: Partial<ExecResult>) => {
    const { link } = scriptedLink((argv) => (argv[0] === 'sudo' ? reply : {}));
    return {
      link,
      tools: createHostTools({ runner: createScriptRunner(() => Promise.resolve(scripts)), dataDirectory: '/data' }),
    };
  };

  it.each(['', 'not json', '{"usable":"yes"}'])('refuses the answer %j', async (stdout) => {
    const { link, tools } = toolsAnswering({ stdout });
    await expect(tools.kvmSelftest(link, deadline)).rejects.toMatchObject({ code: 'VM_HOST_SCRIPT_OUTPUT' });
  });

  it('keeps the words of a script that failed without a reason', async () => {
    const { link, tools } = toolsAnswering({ exitCode: 137, stderr: 'line\nKilled\n' });
    await expect(tools.startDocker(link, deadline)).rejects.toMatchObject({
      params: { reason: 'unknown', detail: 'Killed', exitCode: 137 },
    });
  });
});

describe('socket access', () => {
  const done = () => Promise.resolve();
  const linksTo = (link: SshLink): SshLinks => ({
    open: () => Promise.resolve(link),
    forget: done,
    hangUp: () => undefined,
    close: done,
  });

  it('opens a refused socket to the user and tries once more', async () => {
    const { link, lines } = scriptedLink(() => ({}));
    let tries = 0;
    const forwarded = {
      ...link,
      forwardUnix: () => {
        tries += 1;
        return tries === 1 ? link.forwardUnix('', deadline) : Promise.resolve('stream' as never);
      },
    };
    const links = withSocketAccess(
      linksTo(forwarded),
      createScriptRunner(() => Promise.resolve(scripts)),
    );
    const opened = await links.open(link.address, deadline);
    expect(await opened.forwardUnix('/data/waa/run/qmp.sock', deadline)).toBe('stream');
    expect(lines.at(-1)).toContain('open-socket.sh /data/waa/run/qmp.sock azureuser');
  });

  it('keeps the refusal of a socket that is not there', async () => {
    const { link } = scriptedLink((argv) => ({ exitCode: argv[0] === 'sudo' ? 1 : 0 }));
    const links = withSocketAccess(
      linksTo(link),
      createScriptRunner(() => Promise.resolve(scripts)),
    );
    await expect((await links.open(link.address, deadline)).forwardUnix('/x', deadline)).rejects.toMatchObject({
      code: 'VM_FORWARD_REFUSED',
    });
  });
});

describe('command lines', () => {
  it('survive quoting and splitting', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }).filter((word) => !word.includes('\0'))), (argv) => {
        expect(splitWords(quoteArgv(argv))).toEqual(argv);
      }),
    );
  });

  it.each(['a | b', 'a; b', 'echo $HOME', "unterminated '", 'x `y`', 'a > b'])(
    'that need a shell are not guessed: %s',
    (line) => {
      expect(splitWords(line)).toBeUndefined();
    },
  );
});

describe('user data', () => {
  const text = renderCloudInit({
    user: 'azureuser',
    lun: 0,
    dataDirectory: '/data',
    image: 'r/i:1',
    scripts: new Map([
      ['lib.sh', 'L'],
      ['disk-prepare.sh', 'D'],
      ['docker-install.sh', 'I'],
    ]),
  });
  const config = parse(text) as {
    packages: string[];
    runcmd: unknown[];
    write_files: { path: string; content: string }[];
  };

  it('is cloud-config with our packages and steps in order', () => {
    expect(text.startsWith('#cloud-config\n')).toBe(true);
    expect(config.packages).toEqual(['acl', 'docker.io', 'python3']);
    expect(config.runcmd[0]).toBe('set -e');
    expect(JSON.stringify(config.runcmd)).toMatch(
      /disk-prepare\.sh","0","\/data","azureuser".*docker-install\.sh","\/data\/docker".*docker","pull","r\/i:1"/,
    );
  });

  it('configures Docker for the data disk before its package comes, and lets it wait for the disk', () => {
    const file = (path: string) => config.write_files.find((entry) => entry.path === path)?.content ?? '';
    expect(JSON.parse(file('/etc/docker/daemon.json'))).toEqual({ 'data-root': '/data/docker' });
    expect(file('/etc/systemd/system/docker.service.d/10-waa-data.conf')).toContain('ConditionPathIsMountPoint=/data');
  });

  it('carries the very scripts a later repair uses', () => {
    const packed = config.write_files.find((entry) => entry.path.endsWith('/disk-prepare.sh'));
    expect(gunzipSync(Buffer.from(packed?.content ?? '', 'base64')).toString()).toBe('D');
  });
});
