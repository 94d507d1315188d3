import { cause, clip, line, type Group, type Pattern } from './pattern.js';

const IMAGE = 'the image';
/** First image reference a line names, or words in its place. */
const imageOf = (text: string): string =>
  /(?:manifest for|image:|to repository) \[?(\S+?)\]?(?: not found|$)/.exec(text)?.[1] ?? IMAGE;
const registryOf = (text: string): string => /https?:\/\/([^/"]+)/.exec(text)?.[1] ?? 'of the image';
const about = (_at: Group, text: string) => ({ registry: registryOf(text), detail: clip(text) });
const imageAnd = (_at: Group, text: string) => ({ image: imageOf(text), detail: clip(text) });

/** Pulling: Docker Hub's and other registries' refusals. Some hold no word like error: `unknown blob`. */
const registryPatterns: readonly Pattern[] = [
  cause('DOCKER_PULL_RATE_LIMITED', /toomanyrequests/, (_at, text) => ({ image: imageOf(text), retryAfterMs: 0 })),
  cause(
    'DOCKER_REGISTRY_UNAUTHORIZED',
    /no basic auth credentials|login attempt to .* failed|unauthorized: |pull access denied|denied: requested access/,
    imageAnd,
  ),
  cause('DOCKER_REGISTRY_TLS', /x509: |first record does not look like a TLS handshake/, about),
  cause(
    'DOCKER_REGISTRY_UNREACHABLE',
    /(?:Get|Head) "?https?:\/\/.*(?:dial tcp|connection reset|TLS handshake timeout|Client\.Timeout|context deadline exceeded|EOF$)/,
    about,
  ),
  cause('DOCKER_REGISTRY_ERROR', /received unexpected HTTP status: (5\d\d)/, (at, text) => ({
    registry: registryOf(text),
    status: Number(at(1)),
  })),
  cause('DOCKER_LAYER_CORRUPT', /filesystem layer verification failed/, imageAnd),
  line('DOCKER_LAYER_MISSING', /^unknown blob$|: unknown blob$/),
  cause('DOCKER_IMAGE_NOT_FOUND', /manifest unknown/, (_at, text) => ({ image: imageOf(text) })),
  cause('DOCKER_IMAGE_REFERENCE_INVALID', /invalid reference format/, (_at, text) => ({
    image: IMAGE,
    detail: clip(text),
  })),
];

/** What a container needs of its host. */
const hostPatterns: readonly Pattern[] = [
  line('DOCKER_TUN_MISSING', /error gathering device information .*\/dev\/net\/tun/),
  cause('DOCKER_DEVICE_MISSING', /error gathering device information .*?"([^"\\]+)\\?"/, (at) => ({
    device: at(1),
  })),
  line('DOCKER_DISK_FULL', /no space left on device/i),
  cause(
    'DOCKER_PORT_TAKEN',
    /Bind for \S+:(\d+) failed: port is already allocated|failed to bind host port (?:for )?\S+?:(\d+)/,
    (at) => ({ port: Number(at(1) || at(2)) }),
  ),
  cause('DOCKER_BIND_SOURCE_MISSING', /bind source path does not exist: (\S+)/, (at) => ({ path: at(1) })),
  line('DOCKER_MOUNT_KIND', /Are you trying to mount a directory onto a file/),
  line(
    'DOCKER_NETWORK_BROKEN',
    /No chain\/target\/match by that name|non-overlapping IPv4 address pool|failed to set up container networking/,
  ),
];

/** Containers and images. dockerode calls a missing image "no such container - No such image". */
const objectPatterns: readonly Pattern[] = [
  cause('DOCKER_IMAGE_MISSING', /No such image: ([^\s"]+)/, (at) => ({ image: at(1) })),
  cause('DOCKER_CONTAINER_NOT_FOUND', /No such container: ([^\s"]+)/, (at) => ({ container: at(1) })),
  cause('DOCKER_CONTAINER_NOT_RUNNING', /Container (\w+) is not running/, (at) => ({
    container: at(1).slice(0, 12),
  })),
  cause(
    'DOCKER_CONTAINER_NAME_CONFLICT',
    /container name \\?"\/?([^"\\]+)\\?" is already in use by container \\?"(\w{12})/,
    (at) => ({ name: at(1), holder: at(2) }),
  ),
  line('DOCKER_PLATFORM_MISMATCH', /does not match the specified platform/),
  line('DOCKER_ENTRYPOINT_MISSING', /exec: "[^"]+": (?:stat .*: no such file or directory|executable file not found)/),
  line(
    'DOCKER_IN_USE',
    /volume is in use|has active endpoints|is using its referenced image|network with name \S+ already exists/,
  ),
  line('DOCKER_IMAGE_FILE_BROKEN', /Error processing tar file\(.*(?:unexpected EOF|invalid tar header)/),
  line('DOCKER_SPEC_REJECTED', /Minimum memory limit allowed|logging driver does not support reading/),
];

/** The Docker engine's answers, as the API and the command line print them (Docker 20.10 to 28). */
export const dockerApiPatterns: readonly Pattern[] = [
  ...hostPatterns,
  ...registryPatterns,
  ...objectPatterns,
  line('DOCKER_API_VERSION', /client version [\d.]+ is too (?:new|old)/),
  line('DOCKER_SOCKET_PERMISSION', /permission denied while trying to connect to the Docker daemon socket/),
  line('DOCKER_DAEMON_DOWN', /Cannot connect to the Docker daemon|error during connect: /),
  line('DOCKER_REFUSED', /Error response from daemon: /, { weight: 'generic' }),
];

/** The daemon's own log. Healthy daemons log `skip loading plugin ... error=` and `cleaning up after shim disconnected`. */
export const dockerdPatterns: readonly Pattern[] = [
  line(
    'DOCKER_CONTAINERD_DOWN',
    /failed to start containerd|containerd\.sock.*(?:timeout|connection refused|no such file)/,
  ),
  line(
    'DOCKER_DAEMON_BROKEN',
    /^(?:unable to configure the Docker daemon|failed to start daemon|Error starting daemon)/,
  ),
  line('DOCKER_STOP_FORCED', /failed to exit within .* using the force/),
  line('DOCKER_DISK_FULL', /no space left on device/i),
];

/** The docker command in a shell; a full disk may be any of the worker's there. */
export const dockerShellPatterns: readonly Pattern[] = [
  line('DOCKER_DAEMON_BROKEN', /^Job for docker\.service failed/),
  line('DOCKER_TOOL_MISSING', /^docker: unknown command: docker \w+|^unknown shorthand flag: '\w' in -\w/),
  line('DOCKER_SPEC_REJECTED', /^docker: conflicting options: |^unknown flag: /),
  ...dockerApiPatterns.filter((pattern) => pattern.code !== 'DOCKER_DISK_FULL'),
];
