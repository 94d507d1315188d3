import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { DOCKER_HUB, parseImageReference } from '../../../config/image-reference.js';
import type { RegistryImage, RegistryWorld } from '../../world/docker/registry-world.js';

const HUB_REGISTRY = 'registry-1.docker.io';
const HUB_TOKENS = 'auth.docker.io';
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip';
/** Docker Hub's tokens live five minutes. */
const TOKEN_LIFE_S = 300;
/** Azure's registry tokens live three hours. */
const REFRESH_LIFE_MS = 3 * 3_600_000;

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
    const exchange = /^\/([^/]+\.azurecr\.io)\/oauth2\/exchange$/.exec(url.pathname);
    if (!api && !token && !exchange) return false;
    if (exchange && request.method === 'POST') {
      void answerExchange(wire, exchange[1] ?? '', request, response);
      return true;
    }
    request.resume();
    if (exchange) sendError(response, 405, 'UNSUPPORTED', 'The operation is unsupported.');
    else if (token) answerToken(wire, token[1] ?? '', url.searchParams, request, response);
    else answerApi(wire, request, response, api?.[1] ?? '', api?.[2], api?.[3]);
    return true;
  };
}

/**
 * An Azure token for one of the registry. Audience and end of the Azure token are checked, its signature is not: the key is
 * Resource Manager's. https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md
 */
async function answerExchange(
  { registry, now }: RegistryWire,
  host: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const form = new URLSearchParams(await text(request));
  if (form.get('grant_type') !== 'access_token' || form.get('service') !== host) {
    sendError(response, 400, 'UNSUPPORTED', 'grant_type and service must name an access token and this registry');
    return;
  }
  if (!isAzureToken(form.get('access_token') ?? '', now())) {
    sendError(response, 401, 'UNAUTHORIZED', 'authentication required, visit https://aka.ms/acr/authorization');
    return;
  }
  const refreshToken = randomBytes(24).toString('base64url');
  registry.grant(host, refreshToken, now() + REFRESH_LIFE_MS);
  sendJson(response, 200, { refresh_token: refreshToken });
}

function isAzureToken(token: string, now: number): boolean {
  const claims = decoded(token.split('.')[1] ?? '') as { aud?: unknown; exp?: unknown } | undefined;
  const audiences = ['https://containerregistry.azure.net', 'https://management.azure.com'];
  return audiences.includes(String(claims?.aud).replace(/\/$/, '')) && Number(claims?.exp) * 1000 > now;
}

function decoded(base64: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

function answerToken(
  { registry, now }: RegistryWire,
  host: string,
  query: URLSearchParams,
  { headers }: IncomingMessage,
  response: ServerResponse,
): void {
  const issued = now();
  const basic = Buffer.from(/^Basic (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '', 'base64').toString('utf8');
  const isLoggedIn = registry.admits(host, basic.slice(basic.indexOf(':') + 1), issued);
  if (registry.privateHosts.has(host) && !isLoggedIn) {
    sendError(response, 401, 'UNAUTHORIZED', 'authentication required');
    return;
  }
  const claims = { host, scope: query.get('scope') ?? '', endsAt: issued + TOKEN_LIFE_S * 1000, isLoggedIn };
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
  const claims = claimsOf(wire, request, scope);
  if (!claims) {
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
    claims.isLoggedIn === true,
  );
}

/** What the token of a request says, when it is good for this. */
function claimsOf({ now }: RegistryWire, request: IncomingMessage, scope: string) {
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const claims = decoded(bearer ?? '') as { scope?: unknown; endsAt?: unknown; isLoggedIn?: unknown } | undefined;
  return claims && (scope === '' || claims.scope === scope) && Number(claims.endsAt) > now() ? claims : undefined;
}

function answerManifest(
  { registry, now, source }: RegistryWire,
  isPull: boolean,
  response: ServerResponse,
  host: string,
  repository: string,
  version: string,
  isLoggedIn: boolean,
): void {
  const name = `${host}/${repository}${version.startsWith('sha256:') ? '@' : ':'}${version}`;
  if ('invalid' in parseImageReference(name)) {
    sendError(response, 400, 'NAME_INVALID', 'invalid repository name');
    return;
  }
  const found = registry.resolve(name, isLoggedIn);
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
