import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** The version this daemon speaks, and the oldest it accepts (Docker Engine 27.5). */
export const API_VERSION = '1.47';
export const MIN_API_VERSION = '1.24';
export const ENGINE_VERSION = '27.5.1';

const daemonHeaders = {
  'Api-Version': API_VERSION,
  'Docker-Experimental': 'false',
  Ostype: 'linux',
  Server: `Docker/${ENGINE_VERSION} (linux)`,
} as const;

/** An open stream to the client, beyond request and response. */
export interface RawStream {
  write(data: Buffer | string): void;
  end(): void;
  /** What the client sends, when the connection was taken over; calls `done` at its end. */
  collectInput(done: (input: string) => void): void;
}

/** The ways to answer a request; one for plain HTTP, one for a connection that is taken over (`Upgrade: tcp`). */
export interface Reply {
  json(status: number, value: unknown): void;
  empty(status: number): void;
  text(status: number, body: string, headers?: Readonly<Record<string, string>>): void;
  /** Begins a 200 whose body is written bit by bit. */
  stream(contentType: string): RawStream;
  /** As `stream`, but takes the connection over when the client asked for it. */
  hijack(contentType: string): RawStream;
  /** Called when the client went away. */
  onClose(listener: () => void): void;
}

/** Answers over Node's response. */
export function httpReply(request: IncomingMessage, response: ServerResponse): Reply {
  for (const [name, value] of Object.entries(daemonHeaders)) response.setHeader(name, value);
  const text: Reply['text'] = (status, body, headers = {}) => {
    const length = Buffer.byteLength(body);
    response.writeHead(status, {
      ...headers,
      ...(status === 204 || status === 304 ? {} : { 'Content-Length': length }),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
  const stream: Reply['stream'] = (contentType) => {
    response.writeHead(200, { 'Content-Type': contentType });
    response.flushHeaders();
    return {
      write: (data) => {
        if (!response.destroyed) response.write(data);
      },
      end: () => {
        response.end();
      },
      collectInput: (done) => {
        done('');
      },
    };
  };
  return {
    text,
    stream,
    hijack: stream,
    json: (status, value) => {
      text(status, `${JSON.stringify(value)}\n`, { 'Content-Type': 'application/json' });
    },
    empty: (status) => {
      text(status, '');
    },
    onClose: (listener) => {
      response.on('close', listener);
    },
  };
}

/** Answers over the bare connection of a request that asked to take it over. */
export function upgradeReply(socket: Duplex, early: Buffer): Reply {
  const head = (status: string, headers: Readonly<Record<string, string>>): string => {
    const lines = Object.entries({ ...daemonHeaders, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`;
  };
  const text: Reply['text'] = (status, body, headers = {}) => {
    const length = { 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close' };
    socket.end(head(`${status} ${status < 400 ? 'OK' : 'Error'}`, { ...headers, ...length }) + body);
  };
  const open = (contentType: string): RawStream => {
    socket.write(head('101 UPGRADED', { 'Content-Type': contentType, Connection: 'Upgrade', Upgrade: 'tcp' }));
    return {
      write: (data) => {
        if (!socket.destroyed && !socket.writableEnded) socket.write(data);
      },
      end: () => {
        socket.end();
      },
      collectInput: (done) => {
        const chunks: Buffer[] = [early];
        socket.on('data', (chunk: Buffer) => chunks.push(chunk));
        socket.once('end', () => {
          done(Buffer.concat(chunks).toString('utf8'));
        });
        socket.resume();
      },
    };
  };
  return {
    text,
    stream: open,
    hijack: open,
    json: (status, value) => {
      text(status, `${JSON.stringify(value)}\n`, { 'Content-Type': 'application/json' });
    },
    empty: (status) => {
      text(status, '');
    },
    onClose: (listener) => {
      socket.once('close', listener);
    },
  };
}
