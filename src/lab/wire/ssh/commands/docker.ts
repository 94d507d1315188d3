import { posix } from 'node:path';
import { freeBytes, type Disk } from '../../../world/contracts.js';
import { dockerMayStart, installDocker } from '../../../world/machine/docker-setup.js';
import type { RemoteCall, RemoteCommand } from '../remote-command.js';
import { answer, needs, pass, refuse } from './answer.js';

const VERSION = '28.2.2';
/** apt-get update and install of docker.io on a D8ds_v5. */
const APT_MS = { min: 30_000, spread: 40_000 };
/** docker-start.sh looks every two seconds for a minute. */
const POLL_MS = 2000;
const DAEMON_WAIT_MS = 60_000;

/** Looks every two seconds, for at most a minute, as the scripts do. */
async function daemonAnswers(call: RemoteCall): Promise<boolean> {
  for (let waited = 0; waited < DAEMON_WAIT_MS; waited += POLL_MS) {
    if (call.machine.docker.daemon === 'running') return true;
    await pass(call, POLL_MS);
  }
  return call.machine.docker.daemon === 'running';
}

/** docker-install.sh DATA_ROOT USER */
export const dockerInstall: RemoteCommand = async (call) => {
  const bad = needs(call, 2);
  if (bad !== undefined) return bad;
  const dataRoot = posix.normalize(call.args[0] ?? '');
  if (!call.machine.docker.installed) await pass(call, APT_MS.min + APT_MS.spread * call.simulation.random());
  if (!dockerMayStart(call.machine))
    return refuse(call, 'daemon-down', 'the Docker daemon does not answer 60 s after its start');
  installDocker(call.machine, dataRoot);
  if (!(await daemonAnswers(call)))
    return refuse(call, 'daemon-down', 'the Docker daemon does not answer 60 s after its start');
  return answer(call, { version: VERSION, dataRoot });
};

/** docker-start.sh USER */
export const dockerStart: RemoteCommand = async (call) => {
  const bad = needs(call, 1);
  if (bad !== undefined) return bad;
  const { docker } = call.machine;
  if (!docker.installed) return refuse(call, 'not-installed', 'Docker is not installed');
  if (dockerMayStart(call.machine) && docker.daemon === 'stopped') docker.startDaemon();
  if (!(await daemonAnswers(call))) return refuse(call, 'daemon-down', 'the Docker daemon does not answer: ');
  return answer(call, { version: VERSION });
};

/** Counts each disk once, as guardian-clean.sh does with mount points. */
function totalFree(disks: Iterable<Disk>): number {
  let total = 0;
  for (const disk of new Set(disks)) total += freeBytes(disk);
  return total;
}

/** guardian-clean.sh DIRECTORY */
export const guardianClean: RemoteCommand = async (call) => {
  const bad = needs(call, 1);
  if (bad !== undefined) return bad;
  const { machine } = call;
  const disks = (): Disk[] => [machine.spec.osDisk, machine.mounts.get(call.args[0] ?? '') ?? machine.spec.osDisk];
  const before = totalFree(disks());
  await pass(call, 5000);
  if (machine.docker.daemon === 'running') machine.docker.prune();
  return answer(call, { freedBytes: Math.max(0, totalFree(disks()) - before) });
};
