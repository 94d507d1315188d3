import { dockerApiPatterns, dockerdPatterns, dockerShellPatterns } from './docker.js';
import { dockurPatterns } from './dockur.js';
import { firmwarePatterns } from './firmware.js';
import { cloudInitPatterns, hostShellPatterns, kernelPatterns } from './host.js';
import type { Channel, Pattern } from './pattern.js';
import { qemuPatterns } from './qemu.js';
import { sshPatterns } from './ssh.js';
import { guestServerPatterns, modelPatterns, runPyPatterns } from './waa.js';

/** The patterns of each channel, most specific first. QEMU and the firmware print into the container's log. */
export const patterns: Readonly<Record<Channel, readonly Pattern[]>> = {
  'container-log': [...dockurPatterns, ...qemuPatterns, ...firmwarePatterns],
  'qemu-log': qemuPatterns,
  firmware: firmwarePatterns,
  dockerd: dockerdPatterns,
  'docker-api': dockerApiPatterns,
  'cloud-init': cloudInitPatterns,
  kernel: kernelPatterns,
  'host-shell': [...dockerShellPatterns, ...hostShellPatterns],
  ssh: sshPatterns,
  'guest-server': guestServerPatterns,
  'run.py': runPyPatterns,
  'model-api': modelPatterns,
};
