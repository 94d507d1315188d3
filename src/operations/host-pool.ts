import { eachWorker, type WorkerOutcome } from '../deployment/pool-worker.js';
import type { FailureCode } from '../failures/catalogue/index.js';
import { asWaaError, fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { CONTAINER_NAME, winarenaPaths } from '../health/winarena.js';
import type { VmOutput } from '../layers/io.js';
import { inspectLayers } from '../layers/walk.js';
import type { Session } from '../session.js';
import { walkOptions } from './walk-worker.js';
import type { OpenDeployment } from './open-deployment.js';
import type { OpenWorker } from './open-worker.js';
import { refuseOthers } from './others-runs.js';
import { requireResultsHome } from './results-home.js';

/** What proves that nothing of ours is left on the hosts. */
export interface HostsProof {
  readonly deployment: string;
  readonly hosts: readonly {
    readonly worker: string;
    readonly host: string;
    /** False where the deployment had never come so far as to mark the host. */
    readonly wasOurs: boolean;
    readonly deleted: readonly string[];
    /** Paths and containers of ours that are still listed: always empty. */
    readonly left: readonly string[];
    /** Why the host could not be looked at; what is on it stays there. Only when forced. */
    readonly unreachable?: string;
  }[];
  readonly verifiedAtMs: number;
}

/**
 * Looks at every host before anything is written there. Raises the first failure that stands against one of them; one
 * that is free, or ours already, is fine.
 */
export async function proveHosts(session: Session, open: OpenDeployment, deadline: Deadline): Promise<void> {
  await Promise.all(open.workers.map((worker) => lookAtHost(session, open, worker, deadline)));
}

/** The host layer alone, as it is; raises its fault. */
async function lookAtHost(
  session: Session,
  open: OpenDeployment,
  worker: OpenWorker,
  deadline: Deadline,
): Promise<VmOutput | undefined> {
  const options = walkOptions(session, open, worker, deadline);
  const { layers } = await inspectLayers({ ...options, layers: options.layers.slice(0, 1) });
  const status = layers[0]?.status;
  if (status?.state === 'unhealthy' || status?.state === 'unknown') throw status.fault;
  return status?.state === 'ready' ? (status.output as VmOutput) : undefined;
}

/** Shuts Windows down cleanly and stops the container on every host; the machines themselves stay on. */
export async function pauseHosts(
  session: Session,
  open: OpenDeployment,
  deadline: Deadline,
): Promise<readonly WorkerOutcome[]> {
  return eachWorker(open.ports, poolOf(open), deadline, async ({ worker: name }) => {
    const worker = workerOf(open, name);
    const host = await lookAtHost(session, open, worker, deadline);
    // Never prepared: there is no container that could run.
    if (!host) return 'already';
    const outcome = await worker.stack.quiesce(host, deadline);
    return outcome === 'was-off' ? 'already' : 'done';
  });
}

/**
 * Removes container, Windows disk, results and marks from every host and lists again. Docker and its data stay. Forced, a
 * host that no longer answers is told and passed over; otherwise its VM_SSH_* failure is raised and nothing is forgotten.
 */
export async function clearHosts(
  session: Session,
  open: OpenDeployment,
  force: boolean,
  deadline: Deadline,
): Promise<HostsProof> {
  const { name } = open.record;
  if (!force) await requireResultsHome(session.paths, name);
  if (!force) await refuseOthers(session, open, 'kept', deadline);
  await open.intend('deleting');
  const hosts = await Promise.all(
    open.workers.map(async (worker) => {
      try {
        return await clearHost(session, worker, deadline);
      } catch (error) {
        const fault = asWaaError(error);
        if (!force || !GONE.has(fault.code)) throw error;
        const host = worker.plan.host?.address.host ?? worker.name;
        return { worker: worker.name, host, wasOurs: true, deleted: [], left: [], unreachable: fault.message };
      }
    }),
  );
  return { deployment: name, hosts, verifiedAtMs: session.clock.now() };
}

/** A machine that is gone, or no longer lets us in by network: nothing can be removed there. */
const GONE: ReadonlySet<FailureCode> = new Set([
  'VM_SSH_REFUSED',
  'VM_SSH_TIMEOUT',
  'VM_SSH_UNREACHABLE',
  'VM_SSH_NOT_UP',
]);

async function clearHost(
  { emit }: Session,
  { name, plan, stack }: OpenWorker,
  deadline: Deadline,
): Promise<HostsProof['hosts'][number]> {
  const { host: target, dataDirectory } = plan;
  if (!target || !stack.claims) throw fail('BUG', { what: `worker ${name} has no host` });
  const { storage } = winarenaPaths(dataDirectory);
  const host = target.address.host;
  const link = await stack.link(target.address, deadline);
  const state = await stack.claims.state(link, dataDirectory, plan.config.image.reference, deadline);
  const other = state.owners.find((owner) => owner.id !== target.claim.id);
  if (other) throw fail('VM_HOST_IN_USE', { host, by: other.text });
  const wasOurs = state.owners.length > 0;
  if (!wasOurs) return { worker: name, host, wasOurs, deleted: [], left: [] };

  const deleted: string[] = [];
  const gone = (kind: string, what: string): void => {
    deleted.push(what);
    emit('resource.deleted', { kind, name: what }, `${host}: deleted ${what}`, { worker: name });
  };
  if (state.container?.storage === storage) {
    await stack.engine(link).removeContainer(CONTAINER_NAME, deadline);
    gone('container', `container ${CONTAINER_NAME}`);
  }
  await stack.claims.release(link, dataDirectory, target.claim, deadline);
  gone('folder', `${dataDirectory}/waa`);

  const paths = [`${dataDirectory}/waa`, '/var/lib/waa/owner', '/var/lib/waa/host'];
  const { stdout } = await link.exec(['ls', '-d', '--', ...paths], { deadline });
  const left = stdout.split('\n').filter((line) => line !== '');
  if (state.container && (await stack.engine(link).inspectContainer(CONTAINER_NAME, deadline)))
    left.push(`container ${CONTAINER_NAME}`);
  if (left.length > 0) throw fail('VM_HOST_CLEANUP_INCOMPLETE', { host, left: left.join(', ') });
  return { worker: name, host, wasOurs, deleted, left };
}

const poolOf = (open: OpenDeployment) => open.workers.map((worker) => worker.pool);

function workerOf(open: OpenDeployment, name: string): OpenWorker {
  const worker = open.workers.find((candidate) => candidate.name === name);
  if (!worker) throw fail('BUG', { what: `there is no worker ${name}` });
  return worker;
}
