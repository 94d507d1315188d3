import type { HostRequest } from '../operations/hosts.js';
import type { RawOptions } from './command.js';
import { flagOption, listOption, textOption } from './input.js';

/** The flags that name hosts of the user's own and say what may be done there. */
export function hostFlags(options: RawOptions): HostRequest {
  return {
    hosts: listOption(options, 'host'),
    dataDirectory: textOption(options, 'dataDirectory'),
    dockerSocket: textOption(options, 'dockerSocket'),
    installDocker: flagOption(options, 'installDocker'),
    allowTcg: flagOption(options, 'allowTcg'),
  };
}
