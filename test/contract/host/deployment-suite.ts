import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCliHome, type CliHome, type CliResult } from '../../helpers/cli.js';
import { startDockerd, type RealDocker } from '../../helpers/real-docker.js';
import { startSshdTarget } from '../ssh/sshd-target.js';
import type { SshTarget } from '../ssh/target.js';

const OWNER = '/var/lib/waa/owner';

interface JsonFailure {
  readonly error: { readonly code: string; readonly exitCode: number; readonly fix: readonly string[] };
}

/** The built program against this machine: real OpenSSH on loopback, real dockerd, up to the docker layer. Needs root. */
export function hostDeploymentSuite(): void {
  describe('a deployment on a host of the user', () => {
    let sshd: SshTarget;
    let engine: RealDocker;
    let scratch: string;
    let cli: CliHome;
    let other: CliHome;
    let data: string;

    const env = (): Record<string, string> => ({
      WAA_SSH_KEY_PATH: sshd.privateKeyPath,
      WAA_IMAGE_REFERENCE: engine.image,
      OPENAI_API_KEY: 'none',
    });
    const where = (): string => `ssh://${sshd.address.user}@127.0.0.1:${sshd.address.port}`;
    // A machine whose KVM does not work will do: no guest is started.
    const place = (host = where()): readonly string[] => [
      ...['--host', host, '--data-directory', data, '--docker-socket', engine.socket, '--allow-tcg'],
    ];
    const up = (home: CliHome, argv: readonly string[], more: Record<string, string> = {}): Promise<CliResult> =>
      home.run(['--json', 'up', ...argv], { env: { ...env(), ...more } });
    const on = (home: CliHome, ...argv: readonly string[]): Promise<CliResult> =>
      home.run(['--json', ...argv], { env: env() });
    const codeOf = (result: CliResult): string => (JSON.parse(result.stdout) as JsonFailure).error.code;
    const layersOf = (result: CliResult): Record<string, string> => {
      const { result: status } = JSON.parse(result.stdout) as {
        result: { workers: { layers: { id: string; state: string }[] }[] };
      };
      return Object.fromEntries((status.workers[0]?.layers ?? []).map(({ id, state }) => [id, state]));
    };
    /** Nothing on the host but the folder of scripts, and no deployment at home. */
    const nothingLeft = (home: CliHome): void => {
      expect(existsSync(OWNER)).toBe(false);
      expect(existsSync(join(data, 'waa'))).toBe(false);
      const deployments = join(home.home, 'deployments');
      expect(existsSync(deployments) ? readdirSync(deployments) : []).toEqual([]);
    };

    beforeAll(async () => {
      engine = await startDockerd();
    });
    afterAll(() => engine.dispose());
    beforeEach(async () => {
      sshd = await startSshdTarget();
      scratch = await mkdtemp(join(tmpdir(), 'waa-host-'));
      // Quotes and blanks must get through every script.
      data = join(scratch, "da ta's");
      cli = createCliHome();
      other = createCliHome();
    });
    afterEach(async () => {
      await on(cli, 'down', '--yes', '--force');
      const left = await engine.docker('ps', '-aq', '--filter', 'name=winarena');
      if (left !== '') await engine.docker('rm', '-f', left);
      await Promise.all([cli.dispose(), other.dispose()]);
      await sshd.dispose();
      await rm(scratch, { recursive: true, force: true });
      await rm(OWNER, { force: true });
    });

    it('comes up to the docker layer, is seen, paused and taken down with proof', async () => {
      // The stand-in image is no Windows: the walk ends at QEMU, above what is looked at here.
      expect(codeOf(await up(cli, place()))).toMatch(/^(QEMU|DOCKER)_/);
      const status = await on(cli, 'status');
      expect(status.exitCode).toBe(4);
      expect(layersOf(status)).toMatchObject({ vm: 'ready', docker: 'ready' });
      expect(layersOf(status)).not.toHaveProperty('azure');
      expect(await readFile(join(data, 'waa', 'owner'), 'utf8')).toContain('deployment default');

      expect((await on(cli, 'pool-pause')).exitCode).toBe(0);
      const logs = await on(cli, 'logs', 'host');
      expect(logs.exitCode).toBe(0);
      const { argv } = (JSON.parse((await on(cli, 'ssh', '--print')).stdout) as { result: { argv: string[] } }).result;
      expect(argv.slice(-3)).toEqual(['-p', String(sshd.address.port), `${sshd.address.user}@127.0.0.1`]);

      // A container on our disk is ours, whoever started it last.
      const storage = `${join(data, 'waa', 'storage')}:/storage`;
      await engine.docker('create', '--network=none', '-v', storage, '--name=winarena', engine.image, '/bin/true');

      const down = await on(cli, 'down', '--yes');
      expect(JSON.parse(down.stdout)).toMatchObject({ result: { hosts: [{ wasOurs: true, left: [] }] } });
      expect(existsSync('/var/lib/waa/host')).toBe(false);
      expect(await engine.docker('ps', '-aq')).toBe('');
      expect(await engine.docker('image', 'inspect', '--format', 'there', engine.image)).toBe('there');
      nothingLeft(cli);
    });

    it('does the same on this machine without SSH', async () => {
      expect(codeOf(await up(cli, place('local')))).toMatch(/^(QEMU|DOCKER)_/);
      expect(layersOf(await on(cli, 'status'))).toMatchObject({ vm: 'ready', docker: 'ready' });
      expect((await on(cli, 'down', '--yes')).exitCode).toBe(0);
      nothingLeft(cli);
    });

    it('is refused to a second deployment, whatever its data directory, and stays untouched', async () => {
      await up(cli, place());
      expect(codeOf(await up(other, place()))).toBe('VM_HOST_IN_USE');
      const elsewhere = place().map((word) => (word === data ? join(scratch, 'elsewhere') : word));
      expect(codeOf(await up(other, elsewhere))).toBe('VM_HOST_IN_USE');
      expect(existsSync(join(scratch, 'elsewhere'))).toBe(false);
      expect(codeOf(await up(cli, ['--name', 'second', ...place()]))).toBe('VM_HOST_IN_USE');
      expect(layersOf(await on(cli, 'status', '--name', 'default'))).toMatchObject({ vm: 'ready', docker: 'ready' });
    });

    it('continues after a first up, and keeps to the hosts it was made with', async () => {
      await up(cli, place());
      writeFileSync(join(data, 'waa', 'storage', 'mine.iso'), 'precious');
      expect(codeOf(await up(cli, ['--resume']))).toMatch(/^(QEMU|DOCKER)_/);
      expect(existsSync(join(data, 'waa', 'storage', 'mine.iso'))).toBe(true);
      expect(codeOf(await up(cli, ['--host', 'ssh://root@192.0.2.1']))).toBe('USAGE');
    });

    it('builds an image for a host without a deployment, and leaves only that', async () => {
      const folder = join(scratch, "con text's");
      mkdirSync(folder);
      writeFileSync(join(folder, 'Dockerfile'), `FROM ${engine.image}\nCOPY a.txt /opt/\nLABEL waa=built\n`);
      writeFileSync(join(folder, 'a.txt'), 'hello');
      const onHost = place().filter((word) => word !== '--allow-tcg');
      const build = (): Promise<CliResult> => on(cli, 'image-build', folder, '--tag', 'waa/contract:1', ...onHost);
      const built = await build();
      expect(built.exitCode).toBe(0);
      const { result } = JSON.parse(built.stdout) as { result: { id: string; labels: unknown } };
      expect(result).toMatchObject({ tag: 'waa/contract:1', labels: { waa: 'built' } });
      expect(await engine.docker('image', 'inspect', '--format', '{{.Id}}', 'waa/contract:1')).toBe(result.id);
      expect(built.stderr).toMatch(/step 2 of [23]: COPY a\.txt \/opt\//);

      writeFileSync(join(folder, 'Dockerfile'), `FROM ${engine.image}\nCOPY b.txt /opt/\n`);
      expect(codeOf(await build())).toBe('DOCKER_BUILD_STEP_FAILED');
      nothingLeft(cli);
    });

    it('asks before it deletes the Windows disk', async () => {
      await up(cli, place());
      expect(codeOf(await on(cli, 'down'))).toBe('OWN_CONFIRMATION_NEEDED');
      expect(existsSync(join(data, 'waa', 'storage'))).toBe(true);
    });

    it('forgets a host that is gone for good only when forced, and says what it could not do', async () => {
      await up(cli, place());
      await sshd.stop();
      expect(codeOf(await on(cli, 'down', '--yes'))).toMatch(/^VM_SSH_/);
      expect(existsSync(join(cli.home, 'deployments', 'default'))).toBe(true);
      const forced = await on(cli, 'down', '--yes', '--force');
      expect(JSON.parse(forced.stdout)).toMatchObject({
        result: { hosts: [{ deleted: [], unreachable: expect.stringContaining('127.0.0.1') }] },
      });
      expect(existsSync(join(cli.home, 'deployments', 'default'))).toBe(false);
    });

    it('refuses a host whose key changed after the first contact', async () => {
      await up(cli, place());
      await sshd.changeHostKey();
      expect(codeOf(await on(cli, 'pool-pause'))).toBe('VM_HOST_KEY_CHANGED');
    });

    it('shows in preflight the checks that apply, and changes nothing', async () => {
      const result = await on(cli, 'preflight', ...place());
      const { checks } = (JSON.parse(result.stdout) as { result: { checks: { id: string; outcome: string }[] } })
        .result;
      const outcomes = Object.fromEntries(checks.map(({ id, outcome }) => [id, outcome]));
      expect(outcomes).toMatchObject({ 'vm-host-reach': 'pass', 'vm-host-free': 'pass', 'vm-host-room': 'pass' });
      expect(outcomes).toMatchObject({ 'docker-image': 'pass' });
      expect(Object.keys(outcomes).filter((id) => id.startsWith('azure-'))).toEqual([]);
      nothingLeft(cli);
    });

    describe('bad input leaves nothing behind', () => {
      const listening = async (port: number): Promise<Server> => {
        const server = createServer();
        await new Promise<void>((resolve, reject) => {
          server.once('error', reject);
          server.listen(port, '127.0.0.1', resolve);
        });
        return server;
      };

      it('a key the host does not know', async () => {
        const key = join(scratch, 'stranger');
        execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
        expect(codeOf(await up(cli, place(), { WAA_SSH_KEY_PATH: key }))).toBe('VM_SSH_AUTH');
        nothingLeft(cli);
      });

      it('a host that does not answer', async () => {
        await sshd.stop();
        expect(codeOf(await up(cli, place()))).toBe('VM_SSH_REFUSED');
        nothingLeft(cli);
      });

      it.each([5000, 8006])('port %i taken', async (port) => {
        const server = await listening(port);
        try {
          expect(codeOf(await up(cli, place()))).toBe('VM_HOST_PORT_TAKEN');
        } finally {
          await new Promise((resolve) => server.close(resolve));
        }
        nothingLeft(cli);
      });

      it('less disk than needed', async () => {
        mkdirSync(data);
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'waa-test', data]);
        try {
          expect(codeOf(await up(cli, place()))).toBe('VM_DISK_SPACE');
          nothingLeft(cli);
        } finally {
          execFileSync('umount', [data]);
        }
      });

      it("somebody's own container of that name", async () => {
        await engine.docker('create', '--network', 'none', '--name', 'winarena', engine.image, '/bin/true');
        try {
          expect(codeOf(await up(cli, place()))).toBe('VM_HOST_IN_USE');
        } finally {
          expect(await engine.docker('rm', 'winarena')).toBe('winarena');
        }
        nothingLeft(cli);
      });

      it("somebody's own folder where ours would be", async () => {
        mkdirSync(join(data, 'waa'), { recursive: true });
        writeFileSync(join(data, 'waa', 'thesis.txt'), 'precious');
        expect(codeOf(await up(cli, place()))).toBe('VM_HOST_IN_USE');
        expect(await readFile(join(data, 'waa', 'thesis.txt'), 'utf8')).toBe('precious');
        expect(existsSync(OWNER)).toBe(false);
      });

      it.each([
        [['--host', 'me@kvm1']],
        [['--host', 'ssh://me:secret@kvm1']],
        [['--host', 'ssh://kvm1:99999']],
        [['--host', 'ssh://kvm1/path']],
        [['--host', 'local', '--host', 'local']],
        [['--host', 'local', '--data-directory', 'relative']],
        [['--host', 'local', '--data-directory', '/']],
        [['--data-directory', '/srv/waa']],
        [['--lab', '--host', 'local']],
      ])('%j', async (argv) => {
        expect(codeOf(await up(cli, argv))).toBe('USAGE');
      });
    });
  });
}
