import { failure } from '../failure.js';

/** Failures of the layer `vm` where it is a Linux host of the user's own (`--host`). */
export const hostFailures = {
  VM_HOST_IN_USE: failure<{ host: string; by: string }>({
    layer: 'vm',
    kind: 'conflict',
    disposition: 'permanent',
    symptom: ({ host, by }) => `${host} is already used by ${by}`,
    why: 'A host runs one Windows at a time: two deployments would take its ports, its container and its disk from each other.',
    fix: () => [
      'Use another host: waa up --host ssh://user@other',
      'or end the other deployment where it was made: waa down --name OTHER',
      'If that deployment is lost for ever, on the host: sudo mv DATA_DIRECTORY DATA_DIRECTORY.old && sudo rm -f /var/lib/waa/owner',
      'If it is a container or folder of yours: rename it, or choose another place with --data-directory',
    ],
  }),
  VM_HOST_PORT_TAKEN: failure<{ host: string; port: number; by: string }>({
    layer: 'vm',
    kind: 'conflict',
    disposition: 'permanent',
    symptom: ({ host, port, by }) => `port ${port} on ${host} is taken by ${by === '' ? 'another program' : by}`,
    why: 'The WAA server is published on port 5000 and the screen of Windows on 8006, both on loopback; neither can be moved.',
    fix: ({ port }) => [`sudo ss -ltnp 'sport = :${port}'   (on the host; shows who it is)`, 'Stop it, then: waa up'],
  }),
  VM_HOST_NO_DOCKER: failure<{ host: string }>({
    layer: 'vm',
    kind: 'not-found',
    disposition: 'permanent',
    symptom: ({ host }) => `${host} has no Docker`,
    why: 'waa installs nothing on a host that is not its own unless you say so.',
    fix: () => [
      'waa up --install-docker --host ...   (Debian or Ubuntu: installs the package docker.io)',
      'or install Docker yourself: https://docs.docker.com/engine/install/',
    ],
  }),
  VM_HOST_NO_KVM: failure<{ host: string; reason: string; detail: string }>({
    layer: 'vm',
    kind: 'unsupported',
    disposition: 'permanent',
    symptom: ({ host, reason, detail }) => `KVM does not work on ${host} (${reason}): ${detail}`,
    why: 'Without hardware virtualization Windows runs in software emulation: its installation takes hours instead of half an hour, and tasks run into their time limits.',
    fix: () => [
      'Switch virtualization on in the firmware (VT-x, AMD-V) or, inside a VM, nested virtualization; then: waa up',
      'or accept the cost: waa up --allow-tcg --host ...',
    ],
  }),
  VM_HOST_CLEANUP_INCOMPLETE: failure<{ host: string; left: string }>({
    layer: 'vm',
    kind: 'error',
    disposition: 'transient',
    symptom: ({ host, left }) => `on ${host} there is still: ${left}`,
    why: 'What waa made there was deleted, but looking again still shows a part of it.',
    fix: () => ['waa down'],
  }),
} as const;
