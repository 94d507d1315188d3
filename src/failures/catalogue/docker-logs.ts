import { logFailure, type LogFailureWords } from './log-failure.js';

const docker = (words: LogFailureWords) => logFailure('docker', words);
const RESUME = 'waa up --resume';
const HOST_LOG = 'waa logs host';

/** Failures that the Docker engine, its daemon and its command line tell in their texts. */
export const dockerLogFailures = {
  DOCKER_DAEMON_BROKEN: docker({
    kind: 'error',
    disposition: 'permanent',
    means: 'the Docker daemon cannot start',
    why: 'Its configuration contradicts itself, or the kernel lacks what it needs (control groups, iptables).',
    fix: ['waa ssh   # then: sudo journalctl -u docker -n 50; sudo cat /etc/docker/daemon.json', RESUME],
  }),
  DOCKER_CONTAINERD_DOWN: docker({
    kind: 'not-running',
    disposition: 'recoverable',
    means: 'containerd does not answer the Docker daemon',
    why: 'The service under Docker is stopped or hangs.',
    fix: ['waa ssh   # then: sudo systemctl restart containerd docker', RESUME],
  }),
  DOCKER_LAYER_MISSING: docker({
    kind: 'not-found',
    disposition: 'permanent',
    means: 'the registry lacks a part of the image',
    why: 'The image was pushed incompletely or its parts were garbage-collected.',
    fix: ['Set another image.reference or image.fallback in waa.yaml', RESUME],
  }),
  DOCKER_TUN_MISSING: docker({
    kind: 'not-found',
    disposition: 'recoverable',
    means: 'the worker has no /dev/net/tun',
    why: 'The kernel module is not loaded.',
    fix: ['waa ssh   # then: sudo modprobe tun', RESUME],
  }),
  DOCKER_MOUNT_READONLY: docker({
    kind: 'configuration',
    disposition: 'permanent',
    means: 'a folder of the container is mounted read-only',
    why: 'It was mounted so, or the disk behind it was found damaged.',
    fix: ['waa up --resume   # makes the container anew, as specified'],
  }),
  DOCKER_IN_USE: docker({
    kind: 'conflict',
    disposition: 'recoverable',
    means: 'something is still in use, or exists already',
    why: 'A container of an earlier start still holds it.',
    fix: ['waa ssh   # then: docker ps --all', RESUME],
  }),
  DOCKER_STOP_FORCED: docker({
    kind: 'timeout',
    disposition: 'recoverable',
    means: 'a container did not stop in time and was killed',
    why: 'Windows had no time to shut down: its disk may need a repair at the next start.',
    fix: [RESUME],
  }),
  DOCKER_IMAGE_FILE_BROKEN: docker({
    kind: 'error',
    disposition: 'recoverable',
    means: 'the image file is not an image archive',
    why: 'The download was cut short, or an error page was saved in its place.',
    fix: [RESUME],
  }),
  DOCKER_TOOL_MISSING: docker({
    kind: 'not-found',
    disposition: 'recoverable',
    means: "a part of Docker's command line is not installed",
    why: 'compose and buildx are packages of their own.',
    fix: ['waa ssh   # then: sudo apt-get install -y docker-compose-v2 docker-buildx', RESUME],
  }),
  DOCKER_REFUSED: docker({
    kind: 'error',
    disposition: 'recoverable',
    means: 'the Docker daemon refuses',
    why: 'No pattern knows this answer better.',
    fix: [HOST_LOG, RESUME],
  }),
} as const;
