import { fail } from '../../failures/waa-error.js';
import { BLIND_MS, waitFor } from '../../health/wait-for.js';
import type { HostFacts } from '../../host/host-tools.js';
import type { VmOutput } from '../io.js';
import type { LayerContext, LayerStatus } from '../layer.js';
import type { DockerLayerDeps } from './deps.js';

/** After a crash the daemon answers once the containers it left have ended: two minutes, by docker-start.sh. */
const START_LIMIT_S = 180;
const LOOK_EVERY_MS = 2_000;
/** Facts wait ten seconds for each question that a starting daemon holds. */
const FACTS_MS = 45_000;

/** Not yet, or no more. */
export type Starting = Extract<LayerStatus<never>, { state: 'in-progress' | 'unhealthy' }>;

/**
 * A daemon that systemd is starting is not there yet, and one that it has been starting for three minutes is a fault;
 * undefined when it is not being started.
 */
export function statusOfStart({ docker: { active, startingS } }: HostFacts): Starting | undefined {
  if (active || startingS === undefined) return undefined;
  if (startingS < START_LIMIT_S) return { state: 'in-progress', progress: { phase: 'the Docker daemon is starting' } };
  const detail = `systemd has been starting it for ${startingS} s`;
  return { state: 'unhealthy', fault: fail('DOCKER_DAEMON_DOWN', { detail }) };
}

/**
 * Waits until systemd is not starting the daemon any more, whether it is up then or not. Raises DOCKER_DAEMON_DOWN for a
 * start that hangs, and after three minutes of starts one after the other.
 */
export async function waitForStart(deps: DockerLayerDeps, ctx: LayerContext, { address }: VmOutput): Promise<void> {
  using deadline = ctx.deadline.child(START_LIMIT_S * 1000);
  await waitFor<true>(
    async (own) => {
      const link = await deps.links.open(address, own);
      const starting = statusOfStart(await deps.host.facts(link, own));
      if (!starting) return { ok: true, value: true };
      if (starting.state === 'unhealthy') return { ok: false, saw: starting.fault.message, fatal: starting.fault };
      return { ok: false, saw: starting.progress.phase };
    },
    {
      what: 'the start of the Docker daemon',
      clock: ctx.clock,
      deadline,
      everyMs: LOOK_EVERY_MS,
      attemptTimeoutMs: FACTS_MS,
      blindMs: BLIND_MS,
      onObserve: (phase) => {
        ctx.report({ phase });
      },
      onTimeout: () =>
        fail('DOCKER_DAEMON_DOWN', { detail: `still starting after ${Math.round(deadline.totalMs / 1000)} s` }),
    },
  );
}
