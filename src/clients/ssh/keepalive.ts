import type { Client } from 'ssh2';
import type { Clock } from '../../clock/clock.js';

/** Unanswered keepalives after which a connection counts as dead, as OpenSSH's ServerAliveCountMax. */
const MISSES = 3;

/**
 * Asks the server every `everyMs` for an answer and calls `onDead` when none came for three times that long. ssh2's own
 * keepalive runs on real timers, which a scaled clock could not speed up. The question is a `cancel-tcpip-forward` for a
 * forwarding that does not exist: every server answers it (RFC 4254, section 7.1), and a refusal is an answer too.
 * Returns the way to stop.
 */
export function startKeepalive(client: Client, clock: Clock, everyMs: number, onDead: () => void): () => void {
  let stopped = false;
  let answeredAt = clock.now();
  let cancel: () => void = () => undefined;

  const beat = (): void => {
    if (stopped) return;
    if (clock.now() - answeredAt > everyMs * MISSES + clock.slackMs) {
      stopped = true;
      onDead();
      return;
    }
    try {
      client.unforwardIn('127.0.0.1', 1, () => {
        answeredAt = clock.now();
      });
    } catch {
      // ssh2 throws when the socket is gone already; `close` follows and stops us.
      return;
    }
    cancel = clock.schedule(everyMs, beat);
  };
  cancel = clock.schedule(everyMs, beat);
  return () => {
    stopped = true;
    cancel();
  };
}
