import type { DockerEngine } from '../../clients/docker-engine/docker-engine.js';
import { modelTarget } from '../../config/model-key.js';
import { asWaaError, fail } from '../../failures/waa-error.js';
import type { ClientOutput, ServerOutput } from '../io.js';
import type { LayerContext, LayerStatus } from '../layer.js';
import type { ClientLayerDependencies } from './deps.js';

/** The repository most task files are fetched from; one person's, so its absence is worth knowing before a run. */
const ASSETS = 'https://github.com/rogeriobonatti/winarenafiles';
/** A run of 154 tasks leaves some gigabytes of pictures. */
const MIN_FREE_BYTES = 2 * 1024 ** 3;

/** Results directory, run.py, task files, model: in this order, cheapest first. */
export async function checkClient(
  dependencies: ClientLayerDependencies,
  ctx: LayerContext,
  input: ServerOutput,
): Promise<LayerStatus<ClientOutput>> {
  try {
    const link = await dependencies.link(input, ctx.deadline);
    ctx.report({ phase: 'results directory' });
    const place = await dependencies.supervisor.ready(link, input.dataDirectory, ctx.deadline);
    if (place.missing) return { state: 'absent', detail: 'no results directory yet' };
    if (!place.writable || place.freeBytes < MIN_FREE_BYTES) {
      const detail = place.writable ? `only ${Math.floor(place.freeBytes / 1024 ** 2)} MB free` : place.detail;
      return {
        state: 'unhealthy',
        fault: fail('CLIENT_RESULTS_NOT_WRITABLE', { path: `${input.dataDirectory}/waa/results`, detail }),
      };
    }
    const docker = dependencies.docker(input);
    ctx.report({ phase: 'run.py' });
    const clientRevision = await lookAtRunPy(dependencies, docker, ctx, input);
    if (dependencies.needsAssets) await lookAtAssets(docker, ctx, input);
    ctx.report({ phase: 'model' });
    const model = await lookAtModel(dependencies, ctx);
    const identity = `${input.containerId}@${input.containerStartedAt}`;
    return {
      state: 'ready',
      output: { ...input, clientRevision, model },
      identity,
      detail: `run.py ${clientRevision}, ${model}`,
    };
  } catch (error) {
    if (ctx.deadline.signal.aborted) throw error;
    const fault = asWaaError(error);
    return fault.layer === 'client' ? { state: 'unhealthy', fault } : { state: 'unknown', fault };
  }
}

/**
 * `--help` runs every import of run.py and nothing else, and names the flags it takes: others it ignores silently. The
 * revision is the hash of the file, which has no version.
 */
async function lookAtRunPy(
  dependencies: ClientLayerDependencies,
  docker: DockerEngine,
  ctx: LayerContext,
  input: ServerOutput,
): Promise<string> {
  const help = await docker.exec(input.containerId, ['python', '/client/run.py', '--help'], ctx.deadline);
  if (help.exitCode !== 0) {
    const detail = help.stderr.trim().split('\n').at(-1) ?? '';
    throw fail('CLIENT_RUNPY_BROKEN', { detail: detail === '' ? `exit code ${help.exitCode}` : detail.slice(0, 300) });
  }
  const known = new Set(help.stdout.match(/--[a-z0-9_]+/g) ?? []);
  const unknown = dependencies.runPyFlags.filter((flag) => !known.has(flag));
  if (unknown.length > 0)
    throw fail('CLIENT_RUNPY_BROKEN', { detail: `it does not know ${unknown.join(', ')}, and would ignore it` });
  const sum = await docker.exec(input.containerId, ['sha256sum', '/client/run.py'], ctx.deadline);
  const hash = /^[0-9a-f]{64}/.exec(sum.stdout)?.[0];
  if (sum.exitCode !== 0 || hash === undefined)
    throw fail('CLIENT_RUNPY_BROKEN', { detail: `sha256sum: ${sum.stderr.trim().slice(0, 200)}` });
  return hash.slice(0, 12);
}

async function lookAtAssets(docker: DockerEngine, ctx: LayerContext, input: ServerOutput): Promise<void> {
  ctx.report({ phase: 'task files' });
  const command = ['curl', '-fsS', '-o', '/dev/null', '--max-time', '20', ASSETS];
  const { exitCode, stderr } = await docker.exec(input.containerId, command, ctx.deadline);
  if (exitCode !== 0) throw fail('CLIENT_ASSETS_UNREACHABLE', { address: ASSETS, detail: stderr.trim().slice(0, 200) });
}

async function lookAtModel({ apiKey, config, model }: ClientLayerDependencies, ctx: LayerContext): Promise<string> {
  if (apiKey === undefined) return config.model.name;
  return ctx.retry('taskApi', (deadline) => model.probe(modelTarget(config), apiKey.reveal(), deadline), {
    deadline: ctx.deadline,
  });
}
