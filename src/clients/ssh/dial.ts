import { connect } from 'node:net';
import type { Dial } from './ssh.js';

/** Opens a TCP connection; rejects with Node's own error (`code` ECONNREFUSED, EHOSTUNREACH, ...) or the abort reason. */
export const realDial: Dial = (host, port, deadline) =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const onAbort = (): void => {
      socket.destroy();
      reject(deadline.signal.reason as Error);
    };
    if (deadline.signal.aborted) {
      onAbort();
      return;
    }
    deadline.signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => {
      deadline.signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error) => {
      deadline.signal.removeEventListener('abort', onAbort);
      reject(error);
    });
  });
