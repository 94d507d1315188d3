import { cause, clip, line, type Pattern } from './pattern.js';

const WORKER = 'the worker';
const PORT = 22;
/** A refused connection that was tried again and succeeded leaves other lines after it. */
const ANYTHING_ELSE = /^(?!ssh: connect to host ).*\S/;

/** OpenSSH's client (8.x to 10.x) and the npm package ssh2. The line *before* "Permission denied" names the cause. */
export const sshPatterns: readonly Pattern[] = [
  cause('VM_SSH_KEY_INVALID', /^Load key "([^"]+)": (.*)/, (at) => ({
    path: at(1),
    reason: at(2),
  })),
  cause('VM_SSH_KEY_INVALID', /Cannot parse privateKey: (.*)/, (at) => ({
    path: 'the private key',
    reason: at(1),
  })),
  cause('VM_SSH_KEY_PERMISSIONS', /Permissions (\d+) for '([^']+)' are too open/, (at) => ({
    mode: at(1),
    path: at(2),
  })),
  cause('VM_SSH_KEY_MISSING', /Identity file (\S+) not accessible/, (at) => ({ path: at(1) })),
  cause('VM_HOST_KEY_CHANGED', /REMOTE HOST IDENTIFICATION HAS CHANGED|Host denied \(verification failed\)/, () => ({
    host: WORKER,
    name: WORKER,
    file: 'known_hosts',
    pinned: 'key',
    seen: 'of another machine',
  })),
  cause(
    'VM_SSH_REFUSED',
    /^ssh: connect to host (\S+) port (\d+): Connection refused/,
    (at) => ({ host: at(1), port: Number(at(2)) }),
    { healedBy: ANYTHING_ELSE },
  ),
  cause(
    'VM_SSH_UNREACHABLE',
    /^ssh: connect to host (\S+) port (\d+): ((?:No route|Network).*)/,
    (at) => ({ host: at(1), port: Number(at(2)), reason: at(3) }),
    { healedBy: ANYTHING_ELSE },
  ),
  cause('VM_SSH_UNREACHABLE', /^ssh: Could not resolve hostname (\S+): (.*)/, (at) => ({
    host: at(1),
    port: PORT,
    reason: at(2),
  })),
  cause('VM_SSH_REFUSED', /connect ECONNREFUSED ([^\s:]+):(\d+)/, (at) => ({
    host: at(1),
    port: Number(at(2)),
  })),
  cause('VM_SSH_UNREACHABLE', /connect (EHOSTUNREACH|ENETUNREACH) ([^\s:]+):(\d+)/, (at) => ({
    host: at(2),
    port: Number(at(3)),
    reason: at(1),
  })),
  line(
    'VM_SSH_SILENT',
    /Connection timed out during banner exchange|Timed out while waiting for handshake|port \d+: (?:Connection|Operation) timed out|connect ETIMEDOUT/,
  ),
  cause('VM_SSH_PROTOCOL', /no matching (?:host key type|key exchange|cipher|MAC)/, (_at, text) => ({
    host: WORKER,
    reason: clip(text),
  })),
  cause('VM_FORWARD_DENIED', /open failed: administratively prohibited/, () => ({
    host: WORKER,
    target: 'the forwarded port',
  })),
  line('QEMU_GUEST_UNREACHABLE', /open failed: connect failed: No route to host/),
  cause(
    'VM_FORWARD_REFUSED',
    /open failed: connect failed: Connection refused|Channel open failure: Connection refused/,
    () => ({ host: WORKER, target: 'the forwarded port' }),
  ),
  cause('VM_SSH_DROPPED', /^Connection to (\S+) closed by remote host/, (at) => ({
    host: at(1),
    during: 'a session',
  })),
  cause('VM_SSH_DROPPED', /^Timeout, server (\S+) not responding/, (at) => ({
    host: at(1),
    during: 'a session (no answer to keepalives)',
  })),
  cause('VM_SSH_DROPPED', /^client_loop: send disconnect|^Error: (?:read ECONNRESET|Keepalive timeout)/, () => ({
    host: WORKER,
    during: 'a session',
  })),
  cause('VM_SSH_DROPPED', /^kex_exchange_identification: |Connection lost before handshake/, () => ({
    host: WORKER,
    during: 'the handshake',
  })),
  line('VM_REMOTE_FILE', /^scp: dest open .*|^Error: Permission denied \{ code: 3 \}/),
  line('VM_PROGRAM_MISSING', /: command not found$/),
  cause(
    'VM_SSH_AUTH',
    /^(\S+)@(\S+): Permission denied \(/,
    (at) => ({ user: at(1), host: at(2), key: 'that was offered' }),
    { weight: 'generic' },
  ),
  cause(
    'VM_SSH_AUTH',
    /All configured authentication methods failed|Too many authentication failures/,
    () => ({ user: 'of the worker', host: WORKER, key: 'that was offered' }),
    { weight: 'generic' },
  ),
];
