import type { CleanUpProof } from '../deployment/clean-up.js';
import { fail } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import { confirmDeletion } from '../operations/confirm.js';
import type { HostsProof } from '../operations/host-pool.js';
import { showLive } from '../operations/live-view.js';
import { chooseName } from '../operations/choose-name.js';
import { asOperation } from '../operations/operation.js';
import { takeDown, takeDownForgotten } from '../operations/take-down.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { Session } from '../session.js';
import { findDeployment, loadDeployment } from '../state/deployment.js';
import type { CommandHandler } from './command.js';
import { flagOption, textOption } from './input.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** Azure needs three to eight minutes for a group with one VM, and its listings lag. */
const DOWN_MS = 30 * 60_000;

/** `waa down`, `waa pool-cleanup` */
export const handle: CommandHandler = async (call) => {
  const { options } = call;
  const proof = await withSession(call, {}, async (session) => {
    const name = await chooseName(session, textOption(options, 'name'));
    const record = await findDeployment(session.paths, name);
    await confirmDeletion(session, record ?? { name }, flagOption(options, 'yes'));
    showLive(session, call.globals.debug);
    if (!record) return await forgotten(session, name, flagOption(options, 'force'));
    return withDeployment(session, { name, exclusive: true }, async (open) => {
      using deadline = Deadline.after(DOWN_MS, session.clock, open.signal);
      const info = { operation: 'down', deployment: name, totalSteps: 1 };
      return await asOperation(session, info, () => takeDown(session, open, flagOption(options, 'force'), deadline));
    });
  });
  return printResult(call, proof, 'hosts' in proof ? hostLines(proof) : azureLines(proof));
};

/** What a lost or emptied state home left behind in Azure. Raises OWN_DEPLOYMENT_NOT_FOUND when there is nothing. */
async function forgotten(session: Session, name: string, force: boolean): Promise<CleanUpProof> {
  using deadline = Deadline.after(DOWN_MS, session.clock, session.signal);
  const info = { operation: 'down', deployment: name, totalSteps: 1 };
  const proof = await asOperation(session, info, () => takeDownForgotten(session, name, force, deadline));
  if (proof) return proof;
  await loadDeployment(session.paths, name);
  throw fail('BUG', { what: `deployment ${name} appeared while it was deleted` });
}

const azureLines = ({ deployment, deleted, resourceGroup }: CleanUpProof): readonly string[] => [
  `${deployment}: ${deleted.length} resources deleted with ${resourceGroup}.`,
  'Listed again by name, by tag and inside: nothing is left.',
];

const hostLines = ({ deployment, hosts }: HostsProof): readonly string[] => {
  const lines = hosts.map(({ host, wasOurs, deleted, unreachable }) => {
    if (unreachable !== undefined) return `${deployment}: ${host} is forgotten, not cleared: ${unreachable}.`;
    if (!wasOurs) return `${deployment}: ${host} was never used; nothing was touched.`;
    return `${deployment}: on ${host} deleted ${deleted.join(', ')}.`;
  });
  const seen = hosts.some(({ unreachable }) => unreachable === undefined);
  return [...lines, ...(seen ? ['Listed again: nothing of ours is left. Docker and its images stay.'] : [])];
};
