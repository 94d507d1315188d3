import type { Clock } from '../../clock/clock.js';
import { fail, type WaaError } from '../../failures/waa-error.js';
import { Deadline } from '../../health/deadline.js';
import type { HostAddress } from '../../layers/io.js';
import { connectClient } from './connect.js';
import { readPrivateKey } from './keys.js';
import type { KnownHosts } from './known-hosts.js';
import { createLink } from './link.js';
import type { Dial, SshLink, SshLinks } from './ssh.js';

/** Longest time one connect with its login may take, whoever waits for it. */
const CONNECT_MS = 30_000;

export interface SshLinksOptions {
  readonly dial: Dial;
  readonly clock: Clock;
  /** Private key in OpenSSH format; read at the first connect. */
  readonly privateKeyPath: string;
  /** Of the deployment: all its workers write the same file, and take turns in the same object. */
  readonly knownHosts: KnownHosts;
  /** Pause between keepalives; a link is dead after three without an answer. */
  readonly keepaliveMs?: number;
  /** Told of a connection that broke by itself; the returned function is called when the next one stands. */
  readonly onDropped?: (fault: WaaError) => () => void;
}

interface Slot {
  readonly link: Promise<SshLink>;
  live?: SshLink;
}

/** One live connection per address, shared by everybody who asks, opened again when it broke. */
export function createSshLinks(options: SshLinksOptions): SshLinks {
  const { clock, dial, knownHosts, privateKeyPath, keepaliveMs = 10_000 } = options;
  const slots = new Map<string, Slot>();
  const closing = new AbortController();
  const restored = new Map<string, () => void>();
  const dependencies = { dial, privateKeyPath, knownHosts, privateKey: () => readPrivateKey(privateKeyPath) };
  const nameOf = ({ user, host, port }: HostAddress): string => `${user}@${host}:${port}`;

  const begin = (address: HostAddress): Slot => {
    const name = nameOf(address);
    // The attempt has its own budget: one impatient caller must not break it for the others.
    const attempt = async (): Promise<SshLink> => {
      using own = Deadline.after(CONNECT_MS, clock, closing.signal);
      const client = await connectClient(address, own, dependencies);
      const onClosed = (how: 'closed' | 'dropped'): void => {
        if (slots.get(name) === slot) slots.delete(name);
        if (how === 'closed' || restored.has(name) || !options.onDropped) return;
        restored.set(name, options.onDropped(fail('VM_SSH_DROPPED', { host: address.host, during: 'its use' })));
      };
      const link = createLink(client, address, { clock, keepaliveMs, onClosed });
      slot.live = link;
      restored.get(name)?.();
      restored.delete(name);
      return link;
    };
    const slot: Slot = { link: attempt() };
    slot.link.catch(() => {
      if (slots.get(name) === slot) slots.delete(name);
    });
    slots.set(name, slot);
    return slot;
  };

  return {
    async open(address, deadline) {
      if (closing.signal.aborted) throw closing.signal.reason;
      const existing = slots.get(nameOf(address));
      const slot = existing && !existing.live?.closed ? existing : begin(address);
      try {
        return await deadline.race(slot.link);
      } catch (error) {
        if (!deadline.expired) throw error;
        const { host, port } = address;
        const seconds = Math.round(deadline.totalMs / 1000);
        throw fail('VM_SSH_TIMEOUT', { host, port, seconds, phase: 'connecting' });
      }
    },
    async forget(address) {
      slots.get(nameOf(address))?.live?.close();
      await knownHosts.forget(address.host, address.port);
    },
    hangUp() {
      for (const slot of slots.values()) slot.live?.close();
    },
    async close() {
      closing.abort(fail('CANCELLED', { what: 'SSH' }));
      const all = [...slots.values()];
      slots.clear();
      const settled = await Promise.allSettled(all.map((slot) => slot.link));
      for (const result of settled) if (result.status === 'fulfilled') result.value.close();
    },
  };
}
