import type { Session } from '../session.js';
import type { DeploymentRecord } from '../state/deployment.js';

/**
 * The session as a deployment needs it: Azure is asked in the subscription the deployment was made in, whatever the
 * configuration or `az` name by now. Elsewhere it would look as if it were gone.
 */
export function sessionOf(session: Session, { hosts, subscriptionId }: DeploymentRecord): Session {
  if (hosts) return session;
  return { ...session, clients: { ...session.clients, arm: session.clients.arm.within(subscriptionId) } };
}
