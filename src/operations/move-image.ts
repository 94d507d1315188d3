import type { DockerEngine, PullProgress } from '../clients/docker-engine/docker-engine.js';
import type { RegistryAuth } from '../clients/registry/registry.js';
import { hostOf, parseImageReference } from '../config/image-reference.js';
import { forWorker } from '../events/bus.js';
import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { findImage } from '../layers/docker/image.js';
import type { Session } from '../session.js';
import type { ReachedWorker } from './reach-worker.js';

/** An image in a registry, as it can be pinned. */
export interface PushedImage {
  readonly source: string;
  readonly reference: string;
  readonly digest: string;
}

/** A reference with a name of its own: host, repository and tag. Raises USAGE. */
export function checkReference(reference: string): string {
  const parsed = parseImageReference(reference);
  if (!('invalid' in parsed)) return reference;
  const hint = 'e.g. myregistry.azurecr.io/waa-auto:2026.11';
  throw fail('USAGE', { problem: `${reference}: ${parsed.invalid}`, hint });
}

/**
 * Pushes the container image of a worker under another name to an Azure Container Registry, with a token that the caller's
 * Azure login is exchanged for; it goes to the worker's Docker in the header of one request. Raises USAGE for any other
 * registry, DOCKER_IMAGE_MISSING, DOCKER_REGISTRY_*.
 */
export async function pushImage(
  session: Session,
  { worker, link }: ReachedWorker,
  target: string,
  deadline: Deadline,
): Promise<PushedImage> {
  const host = hostOf(target);
  const auth = await session.clients.registryLogin(host, deadline);
  if (!auth) {
    const problem = `${host} is no Azure Container Registry, and no other takes your Azure login`;
    throw fail('USAGE', { problem, hint: 'For another registry: waa ssh, docker login, docker push' });
  }
  const engine = worker.stack.engine(link);
  const { image } = session.config;
  const found = await findImage(engine, image, deadline);
  if (!found) throw fail('DOCKER_IMAGE_MISSING', { image: image.reference });
  const digest = await engine.pushImage(found.id, target, auth, deadline, teller(session, worker.name, 'pushing'));
  return { source: found.reference, reference: target, digest };
}

/** Pulls an image to a worker, where it takes a login with the caller's identity. Raises DOCKER_*. */
export async function pullImageTo(
  session: Session,
  { worker, link }: ReachedWorker,
  reference: string,
  deadline: Deadline,
): Promise<{ readonly reference: string; readonly id: string }> {
  const engine: DockerEngine = worker.stack.engine(link);
  const auth: RegistryAuth | undefined = await session.clients.registryLogin(hostOf(reference), deadline);
  await engine.pullImage(reference, deadline, teller(session, worker.name, 'pulling'), auth);
  const image = await engine.inspectImage(reference, deadline);
  if (!image) throw fail('DOCKER_IMAGE_MISSING', { image: reference });
  return { reference, id: image.id };
}

/** Shows a transfer as progress of the docker layer. */
function teller(session: Session, worker: string, doing: string): (progress: PullProgress) => void {
  const emit = forWorker(session.emit, worker);
  let last = '';
  return ({ doneBytes, totalBytes, layersDone, layersTotal }) => {
    const phase = `${doing} the image, ${layersDone} of ${layersTotal} layers`;
    if (phase === last) return;
    last = phase;
    const percent = totalBytes === 0 ? {} : { percent: Math.floor((100 * doneBytes) / totalBytes) };
    emit('layer.progress', { layer: 'docker', phase, ...percent }, phase);
  };
}
