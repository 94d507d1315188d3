import type { SshLink } from '../clients/ssh/ssh.js';
import { Deadline } from '../health/deadline.js';
import { fail } from '../failures/waa-error.js';
import type { VmOutput } from '../layers/io.js';
import type { Session } from '../session.js';
import type { OpenDeployment, OpenWorker } from './open-deployment.js';

/** One connect with its login, once. */
const REACH_MS = 60_000;

/** Where the worker was last proven to be, and a link to it. Raises VM_SSH_* and OWN_DEPLOYMENT_NOT_FOUND. */
export async function reachWorker(
  session: Session,
  open: OpenDeployment,
): Promise<{ readonly worker: OpenWorker; readonly vm: VmOutput; readonly link: SshLink }> {
  const [worker] = open.workers;
  const vm = worker && (open.checkpoint.verified(worker.name, 'vm')?.outputs as VmOutput | undefined);
  if (!worker || !vm)
    throw fail('OWN_DEPLOYMENT_NOT_FOUND', { name: open.record.name, hint: 'Its VM was never ready: waa up --resume' });
  using deadline = Deadline.after(REACH_MS, session.clock, session.signal);
  return { worker, vm, link: await worker.stack.link(vm.address, deadline) };
}
