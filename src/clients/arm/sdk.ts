import type { ComputeManagementClient, ComputeManagementClientOptionalParams } from '@azure/arm-compute';
import type { NetworkManagementClient } from '@azure/arm-network';
import type { ResourceManagementClient } from '@azure/arm-resources';
import type { TokenCredential } from '@azure/identity';

/** Where the SDK talks to, and as whom. */
export interface SdkConnection {
  /** `https://management.azure.com`, or the lab's. */
  readonly endpoint: string;
  /** Trust only this authority (PEM): the lab's. */
  readonly caPem?: string;
  readonly credential: TokenCredential;
}

/** The generated clients of one subscription. */
export interface SdkClients {
  readonly compute: ComputeManagementClient;
  readonly network: NetworkManagementClient;
  readonly resources: ResourceManagementClient;
}

/** A request the generated clients do not have. */
export interface RawRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly url: string;
  /** Sent as JSON. */
  readonly body: unknown;
  readonly abortSignal: AbortSignal;
}

/** Azure's SDK. Its packages are loaded when they are first needed. */
export interface Sdk {
  clients(subscriptionId: string): Promise<SdkClients>;
  /** The text of the answer. Throws what the pipeline throws, and RestError for a status of 300 and above. */
  send(request: RawRequest): Promise<string>;
}

type Policies = NonNullable<ComputeManagementClientOptionalParams['additionalPolicies']>;

const ANY_SUBSCRIPTION = '00000000-0000-0000-0000-000000000000';

/** The SDK with these policies in each pipeline and without retries of its own. */
export function createSdk({ endpoint, caPem, credential }: SdkConnection, additionalPolicies: Policies): Sdk {
  const scope = `${endpoint}/.default`;
  const shared = {
    endpoint,
    retryOptions: { maxRetries: 0 },
    additionalPolicies,
    ...(caPem === undefined ? {} : { tlsOptions: { ca: caPem } }),
  };
  const makeResources = async (subscriptionId: string): Promise<ResourceManagementClient> => {
    const { ResourceManagementClient } = await import('@azure/arm-resources');
    return new ResourceManagementClient(credential, subscriptionId, { ...shared, credentialScopes: scope });
  };
  const makeClients = async (subscriptionId: string): Promise<SdkClients> => {
    const [{ ComputeManagementClient }, { NetworkManagementClient }, resources] = await Promise.all([
      import('@azure/arm-compute'),
      import('@azure/arm-network'),
      makeResources(subscriptionId),
    ]);
    return {
      compute: new ComputeManagementClient(credential, subscriptionId, {
        ...shared,
        credentials: { scopes: [scope] },
      }),
      network: new NetworkManagementClient(credential, subscriptionId, { ...shared, credentialScopes: scope }),
      resources,
    };
  };
  const made = new Map<string, Promise<SdkClients>>();
  let plain: Promise<ResourceManagementClient> | undefined;
  return {
    clients(subscriptionId) {
      const known = made.get(subscriptionId);
      if (known) return known;
      const fresh = makeClients(subscriptionId);
      made.set(subscriptionId, fresh);
      return fresh;
    },
    // The smallest client lends its pipeline: these requests come first and shall not wait for the large packages.
    send: async (request) => sendThrough(await (plain ??= makeResources(ANY_SUBSCRIPTION)), request),
  };
}

async function sendThrough(client: ResourceManagementClient, request: RawRequest): Promise<string> {
  const { method, url, body, abortSignal } = request;
  const { createPipelineRequest, createHttpHeaders, RestError } = await import('@azure/core-rest-pipeline');
  const headers = createHttpHeaders({
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  });
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await client.sendRequest(createPipelineRequest({ url, method, abortSignal, headers, ...text }));
  if (response.status >= 300) throw new RestError(`HTTP ${response.status}`, { statusCode: response.status });
  return response.bodyAsText ?? '';
}
