import type { BuiltImage } from '../clients/docker-engine/docker-engine.js';
import type { SshLink } from '../clients/ssh/ssh.js';
import { forWorker } from '../events/bus.js';
import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { freeAt, IMAGE_BUILD_BYTES } from '../health/room.js';
import { readBuildContext, shippedImage } from '../host/build-context.js';
import type { Session, WorkerStack } from '../session.js';
import { createBuildProgress } from './build-progress.js';
import { pinBases } from './pin-bases.js';

/** The worker that builds. */
export interface BuildPlace {
  readonly worker: string;
  readonly stack: Pick<WorkerStack, 'engine' | 'host'>;
  readonly link: SshLink;
}

export interface ImageBuildRequest {
  /** A folder with a Dockerfile; undefined for waa's own image. */
  readonly directory: string | undefined;
  readonly tag: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly noCache: boolean;
  readonly classic: boolean;
}

/** What was built, and from what. */
export interface ImageBuild extends BuiltImage {
  readonly tag: string;
  readonly worker: string;
  /** Hash of the files it was built from. */
  readonly context: string;
  /** As used, base images with their digests. */
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly durationMs: number;
}

/**
 * Builds an image on a worker and tells every step. Raises DOCKER_BUILD_*, DOCKER_DISK_SHORT, DOCKER_DISK_FULL,
 * DOCKER_PULL_RATE_LIMITED, and what the registry says of the base images.
 */
export async function buildImageOn(
  session: Session,
  { worker, stack, link }: BuildPlace,
  request: ImageBuildRequest,
  deadline: Deadline,
): Promise<ImageBuild> {
  const { clock } = session;
  const emit = forWorker(session.emit, worker);
  const startedAt = clock.now();
  const { tag, noCache, classic } = request;
  const context = await readBuildContext(request.directory ?? (await shippedImage()));
  const bases = await pinBases(session.clients.registry, context.dockerfile, request.buildArgs, deadline);
  const revision = /^ARG REVISION\b/m.test(context.dockerfile) ? { REVISION: context.hash } : {};
  const buildArgs = { ...revision, ...request.buildArgs, ...bases };
  const engine = stack.engine(link);
  if (request.directory === undefined) await ensureRoom();

  emit('layer.state', { layer: 'docker', state: 'provisioning', detail: `building ${tag}` }, `building ${tag}`);
  const progress = createBuildProgress();
  let last = 'nothing yet';
  const builder = classic ? { builder: 'classic' as const } : {};
  const build = engine.buildImage(
    { context: context.archive, tag, buildArgs, noCache, ...builder },
    deadline,
    (event) => {
      if (event.kind === 'output') emit('log', { component: 'build' }, event.text, { level: 'debug' });
      const { step, steps, instruction, percent, etaMs } = progress.take(event, clock.now());
      const shown = instruction.replace(/@sha256:[0-9a-f]{64}/, '');
      last = steps === 0 ? shown : `step ${step} of ${steps}: ${shown}`;
      const numbers = { ...(percent === undefined ? {} : { percent }), ...(etaMs === undefined ? {} : { etaMs }) };
      if (last !== '') emit('layer.progress', { layer: 'docker', phase: last, ...numbers }, last);
    },
  );
  const built = await build.catch((error: unknown) => {
    emit('layer.state', { layer: 'docker', state: 'failed' }, `${tag} was not built`, { level: 'warn' });
    if (deadline.expired) throw fail('DOCKER_BUILD_TIMEOUT', { seconds: Math.round(deadline.totalMs / 1000), last });
    throw error;
  });
  emit('layer.state', { layer: 'docker', state: 'ready', detail: `built ${tag}` }, `built ${tag}`);
  return { ...built, tag, worker, context: context.hash, buildArgs, durationMs: clock.now() - startedAt };

  async function ensureRoom(): Promise<void> {
    const [facts, { dataRoot }] = await Promise.all([stack.host.facts(link, deadline), engine.info(deadline)]);
    const freeBytes = freeAt(facts, dataRoot);
    if (freeBytes >= IMAGE_BUILD_BYTES) return;
    throw fail('DOCKER_DISK_SHORT', { path: dataRoot, freeBytes, needBytes: IMAGE_BUILD_BYTES, cleanedBytes: 0 });
  }
}
