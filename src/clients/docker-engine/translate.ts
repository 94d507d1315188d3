import { fail, WaaError } from '../../failures/waa-error.js';

/** What the failing call was about; fills the names in a failure. */
export interface CallSubject {
  readonly image?: string;
  readonly container?: string;
}

type Rule = readonly [RegExp, (match: RegExpExecArray, subject: CallSubject, words: string) => WaaError];

/** A Dockerfile that either builder refuses, as the answer's status or in its stream. */
const DOCKERFILE_INVALID =
  /dockerfile parse error|unknown instruction|failed to parse stage name|file with no instructions|Cannot locate specified Dockerfile|failed to read dockerfile|no build stage in current context|base name .* should not be blank/i;

/** Docker Hub gives no Retry-After with its refusal of a pull; its window refills by the minute. */
const RATE_LIMIT_WAIT_MS = 60_000;

const imageOf = (subject: CallSubject): string => subject.image ?? 'the image';
/** An id as Docker's own commands show it: the rest says no more, and pushes the message off the line. */
const containerOf = ({ container }: CallSubject): string =>
  container?.replace(/^([0-9a-f]{12})[0-9a-f]{52}$/, '$1') ?? 'the container';
const registryOf = (words: string): string => /https?:\/\/([^/"]+)/.exec(words)?.[1] ?? 'registry-1.docker.io';

/**
 * dockerd's words to our codes, most specific first. The texts are those of Docker 20.10 to 28; what a line of a pull's
 * progress says and what an HTTP answer says is the same text.
 */
const rules: readonly Rule[] = [
  [DOCKERFILE_INVALID, (_m, _s, detail) => fail('DOCKER_BUILD_FILE_INVALID', { detail })],
  [/no space left on device|disk quota exceeded/i, (_m, _s, detail) => fail('DOCKER_DISK_FULL', { detail })],
  [
    /toomanyrequests|pull rate limit|too many requests/i,
    (_m, s) => fail('DOCKER_PULL_RATE_LIMITED', { image: imageOf(s), retryAfterMs: RATE_LIMIT_WAIT_MS }),
  ],
  [
    /manifest for (\S+) not found|manifest unknown|name unknown/i,
    (_m, s) => fail('DOCKER_IMAGE_NOT_FOUND', { image: imageOf(s) }),
  ],
  [
    /pull access denied|no basic auth credentials|unauthorized|access to the resource is denied|denied:/i,
    (_m, s, detail) => fail('DOCKER_REGISTRY_UNAUTHORIZED', { image: imageOf(s), detail }),
  ],
  [
    /invalid reference format/i,
    (_m, s, detail) => fail('DOCKER_IMAGE_REFERENCE_INVALID', { image: imageOf(s), detail }),
  ],
  [
    /no such image: (?:.*no such image: )?(\S+)/i,
    (m, s) => fail('DOCKER_IMAGE_MISSING', { image: m[1] ?? imageOf(s) }),
  ],
  [
    /does not match the specified platform|no matching manifest for|exec format error/i,
    (_m, _s, detail) => fail('DOCKER_PLATFORM_MISMATCH', { detail }),
  ],
  [
    /x509:|certificate signed by unknown|does not look like a TLS handshake|server gave HTTP response to HTTPS/i,
    (_m, _s, detail) => fail('DOCKER_REGISTRY_TLS', { registry: registryOf(detail), detail }),
  ],
  [
    /unexpected HTTP status: (\d{3})/i,
    (m, _s, detail) => fail('DOCKER_REGISTRY_ERROR', { registry: registryOf(detail), status: Number(m[1]) }),
  ],
  [
    /unknown blob|layer verification failed|unexpected EOF|invalid tar header|content digest .* not found/i,
    (_m, s, detail) => fail('DOCKER_LAYER_CORRUPT', { image: imageOf(s), detail }),
  ],
  [
    /dial tcp|lookup \S+|TLS handshake timeout|Client\.Timeout exceeded|request canceled while waiting|read tcp|i\/o timeout/i,
    (_m, _s, detail) => fail('DOCKER_REGISTRY_UNREACHABLE', { registry: registryOf(detail), detail }),
  ],
  [/context canceled|daemon is shutting down/i, (_m, _s, detail) => fail('DOCKER_CONNECTION_LOST', { detail })],
  [/client version \S+ is too (new|old)/i, (_m, _s, detail) => fail('DOCKER_API_VERSION', { detail })],
  [
    /container name "\/?([^"]+)" is already in use by container "?([0-9a-f]+)/i,
    (m) => fail('DOCKER_CONTAINER_NAME_CONFLICT', { name: m[1] ?? '', holder: (m[2] ?? '').slice(0, 12) }),
  ],
  [
    /(?:Bind for \S*:(\d+) failed: port is already allocated)|(?::(\d+):? bind: address already in use)|(?:bind host port for \S*?:(\d+))/i,
    (m) => fail('DOCKER_PORT_TAKEN', { port: Number(m[1] ?? m[2] ?? m[3]) }),
  ],
  [
    /gathering device information while adding custom device "([^"]+)"/i,
    (m) => fail('DOCKER_DEVICE_MISSING', { device: m[1] ?? '' }),
  ],
  [/bind source path does not exist: (\S+)/i, (m) => fail('DOCKER_BIND_SOURCE_MISSING', { path: m[1] ?? '' })],
  [/mount a directory onto a file/i, (_m, _s, detail) => fail('DOCKER_MOUNT_KIND', { detail })],
  [
    /OCI runtime (create|exec) failed|no command specified|exec: "[^"]*"/i,
    (_m, _s, detail) => fail('DOCKER_ENTRYPOINT_MISSING', { detail }),
  ],
  [
    /iptables|external connectivity|address pool|network .*not found/i,
    (_m, _s, detail) => fail('DOCKER_NETWORK_BROKEN', { detail }),
  ],
  [/is not running|not running/i, (_m, s) => fail('DOCKER_CONTAINER_NOT_RUNNING', { container: containerOf(s) })],
  [/no such container|no such exec/i, (_m, s) => fail('DOCKER_CONTAINER_NOT_FOUND', { container: containerOf(s) })],
];

