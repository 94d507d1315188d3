import { parseDirectory, parseHosts, HOST_DATA_DIRECTORY, hostText } from '../deployment/hosts.js';
import { fail } from '../failures/waa-error.js';
import { DOCKER_SOCKET } from '../host/script-runner.js';
import type { Session } from '../session.js';
import { findDeployment, type HostsRecord } from '../state/deployment.js';

/** What the command line says about hosts of the user's own. */
export interface HostRequest {
  /** `--host`, as written. */
  readonly hosts: readonly string[];
  readonly dataDirectory?: string | undefined;
  readonly dockerSocket?: string | undefined;
  readonly installDocker: boolean;
  readonly allowTcg: boolean;
}

/**
 * The hosts an `up` means: those given, or those the deployment has already. Undefined for a deployment on Azure. Raises
 * USAGE when they contradict what the deployment was made with.
 */
export async function hostsOf(session: Session, name: string, request: HostRequest): Promise<HostsRecord | undefined> {
  const known = await findDeployment(session.paths, name);
  const given = givenHosts(session, request);
  if (!known) return given;
  const other = `Give the new one a name of its own: waa up --name NAME --host ...`;
  if (!known.hosts) {
    if (!given) return undefined;
    throw fail('USAGE', { problem: `deployment ${name} is on Azure, --host cannot move it`, hint: other });
  }
  if (!given) return widened(known.hosts, request);
  const [before, now] = [placesOf(known.hosts), placesOf(given)];
  if (before !== now)
    throw fail('USAGE', { problem: `deployment ${name} is on ${before}, --host says ${now}`, hint: other });
  if (request.dataDirectory !== undefined && given.dataDirectory !== known.hosts.dataDirectory) {
    const problem = `deployment ${name} keeps its data at ${known.hosts.dataDirectory}, not at ${given.dataDirectory}`;
    throw fail('USAGE', { problem, hint: other });
  }
  return widened(known.hosts, request);
}

/** Hosts from the command line alone; undefined without `--host`. Raises USAGE. */
export function givenHosts(session: Session, request: HostRequest): HostsRecord | undefined {
  const { hosts, dataDirectory, dockerSocket, installDocker, allowTcg } = request;
  if (hosts.length === 0) {
    const lonely = dataDirectory === undefined ? undefined : '--data-directory';
    if (lonely === undefined && dockerSocket === undefined) return undefined;
    const problem = `${lonely ?? '--docker-socket'} is for hosts of your own`;
    throw fail('USAGE', { problem, hint: 'waa up --host ssh://user@host --data-directory /srv/waa' });
  }
  if (session.kind === 'lab') {
    const hint = 'Leave out --lab, or --host: the lab has machines of its own.';
    throw fail('USAGE', { problem: '--host means a real machine, --lab an emulated one', hint });
  }
  return {
    addresses: [...parseHosts(hosts, session.surroundings.userName)],
    dataDirectory: parseDirectory('--data-directory', dataDirectory ?? HOST_DATA_DIRECTORY),
    dockerSocket: parseDirectory('--docker-socket', dockerSocket ?? DOCKER_SOCKET),
    installDocker,
    allowTcg,
  };
}

/** Permissions may be given later; they are not taken back by leaving a flag out. */
function widened(known: HostsRecord, { installDocker, allowTcg }: HostRequest): HostsRecord {
  return {
    ...known,
    installDocker: known.installDocker || installDocker,
    allowTcg: known.allowTcg || allowTcg,
  };
}

const placesOf = (hosts: HostsRecord): string => hosts.addresses.map(hostText).sort().join(', ');
