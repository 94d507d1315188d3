import type { TokenCredential } from '@azure/identity';
import { execa } from 'execa';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { translateCredentialError } from './credential-errors.js';

/** Environment variables that make a service principal, as @azure/identity names them. */
export type LoginEnvironment = Readonly<Record<string, string | undefined>>;

/** True when the environment names a service principal completely. */
export function hasServicePrincipal(env: LoginEnvironment): boolean {
  const proof = env['AZURE_CLIENT_SECRET'] ?? env['AZURE_CLIENT_CERTIFICATE_PATH'];
  return Boolean(env['AZURE_TENANT_ID'] && env['AZURE_CLIENT_ID'] && proof);
}

/**
 * The user's login: a service principal of the environment, else the Azure CLI's. Not the SDK's whole default chain: off
 * Azure that can take 20 s and finds identities nobody meant. Loads @azure/identity with the first token.
 */
export function createCredential(env: LoginEnvironment, tenantId?: string): TokenCredential {
  return lazily(async () => {
    const identity = await import('@azure/identity');
    if (hasServicePrincipal(env)) return new identity.EnvironmentCredential();
    return new identity.AzureCliCredential(tenantId === undefined ? {} : { tenantId });
  });
}

/** A principal of a running lab, as its endpoints name it; worth nothing outside of that lab. */
export interface LabLogin {
  /** The lab's ARM URL; its token endpoints stand there too. */
  readonly authorityHost: string;
  readonly caPem: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A login for the lab's own authority; tenant `adfs` keeps the SDK from asking Microsoft about the authority. */
export function labCredential(lab: LabLogin): TokenCredential {
  return lazily(async () => {
    const { ClientSecretCredential } = await import('@azure/identity');
    return new ClientSecretCredential('adfs', lab.clientId, lab.clientSecret, {
      authorityHost: lab.authorityHost.replace(/\/+$/, ''),
      tlsOptions: { ca: lab.caPem },
      retryOptions: { maxRetries: 0 },
    });
  });
}

/** A token of this login for a scope. Raises the AZURE_* failures of a login. */
export async function azureToken(credential: TokenCredential, scope: string, deadline: Deadline): Promise<string> {
  try {
    const token = await credential.getToken(scope, { abortSignal: deadline.signal });
    if (token) return token.token;
  } catch (error) {
    if (deadline.signal.aborted) throw deadline.signal.reason;
    throw translateCredentialError(error) ?? error;
  }
  throw fail('AZURE_BAD_ANSWER', { what: `a token for ${scope}`, detail: 'there was none' });
}

/** `az account show` reads a file; starting Python is what takes its time. */
const AZ_MS = 30_000;

/**
 * The subscription the Azure CLI would use, or undefined without a CLI or a login, and when it does not answer in 30 s: then
 * the ARM client looks for itself. `AZURE_SUBSCRIPTION_ID` goes first.
 */
export async function defaultSubscriptionId(env: LoginEnvironment, signal: AbortSignal): Promise<string | undefined> {
  if (env['AZURE_SUBSCRIPTION_ID']) return env['AZURE_SUBSCRIPTION_ID'];
  if (hasServicePrincipal(env)) return undefined;
  const shown = await execa('az', ['account', 'show', '--query', 'id', '--output', 'tsv'], {
    reject: false,
    cancelSignal: signal,
    timeout: AZ_MS,
    forceKillAfterDelay: 1_000,
  });
  const id = shown.exitCode === 0 ? shown.stdout.trim() : '';
  return id === '' ? undefined : id;
}

function lazily(make: () => Promise<TokenCredential>): TokenCredential {
  let made: Promise<TokenCredential> | undefined;
  return {
    async getToken(scopes, options) {
      made ??= make();
      return (await made).getToken(scopes, options);
    },
  };
}
