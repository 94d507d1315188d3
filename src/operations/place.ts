import { isBeingDeleted } from '../azure/being-deleted.js';
import { foreignBecause } from '../azure/tags.js';
import { resourceGroupName, workerNames } from '../deployment/names.js';
import { asWaaError, fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { choosePlacement, type PlacementRequest } from '../layers/azure/placement.js';
import { sizeNeeds } from '../layers/azure/vm-sizes.js';
import type { Session } from '../session.js';
import { findDeployment, type DeploymentRecord } from '../state/deployment.js';
import { goldenDisk } from './images.js';
import { knownPlace, minimum } from './known-place.js';
import { lookDeadline } from './look-deadline.js';

/** What the command line says about the workers of a deployment. */
export interface PoolRequest {
  readonly workers?: number | undefined;
  /** So many must be ready; without it all of them. */
  readonly minWorkers?: number | undefined;
  /** So many more, ready and deallocated. */
  readonly warm?: number | undefined;
  /** Golden image to begin with. */
  readonly image?: string | undefined;
  /** Spread over availability zones. */
  readonly zones: boolean;
  /** Checks the user wants to pass: then the configured size is taken at its word. */
  readonly ignore: readonly string[];
}

/** Workers and where they are: the part of the record that Azure decides about. */
export type Place = Pick<
  DeploymentRecord,
  'region' | 'vmSize' | 'otherSizes' | 'zones' | 'spot' | 'golden' | 'workers' | 'minWorkers' | 'cooling'
>;

/**
 * Where a deployment on Azure is, or shall be: the first region and size that have room for all its workers. Reads only.
 * Raises USAGE for a number that makes no sense or contradicts the deployment there is, for a name that is
 * taken what `refuseTaken` raises, for an image what `goldenDisk` raises and OWN_IMAGE_REGION, and AZURE_NO_PLACEMENT.
 */
export async function placeDeployment(session: Session, name: string, request: PoolRequest): Promise<Place> {
  const known = await findDeployment(session.paths, name);
  if (known) return knownPlace(session, known, request);
  const { workers: count = 1, warm = 0 } = request;
  const workers = workerNames(count + warm);
  const { azure, windows } = session.config;
  const minWorkers = minimum(request.minWorkers, count);
  const { region, vmSize, vmSizeFallbacks, regionFallbacks, spot } = azure;
  const sizeIsChosen = isChosen(session, 'azure.vmSize');
  using deadline = lookDeadline(session);
  await refuseTaken(session, name, deadline);
  const image = request.image === undefined ? undefined : await imagePlace(session, request.image, deadline);
  const own = {
    spot,
    workers: [...workers],
    ...(minWorkers === undefined ? {} : { minWorkers }),
    ...(warm === 0 ? {} : { cooling: workers.slice(count) }),
    ...(image === undefined ? {} : { golden: { ...image.golden } }),
  };
  // Who names a region or a size means it. A disk is copied within its region only.
  const regions = isChosen(session, 'azure.region') ? [region] : [...new Set([region, ...regionFallbacks])];
  const wanted: PlacementRequest = {
    workers: workers.length,
    spot,
    zones: request.zones,
    regions: image ? [image.region] : regions,
    sizes: sizeIsChosen ? [vmSize] : [...new Set([vmSize, ...vmSizeFallbacks])],
    needs: sizeNeeds(windows),
  };
  try {
    const { clients, retry, emit } = session;
    const place = await retry('arm', (look) => choosePlacement(clients.arm, wanted, look), { deadline });
    for (const { region: where, size, reason } of place.rejected)
      emit('log', { component: 'placement' }, `${size} in ${where} will not do: ${reason}`, { level: 'warn' });
    const { otherSizes, zones } = place;
    return {
      ...own,
      region: place.region,
      vmSize: place.vmSize,
      // A size that was chosen by name still has the configured ones to fall back on when there is no room for it.
      ...(sizeIsChosen ? {} : { otherSizes: [...otherSizes] }),
      ...(zones === undefined ? {} : { zones: [...zones] }),
    };
  } catch (error) {
    // About one size the gate knows more to say, and may be told to let it pass; of zones it knows nothing.
    const isLetPass = request.ignore.some((id) => id === 'azure-size' || id === 'azure-quota');
    const isForGate = !request.zones && (sizeIsChosen || isLetPass);
    if (!isForGate || asWaaError(error).code !== 'AZURE_NO_PLACEMENT') throw error;
    return { ...own, region: image?.region ?? region, vmSize };
  }
}

/** The disk of an image and its region. Raises OWN_IMAGE_REGION where another one was asked for. */
async function imagePlace(session: Session, image: string, deadline: Deadline) {
  const found = await goldenDisk(session, image, deadline);
  const wanted = session.config.azure.region;
  if (isChosen(session, 'azure.region') && found.region !== wanted)
    throw fail('OWN_IMAGE_REGION', { image, region: found.region, wanted });
  return found;
}

/**
 * A deployment that stands in Azure and is not known here must not be taken for a new one. Raises AZURE_NOT_OURS for
 * somebody else's, OWN_DEPLOYMENT_ELSEWHERE for one of ours that was made from another state home.
 */
export async function refuseTaken(session: Session, name: string, deadline: Deadline): Promise<void> {
  const { clients, owner, retry } = session;
  const group = await retry('arm', (own) => clients.arm.getResourceGroup(resourceGroupName(name), own), { deadline });
  // One that is on its way out is waited for by the azure layer.
  if (!group || isBeingDeleted(group)) return;
  const foreign = foreignBecause(group.tags, { deployment: name, owner });
  if (foreign !== undefined) throw fail('AZURE_NOT_OURS', { group: group.name, owner: foreign });
  throw fail('OWN_DEPLOYMENT_ELSEWHERE', { name, group: group.name });
}

const isChosen = ({ resolved }: Session, key: string): boolean =>
  resolved.rows.some((row) => row.key === key && row.origin.kind !== 'default');

/** The place of one worker as the configuration says, without asking Azure. */
export function configuredPlace({ config }: Session): Place {
  const { region, vmSize, spot } = config.azure;
  return { region, vmSize, spot, workers: ['w0'] };
}
