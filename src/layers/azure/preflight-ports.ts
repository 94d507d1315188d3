import { TAG_NAMES, tagValue } from '../../azure/tags.js';
import { fail } from '../../failures/waa-error.js';
import type { Check } from '../../preflight/check.js';
import { looking, pass, problem } from '../../preflight/outcomes.js';
import type { AzureCheckContext } from './check-context.js';

/** Requirement P8, the part Azure decides: 22 open for us, and nothing else for anybody. */
export const portsCheck: Check<AzureCheckContext> = {
  id: 'azure-ports',
  title: 'Ports 22, 5000 and 8006 as seen from the internet',
  requirement: 'P8',
  severity: 'warning',
  run: (context, deadline) =>
    looking(async () => {
      if (context.resourceGroup === undefined) return { outcome: 'skipped', detail: 'no deployment yet' };
      const network = await context.arm.getNetwork(context.resourceGroup, deadline);
      if (!network) return { outcome: 'skipped', detail: 'no network yet' };
      const address = `${await context.callerAddress.publicIpv4(deadline)}/32`;
      const foreign = [
        ...network.sshSources
          .filter((source) => source !== address && `${source}/32` !== address)
          .map((source) => `22 from ${source}`),
        ...network.otherInbound,
      ];
      const open = network.sshSources.some((source) => source === address || `${source}/32` === address);
      const sources = network.sshSources.join(', ') || 'nobody';
      if (!open) return problem(fail('AZURE_PORT_CLOSED_TO_US', { sources, address }));
      if (foreign.length > 0) return problem(fail('AZURE_PORT_OPEN_TO_WORLD', { sources: foreign.join('; ') }));
      return pass(`22 is open from ${address} only`);
    }),
  async fix(context, deadline) {
    const { arm, resourceGroup, region } = context;
    const group = resourceGroup === undefined ? undefined : await arm.getResourceGroup(resourceGroup, deadline);
    if (!group) return 'nothing to repair';
    if (tagValue(group.tags, TAG_NAMES.deployment) === undefined) {
      throw fail('AZURE_NOT_OURS', { group: group.name, owner: `it has no ${TAG_NAMES.deployment} tag` });
    }
    const callerCidr = `${await context.callerAddress.publicIpv4(deadline)}/32`;
    await arm.putNetwork({ resourceGroup: group.name, region, tags: group.tags, callerCidr }, deadline);
    return `port 22 is open from ${callerCidr} only`;
  },
};
