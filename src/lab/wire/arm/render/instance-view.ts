import type { VirtualMachine, VmPower } from '../../../world/azure/model.js';
import type { AzureState } from '../../../world/azure/state.js';

interface Status {
  readonly code: string;
  readonly level: 'Info' | 'Error' | 'Warning';
  readonly displayStatus: string;
  readonly message?: string;
  readonly time?: string;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** What the hypervisor and the guest agent report. A VM that never found a place has no PowerState. */
export function renderInstanceView(state: AzureState, vm: VirtualMachine) {
  const running = vm.power === 'running' && vm.machine?.power !== 'off';
  const ready = running && vm.machine?.agentReady === true;
  return {
    ...(ready
      ? { computerName: vm.body.osProfile?.computerName, osName: vm.image?.osName, osVersion: vm.image?.osVersion }
      : {}),
    hyperVGeneration: vm.image?.generation ?? 'V2',
    ...(running ? { vmAgent: renderAgent(state, ready) } : {}),
    disks: [vm.osDisk, ...vm.dataDisks].map((disk) => ({
      name: disk.name,
      statuses: [
        {
          code: 'ProvisioningState/succeeded',
          level: 'Info',
          displayStatus: 'Provisioning succeeded',
          time: iso(vm.createdAt),
        },
      ],
    })),
    bootDiagnostics: {},
    statuses: [
      provisioningStatus(vm),
      ...(vm.generalized ? [{ code: 'OSState/generalized', level: 'Info', displayStatus: 'VM generalized' }] : []),
      ...(vm.power === undefined ? [] : [powerStatus(vm.power)]),
    ],
  };
}

function renderAgent(state: AzureState, ready: boolean) {
  const status: Status = ready
    ? {
        code: 'ProvisioningState/succeeded',
        level: 'Info',
        displayStatus: 'Ready',
        message: 'Guest Agent is running',
        time: iso(state.simulation.now),
      }
    : {
        code: 'ProvisioningState/Unavailable',
        level: 'Warning',
        displayStatus: 'Not Ready',
        message: 'VM status blob is found but not yet populated.',
        time: iso(state.simulation.now),
      };
  return { vmAgentVersion: ready ? '2.11.1.12' : 'Unknown', extensionHandlers: [], statuses: [status] };
}

function provisioningStatus(vm: VirtualMachine): Status {
  const { failure } = vm;
  switch (vm.provisioningState) {
    case 'Succeeded':
      return {
        code: 'ProvisioningState/succeeded',
        level: 'Info',
        displayStatus: 'Provisioning succeeded',
        time: iso(vm.succeededAt ?? vm.changedAt),
      };
    case 'Failed':
      return {
        code: `ProvisioningState/failed${failure ? `/${failure.code}` : ''}`,
        level: 'Error',
        displayStatus: 'Provisioning failed',
        ...(failure ? { message: failure.message } : {}),
        time: iso(vm.changedAt),
      };
    default:
      return {
        code: `ProvisioningState/${vm.provisioningState.toLowerCase()}`,
        level: 'Info',
        displayStatus: vm.provisioningState,
      };
  }
}

const powerStatus = (power: VmPower): Status => ({
  code: `PowerState/${power}`,
  level: 'Info',
  displayStatus: `VM ${power}`,
});
