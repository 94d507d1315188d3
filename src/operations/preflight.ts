import type { CheckContext } from './check-context.js';
import { azureChecks } from '../layers/azure/preflight.js';
import { clientChecks } from '../layers/client/preflight.js';
import { dockerChecks } from '../layers/docker/preflight.js';
import { hostChecks } from '../layers/vm/host-preflight.js';
import { vmChecks } from '../layers/vm/preflight.js';
import { windowsChecks } from '../layers/windows/preflight.js';
import type { Check } from '../preflight/check.js';
import { knownGoodCheck } from '../preflight/checks/known-good.js';
import { localChecks } from '../preflight/checks/local.js';

/** Every preflight check, in the order of the stack. */
export const allChecks: readonly Check<CheckContext>[] = [
  ...localChecks,
  ...azureChecks,
  ...vmChecks,
  ...hostChecks,
  ...dockerChecks,
  ...windowsChecks,
  ...clientChecks,
  knownGoodCheck,
];

/** A host of the user's own has no data disk of ours: `vm-host-room` measures where its Docker keeps its data. */
const DATA_DISK_CHECKS: ReadonlySet<string> = new Set(['docker-data-root', 'docker-disk-space']);

/** The checks that apply: those of Azure to VMs of ours, those of hosts to hosts of the user's own. */
export function checksFor(onHosts: boolean): readonly Check<CheckContext>[] {
  const others: ReadonlySet<string> = new Set((onHosts ? azureChecks : hostChecks).map((check) => check.id));
  return allChecks.filter((check) => !others.has(check.id) && !(onHosts && DATA_DISK_CHECKS.has(check.id)));
}
