import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../helpers/cli.js';
import { measure } from './measured.js';
import { ALL_READY, layersOf, ofType, placeOf, scoresOf, type Rig } from './rig.js';

/** From an empty host to a Windows whose server sees its desktop, and to results at home. */
export function walkSuite(rig: () => Rig): void {
  describe('from an empty host', () => {
    it('names a /dev/kvm that does not work, and leaves nothing behind', async () => {
      const { machine, waa, cli } = rig();
      const { result } = await waa(['--json', 'up', ...placeOf(machine)]);
      expect(failureOf(result).code).toBe('VM_HOST_NO_KVM');
      expect(existsSync(join(cli.home, 'deployments', 'default'))).toBe(false);
      expect(await machine.sh('ls /data')).toBe('lost+found');
    });

    it('comes up to all layers ready', async () => {
      const { up, waa } = rig();
      const told = await up();
      measure('up from an empty host', told.seconds);
      expect(told.result.exitCode, told.result.stderr).toBe(0);
      expect(told.faults).toEqual([]);
      expect(new Set(told.events.map(({ run, seq }) => `${run} ${seq}`)).size).toBe(told.events.length);
      const status = await waa(['--json', 'status']);
      expect(layersOf(status.result)).toMatchObject(ALL_READY);
      const phases = ofType(told.events, 'layer.progress').map(({ data }) => data.phase);
      // The stand-in installs itself in a minute: a look every 20 s sees some of its phases.
      expect(phases.filter((phase) => phase.startsWith('Windows '))).not.toEqual([]);
    });

    it('is a no-op the second time', async () => {
      const told = await rig().up();
      measure('up when all is ready', told.seconds);
      expect(told.result.exitCode).toBe(0);
      expect(ofType(told.events, 'layer.state').filter(({ data }) => data.state === 'provisioning')).toEqual([]);
    });

    it('scores four tasks though container, sshd and the controller itself are killed in the middle', async () => {
      const { machine, start, cli } = rig();
      const began = performance.now();
      const first = start(['run', '--domain', 'clock', 'settings', '--sample', '4']);
      await first.saw(/attempt 1/);
      await machine.sh('docker kill winarena');
      await first.saw(/attempt 2/);
      await machine.sh('kill -9 $(pgrep sshd); /usr/sbin/sshd -f /etc/ssh/rig_config -E /var/log/sshd.log');
      await first.saw(/(?:\(attempt \d\)[^]*){3}/);
      first.kill('SIGKILL');
      await first.done;
      const again = await start(['run', '--resume']).done;
      measure('run of 4 tasks with container, sshd and controller killed', (performance.now() - began) / 1000);
      expect(again.exitCode, again.stdout + again.stderr).toBe(0);
      expect(scoresOf(cli.home)).toEqual([1, 1, 1, 1]);
    });
  });
}
