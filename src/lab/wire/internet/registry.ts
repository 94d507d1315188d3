import type { IncomingMessage, ServerResponse } from 'node:http';
import { DOCKER_HUB, parseImageReference } from '../../../config/image-reference.js';
import type { RegistryImage, RegistryWorld } from '../../world/docker/registry-world.js';

const HUB_REGISTRY = 'registry-1.docker.io';
const HUB_TOKENS = 'auth.docker.io';
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip';
/** Docker Hub's tokens live five minutes. */
const TOKEN_LIFE_S = 300;

export interface RegistryWire {
  readonly registry: RegistryWorld;
  /** Epoch ms of lab time. */
  readonly now: () => number;
  /** Whose pull budget the callers of this handler spend. */
  readonly source: string;
}

/**
 * Registries of the lab's internet: `/<registry host>/v2/...` with the token dance, `/<token host>/token` to get one. HEAD
 * costs nothing, GET of a manifest costs a pull on Docker Hub. Answers false when a path is none of its own.
 */
export function createRegistryHandler(
  wire: RegistryWire,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://registry');
    const api = /^\/([^/]+)\/v2\/(?:(.+)\/manifests\/([^/]+))?$/.exec(url.pathname);
    const token = /^\/([^/]+)\/token$/.exec(url.pathname);
    if (!api && !token) return false;
    request.resume();
    if (token) answerToken(wire, token[1] ?? '', url.searchParams, response);
    else answerApi(wire, request, response, api?.[1] ?? '', api?.[2], api?.[3]);
    return true;
  };
}

function answerToken({ now }: RegistryWire, host: string, query: URLSearchParams, response: ServerResponse): void {
  const issued = now();
  const claims = { host, scope: query.get('scope') ?? '', endsAt: issued + TOKEN_LIFE_S * 1000 };
  const token = Buffer.from(JSON.stringify(claims)).toString('base64url');
  sendJson(response, 200, {
    token,
    access_token: token,
    expires_in: TOKEN_LIFE_S,
    issued_at: new Date(issued).toISOString(),
  });
}

function answerApi(
  wire: RegistryWire,
  request: IncomingMessage,
  response: ServerResponse,
  host: string,
  repository: string | undefined,
  version: string | undefined,
): void {
  response.setHeader('docker-distribution-api-version', 'registry/2.0');
  const scope = repository === undefined ? '' : `repository:${repository}:pull`;
  if (!mayRead(wire, request, scope)) {
    const tokenHost = host === HUB_REGISTRY ? HUB_TOKENS : host;
    const service = host === HUB_REGISTRY ? 'registry.docker.io' : host;
    const realm = `http://${request.headers.host ?? '127.0.0.1'}/${tokenHost}/token`;
    const scoped = scope === '' ? '' : `,scope="${scope}"`;
    response.setHeader('www-authenticate', `Bearer realm="${realm}",service="${service}"${scoped}`);
    sendError(response, 401, 'UNAUTHORIZED', 'authentication required');
    return;
  }
  if (repository === undefined || version === undefined) {
    sendJson(response, 200, {});
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    sendError(response, 405, 'UNSUPPORTED', 'The operation is unsupported.');
    return;
  }
  answerManifest(
    wire,
    request.method === 'GET',
    response,
    host === HUB_REGISTRY ? DOCKER_HUB : host,
    repository,
    version,
  );
}

function mayRead({ now }: RegistryWire, request: IncomingMessage, scope: string): boolean {
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (bearer === undefined) return false;
  try {
    const claims = JSON.parse(Buffer.from(bearer, 'base64url').toString('utf8')) as {
      scope?: unknown;
      endsAt?: unknown;
    };
    return (scope === '' || claims.scope === scope) && Number(claims.endsAt) > now();
  } catch {
    return false;
  }
}

function answerManifest(
  { registry, now, source }: RegistryWire,
  isPull: boolean,
  response: ServerResponse,
  host: string,
  repository: string,
  version: string,
): void {
  const name = `${host}/${repository}${version.startsWith('sha256:') ? '@' : ':'}${version}`;
  if ('invalid' in parseImageReference(name)) {
    sendError(response, 400, 'NAME_INVALID', 'invalid repository name');
    return;
  }
  const found = registry.resolve(name);
  const within = !isPull || 'code' in found || registry.spendPull(host, source, now());
  const limit = registry.rateLimit(host, source, now());
  if (limit) {
    response.setHeader('ratelimit-limit', `${limit.limit};w=${limit.windowS}`);
    response.setHeader('ratelimit-remaining', `${limit.remaining};w=${limit.windowS}`);
    response.setHeader('docker-ratelimit-source', source);
  }
  if ('code' in found) {
    sendError(
      response,
      found.status,
      found.code,
      found.code === 'MANIFEST_UNKNOWN' ? 'manifest unknown' : 'authentication required',
    );
  } else if (within) {
    response.setHeader('docker-content-digest', found.digest);
    response.setHeader('etag', `"${found.digest}"`);
    sendJson(response, 200, manifestOf(found), MANIFEST_TYPE);
  } else {
    const words = 'You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit';
    sendError(response, 429, 'TOOMANYREQUESTS', words);
  }
}

function manifestOf(image: RegistryImage): unknown {
  return {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: { mediaType: CONFIG_TYPE, digest: image.imageId, size: 4096 },
    layers: image.layers.map((layer) => ({
      mediaType: LAYER_TYPE,
      digest: layer.digest,
      size: Math.round(layer.sizeBytes),
    })),
  };
}

function sendError(response: ServerResponse, status: number, code: string, message: string): void {
  sendJson(response, status, { errors: [{ code, message, detail: null }] });
}

/** Node leaves the body out of an answer to HEAD, and keeps its length, as registries do. */
function sendJson(response: ServerResponse, status: number, value: unknown, type = 'application/json'): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
