import { describe, expect, it } from 'vitest';
import { translateDaemonWords, translateDockerError } from '../../../src/clients/docker-engine/translate.js';
import { fail } from '../../../src/failures/waa-error.js';

const subject = { image: 'windowsarena/waa-auto:2026.11', container: 'winarena' };

/** Texts as Docker 20.10 to 28 write them, from the Engine API, a pull's stream, and threads of users. */
const words: readonly (readonly [string, string])[] = [
  ['Error processing tar file(exit status 1): write /f4: no space left on device', 'DOCKER_DISK_FULL'],
  [
    'toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit',
    'DOCKER_PULL_RATE_LIMITED',
  ],
  [
    'manifest for 127.0.0.1:5000/waa/winarena:6.99 not found: manifest unknown: manifest unknown',
    'DOCKER_IMAGE_NOT_FOUND',
  ],
  [
    "pull access denied for nope/nope, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    'DOCKER_REGISTRY_UNAUTHORIZED',
  ],
  [
    'Head "http://127.0.0.1:5001/v2/waa/winarena/manifests/latest": no basic auth credentials',
    'DOCKER_REGISTRY_UNAUTHORIZED',
  ],
  ['invalid reference format: repository name must be lowercase', 'DOCKER_IMAGE_REFERENCE_INVALID'],
  ['No such image: dockurr/windows:6.05', 'DOCKER_IMAGE_MISSING'],
  [
    'image with reference windowsarena/winarena:latest was found but does not match the specified platform: wanted linux/arm64, actual: linux/amd64',
    'DOCKER_PLATFORM_MISMATCH',
  ],
  ['Get "https://registry-1.docker.io/v2/": x509: certificate signed by unknown authority', 'DOCKER_REGISTRY_TLS'],
  [
    'Get "https://registry-1.docker.io/v2/": tls: first record does not look like a TLS handshake',
    'DOCKER_REGISTRY_TLS',
  ],
  ['received unexpected HTTP status: 503 Service Unavailable', 'DOCKER_REGISTRY_ERROR'],
  [
    'filesystem layer verification failed for digest sha256:1cdfec3f0da963f7ac73e4af4afbac560a39cdb424a4ad7822032ae44e124ad2',
    'DOCKER_LAYER_CORRUPT',
  ],
  ['unknown blob', 'DOCKER_LAYER_CORRUPT'],
  [
    'Get "https://registry-1.docker.io/v2/": dial tcp 203.0.113.7:443: connect: connection refused',
    'DOCKER_REGISTRY_UNREACHABLE',
  ],
  [
    'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: read udp 127.0.0.1:57855->127.0.0.53:53: read: connection refused',
    'DOCKER_REGISTRY_UNREACHABLE',
  ],
  ['Get "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout', 'DOCKER_REGISTRY_UNREACHABLE'],
  [
    'Get "https://registry-1.docker.io/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
    'DOCKER_REGISTRY_UNREACHABLE',
  ],
  ['client version 1.50 is too new. Maximum supported API version is 1.41', 'DOCKER_API_VERSION'],
  [
    'invalid mount config for type "bind": bind source path does not exist: /mnt/waa/setup.iso',
    'DOCKER_BIND_SOURCE_MISSING',
  ],
  [
    'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error mounting "/home/azureuser/setup.iso" to rootfs at "/bin/busybox": not a directory: unknown: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type',
    'DOCKER_MOUNT_KIND',
  ],
  [
    'OCI runtime exec failed: exec failed: unable to start container process: exec: "/client/run.py": stat /client/run.py: no such file or directory: unknown',
    'DOCKER_ENTRYPOINT_MISSING',
  ],
  [
    'driver failed programming external connectivity on endpoint w2 (fb16):  (iptables failed: iptables --wait -t nat -A DOCKER -p tcp -d 0/0 --dport 5011 -j DNAT --to-destination 172.17.0.4:5000 ! -i br-7656: iptables: No chain/target/match by that name.\n (exit status 1))',
    'DOCKER_NETWORK_BROKEN',
  ],
  [
    'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
    'DOCKER_NETWORK_BROKEN',
  ],
  [
    'Container 629e6b155eeb00a85ed83806a4d171206eff636b54c44082ea7decc1e727bd93 is not running',
    'DOCKER_CONTAINER_NOT_RUNNING',
  ],
  ['No such container: winarena-7', 'DOCKER_CONTAINER_NOT_FOUND'],
  ['something nobody has ever seen', 'DOCKER_API_ERROR'],
];

