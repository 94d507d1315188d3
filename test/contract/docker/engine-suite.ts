import net from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { createDockerEngine } from '../../../src/clients/docker-engine/create-docker-engine.js';
import { differences, fingerprintOf } from '../../../src/clients/docker-engine/container-spec.js';
import type { ContainerSpec, DockerEngine, PullProgress } from '../../../src/clients/docker-engine/docker-engine.js';
import { WaaError } from '../../../src/failures/waa-error.js';
import { Deadline, DeadlineExceeded } from '../../../src/health/deadline.js';

/** A daemon to test against: the lab's, or a real one. */
export interface EngineTarget extends AsyncDisposable {
  readonly socketPath: string;
  /** Tagged reference that can be pulled or is there, with coreutils in it. */
  readonly image: string;
  /** Pulls work (the lab, or a machine with a registry). */
  readonly canPull: boolean;
  /** A directory of the daemon's machine for binds. */
  readonly scratch: string;
}

/** The code of the failure a promise rejects with; fails the test when it does not. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof WaaError)) throw new Error(`expected a WaaError, got ${String(error)}`);
  return error.code;
}

/** A stream to a unix socket of this machine. */
export function openUnix(path: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path, allowHalfOpen: true });
    socket.once('connect', () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** The containers that the suite makes. */
const NAMES = ['waa-contract', 'waa-other', 'waa-second'];

/** What any Docker Engine must do for waa. */
export function dockerEngineSuite(name: string, setUp: () => Promise<EngineTarget>): void {
  describe(`docker engine: ${name}`, () => {
    let target: EngineTarget;
    let engine: DockerEngine;
    const clock = createManualClock();
    const deadline = Deadline.none(clock);
    const spec = (over: Partial<ContainerSpec> = {}): ContainerSpec => ({
      name: 'waa-contract',
      image: target.image,
      env: { VERSION: '11e', RAM_SIZE: '8G' },
      binds: [{ source: `${target.scratch}/storage`, target: '/storage' }],
      devices: [],
      capabilities: ['NET_ADMIN'],
      ports: [{ container: 5000, host: 15_000 }],
      stopTimeoutS: 2,
      labels: { 'waa.deployment': 'contract' },
      command: ['sleep', 'infinity'],
      ...over,
    });
    const start = async (over: Partial<ContainerSpec> = {}): Promise<string> => {
      const id = await engine.createContainer(spec(over), deadline);
      await engine.startContainer(id, deadline);
      return id;
    };
    const ended = async (id: string): Promise<void> => {
      while ((await engine.inspectContainer(id, deadline))?.state === 'running')
        await new Promise((done) => setImmediate(done));
    };

    beforeEach(async () => {
      target = await setUp();
      engine = createDockerEngine(() => openUnix(target.socketPath));
      if (target.canPull) await engine.pullImage(target.image, deadline, () => undefined);
    });
    afterEach(async () => {
      for (const name of NAMES) await engine.removeContainer(name, deadline);
      await target[Symbol.asyncDispose]();
    });

    it('answers a ping and tells its data-root', async () => {
      await engine.ping(deadline);
      const info = await engine.info(deadline);
      expect(info.dataRoot).toMatch(/^\//);
      expect(info.version).toMatch(/^\d+\.\d+/);
    });

    it('knows an image that is there and not one that is not', async () => {
      expect((await engine.inspectImage(target.image, deadline))?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(await engine.inspectImage('waa-contract/absent:1', deadline)).toBeUndefined();
    });

    it('creates exactly the container that was specified', async () => {
      const wanted = spec();
      const id = await engine.createContainer(wanted, deadline);
      const found = await engine.inspectContainer(id, deadline);
      expect(found && differences(wanted, found)).toEqual([]);
      expect(found?.labels['waa.fingerprint']).toBe(fingerprintOf(wanted));
      expect(found?.state).toBe('created');
    });

    it('names what differs from the specification', async () => {
      const id = await engine.createContainer(spec(), deadline);
      const found = await engine.inspectContainer(id, deadline);
      const other = spec({ env: { VERSION: '10', RAM_SIZE: '8G' }, stopTimeoutS: 120 });
      expect(found && differences(other, found)).toHaveLength(2);
    });

    it('starts, finds by name, stops with SIGKILL after the time-out', async () => {
      const id = await start();
      expect((await engine.inspectContainer('waa-contract', deadline))?.state).toBe('running');
      await engine.stopContainer(id, 1, deadline);
      const stopped = await engine.inspectContainer(id, deadline);
      expect(stopped).toMatchObject({ state: 'exited', exitCode: 137, oomKilled: false });
    });

    it('starting what runs and stopping what stands is no error', async () => {
      const id = await start();
      await engine.startContainer(id, deadline);
      await engine.killContainer(id, deadline);
      await ended(id);
      await engine.stopContainer(id, 1, deadline);
      expect((await engine.inspectContainer(id, deadline))?.exitCode).toBe(137);
    });

    it('gives a container a new start time when it is started again', async () => {
      const id = await start();
      const first = (await engine.inspectContainer(id, deadline))?.startedAt;
      await engine.killContainer(id, deadline);
      await ended(id);
      await engine.startContainer(id, deadline);
      expect((await engine.inspectContainer(id, deadline))?.startedAt).not.toBe(first);
    });

    it('removes a running container; removing what is gone is no error', async () => {
      const id = await start();
      await engine.removeContainer(id, deadline);
      await engine.removeContainer(id, deadline);
      expect(await engine.inspectContainer(id, deadline)).toBeUndefined();
    });

    it('reads the log of an ended container, the last lines only when asked', async () => {
      const id = await start({ command: ['echo', 'one\ntwo\nthree'] });
      await ended(id);
      expect(await engine.logs(id, 100, deadline)).toBe('one\ntwo\nthree\n');
      expect(await engine.logs(id, 1, deadline)).toBe('three\n');
    });

    it('reads of a log what was written since a time', async () => {
      const id = await start({ command: ['echo', 'one'] });
      await ended(id);
      const startedAt = Date.parse((await engine.inspectContainer(id, deadline))?.startedAt ?? '');
      expect(await engine.logs(id, 100, deadline, startedAt - 1000)).toBe('one\n');
      expect(await engine.logs(id, 100, deadline, startedAt + 3_600_000)).toBe('');
    });

    it('runs a program inside with input, output and exit code', async () => {
      const id = await start();
      expect(await engine.exec(id, ['cat'], deadline, 'grüße\n')).toEqual({
        exitCode: 0,
        stdout: 'grüße\n',
        stderr: '',
      });
      expect((await engine.exec(id, ['false'], deadline)).exitCode).toBe(1);
    });

    it('tells a program that is not in the image by its exit code', async () => {
      const id = await start();
      expect([126, 127]).toContain((await engine.exec(id, ['/no/such/program'], deadline)).exitCode);
    });

    it('refuses to run a program in a container that stands', async () => {
      const id = await engine.createContainer(spec(), deadline);
      expect(await codeOf(engine.exec(id, ['true'], deadline))).toBe('DOCKER_CONTAINER_NOT_RUNNING');
    });

    it('names a conflict of names, an absent image and an absent container', async () => {
      await engine.createContainer(spec(), deadline);
      expect(await codeOf(engine.createContainer(spec(), deadline))).toBe('DOCKER_CONTAINER_NAME_CONFLICT');
      const absent = spec({ name: 'waa-other', image: 'waa-contract/absent:1' });
      expect(await codeOf(engine.createContainer(absent, deadline))).toBe('DOCKER_IMAGE_MISSING');
      expect(await codeOf(engine.startContainer('waa-nobody', deadline))).toBe('DOCKER_CONTAINER_NOT_FOUND');
    });

    it('names a port that another container holds', async () => {
      await start();
      const second = await engine.createContainer(spec({ name: 'waa-second' }), deadline);
      const failure: unknown = await engine.startContainer(second, deadline).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'DOCKER_PORT_TAKEN', params: { port: 15_000 } });
    });

    it('names a device that the machine does not have', async () => {
      const id = await engine.createContainer(spec({ devices: ['/dev/kvm9'] }), deadline);
      const failure: unknown = await engine.startContainer(id, deadline).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'DOCKER_DEVICE_MISSING', params: { device: '/dev/kvm9' } });
    });

    it('names an entry point that is not in the image', async () => {
      const id = await engine.createContainer(spec({ command: ['/no/such/program'] }), deadline);
      expect(await codeOf(engine.startContainer(id, deadline))).toBe('DOCKER_ENTRYPOINT_MISSING');
    });

    it('prunes without touching our containers and the tagged image', async () => {
      const id = await engine.createContainer(spec(), deadline);
      expect(await engine.prune(deadline)).toBeGreaterThanOrEqual(0);
      expect((await engine.inspectContainer(id, deadline))?.state).toBe('created');
      expect(await engine.inspectImage(target.image, deadline)).toBeDefined();
    });

    it('ends a call with its deadline', async () => {
      const own = createManualClock();
      const short = Deadline.after(5000, own);
      const id = await start({ stopTimeoutS: 3600 });
      const stopping = expect(engine.stopContainer(id, 3600, short)).rejects.toBeInstanceOf(DeadlineExceeded);
      await own.advance(5000);
      await stopping;
      await expect(engine.ping(short)).rejects.toBe(short.signal.reason);
    });

    it('reports a pull that has nothing to do', async ({ skip }) => {
      if (!target.canPull) skip('this daemon has no registry');
      const seen: PullProgress[] = [];
      await engine.pullImage(target.image, deadline, (progress) => seen.push(progress));
      expect(seen).toEqual([]);
    });
  });
}

/** A target without a daemon: for what a client sees then. */
export async function noDaemon(socketPath: string): Promise<string> {
  const engine = createDockerEngine(() => openUnix(socketPath));
  return codeOf(engine.ping(Deadline.none(createManualClock())));
}
