import { createInterface } from 'node:readline/promises';
import { hostText } from '../deployment/hosts.js';
import { fail } from '../failures/waa-error.js';
import { formatUsd } from '../output/paint/units.js';
import type { Session } from '../session.js';
import { findDeployment, type DeploymentRecord } from '../state/deployment.js';
import { estimateCost } from './cost-report.js';

/** Asks once before a deployment begins to cost money; a lab, `--yes` and a deployment that exists are not asked about. */
export async function confirmCost(session: Session, name: string, yes: boolean): Promise<void> {
  if (yes || session.kind === 'lab' || (await findDeployment(session.paths, name))) return;
  const { vmSize, region, usdPerHour, leaseHours, leaseUsd, source, asOf } = await estimateCost(session);
  const question =
    `One ${vmSize} in ${region} costs ${formatUsd(usdPerHour)} an hour with its disks (${source}, ${asOf}) and pauses ` +
    `after ${leaseHours} h without use: ${formatUsd(leaseUsd)} until then.`;
  await confirm(session, question, `creating ${name}`);
}

/** Asks before data is destroyed. */
export async function confirmDeletion(session: Session, record: DeploymentRecord, yes: boolean): Promise<void> {
  const { name, hosts } = record;
  if (yes || session.kind === 'lab') return;
  await confirm(
    session,
    hosts
      ? `Container, results and Windows disk of ${name} at ${hosts.dataDirectory}/waa on ${hosts.addresses.map(hostText).join(', ')} will be deleted; Docker stays.`
      : `Everything of ${name} in Azure will be deleted, the Windows disk included.`,
    `deleting ${name}`,
  );
}

/** Raises OWN_CONFIRMATION_NEEDED without a terminal, CANCELLED at a no. */
async function confirm(session: Session, question: string, what: string): Promise<void> {
  const { stdin, stderr } = session.surroundings;
  if (stdin.isTTY !== true || session.json) throw fail('OWN_CONFIRMATION_NEEDED', { what });
  const prompt = createInterface({ input: stdin, output: stderr });
  try {
    const answer = await prompt.question(`${question}\nGo on? [y/N] `, { signal: session.signal });
    if (!/^y(es)?$/i.test(answer.trim())) throw fail('CANCELLED', { what });
  } finally {
    prompt.close();
  }
}