describe("dockerd's words", () => {
  it.each(words)('%s', (text, code) => {
    expect(translateDaemonWords(text, 500, subject).code).toBe(code);
  });

  it('names a container by as much of its id as Docker itself shows', () => {
    const container = '629e6b155eeb00a85ed83806a4d171206eff636b54c44082ea7decc1e727bd93';
    const failure = translateDaemonWords(`Container ${container} is not running`, 409, { container });
    expect(failure.message).toBe('the container 629e6b155eeb is not running');
  });

  it('names the holder of a name', () => {
    const text =
      'Conflict. The container name "/w0" is already in use by container "20b993477e4998fa59699f1c29fe9b2ef3e0248b6c0c96cad427f934ab269004". You have to remove (or rename) that container to be able to reuse that name.';
    expect(translateDaemonWords(text, 409, {})).toMatchObject({
      code: 'DOCKER_CONTAINER_NAME_CONFLICT',
      params: { name: 'w0', holder: '20b993477e49' },
    });
  });

  it.each([
    'driver failed programming external connectivity on endpoint w1 (0e84): Bind for 0.0.0.0:5010 failed: port is already allocated',
    'driver failed programming external connectivity on endpoint w1 (0e84): Error starting userland proxy: listen tcp4 127.0.0.1:5010: bind: address already in use',
    'failed to bind host port for 127.0.0.1:5010:172.17.0.2:5000/tcp: address already in use',
  ])('names the port in: %s', (text) => {
    expect(translateDaemonWords(text, 500, {})).toMatchObject({ code: 'DOCKER_PORT_TAKEN', params: { port: 5010 } });
  });

  it('names the image, however often dockerd says it', () => {
    const text = 'no such image: nope: No such image: nope:latest';
    expect(translateDaemonWords(text, 404, {})).toMatchObject({
      code: 'DOCKER_IMAGE_MISSING',
      params: { image: 'nope:latest' },
    });
  });

  it('names the device', () => {
    const text = 'error gathering device information while adding custom device "/dev/kvm": no such file or directory';
    expect(translateDaemonWords(text, 500, {})).toMatchObject({
      code: 'DOCKER_DEVICE_MISSING',
      params: { device: '/dev/kvm' },
    });
  });

  it('calls a refused request that has no better name a rejected specification', () => {
    expect(translateDaemonWords('Minimum memory limit allowed is 6MB', 400, {}).code).toBe('DOCKER_SPEC_REJECTED');
  });
});

describe('errors of a call', () => {
  it("looks at dockerd's message, not at the client's summary", () => {
    const error = Object.assign(new Error('(HTTP code 404) no such container - No such image: dockurr/windows:6.05 '), {
      statusCode: 404,
      json: { message: 'No such image: dockurr/windows:6.05' },
    });
    expect(translateDockerError(error, subject)).toMatchObject({
      code: 'DOCKER_IMAGE_MISSING',
      params: { image: 'dockurr/windows:6.05' },
    });
  });

  it('keeps what the link named, and calls a refused socket a daemon that is down', () => {
    const lost = fail('BUG', { what: 'link' });
    expect(translateDockerError(lost, {})).toBe(lost);
    expect(translateDockerError(fail('VM_FORWARD_REFUSED', { host: 'h', target: 'docker.sock' }), {}).code).toBe(
      'DOCKER_DAEMON_DOWN',
    );
  });

  it.each([
    ['ENOENT', 'DOCKER_DAEMON_DOWN'],
    ['ECONNREFUSED', 'DOCKER_DAEMON_DOWN'],
    ['EACCES', 'DOCKER_SOCKET_PERMISSION'],
    ['ECONNRESET', 'DOCKER_CONNECTION_LOST'],
  ])('names %s', (code, expected) => {
    expect(translateDockerError(Object.assign(new Error(code), { code }), {}).code).toBe(expected);
  });
});
