import { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import { proveHosts } from './host-pool.js';
import { withDeployment } from './with-deployment.js';

/** One look at a host, however slow its KVM test. */
const PROVE_MS = 2 * 60_000;

/**
 * Looks at the hosts of a new deployment. One that cannot be used leaves nothing behind: neither there, where nothing was
 * written, nor here. Raises what stands against a host; OWN_LOCKED when another process works on the deployment, which stays.
 */
export async function proveNewHosts(session: Session, name: string): Promise<void> {
  await withDeployment(session, { name, exclusive: true }, async (open) => {
    using deadline = Deadline.after(PROVE_MS, session.clock, open.signal);
    try {
      await proveHosts(session, open, deadline);
    } catch (error) {
      await open.forget();
      throw error;
    }
  });
}
