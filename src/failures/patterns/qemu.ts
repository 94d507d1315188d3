import { cause, clip, line, type Pattern } from './pattern.js';

/** QEMU's own messages (version 7.2 to 10.0) and its QMP events. In dockur <= 5.x they follow `❯ ERROR: `. */
export const qemuPatterns: readonly Pattern[] = [
  line('QEMU_STORAGE_IN_USE', /Failed to get "write" lock|Failed to get shared "write" lock/),
  line('QEMU_MEMORY_SHORT', /cannot set up guest memory '[^']*'/),
  line('QEMU_FIRMWARE_DAMAGED', /firmware block device \w+ has invalid size/),
  cause('QEMU_KVM_UNAVAILABLE', /Could not access KVM kernel module: (.*)|failed to initialize kvm: (.*)/, (at) => ({
    reason: at(1) || at(2),
  })),
  line('QEMU_PORT_TAKEN', /qemu-system-\S+: -\w+ .*Failed to find an available port: Address already in use/),
  line(
    'QEMU_DISK_UNREADABLE',
    /qemu-system-\S+: -\w+ .*(?:Could not open '|Image is not in qcow2 format|aio=native was specified, but)/,
  ),
  line('QEMU_KVM_INTERNAL_ERROR', /^KVM internal error\. Suberror|failed to set MSR 0x/, { weight: 'decisive' }),
  cause('QEMU_PAUSED_BY_IO_ERROR', /"BLOCK_IO_ERROR".*"nospace": true|"status": "io-error"/, () => ({
    directory: '/storage',
  })),
  line('QEMU_GUEST_CRASHED', /"GUEST_PANICKED"|"status": "guest-panicked"/),
  line('QEMU_USER_MODE_NETWORK', /open vhost char device failed/),
  cause('QEMU_QMP_COMMAND', /^\{"error": \{"class": "(\w+)", "desc": "([^"]*)"/, (at) => ({
    command: 'of this session',
    errorClass: at(1),
    detail: clip(at(2)),
  })),
  line(
    'QEMU_ARGUMENTS_REFUSED',
    /qemu-system-\S+: .*(?:is not a valid device model name|invalid option|unsupported machine type|doesn't support requested features)/,
  ),
  line('QEMU_ARGUMENTS_REFUSED', /qemu-system-\S+: Property '.*' not found/),
];
