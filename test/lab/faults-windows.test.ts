import { describe } from 'vitest';
import { faultTests } from '../helpers/fault-case.js';

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
});
