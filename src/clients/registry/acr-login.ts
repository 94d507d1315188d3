import * as z from 'zod';
import { Secret } from '../../config/secret.js';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { RegistryLogin } from './registry.js';
import { sendTo } from './send.js';

export interface AcrLoginOptions {
  /** An access token of the caller's own Azure login for a scope. */
  readonly azureToken: (scope: string, deadline: Deadline) => Promise<string>;
  /** The lab's internet, as in the registry client. */
  readonly baseUrl?: string;
}

/** What Docker is told as the user of a token. */
const TOKEN_USER = '00000000-0000-0000-0000-000000000000';
/** Taken by every registry, also by those that refuse tokens for Resource Manager. */
const SCOPE = 'https://containerregistry.azure.net/.default';
const exchanged = z.object({ refresh_token: z.string().min(1) });

/**
 * Logs in to Azure Container Registries with the identity that Azure knows the caller by: its token is exchanged for one of
 * the registry, good for three hours. Any other host has no such login. Raises DOCKER_REGISTRY_* and the AZURE_* failures
 * of a login. https://learn.microsoft.com/azure/container-registry/container-registry-authentication
 */
export function createAcrLogin({ azureToken, baseUrl }: AcrLoginOptions): RegistryLogin {
  return async (host, deadline) => {
    if (!host.endsWith('.azurecr.io')) return undefined;
    const token = await azureToken(SCOPE, deadline);
    const root = baseUrl === undefined ? `https://${host}` : `${baseUrl.replace(/\/$/, '')}/${host}`;
    const body = new URLSearchParams({ grant_type: 'access_token', service: host, access_token: token });
    const response = await sendTo(`${root}/oauth2/exchange`, { method: 'POST', body }, host, deadline);
    if (response.status === 401 || response.status === 403)
      throw fail('DOCKER_REGISTRY_UNAUTHORIZED', { image: host, detail: 'your Azure login has no role on it' });
    if (!response.ok) throw fail('DOCKER_REGISTRY_ERROR', { registry: host, status: response.status });
    const answer = exchanged.safeParse(await response.json().catch(() => undefined));
    if (!answer.success) throw fail('DOCKER_REGISTRY_UNREACHABLE', { registry: host, detail: 'it exchanged no token' });
    return { username: TOKEN_USER, password: new Secret(answer.data.refresh_token) };
  };
}
