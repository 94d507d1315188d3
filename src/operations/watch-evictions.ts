import type { EventConsumer } from '../events/bus.js';
import { asWaaError } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import type { VmOutput } from '../layers/io.js';
import type { Session } from '../session.js';
import type { OpenDeployment } from './open-deployment.js';
import type { OpenWorker } from './open-worker.js';

/** Azure gives half a minute's notice of an eviction. */
const ASK_EVERY_MS = 10_000;
/** The first question of a VM is answered within two minutes; the others at once. */
const ASK_MS = 130_000;

/**
 * Asks the metadata service of every spot worker what Azure is going to do with it, and tells of an eviction once. A worker
 * that cannot be asked is known by its power state when it is brought up again. Ends with the session.
 */
export function watchEvictions(session: Session, open: OpenDeployment): EventConsumer {
  const stop = new AbortController();
  const signal = AbortSignal.any([open.signal, stop.signal]);
  const watching = Promise.all(open.workers.map((worker) => watch(session, open, worker, signal)));
  return {
    name: 'evictions',
    consume: () => undefined,
    async close() {
      stop.abort();
      await watching;
    },
  };
}

async function watch(session: Session, open: OpenDeployment, worker: OpenWorker, signal: AbortSignal): Promise<void> {
  const { clock, emit } = session;
  const told = new Set<string>();
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    try {
      await askOnce(session, open, worker, told, signal);
    } catch (error) {
      if (isOver()) return;
      const text = `${worker.name} could not be asked for evictions: ${asWaaError(error).message}`;
      emit('log', { component: 'spot' }, text, { level: 'debug', worker: worker.name });
    }
    await clock.sleep(ASK_EVERY_MS, signal).catch(() => undefined);
  }
}

/** Tells each announced eviction once; `told` are those that were. */
async function askOnce(
  { clock, emit }: Session,
  open: OpenDeployment,
  { name, stack }: OpenWorker,
  told: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  const vm = open.checkpoint.verified(name, 'vm')?.outputs as VmOutput | undefined;
  if (!vm) return;
  using deadline = Deadline.after(ASK_MS, clock, signal);
  for (const event of await stack.host.scheduledEvents(await stack.link(vm.address, deadline), deadline)) {
    if (event.type !== 'Preempt' || told.has(event.id)) continue;
    told.add(event.id);
    const at = event.notBefore === '' ? 'now' : `at ${event.notBefore}`;
    const text = `Azure takes ${name} back ${at} (spot); its task is given to another attempt`;
    emit('log', { component: 'spot', event: event.id }, text, { level: 'warn', worker: name });
  }
}
