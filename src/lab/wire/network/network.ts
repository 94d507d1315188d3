import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Machine } from '../../world/contracts.js';
import { connectedPair, join } from '../connected-pair.js';

/** A public address of the emulated cloud. */
export interface Destination {
  readonly machine: Machine;
  /** What the network security group says. */
  allowsInbound(port: number, sourceIp: string): boolean;
}

export interface NetworkOptions {
  /** Who owns a public address; undefined when nobody does. */
  resolve(ip: string): Destination | undefined;
  /** The address under which the outside sees the callers, e.g. `203.0.113.7`. */
  sourceIp(): string;
  /** Serves port 22 of a machine whose sshd is up. */
  serveSsh(machine: Machine, stream: Duplex): void;
  /** Does something after so many ms of lab time; the returned function cancels it. */
  after(ms: number, action: () => void): () => void;
}

/** The lab's internet: an HTTP CONNECT proxy on loopback (RFC 9110, section 9.3.6). */
export interface Network {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Header that names the errno a real connect() would end with. */
export const ERRNO_HEADER = 'x-lab-errno';
const SSH_PORT = 22;
/** Pauses between the SYNs of a Linux caller that hears nothing: RFC 6298 with net.ipv4.tcp_syn_retries = 6. */
const SYN_PAUSES_MS = [1000, 2000, 4000, 8000, 16_000, 32_000] as const;

/** Starts the proxy on a free port of 127.0.0.1. See BEHAVIOUR.md for what it answers when. */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const sockets = new Set<Duplex>();
  const server = createServer((_request, response) => {
    response.writeHead(405, { allow: 'CONNECT' }).end('This proxy understands CONNECT only.\n');
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
    });
  });
  server.on('connect', (request, socket: Duplex, head: Buffer) => {
    connect(request.url ?? '', socket, head, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

function connect(target: string, client: Duplex, head: Buffer, options: NetworkOptions): void {
  const match = /^([0-9.]+):(\d+)$/.exec(target);
  const [, ip, portText] = match ?? [];
  if (ip === undefined || portText === undefined) {
    client.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  knock(ip, Number(portText), client, head, options);
}

/** One SYN. Azure drops what no address or no rule wants: the caller hears nothing, and its system sends the next. */
function knock(ip: string, port: number, client: Duplex, head: Buffer, options: NetworkOptions, sent = 0): void {
  const destination = options.resolve(ip);
  const machine = destination?.allowsInbound(port, options.sourceIp()) === true ? destination.machine : undefined;
  if (machine?.power !== 'running' && machine?.power !== 'stopping') {
    const pauseMs = SYN_PAUSES_MS[sent];
    if (pauseMs === undefined) return;
    const cancel = options.after(pauseMs, () => {
      client.off('close', cancel);
      knock(ip, port, client, head, options, sent + 1);
    });
    client.once('close', cancel);
    return;
  }
  if (port !== SSH_PORT || machine.sshd === 'down') {
    client.end(`HTTP/1.1 502 Bad Gateway\r\n${ERRNO_HEADER}: ECONNREFUSED\r\ncontent-length: 0\r\n\r\n`);
    return;
  }
  const [near, far] = connectedPair();
  const unregister = machine.onSshdChange((change) => {
    if (change === 'lost') unplug(client, near);
  });
  client.on('close', unregister);
  client.write('HTTP/1.1 200 Connection established\r\n\r\n');
  if (head.length > 0) near.write(head);
  join(client, near);
  options.serveSsh(machine, far);
}

/** Power is gone: no FIN, no RST, just silence. Only a keepalive of the caller finds out. */
function unplug(client: Duplex, near: Duplex): void {
  client.unpipe(near);
  near.unpipe(client);
  near.removeAllListeners('close');
  near.destroy();
  client.resume();
}
