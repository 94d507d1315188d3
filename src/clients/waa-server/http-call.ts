import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { fail, WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';

/** A screenshot of a large desktop has some megabytes, an accessibility tree with thousands of nodes about as much. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

export interface HttpCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly json?: unknown;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/**
 * One HTTP exchange over a stream of its own. Flask's development server closes connections freely, so none is reused.
 * Raises SERVER_NOT_LISTENING, SERVER_TIMEOUT, SERVER_CONNECTION_LOST, SERVER_BAD_ANSWER; a broken way to the worker
 * (VM_SSH_*) passes as it is; an abort by a person rejects with the signal's reason.
 */
export async function httpCall(
  openStream: (deadline: Deadline) => Promise<Duplex>,
  call: HttpCall,
  deadline: Deadline,
): Promise<HttpAnswer> {
  const name = `${call.method} ${call.path.split('?')[0] ?? call.path}`;
  const translate = (error: unknown): unknown => {
    if (deadline.expired)
      return fail('SERVER_TIMEOUT', { call: name, seconds: Math.round(deadline.totalMs / 1000) }, { cause: error });
    if (deadline.signal.aborted) return deadline.signal.reason;
    if (error instanceof WaaError) {
      return error.code === 'VM_FORWARD_REFUSED'
        ? fail('SERVER_NOT_LISTENING', { call: name }, { cause: error })
        : error;
    }
    const reason = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ECONNREFUSED') return fail('SERVER_NOT_LISTENING', { call: name }, { cause: error });
    return code.startsWith('HPE_')
      ? fail('SERVER_BAD_ANSWER', { call: name, got: reason }, { cause: error })
      : fail('SERVER_CONNECTION_LOST', { call: name, reason }, { cause: error });
  };

  let stream: Duplex;
  try {
    stream = await deadline.race(openStream(deadline));
  } catch (error) {
    throw translate(error);
  }
  try {
    return await exchange(stream, call, name, deadline.signal);
  } catch (error) {
    throw translate(error);
  } finally {
    stream.destroy();
  }
}

function exchange(stream: Duplex, call: HttpCall, name: string, signal: AbortSignal): Promise<HttpAnswer> {
  const body = call.json === undefined ? undefined : Buffer.from(JSON.stringify(call.json));
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      method: call.method,
      path: call.path,
      host: '127.0.0.1',
      agent: new SingleUse(stream),
      signal,
      headers: {
        connection: 'close',
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length }),
      },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES)
          reject(fail('SERVER_BAD_ANSWER', { call: name, got: `more than ${MAX_ANSWER_BYTES} bytes` }));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          contentType: response.headers['content-type'] ?? '',
          body: Buffer.concat(chunks),
        });
      });
    });
    request.end(body);
  });
}

/** Hands the one stream to the one request. */
class SingleUse extends HttpAgent {
  readonly #stream: Duplex;
  constructor(stream: Duplex) {
    super({ keepAlive: false, maxSockets: 1 });
    this.#stream = stream;
  }
  override createConnection(): Duplex {
    return this.#stream;
  }
}
