import type { Client, ConnectConfig, ServerHostKeyAlgorithm } from 'ssh2';
import { fail, type WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { HostAddress } from '../../layers/io.js';
import { fingerprintOf, hostKeyFromBlob, hostName, type HostKey, type KnownHosts } from './known-hosts.js';
import type { Dial } from './ssh.js';
import { connectFailure } from './translate.js';

export interface ConnectDependencies {
  readonly dial: Dial;
  readonly privateKey: () => Promise<string>;
  /** For messages only. */
  readonly privateKeyPath: string;
  readonly knownHosts: KnownHosts;
}

/** Algorithms of the pinned keys first, so that the host shows the key we know. */
const HOST_KEY_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const satisfies readonly ServerHostKeyAlgorithm[];

function preferring(pinned: readonly HostKey[]): ServerHostKeyAlgorithm[] {
  const types = new Set(pinned.map((key) => key.type));
  const isPinned = (algorithm: string): boolean =>
    types.has(algorithm) || (types.has('ssh-rsa') && algorithm.startsWith('rsa-'));
  const known = HOST_KEY_ALGORITHMS.filter(isPinned);
  return [...known, ...HOST_KEY_ALGORITHMS.filter((algorithm) => !known.includes(algorithm))];
}

/**
 * Dials, shakes hands and logs in, once. The host key is pinned at first contact; another one later ends with
 * VM_HOST_KEY_CHANGED before anything of ours was sent. The client it returns is open and has somebody who hears its
 * errors. Raises VM_SSH_*, or the abort reason when a person stopped it.
 */
export async function connectClient(
  address: HostAddress,
  deadline: Deadline,
  dependencies: ConnectDependencies,
): Promise<Client> {
  const { host, port } = address;
  const { knownHosts, privateKeyPath } = dependencies;
  const timeout = (phase: string): unknown => {
    if (!deadline.expired) return deadline.signal.reason;
    return fail('VM_SSH_TIMEOUT', { host, port, seconds: Math.round(deadline.totalMs / 1000), phase });
  };
  const [privateKey, pinned] = await Promise.all([dependencies.privateKey(), knownHosts.find(host, port)]);
  // Imported here: loading ssh2 costs 40 ms that commands without a VM need not pay.
  const { default: ssh2 } = await import('ssh2');

  let socket;
  try {
    socket = await dependencies.dial(host, port, deadline);
  } catch (error) {
    throw deadline.signal.aborted ? timeout('connecting') : connectFailure(error, address, privateKeyPath);
  }
  let rejected: WaaError | undefined;
  let seen: HostKey | undefined;
  const config: ConnectConfig = {
    sock: socket,
    username: address.user,
    privateKey,
    authHandler: ['publickey'],
    // Both run on real time inside ssh2; the deadline and our own keepalive run on the clock.
    readyTimeout: 0,
    keepaliveInterval: 0,
    algorithms: { serverHostKey: preferring(pinned) },
    hostVerifier: (blob: Buffer) => {
      seen = hostKeyFromBlob(blob);
      const same = pinned.some((key) => key.type === seen?.type && key.base64 === seen.base64);
      if (pinned.length === 0 || same) return true;
      rejected = changedKey(address, knownHosts.path, pinned, seen);
      return false;
    },
  };
  const client = new ssh2.Client();
  // Whatever breaks from now on: `close` follows every `error`, and an error nobody listens to would end waa.
  client.on('error', () => undefined);
  const stop = (): void => {
    client.destroy();
  };
  deadline.signal.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve);
      client.once('error', reject);
      client.once('close', () => {
        reject(new Error('Connection lost before handshake'));
      });
      client.connect(config);
    });
  } catch (error) {
    client.destroy();
    socket.destroy();
    if (deadline.signal.aborted) throw timeout(seen ? 'logging in' : 'waiting for its SSH greeting');
    throw rejected ?? connectFailure(error, address, privateKeyPath);
  } finally {
    deadline.signal.removeEventListener('abort', stop);
  }
  if (pinned.length === 0 && seen) {
    await knownHosts.pin(host, port, seen).catch((error: unknown) => {
      client.destroy();
      throw error;
    });
  }
  // It may have ended while the key was written: whoever gets the client hears of no end that was before.
  if (socket.destroyed) throw connectFailure(new Error('Connection lost after the login'), address, privateKeyPath);
  return client;
}

function changedKey(address: HostAddress, file: string, pinned: readonly HostKey[], seen: HostKey): WaaError {
  const { host, port } = address;
  const before = pinned.map(fingerprintOf).join(', ');
  return fail('VM_HOST_KEY_CHANGED', {
    host,
    name: hostName(host, port),
    file,
    pinned: before,
    seen: fingerprintOf(seen),
  });
}
