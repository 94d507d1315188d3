import { invalidParameter, refuse } from '../../../world/azure/arm-error.js';
import { diskSkus } from '../../../world/azure/disks.js';
import { platformImages } from '../../../world/azure/images.js';
import { computeUsages, networkUsages, type UsageEntry } from '../../../world/azure/quota.js';
import { findRegion, regions } from '../../../world/azure/regions.js';
import { vmSizes } from '../../../world/azure/sizes.js';
import { versionsOf } from '../api-versions.js';
import { pageOf, param, type ArmContext, type Route } from '../context.js';
import { renderDiskSku, renderVmSku } from '../render/compute.js';

/** The region of the path; ARM finds no provider for one it does not know. */
function regionOf(context: ArmContext, type: string): string {
  const text = param(context, 'location');
  const region = findRegion(text);
  if (region) return region.name;
  throw refuse(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for location '${text}' and API version '${context.apiVersion}' for type '${type}'. ` +
      `The supported api-versions are '${versionsOf(`Microsoft.Compute/locations`).join(', ')}'. The supported locations are ` +
      `'${regions.map((entry) => entry.name).join(', ')}'.`,
  );
}

const renderUsage = ({ name, title, current, limit }: UsageEntry) => ({
  limit,
  unit: 'Count',
  currentValue: current,
  name: { value: name, localizedValue: title },
});

/** Rows of `resourceSkus`; the filter knows `location eq` only. */
function listSkus(context: ArmContext) {
  const filter = context.request.query.get('$filter');
  const wanted = filter === undefined ? undefined : /^location eq '([^']*)'$/.exec(filter.trim())?.[1];
  if (filter !== undefined && wanted === undefined) throw invalidParameter('$filter');
  const chosen = regions.filter((region) => wanted === undefined || findRegion(wanted) === region);
  return pageOf(
    context,
    chosen.flatMap(({ name }) => [
      ...diskSkus.map((sku) => renderDiskSku(sku, name)),
      ...vmSizes.map((size) => renderVmSku(size, name, context.azure.options)),
    ]),
  );
}

const imagesPath =
  '/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/publishers/{publisher}/artifacttypes/vmimage' +
  '/offers/{offer}/skus/{sku}/versions';

function listImageVersions(context: ArmContext) {
  const region = regionOf(context, 'locations/publishers');
  const same = (a: string, name: string): boolean => a.toLowerCase() === param(context, name).toLowerCase();
  const found = platformImages.filter(
    (image) => same(image.publisher, 'publisher') && same(image.offer, 'offer') && same(image.sku, 'sku'),
  );
  if (found.length === 0) throw refuse(404, 'NotFound', 'Artifact: VMImage was not found.');
  const id = (image: (typeof found)[number]): string =>
    `/Subscriptions/${context.azure.options.subscriptionId}/Providers/Microsoft.Compute/Locations/${region}/Publishers/` +
    `${image.publisher}/ArtifactTypes/VMImage/Offers/${image.offer}/Skus/${image.sku}/Versions/${image.version}`;
  return { status: 200, body: found.map((image) => ({ location: region, name: image.version, id: id(image) })) };
}

/** What the subscription may use: sizes, quotas, images. */
export const catalogueRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/subscriptions/{subscription}/providers/Microsoft.Compute/skus',
    type: 'Microsoft.Compute/skus',
    action: 'Microsoft.Compute/skus/read',
    handle: listSkus,
  },
  {
    method: 'GET',
    path: '/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/usages',
    type: 'Microsoft.Compute/locations',
    action: 'Microsoft.Compute/locations/usages/read',
    handle: (context) =>
      pageOf(context, computeUsages(context.azure, regionOf(context, 'locations/usages')).map(renderUsage)),
  },
  {
    method: 'GET',
    path: '/subscriptions/{subscription}/providers/Microsoft.Network/locations/{location}/usages',
    type: 'Microsoft.Network/locations',
    action: 'Microsoft.Network/locations/usages/read',
    handle(context) {
      const region = regionOf(context, 'locations/usages');
      const id = `/subscriptions/${context.azure.options.subscriptionId}/providers/Microsoft.Network/locations/${region}/usages`;
      return pageOf(
        context,
        networkUsages(context.azure, region).map((usage) => ({ ...renderUsage(usage), id: `${id}/${usage.name}` })),
      );
    },
  },
  {
    method: 'GET',
    path: imagesPath,
    type: 'Microsoft.Compute/locations',
    action: 'Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read',
    handle: listImageVersions,
  },
];
