import * as z from 'zod';
import type { Clock } from '../../clock/clock.js';
import { DOCKER_HUB, parseImageReference, type ImageReference } from '../../config/image-reference.js';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { parseChallenge, rateLimitNumber, tokenAnswer, type BearerChallenge } from './challenge.js';
import type { ManifestInfo, RegistryClient, RegistryLogin } from './registry.js';
import { sendTo } from './send.js';

export interface RegistryClientOptions {
  readonly clock: Clock;
  /** The lab's internet: `<baseUrl>/<registry host>/v2/...` is asked instead of `https://<registry host>/v2/...`. */
  readonly baseUrl?: string;
  /** For registries that the caller's identity opens; others are asked anonymously. */
  readonly login?: RegistryLogin;
}

/** Host that answers for `docker.io`. */
const HUB_REGISTRY = 'registry-1.docker.io';
/** What Docker Hub waits for at most before a pull is possible again is unknown; its counter refills by the minute. */
const RATE_LIMIT_WAIT_MS = 60_000;
/** A token is renewed this long before its end. */
const TOKEN_MARGIN_MS = 10_000;
const INDEX_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const IMAGE_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const ACCEPT = [...INDEX_TYPES, ...IMAGE_TYPES].join(', ');

/** Extra answer of some registries to a HEAD of an image manifest: nothing; sizes need a GET, which counts as a pull. */
const errorBody = z.object({ errors: z.array(z.object({ code: z.string(), message: z.string() })).min(1) });

interface Token {
  readonly value: string;
  readonly endsAt: number;
}

/**
 * Asks registries for manifests (OCI distribution specification) with anonymous tokens, or those of a login. A HEAD never
 * counts as a pull.
 */
export function createRegistryClient({ clock, baseUrl, login }: RegistryClientOptions): RegistryClient {
  const tokens = new Map<string, Token>();

  return {
    async manifest(image, deadline) {
      const reference = parseImageReference(image);
      if ('invalid' in reference) throw fail('DOCKER_IMAGE_REFERENCE_INVALID', { image, detail: reference.invalid });
      const host = reference.host === DOCKER_HUB ? HUB_REGISTRY : reference.host;
      const root = baseUrl === undefined ? `https://${host}` : `${baseUrl.replace(/\/$/, '')}/${host}`;
      const url = `${root}/v2/${reference.repository}/manifests/${reference.digest ?? reference.tag ?? 'latest'}`;
      const tokenKey = `${host}/${reference.repository}`;

      let response = await head(url, host, tokens.get(tokenKey), deadline);
      if (response.status === 401) {
        const challenge = parseChallenge(response.headers.get('www-authenticate'));
        if (!challenge) throw fail('DOCKER_REGISTRY_UNAUTHORIZED', { image, detail: 'the registry wants a login' });
        const token = await fetchToken(challenge, host, image, deadline);
        tokens.set(tokenKey, token);
        response = await head(url, host, token, deadline);
      }
      return readManifest(response, image, host, reference);
    },
  };

  async function head(url: string, host: string, token: Token | undefined, deadline: Deadline): Promise<Response> {
    const isFresh = token !== undefined && token.endsAt - TOKEN_MARGIN_MS > clock.now();
    const headers = { accept: ACCEPT, ...(isFresh ? { authorization: `Bearer ${token.value}` } : {}) };
    return sendTo(url, { method: 'HEAD', headers }, host, deadline);
  }

  async function fetchToken(
    challenge: BearerChallenge,
    host: string,
    image: string,
    deadline: Deadline,
  ): Promise<Token> {
    const url = new URL(challenge.realm);
    if (challenge.service !== undefined) url.searchParams.set('service', challenge.service);
    if (challenge.scope !== undefined) url.searchParams.set('scope', challenge.scope);
    const auth = await login?.(host, deadline);
    const basic = auth && Buffer.from(`${auth.username}:${auth.password.reveal()}`).toString('base64');
    const headers = basic === undefined ? {} : { authorization: `Basic ${basic}` };
    const response = await sendTo(url.href, { method: 'GET', headers }, host, deadline);
    if (response.status === 401 || response.status === 403) {
      throw fail('DOCKER_REGISTRY_UNAUTHORIZED', {
        image,
        detail: auth ? 'your Azure login may not read it' : 'the token service refuses anonymous access',
      });
    }
    if (!response.ok) throw fail('DOCKER_REGISTRY_ERROR', { registry: host, status: response.status });
    const parsed = tokenAnswer.safeParse(await response.json().catch(() => undefined));
    if (!parsed.success)
      throw fail('DOCKER_REGISTRY_UNREACHABLE', { registry: host, detail: 'the token service gave no token' });
    return { value: parsed.data.token, endsAt: clock.now() + parsed.data.expiresInS * 1000 };
  }
}

async function readManifest(
  response: Response,
  image: string,
  host: string,
  reference: ImageReference,
): Promise<ManifestInfo> {
  if (response.status === 401 || response.status === 403) {
    throw fail('DOCKER_REGISTRY_UNAUTHORIZED', { image, detail: await refusalWords(response) });
  }
  if (response.status === 404) throw fail('DOCKER_IMAGE_NOT_FOUND', { image });
  if (response.status === 429) {
    const afterS = Number(response.headers.get('retry-after') ?? Number.NaN);
    const retryAfterMs = Number.isFinite(afterS) ? afterS * 1000 : RATE_LIMIT_WAIT_MS;
    throw fail('DOCKER_PULL_RATE_LIMITED', { image, retryAfterMs });
  }
  const digest = response.headers.get('docker-content-digest') ?? reference.digest;
  if (!response.ok || digest === undefined)
    throw fail('DOCKER_REGISTRY_ERROR', { registry: host, status: response.status });
  const limit = rateLimitNumber(response.headers.get('ratelimit-limit'));
  const remaining = rateLimitNumber(response.headers.get('ratelimit-remaining'));
  return { digest, ...(limit === undefined || remaining === undefined ? {} : { rateLimit: { limit, remaining } }) };
}

/** The registry's own words; a HEAD has none, then the status says it. */
async function refusalWords(response: Response): Promise<string> {
  const parsed = errorBody.safeParse(await response.json().catch(() => undefined));
  return parsed.success ? (parsed.data.errors[0]?.message ?? '') : `HTTP ${response.status}`;
}
