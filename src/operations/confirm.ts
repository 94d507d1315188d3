import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { counted } from '../counted.js';
import { hostText } from '../deployment/hosts.js';
import { fail } from '../failures/waa-error.js';
import { formatUsd } from '../money.js';
import type { Session } from '../session.js';
import type { DeploymentRecord } from '../state/deployment.js';
import { estimateCost } from './cost-report.js';
import type { Place } from './place.js';

/** Asks once before new workers begin to cost money; a lab and `--yes` are not asked about. */
export async function confirmCost(session: Session, place: Place, yes: boolean): Promise<void> {
  if (yes || session.kind === 'lab') return;
  const { vmSize, region, workers, usdPerHour, leaseHours, leaseUsd, source, asOf } = await estimateCost(
    session,
    place,
  );
  const what = workers === 1 ? `One ${vmSize} in ${region} costs` : `${workers} x ${vmSize} in ${region} cost`;
  const [disks, pause] = workers === 1 ? ['its disks', 'pauses'] : ['their disks', 'pause'];
  const question =
    `${what} ${formatUsd(usdPerHour)} an hour with ${disks} (${source}, ${asOf}) and ${pause} ` +
    `after ${leaseHours} h without use: ${formatUsd(leaseUsd)} until then.`;
  await confirm(session, question, `creating ${counted(workers, 'worker')}`);
}

/** Asks before workers of a pool are deleted. */
export async function confirmRemoval(
  session: Session,
  { name }: DeploymentRecord,
  leaving: readonly string[],
  yes: boolean,
): Promise<void> {
  if (yes || session.kind === 'lab') return;
  const what = `${leaving.join(', ')} of ${name}`;
  await confirm(session, `${what} will be deleted in Azure, with their Windows disks.`, `deleting ${what}`);
}

/** Asks before data is destroyed. */
export async function confirmDeletion(
  session: Session,
  { name, hosts }: Pick<DeploymentRecord, 'name' | 'hosts'>,
  yes: boolean,
): Promise<void> {
  if (yes || session.kind === 'lab') return;
  await confirm(
    session,
    hosts
      ? `Container, results and Windows disk of ${name} at ${hosts.dataDirectory}/waa on ${hosts.addresses.map(hostText).join(', ')} will be deleted; Docker stays.`
      : `Everything of ${name} in Azure will be deleted, the Windows disk included.`,
    `deleting ${name}`,
  );
}

/** Asks before a golden image is deleted. */
export async function confirmImageDeletion(session: Session, image: string, yes: boolean): Promise<void> {
  if (yes || session.kind === 'lab') return;
  await confirm(
    session,
    `The image ${image} and its Windows disk will be deleted in Azure.`,
    `deleting image ${image}`,
  );
}

/**
 * Raises OWN_CONFIRMATION_NEEDED without a terminal, CANCELLED at a no and at the end of the input. Ctrl-C stops the
 * command like anywhere else.
 */
async function confirm(session: Session, question: string, what: string): Promise<void> {
  const { surroundings, signal } = session;
  const { stdin, stderr } = surroundings;
  if (stdin.isTTY !== true || session.json) throw fail('OWN_CONFIRMATION_NEEDED', { what });
  // As a terminal it would be set raw: Ctrl-C would be a key of readline's and no signal.
  const prompt = createInterface({ input: stdin, output: stderr, terminal: false });
  // The promise of a question does not end with the input, or is rejected then, by the version of Node.
  const ended = once(prompt, 'close').then(() => undefined);
  try {
    const asked = prompt.question(`${question}\nGo on? [y/N] `, { signal });
    const answer = await Promise.race([asked.catch(() => undefined), ended]);
    signal.throwIfAborted();
    // The end of the input leaves the cursor behind the question.
    if (answer === undefined) stderr.write('\n');
    if (!/^y(es)?$/i.test(answer?.trim() ?? '')) throw fail('CANCELLED', { what, resume: `waa ${session.command}` });
  } finally {
    prompt.close();
  }
}
