import type { FailureDefinition } from '../failure.js';
import { azureFailures } from './azure.js';
import { clientFailures } from './client.js';
import { dockerFailures } from './docker.js';
import { dockerLogFailures } from './docker-logs.js';
import { hostFailures } from './hosts.js';
import { imageFailures } from './images.js';
import { ownFailures } from './own.js';
import { poolFailures } from './pool.js';
import { qemuFailures } from './qemu.js';
import { qemuLogFailures } from './qemu-logs.js';
import { serverFailures } from './server.js';
import { stepFailures } from './steps.js';
import { vmFailures } from './vm.js';
import { vmLogFailures } from './vm-logs.js';
import { windowsFailures } from './windows.js';

/** Every failure `waa` can name, by code, in the order of the stack. */
export const catalogue = {
  ...ownFailures,
  ...poolFailures,
  ...imageFailures,
  ...stepFailures,
  ...azureFailures,
  ...vmFailures,
  ...hostFailures,
  ...vmLogFailures,
  ...dockerFailures,
  ...dockerLogFailures,
  ...qemuFailures,
  ...qemuLogFailures,
  ...windowsFailures,
  ...serverFailures,
  ...clientFailures,
} as const;

export type FailureCode = keyof typeof catalogue;

/** The parameters a code's texts need. */
export type ParamsOf<C extends FailureCode> = (typeof catalogue)[C] extends FailureDefinition<infer P> ? P : never;

/** Every code, in the catalogue's order. */
export const failureCodes = Object.keys(catalogue) as readonly FailureCode[];
