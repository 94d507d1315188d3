import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Guest } from '../../world/contracts.js';
import { readBody } from '../read-body.js';
import { formPaths, guestRoutes, type GuestAnswer } from './routes.js';

const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * Serves one connection to port 5000 of an emulated Windows. Ends the stream at once when nothing listens there; the
 * caller that can refuse a connection (the SSH server's direct-tcpip, Docker's published port) should ask
 * `guest.server` first and refuse it.
 */
export function serveGuest(guest: Guest, stream: Duplex): void {
  stream.on('error', () => stream.destroy());
  if (guest.server === 'refused') {
    stream.destroy();
    return;
  }
  const server = createServer((request, response) => {
    // A caller that hangs up before its request is whole, or a power cut, needs no answer.
    answer(guest, request, response).catch(() => stream.destroy());
  });
  server.keepAliveTimeout = 0;
  server.emit('connection', stream);
}

async function answer(guest: Guest, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === undefined) {
    send(response, { status: 413, text: 'Request Entity Too Large' });
    return;
  }
  send(response, respond(guest, request, body));
}

/** The order of upstream: Flask routes first, and its catch-all handler turns any HTTP error into a 500. */
function respond(guest: Guest, request: IncomingMessage, body: Buffer): GuestAnswer {
  const url = new URL(request.url ?? '/', 'http://guest');
  const methods = guestRoutes[url.pathname];
  if (!methods)
    return wrapped(
      '404 Not Found: The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
    );
  const route = methods[request.method ?? 'GET'];
  if (!route) return wrapped('405 Method Not Allowed: The method is not allowed for the requested URL.');
  if (guest.server === 'broken' && url.pathname !== '/probe') return wrapped('screen grab failed');
  if (request.method !== 'POST') return route(guest, { query: url.searchParams, json: {}, raw: body, contentType: '' });

  const contentType = request.headers['content-type'] ?? '';
  if (formPaths.has(url.pathname) || !contentType.includes('json'))
    return route(guest, { query: url.searchParams, json: {}, raw: body, contentType });
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    return wrapped('400 Bad Request: The browser (or proxy) sent a request that this server could not understand.');
  }
  const fields =
    typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : {};
  return route(guest, { query: url.searchParams, json: fields, raw: body, contentType });
}

function wrapped(message: string): GuestAnswer {
  return { status: 500, json: { status: 'error', message } };
}

function send(response: ServerResponse, answer: GuestAnswer): void {
  response.statusCode = answer.status;
  response.setHeader('connection', 'close');
  response.setHeader('server', 'Werkzeug/3.0.1 Python/3.10.0');
  if (answer.json !== undefined) {
    response.setHeader('content-type', 'application/json');
    response.end(`${JSON.stringify(answer.json)}\n`);
  } else if (answer.png !== undefined) {
    response.setHeader('content-type', 'image/png');
    response.end(answer.png);
  } else {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(answer.text ?? '');
  }
}
