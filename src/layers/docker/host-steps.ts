import type { SshLink } from '../../clients/ssh/ssh.js';
import { fail, WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { dataRootOf, type DockerLayerDeps } from './deps.js';

/** Installs Docker or repairs what is installed. Raises DOCKER_* for what the script could not do. */
export function installDocker(
  deps: DockerLayerDeps,
  link: SshLink,
  dataDirectory: string,
  deadline: Deadline,
): Promise<void> {
  return asDockerFailure(deps.host.installDocker(link, dataRootOf(dataDirectory), deadline));
}

/** Starts the daemon when it does not answer. Raises DOCKER_DAEMON_DOWN when it cannot. */
export function startDaemon(deps: DockerLayerDeps, link: SshLink, deadline: Deadline): Promise<void> {
  return asDockerFailure(deps.host.startDocker(link, deadline));
}

/** A host script that failed over Docker is a fault of Docker, not of the VM below; its reason says which. */
async function asDockerFailure(step: Promise<void>): Promise<void> {
  try {
    await step;
  } catch (error) {
    if (!(error instanceof WaaError) || error.code !== 'VM_HOST_SCRIPT_FAILED') throw error;
    const { reason, detail } = error.params;
    const context = { cause: error, evidence: error.evidence };
    if (reason === 'daemon-down') throw fail('DOCKER_DAEMON_DOWN', { detail: String(detail) }, context);
    if (reason === 'not-installed') throw fail('DOCKER_NOT_INSTALLED', { host: String(error.params['host']) }, context);
    throw fail('DOCKER_INSTALL_FAILED', { reason: String(reason), detail: String(detail) }, context);
  }
}
