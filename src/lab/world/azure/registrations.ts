import { refuse } from './arm-error.js';
import type { AzureState, RegistrationState } from './state.js';

/** Features the lab knows; all begin not registered. */
export const knownFeatures: readonly string[] = [
  'Microsoft.Compute/UseStandardSecurityType',
  'Microsoft.Compute/EncryptionAtHost',
  'Microsoft.Compute/TrustedLaunchByDefaultPreview',
];

/** How far the registration of a resource provider is; case does not matter. */
export const providerState = (state: AzureState, namespace: string): RegistrationState =>
  state.providers.get(namespace.toLowerCase()) ?? 'NotRegistered';

/** POST register: `Registering` at once, `Registered` after a while. */
export function registerProvider(state: AzureState, namespace: string): void {
  begin(state, state.providers, namespace.toLowerCase());
}

/** How far the registration of a preview feature is, or 404 `FeatureNotFound`. */
export function featureState(state: AzureState, feature: string): RegistrationState {
  const known = knownFeatures.find((name) => name.toLowerCase() === feature.toLowerCase());
  if (known === undefined)
    throw refuse(404, 'FeatureNotFound', `The feature '${feature.split('/')[1] ?? feature}' could not be found.`);
  return state.features.get(feature.toLowerCase()) ?? 'NotRegistered';
}

/** POST register of a feature. */
export function registerFeature(state: AzureState, feature: string): void {
  featureState(state, feature);
  begin(state, state.features, feature.toLowerCase());
}

function begin(state: AzureState, registry: Map<string, RegistrationState>, key: string): void {
  if ((registry.get(key) ?? 'NotRegistered') !== 'NotRegistered') return;
  registry.set(key, 'Registering');
  state.simulation.after(state.simulation.draw('azure.provider.register'), () => registry.set(key, 'Registered'));
}

/** Raises 409 for a write in a namespace that is not registered. */
export function checkRegistered(state: AzureState, namespace: string): void {
  if (providerState(state, namespace) === 'Registered') return;
  const message =
    `The subscription is not registered to use namespace '${namespace}'. ` +
    'See https://aka.ms/rps-not-found for how to register subscriptions.';
  throw refuse(409, 'MissingSubscriptionRegistration', message, {
    details: [{ code: 'MissingSubscriptionRegistration', message, target: namespace }],
  });
}
