import type { DockerEngine } from '../../clients/docker-engine/docker-engine.js';
import type { SshLink } from '../../clients/ssh/ssh.js';
import { fail, WaaError } from '../../failures/waa-error.js';
import { guardDisk, type DiskCleaning } from '../../health/disk-guardian.js';
import { winarenaPaths } from '../../health/winarena.js';
import { mediaFor } from '../../health/windows-media.js';
import type { VmOutput } from '../io.js';
import { meetFault } from '../meet-fault.js';
import type { LayerContext } from '../layer.js';
import { statusOfStart, waitForStart } from './daemon-start.js';
import { dataRootOf, isBelow, isForeign, type DockerLayerDeps } from './deps.js';
import { installDocker, startDaemon } from './host-steps.js';
import { findImage, wantedReferences } from './image.js';
import { pullImage } from './pull.js';
import { OS_DISK_BYTES, freeAt, lacksWindows, roomNeeds } from '../../health/room.js';

/** Docker installed, on the data disk, running, with room and the image. Each step is left out when it is so already. */
export async function provisionDocker(deps: DockerLayerDeps, ctx: LayerContext, input: VmOutput): Promise<void> {
  const { deadline } = ctx;
  let link = await deps.links.open(input.address, deadline);
  const facts = await deps.host.facts(link, deadline);
  if (!facts.docker.installed) link = await install(deps, ctx, input, link);
  // To start it once more would end the start that is under way.
  else if (statusOfStart(facts)) await waitForStart(deps, ctx, input);
  let engine = deps.engine(link);
  await ensureAnswers(deps, ctx, link, engine);
  if (!isForeign(deps) && !isBelow((await engine.info(deadline)).dataRoot, input.dataDirectory)) {
    link = await install(deps, ctx, input, link);
    engine = deps.engine(link);
    await ensureAnswers(deps, ctx, link, engine);
    const { dataRoot } = await engine.info(deadline);
    if (!isBelow(dataRoot, input.dataDirectory))
      throw fail('DOCKER_DATA_ROOT_WRONG', { dataRoot, wanted: dataRootOf(input.dataDirectory) });
  }

  const isThere = (await findImage(engine, deps.plan.config.image, deadline)) !== undefined;
  await ensureRoom(deps, ctx, input, link, engine, !isThere);
  if (isThere) return;
  await beginWindows(deps, ctx, input, link);
  await pullImage(ctx, engine, wantedReferences(deps.plan.config.image), deps.login);
}

/** Windows is downloaded beside the image and not after it; when that cannot begin, dockur downloads it later. */
async function beginWindows(deps: DockerLayerDeps, ctx: LayerContext, input: VmOutput, link: SshLink): Promise<void> {
  const media = mediaFor(deps.plan.config.windows);
  if (!media) return;
  try {
    await deps.host.media(link, 'start', winarenaPaths(input.dataDirectory).storage, media, ctx.deadline);
  } catch (error) {
    if (!(error instanceof WaaError) || error.code !== 'VM_HOST_SCRIPT_FAILED') throw error;
    ctx.emit('log', { component: 'docker' }, `Windows is not downloaded ahead: ${error.message}`, { level: 'warn' });
  }
}

/** Installs, or only moves the data-root. A new login follows, because groups are given at login. */
async function install(deps: DockerLayerDeps, ctx: LayerContext, input: VmOutput, link: SshLink): Promise<SshLink> {
  const { deadline, emit } = ctx;
  if (deps.plan.host?.installDocker === false) throw fail('DOCKER_NOT_INSTALLED', { host: input.address.host });
  ctx.report({ phase: 'installing Docker' });
  await guardDisk({
    path: '/',
    needBytes: OS_DISK_BYTES,
    measure: async (own) => freeAt(await deps.host.facts(link, own), '/'),
    cleanings: isForeign(deps) ? [] : [hostCleaning(deps, link)],
    deadline,
    emit,
    onShort: (fault) => meetFault(ctx, 'docker', fault),
  });
  await installDocker(deps, link, input.dataDirectory, deadline);
  link.close();
  return deps.links.open(input.address, deadline);
}

/** The daemon answers; started when it is down, asked again while it comes up. */
async function ensureAnswers(
  deps: DockerLayerDeps,
  ctx: LayerContext,
  link: SshLink,
  engine: DockerEngine,
): Promise<void> {
  await ctx.retry(
    'dockerDaemon',
    async (deadline, attempt) => {
      if (attempt > 0) {
        ctx.report({ phase: 'starting the Docker daemon' });
        await startDaemon(deps, link, deadline);
      }
      await engine.ping(deadline);
    },
    {
      deadline: ctx.deadline,
      isRetryable: (failure) => failure.code === 'DOCKER_DAEMON_DOWN' || failure.disposition === 'transient',
      onAttemptTimeout: (ms) => fail('DOCKER_DAEMON_DOWN', { detail: `no answer within ${Math.round(ms / 1000)} s` }),
    },
  );
}

async function ensureRoom(
  deps: DockerLayerDeps,
  ctx: LayerContext,
  input: VmOutput,
  link: SshLink,
  engine: DockerEngine,
  lacksImage: boolean,
): Promise<void> {
  const { deadline, emit } = ctx;
  const storage = await deps.host.storage(link, winarenaPaths(input.dataDirectory).storage, deadline);
  const [facts, { dataRoot }] = await Promise.all([deps.host.facts(link, deadline), engine.info(deadline)]);
  const lacks = { image: lacksImage, windows: lacksWindows(storage) };
  for (const { path, needBytes } of roomNeeds(facts, input.dataDirectory, dataRoot, lacks)) {
    await guardDisk({
      path,
      needBytes,
      measure: async (own) => freeAt(await deps.host.facts(link, own), path),
      cleanings: cleaningsOf(deps, link, engine),
      deadline,
      emit,
      onShort: (fault) => meetFault(ctx, 'docker', fault),
    });
  }
}

/**
 * The ways to make room on a worker, the gentlest first. Neither touches our container, its image or Windows; on a host
 * that is not ours there is none, because its stopped containers and caches belong to somebody.
 */
export function cleaningsOf(deps: DockerLayerDeps, link: SshLink, engine: DockerEngine): readonly DiskCleaning[] {
  if (isForeign(deps)) return [];
  return [
    { what: 'unused containers, images and build cache', run: (own) => engine.prune(own) },
    hostCleaning(deps, link),
  ];
}

const hostCleaning = (deps: DockerLayerDeps, link: SshLink): DiskCleaning => ({
  what: 'package cache, journal and leftovers',
  run: (own) => deps.host.cleanDisks(link, own),
});
