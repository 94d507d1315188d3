import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWorkerPlan } from '../deployment/plan.js';
import { NO_NEEDS } from '../layers/server/needs.js';
import type { WorkerPlan } from '../layers/worker-plan.js';
import type { Session, WorkerStack } from '../session.js';
import { findDeployment, type HostsRecord } from '../state/deployment.js';
import { hostPlanOf } from './open-worker.js';

/** Plans of the hosts of a deployment that need not exist yet. */
export function hostPlans(session: Session, name: string, hosts: HostsRecord): readonly WorkerPlan[] {
  const { config, owner } = session;
  return hosts.addresses.map((_address, index) => {
    const host = hostPlanOf(session, { name, owner, hosts }, index);
    return buildWorkerPlan({
      deployment: name,
      worker: `w${index}`,
      owner,
      config,
      sshPublicKey: '',
      createdAtMs: session.clock.now(),
      ...(host === undefined ? {} : { host }),
    });
  });
}

/** The ways to a host for the time of `work`. Before there is a deployment no host key is pinned for later. */
export async function withHostStack<T>(
  session: Session,
  plan: WorkerPlan,
  work: (stack: WorkerStack) => Promise<T>,
): Promise<T> {
  const { paths } = session;
  const exists = (await findDeployment(paths, plan.deployment)) !== undefined;
  const aside = exists ? undefined : await mkdtemp(join(tmpdir(), 'waa-host-'));
  const file = aside === undefined ? paths.deployment(plan.deployment).knownHosts : join(aside, 'known_hosts');
  const stack = session.stacks(file)(plan, { needs: NO_NEEDS, allowReinstall: false });
  try {
    return await work(stack);
  } finally {
    await stack.close();
    if (aside !== undefined) await rm(aside, { recursive: true, force: true });
  }
}
