import { createArmClient } from '../clients/arm/create-arm-client.js';
import { azureToken, createCredential, defaultSubscriptionId, labCredential } from '../clients/arm/credential.js';
import { createCallerAddressClient } from '../clients/caller-address/create-caller-address-client.js';
import { createModelClient } from '../clients/model/create-model-client.js';
import { createPricesClient } from '../clients/prices/create-prices-client.js';
import { createAcrLogin } from '../clients/registry/acr-login.js';
import { createRegistryClient } from '../clients/registry/create-registry-client.js';
import { realDial } from '../clients/ssh/dial.js';
import type { Clock } from '../clock/clock.js';
import type { Config } from '../config/schema.js';
import type { Emit } from '../events/bus.js';
import { createLabDial } from '../lab/lab-dial.js';
import type { LabEndpoints } from '../lab/lab-endpoints.js';
import type { Clients } from '../session.js';
import type { StatePaths } from '../state/paths.js';

export interface ClientsRequest {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly lab: LabEndpoints | undefined;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly paths: StatePaths;
  readonly signal: AbortSignal;
}

const PUBLIC_ARM = 'https://management.azure.com';

/** Makes the clients of the real world, or the same clients pointed at a lab. Nothing is sent before the first call. */
export function createClients(request: ClientsRequest): Clients {
  const { config, clock, emit, env, lab, paths, signal } = request;
  const credential = lab
    ? labCredential({ authorityHost: lab.armUrl, caPem: lab.caPem, ...lab.login })
    : createCredential(env);
  const internet = lab ? { baseUrl: lab.registryUrl } : {};
  const registryLogin = createAcrLogin({ azureToken: (scope, own) => azureToken(credential, scope, own), ...internet });
  return {
    arm: createArmClient({
      endpoint: lab?.armUrl ?? PUBLIC_ARM,
      ...(lab ? { caPem: lab.caPem } : {}),
      credential,
      subscriptionId: lab?.subscriptionId ?? config.azure.subscription ?? (() => defaultSubscriptionId(env, signal)),
      clock,
      emit,
    }),
    callerAddress: createCallerAddressClient(lab ? { url: lab.callerAddressUrl } : {}),
    prices: createPricesClient({ clock, emit, cacheDirectory: paths.cache, ...(lab ? { url: lab.pricesUrl } : {}) }),
    registry: createRegistryClient({ clock, login: registryLogin, ...internet }),
    registryLogin,
    model: createModelClient(),
    dial: lab ? createLabDial(lab.network) : realDial,
  };
}
