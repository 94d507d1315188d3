import { describe, expect, it } from 'vitest';
import { failureOf } from '../helpers/cli.js';
import { slowNetwork } from './machine/slow-network.js';
import { createDockerEngine } from '../../src/clients/docker-engine/create-docker-engine.js';
import { realClock } from '../../src/clock/real-clock.js';
import { Deadline } from '../../src/health/deadline.js';
import { stopDockur } from '../../src/layers/stop-dockur.js';
import { openUnix } from '../contract/docker/engine-suite.js';
import { measure } from './measured.js';
import { ALL_READY, DATA, layersOf, ofType, type Rig, type Told } from './rig.js';

/** A server that Windows does not start again is given up on sooner than a patient user would. */
const IMPATIENT = { WAA_TIMEOUTS_SERVER_PROVISION_S: '90' };

/** What every test here does: `up` after a fault, and a look at which Windows that gave. */
function menderOf(rig: () => Rig) {
  /** `up` after a fault: it was named as `code` of `layer`, and everything is ready again. */
  const mends = async (
    fault: string,
    expected: string | undefined,
    env?: Readonly<Record<string, string>>,
  ): Promise<Told> => {
    const told = await rig().up(env);
    measure(`recovery: ${fault}`, told.seconds);
    expect(told.result.exitCode, told.result.stdout + told.result.stderr).toBe(0);
    if (expected === undefined) expect(told.faults).toEqual([]);
    else expect(told.faults).toContain(expected);
    return told;
  };
  /** The same Windows as before, started once more. */
  const sameWindows = async (before: { readonly id: string; readonly boots: number }): Promise<void> => {
    expect(await rig().installation()).toEqual({ id: before.id, boots: before.boots + 1 });
  };
  return { mends, sameWindows };
}

