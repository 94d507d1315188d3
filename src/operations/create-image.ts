import { isBeingDeleted } from '../azure/being-deleted.js';
import { sameOwner, TAG_NAMES } from '../azure/tags.js';
import type { Tags } from '../clients/arm/arm.js';
import {
  imageGroupName,
  imageTags,
  readImage,
  tagsOfOthers,
  type GoldenImage,
  type ImageManifest,
} from '../deployment/golden-image.js';
import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { winarenaPaths } from '../health/winarena.js';
import type { ClientOutput } from '../layers/io.js';
import type { Session } from '../session.js';
import { bringUpWorker } from './walk-worker.js';
import { captureDisk } from './capture-disk.js';
import { refuseInUse } from './images.js';
import { leaseKeeper } from './lease-keeper.js';
import type { OpenDeployment } from './open-deployment.js';
import type { OpenWorker } from './open-worker.js';
import { refuseOthers } from './others-runs.js';
import { pauseDeployment } from './pause.js';
import { sessionOf } from './own-subscription.js';
import { requireResultsHome } from './results-home.js';

/** A group with one snapshot in it is gone within minutes. */
const LEAVES_AFTER_MS = 60_000;

export interface ImageRequest {
  readonly image: string;
  readonly worker: OpenWorker;
  /** Take the Windows although tasks have run in it, and results are not home. */
  readonly force: boolean;
  /** Captured already: make it anew. */
  readonly refresh: boolean;
}

/**
 * Captures the data disk of a worker as a golden image and leaves its deployment paused; the image stands in the subscription
 * of the deployment. The worker is proven ready first, so that what is copied is known to work; whoever repeats a killed one
 * therefore begins with a Windows that is in order. The image's group is written before anything is changed, and says that it
 * is complete only when it is. Raises the OWN_IMAGE_* failures, OWN_RESULTS_NOT_HOME, OWN_RUN_UNREADABLE, AZURE_NOT_OURS, and
 * what the layers raise.
 */
export async function createImage(
  given: Session,
  open: OpenDeployment,
  request: ImageRequest,
  deadline: Deadline,
): Promise<GoldenImage> {
  const session = sessionOf(given, open.record);
  const { clients, emit, retry } = session;
  const { image, worker, force } = request;
  const { region } = open.record;
  const group = imageGroupName(image);
  const { isCaptured, others } = await refuseTaken(session, request, deadline);
  if (!force) await requireResultsHome(session.paths, open.record.name);
  if (!force) await refuseOthers(session, open, 'at work', deadline);
  const tell = (text: string): void => {
    emit('log', { component: 'image' }, text, { worker: worker.name });
  };
  const note = (tags: ReturnType<typeof imageTags>) =>
    retry('arm', (own) => clients.arm.putResourceGroup(group, region, { ...others, ...tags }, own), { deadline });

  const ready = await proveReady(session, open, worker, deadline);
  const state = await stateOfWindows(open, request, ready, deadline);
  const manifest = await manifestOf(session, open, request, ready, deadline);
  // One that was captured stays in force until the new one is complete.
  if (!isCaptured) await note(imageTags(manifest));

  tell(`image ${image}: cleaning caches, shutting Windows down`);
  await worker.stack.host.cleanDisks(await worker.stack.link(ready.address, deadline), deadline);
  const outcome = await worker.stack.quiesce(ready, deadline);
  if (outcome !== 'shut-down') {
    const reason = `its Windows was found ${outcome}, not running`;
    throw fail('OWN_IMAGE_SOURCE_UNFIT', { image, worker: worker.name, reason });
  }
  if (state === 'used, with a clean copy') await worker.stack.reset('golden', ready, deadline);
  await pauseDeployment(session, open, deadline, { force });

  const snapshot = `${image}-${manifest.createdAt.replaceAll(/[-:]|\.\d+/g, '').toLowerCase()}`;
  tell(`image ${image}: copying the data disk`);
  const disk = await captureDisk(session, worker.pool, { image, snapshot, tags: imageTags(manifest) }, deadline);
  await note(imageTags(manifest, disk));
  await removeOthers(session, group, snapshot, deadline);
  tell(`image ${image} is complete: ${disk.gb} GB in ${region}`);
  return { ...manifest, group, region, disk };
}

