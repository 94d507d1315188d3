import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dial } from '../clients/ssh/ssh.js';

/** A connect that failed as the operating system reports it. */
function errnoError(code: string, host: string, port: number): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`connect ${code} ${host}:${port}`);
  error.code = code;
  error.syscall = 'connect';
  return error;
}

/** The way to emulated VMs: dials through the lab's CONNECT proxy and fails with the errno a real connect() would. */
export function createLabDial(network: { readonly host: string; readonly port: number }): Dial {
  return (host, port, deadline) =>
    new Promise<Duplex>((resolve, reject) => {
      const call = request({
        host: network.host,
        port: network.port,
        method: 'CONNECT',
        path: `${host}:${port}`,
        agent: false,
        signal: deadline.signal,
      });
      call.on('connect', (response, socket, head) => {
        if (response.statusCode === 200) {
          if (head.length > 0) socket.unshift(head);
          resolve(socket);
          return;
        }
        socket.destroy();
        const errno = response.headers['x-lab-errno'];
        reject(errnoError(typeof errno === 'string' ? errno : 'EPROTO', host, port));
      });
      call.on('error', (error) => {
        reject(deadline.signal.aborted ? (deadline.signal.reason as Error) : error);
      });
      call.end();
    });
}
