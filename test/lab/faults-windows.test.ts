import { describe, expect, it } from 'vitest';
import { Deadline } from '../../src/health/deadline.js';
import { bringUp } from '../../src/operations/bring-up.js';
import { realisticDurations } from '../../src/lab/world/durations.js';
import { prepareRecord } from '../../src/operations/prepare-record.js';
import { withDeployment } from '../../src/operations/with-deployment.js';
import { faultTests } from '../helpers/fault-case.js';
import { startLabRig } from '../helpers/lab-session.js';

describe('faults of Windows', () => {
  faultTests([
    {
      fault: { id: 'windows-install-stalled' },
      code: 'WINDOWS_INSTALL_STALLED',
      layer: 'windows',
      ends: 'recovered',
      scale: 300,
    },
    {
      fault: { id: 'windows-black-screen' },
      code: 'WINDOWS_BLACK_SCREEN',
      layer: 'windows',
      ends: 'recovered',
      scale: 300,
    },
    {
      fault: { id: 'windows-reboot-loop' },
      code: 'WINDOWS_REBOOT_LOOP',
      layer: 'windows',
      ends: 'recovered',
      scale: 300,
    },
  ]);

  it('a container killed between the first desktop and the end of the set-up: it goes on, nothing is installed anew', async () => {
    // Three real seconds of set-up: the controller is sure to meet Windows in the middle of it, however busy the machine is.
    const halfAnHour = { minMs: 1_800_000, maxMs: 1_800_000 };
    const rig = await startLabRig({ durations: { ...realisticDurations, 'windows.setup.apps': halfAnHour } });
    const { session, events } = await rig.open();
    try {
      const { azure } = rig.lab.world;
      const windows = () => azure.findMachine('waa-test-w0')?.docker;
      let isKilled = false;
      session.observe({
        name: 'kill',
        consume({ type, data }) {
          if (isKilled || type !== 'layer.state' || data.layer !== 'server' || data.state !== 'provisioning') return;
          isKilled = true;
          windows()?.kill('winarena');
        },
      });
      using deadline = Deadline.after(18 * 3_600_000, session.clock, session.signal);
      await prepareRecord(session, 'test');
      const pool = await withDeployment(session, { name: 'test', exclusive: true }, (open) =>
        bringUp(session, open, deadline),
      );
      expect(isKilled).toBe(true);
      expect(pool.failed).toEqual([]);
      expect(windows()?.containers.map(({ state }) => state)).toEqual(['running']);
      expect(events.filter(({ text }) => /erased|installation of Windows begins again/.test(text))).toEqual([]);
    } finally {
      await session.close();
      await rig.close();
    }
  });
});
