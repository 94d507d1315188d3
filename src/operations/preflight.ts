import type { CheckContext } from './check-context.js';
import { azureChecks } from '../layers/azure/preflight.js';
import { clientChecks } from '../layers/client/preflight.js';
import { dockerChecks } from '../layers/docker/preflight.js';
import { vmChecks } from '../layers/vm/preflight.js';
import type { Check } from '../preflight/check.js';
import { localChecks } from '../preflight/checks/local.js';

/** Every preflight check, in the order of the stack. */
export const allChecks: readonly Check<CheckContext>[] = [
  ...localChecks,
  ...azureChecks,
  ...vmChecks,
  ...dockerChecks,
  ...clientChecks,
];