/** Real faults, each named with its code and layer, each mended by `up`. Every test finds and leaves all layers ready. */
export function faultsSuite(rig: () => Rig): void {
  const { mends, sameWindows } = menderOf(rig);

  describe('a fault of the guest', () => {
    it('the server process was stopped', async () => {
      const before = await rig().installation();
      await rig().inWindows('taskkill', '/f', '/im', 'python.exe');
      await mends('server process stopped', 'server SERVER_NOT_LISTENING', IMPATIENT);
      await sameWindows(before);
    });

    it('a stop error: blue screen and a dead kernel', async () => {
      const before = await rig().installation();
      await rig().inWindows('taskkill', '/f', '/im', 'svchost.exe');
      await mends('guest kernel panic', 'windows WINDOWS_CRASHED');
      // Windows may start by itself after a stop error before waa starts it: how often is not promised.
      expect(await rig().installation()).toMatchObject({ id: before.id });
    });
  });

  describe('a fault of the container', () => {
    it('QEMU was killed', async () => {
      const { machine, installation } = rig();
      const before = await installation();
      await machine.sh('docker exec winarena sh -c "kill -9 \\$(cat /run/shm/qemu.pid)"');
      await mends('QEMU killed', 'qemu QEMU_CONTAINER_KILLED');
      await sameWindows(before);
    });

    it('Windows was shut down from inside; while it is off: a taken port and a lost marker are refused', async () => {
      const { machine, installation, inWindows, up } = rig();
      const before = await installation();
      await inWindows('shutdown', '/s', '/t', '0');
      await machine.sh('timeout 90 docker wait winarena');
      expect(await machine.sh("docker inspect -f '{{.State.ExitCode}}' winarena")).toBe('0');

      const squat = 'require("net").createServer().listen(5000, "127.0.0.1")';
      await machine.sh(`nohup ${process.execPath} -e '${squat}' >/dev/null 2>&1 & echo $! >/tmp/squatter`);
      await machine.sh('until ss -ltn | grep -q 127.0.0.1:5000; do sleep 0.1; done');
      const taken = await up();
      measure('refusal: port 5000 taken', taken.seconds);
      expect(failureOf(taken.result).code).toBe('VM_HOST_PORT_TAKEN');
      await machine.sh('kill $(cat /tmp/squatter)');

      const storage = `${DATA}/waa/storage`.replaceAll("'", "'\\''");
      const disk = async (): Promise<string> =>
        machine.sh(`cd '${storage}'; ls -i data.img; head -c 2M data.img | sha256sum`);
      const whole = await disk();
      await machine.sh(`mv '${storage}/windows.boot' /tmp/windows.boot`);
      const unmarked = await up();
      measure('refusal: windows.boot missing', unmarked.seconds);
      expect(failureOf(unmarked.result).code).toBe('QEMU_STORAGE_WITHOUT_MARKER');
      expect(await disk()).toBe(whole);
      await machine.sh(`mv /tmp/windows.boot '${storage}/windows.boot'`);

      await mends('guest powered off from inside', undefined);
      await sameWindows(before);
    });

    it('the data disk is full: Windows is held, and goes on once there is room', async () => {
      const { machine, installation, up, inWindows } = rig();
      const before = await installation();
      await machine.sh("fallocate -l $(($(df -Pk /data | awk 'NR == 2 { print $4 }') - 2048))K /data/filler");
      const write =
        'd = open("/dev/sda", "r+b", 0); d.seek(1 << 30); [d.write(bytes([65]) * (1 << 20)) for _ in range(16)]; import os; os.fsync(d.fileno())';
      // The write never ends while Windows is held.
      const writing = inWindows('python', '-c', write).catch(() => undefined);
      await machine.sh(
        "until docker exec winarena sh -c 'echo info status | nc -q1 -w1 -U /run/shm/monitor.sock' | grep -q io-error; do sleep 1; done",
      );
      const full = await up();
      measure('refusal: data disk full', full.seconds);
      expect(failureOf(full.result).code).toBe('VM_DISK_SPACE');
      await machine.sh('rm /data/filler');
      await mends('data disk full', 'qemu QEMU_PAUSED_BY_IO_ERROR');
      await writing;
      expect(await installation()).toEqual(before);
    });
  });

  it('a stop reaches dockur behind the shell of PID 1, and Windows shuts down in time', async () => {
    const { machine, installation } = rig();
    const before = await installation();
    const began = performance.now();
    const engine = createDockerEngine(() => openUnix(machine.path('/run/docker.sock')));
    await stopDockur(engine, 'winarena', Deadline.none(realClock));
    measure('stop of the container', (performance.now() - began) / 1000);
    expect(await machine.sh("docker inspect -f '{{.State.ExitCode}}' winarena")).toBe('143');
    expect(await machine.sh('docker logs winarena 2>&1 | tail -n 1')).toContain('Shutdown completed!');
    await mends('stopped container', undefined);
    await sameWindows(before);
  });

  describe('a fault of the host', () => {
    it('dockerd died', async () => {
      const { machine, installation } = rig();
      const before = await installation();
      await machine.sh('kill -9 $(pgrep -x dockerd) $(pgrep -x containerd); rm -f /var/run/docker*.pid');
      await mends('dockerd stopped', 'docker DOCKER_DAEMON_DOWN');
      await sameWindows(before);
    });

    it('a slow network is no fault', async () => {
      const { machine, waa } = rig();
      await using _slow = await slowNetwork(machine, 150);
      const told = await waa(['--json', 'status']);
      measure('status over a network delayed by 150 ms each way', told.seconds);
      expect(layersOf(told.result)).toMatchObject(ALL_READY);
    });
  });
}

/** The Windows disk outlives its container, a pause and a resume; nothing outlives `down`. */
export function diskSuite(rig: () => Rig): void {
  const { mends, sameWindows } = menderOf(rig);

  describe('the Windows disk', () => {
    it('has started again after a reset', async () => {
      await mends('reset of Windows', undefined);
    });

    it('survives a pause, the removal of its container, and a resume', async () => {
      const { machine, waa, installation } = rig();
      const before = await installation();
      const paused = await waa(['--json', 'pool-pause']);
      measure('pool-pause', paused.seconds);
      expect(paused.result.exitCode, paused.result.stderr).toBe(0);
      await machine.sh('docker rm winarena');
      const resumed = await waa(['--json', 'pool-resume']);
      measure('pool-resume without its container', resumed.seconds);
      expect(resumed.result.exitCode, resumed.result.stderr).toBe(0);
      expect(ofType(resumed.events, 'layer.fault')).toEqual([]);
      await sameWindows(before);
    });

    it('is gone after down, with everything else of ours', async () => {
      const { machine, waa } = rig();
      const { result } = await waa(['--json', 'down', '--yes']);
      expect(result.exitCode, result.stderr).toBe(0);
      expect(
        await machine.sh(`ls '${DATA.replaceAll("'", "'\\''")}' /var/lib/waa 2>/dev/null || true; docker ps -aq`),
      ).toBe('');
    });
  });
}