/** dockerd's own words as a failure; DOCKER_API_ERROR, or DOCKER_SPEC_REJECTED for a 400, when nothing fits. */
export function translateDaemonWords(words: string, status: number, subject: CallSubject): WaaError {
  const detail = words.trim();
  for (const [pattern, make] of rules) {
    const match = pattern.exec(detail);
    if (match) return make(match, subject, detail);
  }
  if (status === 400) return fail('DOCKER_SPEC_REJECTED', { detail });
  return fail('DOCKER_API_ERROR', { status, detail });
}

/** Errors of the system below: refused, absent, forbidden, cut. */
const CONNECTION: Readonly<Record<string, (detail: string) => WaaError>> = {
  ECONNREFUSED: (detail) => fail('DOCKER_DAEMON_DOWN', { detail }),
  ENOENT: (detail) => fail('DOCKER_DAEMON_DOWN', { detail }),
  EACCES: (detail) => fail('DOCKER_SOCKET_PERMISSION', { detail }),
};

/**
 * Any error of a call as a WaaError. What the link below already named stays as it is, but for a socket that refuses: sshd
 * gives no reason, so a stopped daemon and a socket this user may not open look the same here. dockerode's own summary ("no such
 * container" for every 404 of create) is not looked at, only dockerd's message.
 */
export function translateDockerError(error: unknown, subject: CallSubject): WaaError {
  if (error instanceof WaaError) {
    return error.code === 'VM_FORWARD_REFUSED'
      ? fail('DOCKER_DAEMON_DOWN', { detail: error.message }, { cause: error })
      : error;
  }
  const { statusCode, json, code, message } = error as {
    statusCode?: number;
    json?: { message?: string } | null;
    code?: string;
    message?: string;
  };
  if (statusCode !== undefined) {
    const words = json?.message ?? (message ?? '').replace(/^\(HTTP code \d+\) [^-]*- /, '');
    return withCause(translateDaemonWords(words, statusCode, subject), error);
  }
  const detail = message ?? String(error);
  const known = code === undefined ? undefined : CONNECTION[code];
  return withCause(known ? known(detail) : fail('DOCKER_CONNECTION_LOST', { detail }), error);
}

function withCause(failure: WaaError, cause: unknown): WaaError {
  return new WaaError(failure.code, failure.params, failure.evidence, cause);
}
