import { failure, type FailureLayer } from '../failure.js';

type Layer = Exclude<FailureLayer, 'own' | 'usage'>;

/** A step of a layer that ran out of its budget, when the layer itself had nothing better to say. */
const stepTimeout = (layer: Layer) =>
  failure<{ seconds: number; last: string }>({
    layer,
    kind: 'timeout',
    disposition: 'recoverable',
    symptom: ({ seconds, last }) => `layer ${layer} was not done within ${seconds} s; last seen: ${last}`,
    why: 'The step took longer than its budget; what was begun is kept and will be continued.',
    fix: () => ['waa status', `waa up --resume   (or raise timeouts.${layer} in waa.yaml)`],
  });

/** A set-up that ended without an error while the check afterwards did not agree. */
const notReady = (layer: Layer) =>
  failure<{ seen: string }>({
    layer,
    kind: 'error',
    disposition: 'recoverable',
    symptom: ({ seen }) => `layer ${layer} was set up and still is not ready: ${seen}`,
    why: 'The set-up ended without an error, but the check afterwards did not agree. Only the check counts.',
    fix: () => ['waa status', 'waa up --resume'],
  });

/** What the walk itself can say of a layer. */
export const stepFailures = {
  AZURE_STEP_TIMEOUT: stepTimeout('azure'),
  VM_STEP_TIMEOUT: stepTimeout('vm'),
  DOCKER_STEP_TIMEOUT: stepTimeout('docker'),
  QEMU_STEP_TIMEOUT: stepTimeout('qemu'),
  WINDOWS_STEP_TIMEOUT: stepTimeout('windows'),
  SERVER_STEP_TIMEOUT: stepTimeout('server'),
  CLIENT_STEP_TIMEOUT: stepTimeout('client'),
  AZURE_NOT_READY: notReady('azure'),
  VM_NOT_READY: notReady('vm'),
  DOCKER_NOT_READY: notReady('docker'),
  QEMU_NOT_READY: notReady('qemu'),
  WINDOWS_NOT_READY: notReady('windows'),
  SERVER_NOT_READY: notReady('server'),
  CLIENT_NOT_READY: notReady('client'),
} as const;
