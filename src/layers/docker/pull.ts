import type { RegistryLogin } from '../../clients/registry/registry.js';
import { hostOf } from '../../config/image-reference.js';
import type { DockerEngine, PullProgress } from '../../clients/docker-engine/docker-engine.js';
import { asWaaError, fail } from '../../failures/waa-error.js';
import { Deadline } from '../../health/deadline.js';
import type { LayerContext, Progress } from '../layer.js';
import { meetFault } from '../meet-fault.js';

/** A pull that says nothing new for this long is stuck; extracting a layer of some GB reports every few seconds. */
const STALL_MS = 180_000;

/** Failures another registry would share: its images need the same daemon and disk. */
const LOCAL_FAILURES = new Set([
  'DOCKER_DISK_FULL',
  'DOCKER_DAEMON_DOWN',
  'DOCKER_CONNECTION_LOST',
  'DOCKER_SOCKET_PERMISSION',
]);

/**
 * Pulls the first reference that comes, under the retry policy `imagePull`: each try goes through all registries before it
 * waits. A pull of the same image that already runs on the worker (cloud-init begins one) is joined by the daemon, not
 * begun a second time.
 */
export async function pullImage(
  ctx: LayerContext,
  engine: DockerEngine,
  references: readonly string[],
  login?: RegistryLogin,
): Promise<void> {
  let last = 'nothing yet';
  const [first = ''] = references;
  await ctx.retry('imagePull', (deadline) => pullFirst(deadline), {
    deadline: ctx.deadline,
    silence: ({ seconds }) => fail('DOCKER_PULL_TIMEOUT', { image: first, seconds, last }),
  });

  async function pullFirst(deadline: Deadline): Promise<void> {
    let reason: unknown;
    let recovered: ((action: string) => void) | undefined;
    for (const reference of references) {
      try {
        await pullWatched(reference, deadline);
        recovered?.(`pulled ${reference} instead`);
        return;
      } catch (error) {
        if (deadline.signal.aborted) throw error;
        const failure = asWaaError(error);
        reason ??= failure;
        if (LOCAL_FAILURES.has(failure.code)) throw failure;
        const next = references[references.indexOf(reference) + 1];
        if (next !== undefined) recovered ??= meetFault(ctx, 'docker', failure);
      }
    }
    throw reason;
  }

  async function pullWatched(reference: string, parent: Deadline): Promise<void> {
    const { clock } = ctx;
    const stalled = new AbortController();
    using deadline = Deadline.none(clock, AbortSignal.any([parent.signal, stalled.signal]));
    const watch = (): (() => void) =>
      clock.schedule(STALL_MS + clock.slackMs, () => {
        stalled.abort(fail('DOCKER_PULL_STALLED', { image: reference, stallSeconds: STALL_MS / 1000, last }));
      });
    let cancel = watch();
    const startedAt = clock.now();
    /** The share falls where a layer turns out larger than those before; what was said stands. */
    let reached = 0;
    try {
      const auth = await login?.(hostOf(reference), deadline);
      const onProgress = (progress: PullProgress): void => {
        if (progress.text === last) return;
        last = progress.text;
        cancel();
        cancel = watch();
        const { percent, ...report } = toReport(progress, clock.now() - startedAt);
        reached = Math.max(reached, percent ?? 0);
        ctx.report(percent === undefined ? report : { ...report, percent: reached });
      };
      await engine.pullImage(reference, deadline, onProgress, auth);
    } finally {
      cancel();
    }
  }
}

/** Percent and time left by what went through so far; neither before the sizes are known. */
function toReport({ doneBytes, totalBytes, layersDone, layersTotal }: PullProgress, elapsedMs: number): Progress {
  const phase = `pulling the image, ${layersDone} of ${layersTotal} layers`;
  if (totalBytes === 0 || doneBytes === 0) return { phase };
  const share = doneBytes / totalBytes;
  return { phase, percent: Math.floor(share * 100), etaMs: Math.round((elapsedMs * (1 - share)) / share) };
}
