import { fail, WaaError } from '../../failures/waa-error.js';
import type { HostAddress } from '../../layers/io.js';

/** What ssh2 adds to the errors it emits. */
interface Ssh2Error extends Error {
  readonly level?: string;
  readonly code?: string | number;
  /** RFC 4254 reason of a refused channel: 1 prohibited, 2 connect failed, 3 unknown type, 4 shortage. */
  readonly reason?: number;
}

/** errno codes of connect(2) and of name resolution that mean: no way to the host. */
const UNREACHABLE = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTDOWN',
]);

/** A failed connect or handshake as a VM_SSH_* failure; texts are those of ssh2 1.17 and of Node. */
export function connectFailure(error: unknown, address: HostAddress, keyPath: string): WaaError {
  if (error instanceof WaaError) return error;
  const { host, port, user } = address;
  const { code, level, message } = error as Ssh2Error;
  if (code === 'ECONNREFUSED') return fail('VM_SSH_REFUSED', { host, port }, { cause: error });
  if (code === 'ETIMEDOUT') {
    return fail('VM_SSH_TIMEOUT', { host, port, seconds: 0, phase: 'the operating system gave up' }, { cause: error });
  }
  if (typeof code === 'string' && UNREACHABLE.has(code)) {
    return fail('VM_SSH_UNREACHABLE', { host, port, reason: message }, { cause: error });
  }
  if (level === 'client-authentication') return fail('VM_SSH_AUTH', { host, user, key: keyPath }, { cause: error });
  if (/no matching|Handshake failed|Protocol|Invalid identification|unsupported/i.test(message)) {
    return fail('VM_SSH_PROTOCOL', { host, reason: message }, { cause: error });
  }
  return fail('VM_SSH_DROPPED', { host, during: 'connecting' }, { cause: error });
}

/** A refused channel as a failure; `target` is what should be reached. */
export function channelFailure(error: unknown, address: HostAddress, target: string): WaaError {
  if (error instanceof WaaError) return error;
  const { host } = address;
  const { reason } = error as Ssh2Error;
  if (reason === 1) return fail('VM_FORWARD_DENIED', { host, target }, { cause: error });
  if (reason === 2) return fail('VM_FORWARD_REFUSED', { host, target }, { cause: error });
  return fail('VM_SSH_DROPPED', { host, during: `opening ${target}` }, { cause: error });
}
