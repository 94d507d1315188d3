import { asWaaError, type Evidence } from '../../failures/waa-error.js';
import type { DockerOutput, VmOutput } from '../io.js';
import { provenFault, type Layer, type LayerContext } from '../layer.js';
import { layerTimeouts } from '../layer-timeouts.js';
import { checkDocker } from './check.js';
import type { DockerLayerDeps } from './deps.js';
import { provisionDocker } from './provision.js';
import { recoverDocker } from './recover.js';

export type { DockerLayerDeps } from './deps.js';

/** The docker layer: a daemon that answers, its data on the data disk, the image at its digest, room for what comes. */
export function createDockerLayer(deps: DockerLayerDeps): Layer<VmOutput, DockerOutput> {
  return {
    id: 'docker',
    milestones: ['docker_installed', 'image_built'],
    timeouts: layerTimeouts(deps.plan.config, 'docker'),
    check: (ctx, input) => checkDocker(deps, ctx, input),
    provision: (ctx, input) => provisionDocker(deps, ctx, input),
    recover: (ctx, input, fault) => recoverDocker(deps, ctx, input, fault),
    watch: async (ctx, input) => provenFault(await checkDocker(deps, ctx, input)),
    evidence: (ctx, input) => collectEvidence(deps, ctx, input),
  };
}

/** The tails of the host's logs, Docker's among them. */
async function collectEvidence(
  deps: DockerLayerDeps,
  ctx: LayerContext,
  input: VmOutput,
): Promise<readonly Evidence[]> {
  try {
    const link = await deps.links.open(input.address, ctx.deadline);
    const logs = await deps.host.hostLogs(link, ctx.deadline);
    return Object.entries(logs).map(([title, text]) => ({ title, text }));
  } catch (error) {
    return [{ title: 'logs of the worker', text: `could not be read: ${asWaaError(error).message}` }];
  }
}