/**
 * Whether the image was captured before and is to be replaced, and what others wrote on its group. Refuses what is somebody
 * else's, captured and not to be replaced, in use, or in another region.
 */
async function refuseTaken(
  session: Session,
  { image, refresh, worker }: ImageRequest,
  deadline: Deadline,
): Promise<{ readonly isCaptured: boolean; readonly others: Tags }> {
  const { clients, owner, retry } = session;
  const name = imageGroupName(image);
  const group = await retry('arm', (own) => clients.arm.getResourceGroup(name, own), { deadline });
  if (!group) return { isCaptured: false, others: {} };
  const known = readImage(group);
  if (!known) throw fail('AZURE_NOT_OURS', { group: name, owner: `it has no ${TAG_NAMES.image} tag` });
  if (!sameOwner(known.owner, owner)) throw fail('OWN_IMAGE_NOT_YOURS', { image, owner: known.owner });
  if (isBeingDeleted(group))
    throw fail('AZURE_GROUP_BEING_DELETED', { detail: `an older image ${image}`, retryAfterMs: LEAVES_AFTER_MS });
  if (known.disk && !refresh) throw fail('OWN_IMAGE_EXISTS', { image, capturedAt: known.disk.capturedAt });
  const { region: wanted } = worker.plan;
  if (known.region !== wanted) throw fail('OWN_IMAGE_REGION', { image, region: known.region, wanted });
  await refuseInUse(session, image, deadline);
  return { isCaptured: known.disk !== undefined, others: tagsOfOthers(group.tags) };
}

/** Every layer of the worker, brought up where it is not. A deployment that was paused is so no more from here on. */
async function proveReady(
  session: Session,
  open: OpenDeployment,
  worker: OpenWorker,
  deadline: Deadline,
): Promise<ClientOutput> {
  if (open.record.intent !== 'ready') await open.intend('resuming');
  session.observe(leaseKeeper(session, open));
  return bringUpWorker(session, open, worker, deadline);
}

/** Raises OWN_IMAGE_SOURCE_USED for a Windows that tasks have used, without a clean copy of it, unless forced. */
async function stateOfWindows(
  open: OpenDeployment,
  { image, force, worker }: ImageRequest,
  { address, dataDirectory }: ClientOutput,
  deadline: Deadline,
): Promise<'clean' | 'used, with a clean copy' | 'used'> {
  const link = await worker.stack.link(address, deadline);
  const { storage } = winarenaPaths(dataDirectory);
  const { exists, used } = await worker.stack.host.golden(link, 'status', storage, deadline);
  if (!used) return 'clean';
  if (exists) return 'used, with a clean copy';
  if (force) return 'used';
  throw fail('OWN_IMAGE_SOURCE_USED', { image, worker: worker.name, deployment: open.record.name });
}

async function manifestOf(
  { clock, owner }: Session,
  { record }: OpenDeployment,
  { image, worker }: ImageRequest,
  ready: ClientOutput,
  deadline: Deadline,
): Promise<ImageManifest> {
  const { apps, evaluationEnds } = await worker.stack.inventory(ready, deadline);
  return {
    name: image,
    owner,
    createdAt: new Date(clock.now()).toISOString(),
    source: `${record.name}/${worker.name}`,
    container: ready.image,
    apps,
    windowsUntil: evaluationEnds,
  };
}

/** What it replaces, and what earlier tries left behind. */
async function removeOthers(
  { clients, emit, retry }: Session,
  group: string,
  snapshot: string,
  deadline: Deadline,
): Promise<void> {
  const { arm } = clients;
  const all = await retry('arm', (own) => arm.listResources(group, own), { deadline });
  for (const one of all.filter(({ type, name }) => /\/snapshots$/i.test(type) && name !== snapshot)) {
    await retry('arm', (own) => arm.deleteResource(one, own), { deadline });
    emit('resource.deleted', { kind: one.type, name: one.name }, `deleted ${one.type} ${one.name}`);
  }
}
