import { describe } from 'vitest';
import { faultTests } from '../helpers/fault-case.js';

describe('faults of Docker and QEMU', () => {
  faultTests([
    { fault: { id: 'docker-daemon-stopped' }, code: 'DOCKER_DAEMON_DOWN', layer: 'docker', ends: 'recovered' },
    // The first pull is cloud-init's own, the second is the layer's.
    {
      fault: { id: 'docker-pull-rate-limited', times: 2 },
      code: 'DOCKER_PULL_RATE_LIMITED',
      layer: 'docker',
      ends: 'recovered',
    },
    {
      fault: { id: 'docker-disk-full' },
      code: 'VM_DISK_SPACE',
      layer: 'vm',
      or: { code: 'DOCKER_DISK_SHORT', layer: 'docker' },
      ends: 'recovered',
    },
    { fault: { id: 'qemu-exit-88' }, code: 'QEMU_KVM_UNAVAILABLE', layer: 'qemu', ends: 'recovered' },
    { fault: { id: 'windows-iso-missing' }, code: 'WINDOWS_ISO_MISSING', layer: 'qemu', ends: 'recovered' },
  ]);
});
