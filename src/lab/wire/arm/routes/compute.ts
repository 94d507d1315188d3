import { invalidParameter } from '../../../world/azure/arm-error.js';
import { vmBody, vmPatchBody } from '../../../world/azure/bodies/compute.js';
import { computeEtag } from '../render/envelope.js';
import type { VirtualMachine } from '../../../world/azure/model.js';
import type { Operation } from '../../../world/azure/operations.js';
import { simulateEviction } from '../../../world/azure/spot.js';
import { groupOf, listOf, resourceAt, writableGroup, type AzureState } from '../../../world/azure/state.js';
import { deleteVm, patchVm, putVm } from '../../../world/azure/virtual-machines.js';
import { deallocateVm, generalizeVm, powerOffVm, restartVm, startVm } from '../../../world/azure/vm-power.js';
import { acceptedReply, putReply } from '../async-replies.js';
import { parseBody } from '../bodies.js';
import { pageOf, param, placeOf, type ArmContext, type Route } from '../context.js';
import { checkPreconditions } from '../preconditions.js';
import { checkJoin } from '../rbac.js';
import { renderInstanceView } from '../render/instance-view.js';
import { renderVm } from '../render/virtual-machine.js';

const vmType = 'Microsoft.Compute/virtualMachines';
const base = '/subscriptions/{subscription}/resourceGroups/{group}/providers';
const vmPath = `${base}/${vmType}/{name}`;

const vmOf = (context: ArmContext): VirtualMachine => resourceAt(context.azure, vmType, placeOf(context));
const flag = (context: ArmContext, name: string): boolean => context.request.query.get(name)?.toLowerCase() === 'true';
const expands = (context: ArmContext, what: string): boolean =>
  (context.request.query.get('$expand') ?? '').toLowerCase().split(',').includes(what.toLowerCase());

/** A POST that becomes an operation on the VM. */
function action(name: string, begin: (state: AzureState, vm: VirtualMachine, context: ArmContext) => Operation): Route {
  return {
    method: 'POST',
    path: `${vmPath}/${name}`,
    type: vmType,
    action: `${vmType}/${name}/action`,
    handle(context) {
      writableGroup(context.azure, param(context, 'group'));
      return acceptedReply(context, begin(context.azure, vmOf(context), context));
    },
  };
}

function listVms(context: ArmContext, group?: string) {
  const instanceView = expands(context, 'instanceView') || flag(context, 'statusOnly');
  return pageOf(
    context,
    listOf(context.azure, vmType, group).map((vm) => renderVm(context.azure, vm, { instanceView })),
  );
}

export const computeRoutes: readonly Route[] = [
  {
    method: 'PUT',
    path: vmPath,
    type: vmType,
    action: `${vmType}/write`,
    handle(context) {
      checkPreconditions(context, vmType, computeEtag);
      const body = parseBody(context.request, vmBody, 'compute');
      const nics = body.properties.networkProfile?.networkInterfaces ?? [];
      checkJoin(
        context,
        'Microsoft.Network/networkInterfaces/join/action',
        nics.map((nic) => nic.id),
      );
      const written = putVm(context.azure, placeOf(context), body, context.apiVersion);
      return putReply(context, written, renderVm(context.azure, written.resource));
    },
  },
  {
    method: 'PATCH',
    path: vmPath,
    type: vmType,
    action: `${vmType}/write`,
    handle(context) {
      const written = patchVm(context.azure, placeOf(context), parseBody(context.request, vmPatchBody, 'compute'));
      return putReply(context, written, renderVm(context.azure, written.resource));
    },
  },
  {
    method: 'GET',
    path: vmPath,
    type: vmType,
    action: `${vmType}/read`,
    handle(context) {
      const vm = vmOf(context);
      const expand = context.request.query.get('$expand') ?? '';
      if (expand !== '' && !/^(instanceView|userData)(,(instanceView|userData))*$/i.test(expand))
        throw invalidParameter('$expand');
      const wanted = { instanceView: expands(context, 'instanceView'), userData: expands(context, 'userData') };
      return { status: 200, body: renderVm(context.azure, vm, wanted), headers: { etag: computeEtag(vm) } };
    },
  },
  {
    method: 'GET',
    path: `${vmPath}/instanceView`,
    type: vmType,
    action: `${vmType}/instanceView/read`,
    handle: (context) => ({ status: 200, body: renderInstanceView(context.azure, vmOf(context)) }),
  },
  {
    method: 'DELETE',
    path: vmPath,
    type: vmType,
    action: `${vmType}/delete`,
    handle: (context) =>
      acceptedReply(context, deleteVm(context.azure, placeOf(context), flag(context, 'forcedeletion'))),
  },
  {
    method: 'GET',
    path: `${base}/${vmType}`,
    type: vmType,
    action: `${vmType}/read`,
    handle: (context) => listVms(context, groupOf(context.azure, param(context, 'group')).name),
  },
  {
    method: 'GET',
    path: `/subscriptions/{subscription}/providers/${vmType}`,
    type: vmType,
    action: `${vmType}/read`,
    handle: (context) => listVms(context),
  },
  action('start', startVm),
  action('deallocate', (state, vm, context) => deallocateVm(state, vm, flag(context, 'forcedeallocate'))),
  action('powerOff', (state, vm, context) => powerOffVm(state, vm, flag(context, 'skipshutdown'))),
  action('restart', (state, vm) => restartVm(state, vm, 'restart')),
  action('redeploy', (state, vm) => restartVm(state, vm, 'redeploy')),
  {
    method: 'POST',
    path: `${vmPath}/generalize`,
    type: vmType,
    action: `${vmType}/generalize/action`,
    handle(context) {
      generalizeVm(vmOf(context));
      return { status: 200 };
    },
  },
  {
    method: 'POST',
    path: `${vmPath}/simulateEviction`,
    type: vmType,
    action: `${vmType}/simulateEviction/action`,
    handle(context) {
      simulateEviction(context.azure, vmOf(context));
      return { status: 204 };
    },
  },
];
