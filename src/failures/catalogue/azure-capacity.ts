import { counted } from '../../counted.js';
import { formatUsd } from '../../money.js';
import { failure } from '../failure.js';

/** What Azure has left for us: quotas, sizes, capacity, prices. */
export const azureCapacityFailures = {
  AZURE_QUOTA_EXCEEDED: failure<{ quota: string; region: string; limit: number; used: number; required: number }>({
    layer: 'azure',
    kind: 'quota',
    disposition: 'permanent',
    symptom: ({ quota, region, limit, used, required }) =>
      `quota '${quota}' in ${region} is too small: limit ${limit}, used ${used}, ${required} more needed`,
    why: 'A subscription may use a limited number of vCPUs per VM family and per region. Starting a stopped VM needs quota too.',
    fix: ({ region }) => [
      `az vm list-usage --location ${region} --output table`,
      'Ask for more: https://learn.microsoft.com/azure/quotas/per-vm-quota-requests',
      'Or use fewer workers, another size (--size) or another region (--region).',
    ],
  }),
  AZURE_NO_PLACEMENT: failure<{ workers: number; most: string }>({
    layer: 'azure',
    kind: 'quota',
    disposition: 'permanent',
    symptom: ({ workers, most }) => `there is no place for ${counted(workers, 'worker')}; the most that fit: ${most}`,
    why: 'Sizes, restrictions and quota of every region in question were read; nothing was created.',
    fix: () => [
      'Take fewer workers, another size (--size) or another region (--region).',
      'Ask for more quota: https://learn.microsoft.com/azure/quotas/per-vm-quota-requests',
    ],
  }),
  AZURE_PUBLIC_IP_QUOTA: failure<{ region: string; limit: number; used: number; required: number }>({
    layer: 'azure',
    kind: 'quota',
    disposition: 'permanent',
    symptom: ({ region, limit, used, required }) =>
      `public IP quota in ${region} is too small: limit ${limit}, used ${used}, ${required} more needed`,
    why: 'Every worker has one static public address; small subscriptions may have 3 to 20 per region.',
    fix: ({ region }) => [
      `az network list-usages --location ${region} --output table`,
      'waa status',
      'Delete addresses nobody uses, take fewer workers, or ask for more quota.',
    ],
  }),
  AZURE_SIZE_UNAVAILABLE: failure<{ size: string; region: string; nearest: string }>({
    layer: 'azure',
    kind: 'quota',
    disposition: 'permanent',
    symptom: ({ size, region }) => `VM size ${size} cannot be had in ${region} by this subscription now`,
    why: 'Azure offers a size per region and subscription, and withdraws it when the region is full. That lasts hours or longer.',
    fix: ({ region, nearest }) => [
      nearest === '' ? 'waa preflight --region <another region>' : `Take what is available: ${nearest}`,
      `az vm list-skus --location ${region} --resource-type virtualMachines --size Standard_D8 --output table`,
    ],
  }),
  AZURE_SIZE_UNKNOWN: failure<{ size: string; region: string; nearest: string }>({
    layer: 'azure',
    kind: 'not-found',
    disposition: 'permanent',
    symptom: ({ size, region }) => `there is no VM size ${size} in ${region}`,
    why: 'The name is misspelt, or the region does not have this size.',
    fix: ({ nearest }) => [nearest === '' ? 'waa preflight --size Standard_D8ds_v5' : `Sizes that fit: ${nearest}`],
  }),
  AZURE_SIZE_NOT_NESTED: failure<{ size: string; nearest: string }>({
    layer: 'azure',
    kind: 'unsupported',
    disposition: 'permanent',
    symptom: ({ size }) => `VM size ${size} is not known to support nested virtualization`,
    why: 'Windows runs inside QEMU/KVM inside the VM. Without nested virtualization /dev/kvm is missing and Windows never starts.',
    fix: ({ nearest }) => [
      nearest === '' ? 'waa up --size Standard_D8ds_v5' : `waa up --size ${nearest.split(',')[0] ?? ''}`,
      'https://learn.microsoft.com/azure/virtual-machines/sizes/overview',
    ],
  }),
  AZURE_SIZE_TOO_SMALL: failure<{
    size: string;
    vCpus: number;
    memoryGb: number;
    neededCpus: number;
    neededGb: number;
  }>({
    layer: 'azure',
    kind: 'configuration',
    disposition: 'permanent',
    symptom: ({ size, vCpus, memoryGb, neededCpus, neededGb }) =>
      `${size} has ${vCpus} vCPUs and ${memoryGb} GB; Windows as configured needs ${neededCpus} vCPUs and ${neededGb} GB on it`,
    why: 'Windows, the agent and Docker share the VM; when memory runs out, QEMU or the agent is killed in the middle of a task.',
    fix: () => ['waa up --size Standard_D8ds_v5', 'Or lower windows.cpuCores and windows.ramGb in waa.yaml.'],
  }),
  AZURE_ALLOCATION_FAILED: failure<{ azureCode: string; detail: string; retryAfterMs: number }>({
    layer: 'azure',
    kind: 'quota',
    disposition: 'transient',
    symptom: ({ azureCode, detail }) => `Azure has no room for the VM now (${azureCode}): ${detail}`,
    why: 'The region is short of this size at this moment. Quota is not capacity. It may work minutes later, or elsewhere at once.',
    fix: () => [
      'waa up --resume   # later',
      'waa up --name NEW --size <another size>   # now, as a deployment of its own',
      'waa up --name NEW --region <another region>',
    ],
  }),
  AZURE_SPOT_REFUSED: failure<{ azureCode: string; detail: string }>({
    layer: 'azure',
    kind: 'quota',
    disposition: 'permanent',
    symptom: ({ azureCode, detail }) => `Azure refuses a spot VM here (${azureCode}): ${detail}`,
    why: 'Spot depends on the size, the offer of the subscription and the price of the moment.',
    fix: () => [
      'For a regular VM set azure.spot to false in waa.yaml, then: waa up --name NEW',
      'waa up --name NEW --spot --size <another size>',
    ],
  }),
  AZURE_IMAGE_NOT_FOUND: failure<{ detail: string }>({
    layer: 'azure',
    kind: 'not-found',
    disposition: 'permanent',
    symptom: ({ detail }) => `the OS image is not available: ${detail}`,
    why: 'The image does not exist in this region, or was withdrawn.',
    fix: () => [
      'az vm image show --urn Canonical:ubuntu-24_04-lts:server:latest',
      'waa up --name NEW --region <another region>',
    ],
  }),
  AZURE_TRUSTED_LAUNCH: failure<{ detail: string }>({
    layer: 'azure',
    kind: 'unsupported',
    disposition: 'permanent',
    symptom: ({ detail }) => `security type is not Standard: ${detail}`,
    why: 'Under Trusted Launch /dev/kvm has been seen missing, so Windows cannot start inside the VM. waa always asks for Standard.',
    fix: () => [
      'Delete the VM and let waa create it: waa down && waa up',
      'For an own image: use one that supports security type Standard.',
    ],
  }),
  AZURE_DISK_TOO_SMALL: failure<{ disk: string; gb: number; neededGb: number }>({
    layer: 'azure',
    kind: 'configuration',
    disposition: 'permanent',
    symptom: ({ disk, gb, neededGb }) => `the ${disk} disk is ${gb} GB; at least ${neededGb} GB are needed`,
    why: 'The Ubuntu image alone is 30 GB; image, Windows disk and results share the data disk.',
    fix: ({ disk, neededGb }) => [
      `Set azure.${disk === 'OS' ? 'osDiskGb' : 'dataDiskGb'} to ${neededGb} or more in waa.yaml.`,
    ],
  }),
  AZURE_PRICE_UNKNOWN: failure<{ size: string; region: string; reason: string }>({
    layer: 'azure',
    kind: 'not-found',
    disposition: 'transient',
    symptom: ({ size, region, reason }) => `no price known for ${size} in ${region}: ${reason}`,
    why: "Azure's price list could not be read and the built-in table has no entry for this size.",
    fix: () => [
      'https://azure.microsoft.com/pricing/calculator/',
      'Repeat when https://prices.azure.com can be reached.',
    ],
  }),
  AZURE_OVER_BUDGET: failure<{ usd: number; hours: number; maxUsd: number; workers: number }>({
    layer: 'azure',
    kind: 'quota',
    disposition: 'permanent',
    symptom: ({ usd, hours, maxUsd, workers }) =>
      `${counted(workers, 'worker')} for ${hours} h: about ${formatUsd(usd)}, more than the limit of ${formatUsd(maxUsd)}`,
    why: 'You set a limit with --max-cost or benchmark.maxCostUsd.',
    fix: ({ usd }) => [
      `Raise it where you set it: --max-cost ${Math.ceil(usd)}, or benchmark.maxCostUsd: ${Math.ceil(usd)} in waa.yaml`,
      'Or take fewer workers, a smaller size, or spot VMs (azure.spot).',
    ],
  }),
} as const;
