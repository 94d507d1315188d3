import { describe, expect, it } from 'vitest';
import { failureOf } from '../helpers/cli.js';
import { menderOf } from './mender.js';
import { slowNetwork } from './machine/slow-network.js';
import { measure } from './measured.js';
import { ALL_READY, layersOf, qemuIs, QUOTED_DATA, type Rig } from './rig.js';

/** Writes 16 MB behind the first GB of the Windows disk: more than a full data disk has room for. */
const WRITE_MUCH = [
  'import os',
  'disk = open("/dev/sda", "r+b", 0)',
  'disk.seek(1 << 30)',
  '[disk.write(bytes([65]) * (1 << 20)) for _ in range(16)]',
  'os.fsync(disk.fileno())',
].join('; ');

/** Real faults, each named with its code and layer, each mended by `up`. Every test finds and leaves all layers ready. */
export function faultsSuite(rig: () => Rig): void {
  const { mends, sameWindows } = menderOf(rig);

  describe('a fault of the guest', () => {
    it('a stop error: blue screen and a dead kernel', async () => {
      const before = await rig().installation();
      await rig().inWindows('taskkill', '/f', '/im', 'svchost.exe');
      await mends('guest kernel panic', 'windows WINDOWS_CRASHED');
      await sameWindows(before);
    });
  });

  describe('a fault of the container', () => {
    it('QEMU was killed', async () => {
      const before = await rig().installation();
      await rig().machine.sh('docker exec winarena sh -c "kill -9 \\$(cat /run/shm/qemu.pid)"');
      await mends('QEMU killed', 'qemu QEMU_CONTAINER_KILLED');
      await sameWindows(before);
    });

    it('Windows was shut down from inside; while it is off, a taken port and a lost marker are refused', async () => {
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

      const storage = `${QUOTED_DATA}/waa/storage`;
      const disk = (): Promise<string> => machine.sh(`cd ${storage}; ls -i data.img; head -c 2M data.img | sha256sum`);
      const whole = await disk();
      await machine.sh(`mv ${storage}/windows.boot /tmp/windows.boot`);
      const unmarked = await up();
      measure('refusal: windows.boot missing', unmarked.seconds);
      expect(failureOf(unmarked.result).code).toBe('QEMU_STORAGE_WITHOUT_MARKER');
      expect(await disk()).toBe(whole);
      await machine.sh(`mv /tmp/windows.boot ${storage}/windows.boot`);

      await mends('guest powered off from inside', undefined);
      await sameWindows(before);
    });
  });

  describe('a fault of the server', () => {
    it('the server process was stopped', async () => {
      const before = await rig().installation();
      await rig().inWindows('taskkill', '/f', '/im', 'python.exe');
      await mends('server process stopped', 'server SERVER_NOT_LISTENING');
      await sameWindows(before);
    });
  });

  describe('a fault of the host', () => {
    it('the data disk is full: Windows is held, and goes on once there is room', async () => {
      const { machine, installation, up, inWindows } = rig();
      const before = await installation();
      await machine.sh("fallocate -l $(($(df -Pk /data | awk 'NR == 2 { print $4 }') - 2048))K /data/filler");
      // No answer comes while Windows is held.
      const writing = inWindows('python', '-c', WRITE_MUCH).catch(() => undefined);
      try {
        await qemuIs(machine, 'io-error');
        const full = await up();
        measure('refusal: data disk full', full.seconds);
        expect(failureOf(full.result).code).toBe('VM_DISK_SPACE');
      } finally {
        await machine.sh('rm /data/filler');
      }
      await mends('data disk full', 'qemu QEMU_PAUSED_BY_IO_ERROR');
      await writing;
      expect(await installation()).toEqual(before);
    });

    it('dockerd died', async () => {
      const before = await rig().installation();
      // containerd may end with dockerd, before its own turn.
      await rig().machine.sh("pkill -9 -x 'dockerd|containerd' || true; rm -f /var/run/docker*.pid");
      await mends('dockerd killed', 'docker DOCKER_DAEMON_DOWN');
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
