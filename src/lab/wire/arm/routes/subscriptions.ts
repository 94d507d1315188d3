import { refuse } from '../../../world/azure/arm-error.js';
import type { AzureOptions } from '../../../world/azure/options.js';
import { regions, zones } from '../../../world/azure/regions.js';
import { featureState, providerState, registerFeature, registerProvider } from '../../../world/azure/registrations.js';
import { typesOf, versionsOf } from '../api-versions.js';
import { pageOf, param, type ArmContext, type Route } from '../context.js';

const renderSubscription = (options: AzureOptions) => ({
  id: `/subscriptions/${options.subscriptionId}`,
  authorizationSource: 'RoleBased',
  managedByTenants: [],
  subscriptionId: options.subscriptionId,
  tenantId: options.tenantId,
  displayName: options.subscriptionName,
  state: options.subscriptionState,
  subscriptionPolicies: {
    locationPlacementId: 'Public_2014-09-01',
    quotaId: 'PayAsYouGo_2014-09-01',
    spendingLimit: 'Off',
  },
});

const renderLocations = (subscriptionId: string) =>
  regions.map((region) => ({
    id: `/subscriptions/${subscriptionId}/locations/${region.name}`,
    name: region.name,
    type: 'Region',
    displayName: region.displayName,
    regionalDisplayName: `(${region.geographyGroup}) ${region.displayName}`,
    metadata: {
      regionType: 'Physical',
      regionCategory: 'Recommended',
      geography: region.geography,
      geographyGroup: region.geographyGroup,
      longitude: region.longitude,
      latitude: region.latitude,
      physicalLocation: region.physicalLocation,
      pairedRegion: [
        { name: region.pairedWith, id: `/subscriptions/${subscriptionId}/locations/${region.pairedWith}` },
      ],
    },
    availabilityZoneMappings: zones.map((zone) => ({ logicalZone: zone, physicalZone: `${region.name}-az${zone}` })),
  }));

function renderProvider(context: ArmContext, wanted: string) {
  const found = typesOf(wanted);
  if (!found) throw refuse(404, 'InvalidResourceNamespace', `The resource namespace '${wanted}' is invalid.`);
  const { namespace, types } = found;
  const own =
    !namespace.startsWith('Microsoft.Compute') &&
    !namespace.startsWith('Microsoft.Network') &&
    namespace !== 'Microsoft.DevTestLab';
  return {
    id: `/subscriptions/${context.azure.options.subscriptionId}/providers/${namespace}`,
    namespace,
    registrationPolicy: own ? 'RegistrationFree' : 'RegistrationRequired',
    registrationState: own ? 'Registered' : providerState(context.azure, namespace),
    resourceTypes: types.map((resourceType) => {
      const apiVersions = versionsOf(`${namespace}/${resourceType}`);
      return {
        resourceType,
        locations: regions.map((region) => region.displayName),
        apiVersions,
        defaultApiVersion: apiVersions[0],
        zoneMappings: regions.map((region) => ({ location: region.displayName, zones })),
        capabilities: 'None',
      };
    }),
  };
}

const namespaces = [
  'Microsoft.Compute',
  'Microsoft.Network',
  'Microsoft.DevTestLab',
  'Microsoft.Resources',
  'Microsoft.Authorization',
  'Microsoft.Features',
];

const providers = '/subscriptions/{subscription}/providers';
const providerType = 'Microsoft.Resources/providers';
const featurePath = `${providers}/Microsoft.Features/providers/{namespace}/features/{feature}`;

function renderFeature(context: ArmContext) {
  const name = `${param(context, 'namespace')}/${param(context, 'feature')}`;
  const id =
    `/subscriptions/${context.azure.options.subscriptionId}/providers/Microsoft.Features/providers/` +
    `${param(context, 'namespace')}/features/${param(context, 'feature')}`;
  return {
    properties: { state: featureState(context.azure, name) },
    id,
    type: 'Microsoft.Features/providers/features',
    name,
  };
}

export const subscriptionRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/subscriptions',
    type: 'Microsoft.Resources/subscriptions',
    action: 'Microsoft.Resources/subscriptions/read',
    handle: ({ azure }) => ({
      status: 200,
      body: { value: [renderSubscription(azure.options)], count: { type: 'Total', value: 1 } },
    }),
  },
  {
    method: 'GET',
    path: '/tenants',
    type: 'Microsoft.Resources/subscriptions',
    action: 'Microsoft.Resources/tenants/read',
    handle: ({ azure }) => ({
      status: 200,
      body: {
        value: [{ id: `/tenants/${azure.options.tenantId}`, tenantId: azure.options.tenantId, displayName: 'Lab' }],
      },
    }),
  },
  {
    method: 'GET',
    path: '/subscriptions/{subscription}',
    type: 'Microsoft.Resources/subscriptions',
    action: 'Microsoft.Resources/subscriptions/read',
    handle: ({ azure }) => ({ status: 200, body: renderSubscription(azure.options) }),
  },
  {
    method: 'GET',
    path: '/subscriptions/{subscription}/locations',
    type: 'Microsoft.Resources/subscriptions',
    action: 'Microsoft.Resources/subscriptions/locations/read',
    handle: ({ azure }) => ({ status: 200, body: { value: renderLocations(azure.options.subscriptionId) } }),
  },
  {
    method: 'GET',
    path: providers,
    type: providerType,
    action: 'Microsoft.Resources/subscriptions/providers/read',
    handle: (context) =>
      pageOf(
        context,
        namespaces.map((namespace) => renderProvider(context, namespace)),
      ),
  },
  {
    method: 'GET',
    path: `${providers}/{namespace}`,
    type: providerType,
    action: 'Microsoft.Resources/subscriptions/providers/read',
    handle: (context) => ({ status: 200, body: renderProvider(context, param(context, 'namespace')) }),
  },
  {
    method: 'POST',
    path: `${providers}/{namespace}/register`,
    type: providerType,
    action: 'Microsoft.Resources/subscriptions/providers/register/action',
    handle(context) {
      renderProvider(context, param(context, 'namespace'));
      registerProvider(context.azure, param(context, 'namespace'));
      return { status: 200, body: renderProvider(context, param(context, 'namespace')) };
    },
  },
  {
    method: 'GET',
    path: featurePath,
    type: 'Microsoft.Features/features',
    action: 'Microsoft.Features/providers/features/read',
    handle: (context) => ({ status: 200, body: renderFeature(context) }),
  },
  {
    method: 'POST',
    path: `${featurePath}/register`,
    type: 'Microsoft.Features/features',
    action: 'Microsoft.Features/providers/features/register/action',
    handle(context) {
      registerFeature(context.azure, `${param(context, 'namespace')}/${param(context, 'feature')}`);
      return { status: 200, body: renderFeature(context) };
    },
  },
];
