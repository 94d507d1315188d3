import type { DockerInfo } from '../../clients/docker-engine/docker-engine.js';
import { asWaaError, fail, type WaaError } from '../../failures/waa-error.js';
import { winarenaPaths } from '../../health/winarena.js';
import type { DockerOutput, VmOutput } from '../io.js';
import type { LayerContext, LayerStatus } from '../layer.js';
import { statusOfStart, type Starting } from './daemon-start.js';
import { dataRootOf, isBelow, isForeign, type DockerLayerDeps } from './deps.js';
import { findImage, otherDigest } from './image.js';
import { freeAt, lacksWindows, neededBytes } from '../../health/room.js';

/** Looks at daemon, data-root, image and room. Never throws for what is absent or broken. */
export async function checkDocker(
  deps: DockerLayerDeps,
  ctx: LayerContext,
  input: VmOutput,
): Promise<LayerStatus<DockerOutput>> {
  try {
    return await look(deps, ctx, input);
  } catch (error) {
    if (ctx.deadline.signal.aborted) throw error;
    const fault = asWaaError(error);
    return fault.layer === 'docker' ? { state: 'unhealthy', fault } : { state: 'unknown', fault };
  }
}

async function look(deps: DockerLayerDeps, ctx: LayerContext, input: VmOutput): Promise<LayerStatus<DockerOutput>> {
  const { deadline } = ctx;
  const { config } = deps.plan;
  const link = await deps.links.open(input.address, deadline);
  const facts = await deps.host.facts(link, deadline);
  if (!facts.docker.installed) return { state: 'absent', detail: 'Docker is not installed' };

  const starting = statusOfStart(facts);
  if (starting) return starting;

  const engine = deps.engine(link);
  const info = await engine.info(deadline).catch(async (error: unknown) => {
    const failure = asWaaError(error);
    if (failure.code !== 'DOCKER_DAEMON_DOWN') throw failure;
    return askAgain(deps, ctx, input, failure);
  });
  if ('state' in info) return info;
  const differences: string[] = [];
  if (!isForeign(deps) && !isBelow(info.dataRoot, input.dataDirectory)) {
    differences.push(`Docker's data-root is ${info.dataRoot}, wanted ${dataRootOf(input.dataDirectory)}`);
  }
  const image = await findImage(engine, config.image, deadline);
  const other = image ? undefined : await otherDigest(engine, config.image, deadline);
  if (other !== undefined)
    differences.push(`image ${config.image.reference} is ${other}, wanted ${config.image.digest ?? ''}`);
  if (differences.length > 0) return { state: 'drifted', differences };
  if (!image) return { state: 'absent', detail: `image ${config.image.reference} is not on the worker` };

  const storage = await deps.host.storage(link, winarenaPaths(input.dataDirectory).storage, deadline);
  const need = neededBytes({ image: false, windows: lacksWindows(storage) });
  const free = freeAt(facts, input.dataDirectory);
  if (free < need)
    return { state: 'drifted', differences: [`${gb(free)} GB free on ${input.dataDirectory}, need ${gb(need)} GB`] };
  return {
    state: 'ready',
    output: { ...input, image: image.reference, imageId: image.id },
    identity: `${info.dataRoot} ${image.id}`,
    detail: `Docker ${info.version}, ${gb(free)} GB free`,
  };
}

/**
 * A socket that refuses while root gets an answer is one this user may not open. Root is asked after the refusal, and the
 * socket once more after root: a daemon that stopped or started in between is not a matter of rights. One that systemd
 * starts by then is told as that.
 */
async function askAgain(
  deps: DockerLayerDeps,
  { deadline }: LayerContext,
  input: VmOutput,
  silence: WaaError,
): Promise<DockerInfo | Starting> {
  const link = await deps.links.open(input.address, deadline);
  const facts = await deps.host.facts(link, deadline);
  const starting = statusOfStart(facts);
  if (starting) return starting;
  if (!facts.docker.active) throw silence;
  return deps
    .engine(link)
    .info(deadline)
    .catch((error: unknown) => {
      const failure = asWaaError(error);
      if (failure.code !== silence.code) throw failure;
      const detail = `the daemon runs, but its socket refuses ${input.address.user}`;
      throw fail('DOCKER_SOCKET_PERMISSION', { detail }, { cause: failure });
    });
}

const gb = (bytes: number): number => Math.floor(bytes / 1024 ** 3);
