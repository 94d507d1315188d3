import { validateDeploymentName } from '../deployment/names.js';
import { fail } from '../failures/waa-error.js';
import type { Session } from '../session.js';
import { deploymentNames } from '../state/deployment.js';

/** Name of the deployment a command means when none was given and there is not exactly one. */
export const DEFAULT_DEPLOYMENT = 'default';

/**
 * The deployment a command means: the one named, else the only one, else `default`. Raises OWN_DEPLOYMENT_AMBIGUOUS when
 * there are several and none is called so.
 */
export async function chooseName(session: Session, given: string | undefined): Promise<string> {
  if (given !== undefined) return validateDeploymentName(given);
  const names = await deploymentNames(session.paths);
  const [first = DEFAULT_DEPLOYMENT] = names;
  if (names.length <= 1) return first;
  if (names.includes(DEFAULT_DEPLOYMENT)) return DEFAULT_DEPLOYMENT;
  throw fail('OWN_DEPLOYMENT_AMBIGUOUS', { names: names.join(', '), first });
}
