import { fail } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import { bringUp } from '../operations/bring-up.js';
import { confirmCost } from '../operations/confirm.js';
import { passCommandGate } from '../operations/gates.js';
import { showLive } from '../operations/live-view.js';
import { hostsOf } from '../operations/hosts.js';
import { chooseName } from '../operations/choose-name.js';
import type { OpenDeployment } from '../operations/open-deployment.js';
import { asOperation } from '../operations/operation.js';
import { placeDeployment } from '../operations/place.js';
import { prepareRecord } from '../operations/prepare-record.js';
import { proveNewHosts } from '../operations/prove-new-hosts.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { Session } from '../session.js';
import { deploymentNames, findDeployment, loadDeployment } from '../state/deployment.js';
import { azureFlags } from './azure-flags.js';
import type { CommandHandler } from './command.js';
import { hostFlags } from './host-flags.js';
import { flagOption, textOption } from './input.js';
import { poolFlags } from './pool-flags.js';
import { printReady } from './ready-lines.js';
import { withSession } from './with-session.js';

/** All seven layers from nothing, each with one recovery, stay far below this. */
const UP_MS = 3 * 60 * 60_000;

/** Every layer of every worker: seven on Azure, six on a host. */
export function stepsOf(open: OpenDeployment): number {
  return open.workers.reduce((sum, worker) => sum + worker.stack.layers.length, 0);
}

/** `waa up`: creates or continues; a second `up` finds everything ready and changes nothing. */
export const handle: CommandHandler = async (call) => {
  const { options } = call;
  const done = await withSession(call, { flags: azureFlags(options) }, async (session) => {
    const name = await chooseName(session, textOption(options, 'name'));
    if (flagOption(options, 'resume')) await refuseUnknown(session, textOption(options, 'name'), name);
    showLive(session, call.globals.debug);
    const hosts = await hostsOf(session, name, hostFlags(options));
    const pool = poolFlags(options);
    if (hosts && (pool.workers !== undefined || pool.warm !== undefined))
      throw fail('USAGE', {
        problem: '--workers and --warm are for Azure',
        hint: 'Name each host: --host ssh://a --host ssh://b',
      });
    if (hosts && pool.image !== undefined)
      throw fail('USAGE', {
        problem: '--image is for Azure',
        hint: 'A host of your own keeps its Windows disk itself.',
      });
    const place = hosts ? undefined : await placeDeployment(session, name, pool);
    const isNew = (await findDeployment(session.paths, name)) === undefined;
    const gate = { ignore: pool.ignore, deployment: name, hosts, place, workers: place?.workers };
    await passCommandGate(session, call.spec, gate);
    if (place && isNew) await confirmCost(session, place, flagOption(options, 'yes'));
    const isMade = await prepareRecord(session, name, { hosts, place });
    if (hosts && isMade) await proveNewHosts(session, name);
    const request = { name, exclusive: true, allowReinstall: flagOption(options, 'reinstall') };
    return withDeployment(session, request, async (open) => {
      using deadline = Deadline.after(UP_MS, session.clock, open.signal);
      const info = { operation: 'up', deployment: name, totalSteps: stepsOf(open) };
      const ready = await asOperation(session, info, () => bringUp(session, open, deadline));
      return { record: open.record, ready };
    });
  });
  return printReady(call, done.record, done.ready);
};

/**
 * `--resume` of a name that is not known is a slip, which must not create a VM. Without a name and any deployment, the
 * `up` that is to be continued was killed before it had begun anything: to continue it is to begin.
 */
async function refuseUnknown(session: Session, given: string | undefined, name: string): Promise<void> {
  if (given === undefined && (await deploymentNames(session.paths)).length === 0) return;
  await loadDeployment(session.paths, name);
}
