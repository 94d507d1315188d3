import { readPublicKey } from '../clients/ssh/keys.js';
import { claimOf } from '../deployment/hosts.js';
import { vmName } from '../deployment/names.js';
import { buildWorkerPlan, type PlanParts } from '../deployment/plan.js';
import type { PoolWorker, WorkerVm } from '../deployment/pool-worker.js';
import type { LayerId } from '../layers/layer.js';
import type { Flights } from '../layers/share-layer.js';
import type { WorkerPlan } from '../layers/worker-plan.js';
import { workerTags } from '../layers/worker-tags.js';
import type { Breaker } from '../retry/breaker.js';
import type { Session, StackOptions, WorkerStack } from '../session.js';
import type { DeploymentRecord } from '../state/deployment.js';
import { workerBreakers } from './walk-memory.js';

/** One worker of an open deployment. */
export interface OpenWorker {
  readonly name: string;
  readonly plan: WorkerPlan;
  readonly stack: WorkerStack;
  readonly breaker: (id: LayerId) => Breaker;
  /** For pause, resume and clean-up. */
  readonly pool: PoolWorker;
}

/** The VM of a worker, by the worker's name. */
export function workerVmOf({ name, resourceGroup, region }: DeploymentRecord, worker: string): WorkerVm {
  return { worker, vmName: vmName(name, worker), resourceGroup, region };
}

/** What the plan of one worker says of its host; undefined on Azure. */
export function hostPlanOf(
  session: Session,
  { name, owner, hosts }: Pick<DeploymentRecord, 'name' | 'owner' | 'hosts'>,
  index: number,
): PlanParts['host'] {
  const address = hosts?.addresses[index];
  if (!hosts || !address) return undefined;
  const { dataDirectory, dockerSocket, installDocker, allowTcg } = hosts;
  const [home, machine] = [session.paths.home, session.surroundings.hostName];
  const claim = claimOf({ deployment: name, worker: `w${index}`, owner, home, machine });
  return { address, dataDirectory, dockerSocket, installDocker, allowTcg, claim };
}

/** The workers of a deployment, each with its plan and its stack; nothing is connected yet. */
export async function openWorkers(
  session: Session,
  record: DeploymentRecord,
  options: Omit<StackOptions, 'shared'>,
): Promise<readonly OpenWorker[]> {
  const { clock, config, emit, paths, sshKeyPath } = session;
  const { name: deployment, owner, region, vmSize, otherSizes, zones, spot, golden } = record;
  const sshPublicKey = await readPublicKey(sshKeyPath);
  const createdAtMs = Date.parse(record.createdAt);
  const stackOf = session.stacks(paths.deployment(deployment).knownHosts);
  const shared: Flights = new Map();
  return record.workers.map((worker, index) => {
    const host = hostPlanOf(session, record, index);
    const plan = buildWorkerPlan({
      deployment,
      worker,
      owner,
      config,
      sshPublicKey,
      createdAtMs,
      region,
      vmSize,
      otherSizes,
      zones,
      spot,
      golden,
      ...(host === undefined ? {} : { host }),
    });
    return {
      name: worker,
      plan,
      stack: stackOf(plan, { ...options, shared }),
      breaker: workerBreakers(worker, clock, emit),
      pool: { ...workerVmOf(record, worker), tags: workerTags(plan) },
    };
  });
}
