import type { Session } from '../session.js';
import { openDeployment, type OpenDeployment, type OpenRequest } from './open-deployment.js';

/** Opens a deployment for the time of `work`; links are closed and the lock is given back whatever happens. */
export async function withDeployment<T>(
  session: Session,
  request: OpenRequest,
  work: (open: OpenDeployment) => Promise<T>,
): Promise<T> {
  const open = await openDeployment(session, request);
  try {
    return await work(open);
  } finally {
    await open.close();
  }
}
