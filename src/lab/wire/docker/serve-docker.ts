import http, { type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { DockerHost } from '../../world/contracts.js';
import { engineHostOf } from '../../world/docker/docker-host.js';
import type { Engine } from '../../world/docker/engine.js';
import { EngineError } from '../../world/docker/engine-error.js';
import { buildRoutes } from './build-routes.js';
import { containerRoutes } from './container-routes.js';
import { execRoutes } from './exec-routes.js';
import { imageRoutes } from './image-routes.js';
import { logRoutes } from './log-routes.js';
import { API_VERSION, MIN_API_VERSION, httpReply, upgradeReply, type Reply } from './reply.js';
import { systemRoutes } from './system-routes.js';
import type { Call, Route } from './route.js';

/** Bodies of the calls served are small; dockerd has no limit here, the lab has one so that it cannot be filled. */
const MAX_BODY_BYTES = 4 * 1024 ** 2;

/**
 * Serves the Engine API of an emulated machine on one connection, as dockerd does on its unix socket. The connection
 * should allow half-open ends (`docker exec -i` closes its side first). Closed at once when the daemon does not run, and
 * when it ends.
 */
export function serveDocker(host: DockerHost, connection: Duplex): void {
  const engine = engineHostOf(host).engine;
  if (!engine) {
    connection.destroy();
    return;
  }
  const close = (): void => {
    connection.destroy();
  };
  engine.core.onEnd.add(close);
  connection.once('close', () => engine.core.onEnd.delete(close));
  connection.on('error', close);

  const routes = [
    ...systemRoutes,
    ...imageRoutes,
    ...buildRoutes,
    ...containerRoutes,
    ...logRoutes,
    ...execRoutes(engine.execs),
  ];
  const server = http.createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    const reply = httpReply(request, response);
    readBody(request, (body) => {
      dispatch(engine, routes, request, body, reply);
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    readUpgradeBody(request, socket, head, (body, early) => {
      dispatch(engine, routes, request, body, upgradeReply(socket, early));
    });
  });
  server.emit('connection', connection);
}

function dispatch(
  engine: Engine,
  routes: readonly Route[],
  request: IncomingMessage,
  body: Buffer,
  reply: Reply,
): void {
  try {
    const url = new URL(request.url ?? '/', 'http://docker');
    const path = withoutVersion(url.pathname);
    for (const route of routes) {
      const match = route.method === request.method ? route.pattern.exec(path) : null;
      if (!match) continue;
      const params = Object.fromEntries(
        route.names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]),
      );
      const call: Call = { engine, params, query: url.searchParams, headers: request.headers, body, reply };
      route.handler(call);
      return;
    }
    throw new EngineError(404, 'page not found');
  } catch (error) {
    if (error instanceof EngineError) reply.json(error.status, { message: error.message });
    else reply.json(500, { message: error instanceof Error ? error.message : String(error) });
  }
}

/** Takes `/v1.43` off; refuses versions the daemon does not speak, in its words. */
function withoutVersion(path: string): string {
  const match = /^\/v(\d+\.\d+)(\/.*)$/.exec(path);
  if (!match) return path;
  const [, version = '', rest = ''] = match;
  if (compareVersions(version, API_VERSION) > 0) {
    throw new EngineError(400, `client version ${version} is too new. Maximum supported API version is ${API_VERSION}`);
  }
  if (compareVersions(version, MIN_API_VERSION) < 0) {
    const upgrade = 'please upgrade your client to a newer version';
    throw new EngineError(
      400,
      `client version ${version} is too old. Minimum supported API version is ${MIN_API_VERSION}, ${upgrade}`,
    );
  }
  return rest;
}

function compareVersions(a: string, b: string): number {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number);
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number);
  return aMajor - bMajor || aMinor - bMinor;
}

function readBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) request.destroy();
    else chunks.push(chunk);
  });
  request.on('end', () => {
    done(Buffer.concat(chunks));
  });
}

/** A request to take the connection over has its body behind its head, on the bare connection. */
function readUpgradeBody(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  done: (body: Buffer, early: Buffer) => void,
): void {
  const wanted = Math.min(Number(request.headers['content-length'] ?? 0), MAX_BODY_BYTES);
  let received = head;
  const take = (): boolean => {
    if (received.length < wanted) return false;
    done(received.subarray(0, wanted), received.subarray(wanted));
    return true;
  };
  if (take()) return;
  const onData = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk]);
    if (received.length < wanted) return;
    socket.off('data', onData);
    socket.pause();
    take();
  };
  socket.on('data', onData);
}
