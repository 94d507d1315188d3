import { counted } from '../../counted.js';
import { formatUsd } from '../../money.js';
import type { Check } from '../../preflight/check.js';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { looking, pass, problem } from '../../preflight/outcomes.js';
import type { AzureCheckContext } from './check-context.js';
import { missingActions } from './needed-actions.js';
import { clockCheck } from './preflight-clock.js';
import { portsCheck } from './preflight-ports.js';
import { quotaCheck } from './preflight-quota.js';
import { sizeCheck } from './preflight-size.js';
import { vmDemand } from './vm-demand.js';

/** Resource providers waa needs: the last one for the shutdown schedule. */
export const NEEDED_PROVIDERS = ['Microsoft.Compute', 'Microsoft.Network', 'Microsoft.DevTestLab'] as const;

/** Requirement P5. */
const MIN_OS_DISK_GB = 30;
const MIN_DATA_DISK_GB = 128;

type AzureCheck = Check<AzureCheckContext>;

const login: AzureCheck = {
  id: 'azure-login',
  title: 'Azure login and subscription',
  requirement: 'P1',
  severity: 'critical',
  run: (context, deadline) =>
    looking(async () => {
      const subscription = await context.arm.subscription(deadline);
      if (subscription.state === 'Disabled' || subscription.state === 'Deleted') {
        return problem(
          fail('AZURE_SUBSCRIPTION_DISABLED', { subscription: subscription.name, state: subscription.state }),
        );
      }
      return pass(`${subscription.name} (${subscription.id})`, { subscriptionId: subscription.id });
    }),
};

const providers: AzureCheck = {
  id: 'azure-providers',
  title: 'Resource providers registered',
  requirement: 'P1',
  severity: 'critical',
  run: (context, deadline) =>
    looking(async () => {
      const missing = await providersBut(['Registered'], context, deadline);
      if (missing.length > 0) return problem(fail('AZURE_PROVIDER_NOT_REGISTERED', { namespace: missing.join(', ') }));
      return pass(NEEDED_PROVIDERS.join(', '));
    }),
  async fix(context, deadline) {
    const missing = await providersBut(['Registered', 'Registering'], context, deadline);
    await Promise.all(missing.map((one) => context.arm.registerProvider(one, deadline)));
    return missing.length === 0
      ? 'registration is under way'
      : `asked to register ${missing.join(', ')}; this takes one to five minutes`;
  },
};

/** The providers that are in none of these states. */
async function providersBut(
  states: readonly string[],
  { arm }: AzureCheckContext,
  deadline: Deadline,
): Promise<readonly string[]> {
  const seen = await Promise.all(NEEDED_PROVIDERS.map((one) => arm.providerState(one, deadline)));
  return NEEDED_PROVIDERS.filter((_, index) => !states.includes(seen[index] ?? ''));
}

const securityType: AzureCheck = {
  id: 'azure-security-type',
  title: 'No Trusted Launch',
  requirement: 'P4',
  severity: 'critical',
  run: (context, deadline) =>
    looking(async () => {
      const vms = await context.vms(deadline);
      const wrong = vms.filter((vm) => vm.securityType !== undefined && vm.securityType !== 'Standard');
      if (wrong.length > 0) {
        return problem(
          fail('AZURE_TRUSTED_LAUNCH', {
            detail: wrong.map((vm) => `${vm.name} is ${vm.securityType ?? ''}`).join(', '),
          }),
        );
      }
      return pass(
        vms.length === 0
          ? 'VMs are created with security type Standard'
          : `${counted(vms.length, 'VM')} of security type Standard`,
      );
    }),
};

const disks: AzureCheck = {
  id: 'azure-disk-sizes',
  title: 'Disk sizes',
  requirement: 'P5',
  severity: 'critical',
  run: (context) =>
    looking(async () => {
      const { osDiskGb, dataDiskGb } = context.config.azure;
      const sizes = [
        { disk: 'OS', gb: osDiskGb, neededGb: MIN_OS_DISK_GB },
        { disk: 'data', gb: dataDiskGb, neededGb: MIN_DATA_DISK_GB },
      ];
      const small = sizes.find(({ gb, neededGb }) => gb < neededGb);
      if (small) return problem(fail('AZURE_DISK_TOO_SMALL', small));
      return pass(`OS ${osDiskGb} GB, data ${dataDiskGb} GB`);
    }),
};

const permissions: AzureCheck = {
  id: 'azure-permissions',
  title: 'Permissions',
  requirement: 'P12',
  severity: 'critical',
  run: (context, deadline) =>
    looking(async () => {
      const [subscription, granted] = await Promise.all([
        context.arm.subscription(deadline),
        context.arm.permissions(deadline),
      ]);
      const missing = missingActions(granted);
      if (missing.length > 0) {
        return problem(fail('AZURE_ACTIONS_MISSING', { actions: missing.join(', '), subscription: subscription.id }));
      }
      return pass('the roles of this login cover all that waa does');
    }),
};

const price: AzureCheck = {
  id: 'azure-price',
  title: 'Price within the limit',
  requirement: 'P13',
  severity: 'critical',
  run: (context, deadline) =>
    looking(async () => {
      const { config, region, vmSize, wantedVms, hours, maxCostUsd } = context;
      const [standing, vm, storage] = await Promise.all([
        context.vms(deadline),
        context.prices.vmPrice(vmSize, region, config.azure.spot, deadline),
        context.prices.storagePerDay([config.azure.osDiskGb, config.azure.dataDiskGb], region, deadline),
      ]);
      const { vms: workers } = vmDemand(wantedVms, standing);
      const usd = workers * hours * (vm.usdPerHour + storage / 24);
      if (maxCostUsd !== undefined && usd > maxCostUsd)
        return problem(fail('AZURE_OVER_BUDGET', { usd, hours, maxUsd: maxCostUsd, workers }));
      const source = vm.source === 'built-in' ? `, table of ${vm.asOf}` : '';
      const sum = workers === 0 ? 'no VM is made or started' : `about ${formatUsd(usd)} for ${workers} x ${hours} h`;
      const facts = { usdPerHour: vm.usdPerHour, estimatedUsd: usd };
      return pass(`${formatUsd(vm.usdPerHour)} per hour and worker${source}; ${sum}`, facts);
    }),
};

/** Every check of the azure layer, in the order of the requirements. */
export const azureChecks: readonly AzureCheck[] = [
  login,
  providers,
  quotaCheck,
  sizeCheck,
  securityType,
  disks,
  portsCheck,
  permissions,
  price,
  clockCheck,
];
