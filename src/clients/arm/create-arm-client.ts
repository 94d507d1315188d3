import * as z from 'zod';
import { WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import * as account from './account.js';
import type { ArmClient, ArmOperation, Subscription } from './arm.js';
import * as groups from './groups.js';
import * as networks from './networks.js';
import { parseToken, type OperationToken } from './operation-token.js';
import { operationOf } from './operations.js';
import * as resources from './resources.js';
import * as schedules from './schedules.js';
import type { SdkClients } from './sdk.js';
import { createArmSession, type ArmConnection, type ArmSession } from './session.js';
import { createSharedLooks } from './shared-looks.js';
import { listStorage } from './storage.js';
import * as snapshots from './snapshots.js';
import * as vms from './vms.js';

export interface ArmClientOptions extends ArmConnection {
  /**
   * Id or name, or how to find it out when it is first needed; without it the only usable subscription of the login is
   * taken.
   */
  readonly subscriptionId?: string | (() => Promise<string | undefined>);
}

const PROVIDERS_API = '2025-04-01';
const providerSchema = z.object({ registrationState: z.string() });
const BUSY = /^(?:Creating|Updating|Deleting|Migrating)$/i;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Azure Resource Manager over the Azure SDK. Cheap to make: nothing is loaded or sent before the first call. The SDK's
 * own retries are off; every failure is an AZURE_* one.
 */
export function createArmClient(options: ArmClientOptions): ArmClient {
  return clientOn(createArmSession(options), options);
}

/** Subscriptions share connection and pace; each has looks of its own. */
function clientOn(session: ArmSession, options: Pick<ArmClientOptions, 'subscriptionId' | 'emit'>): ArmClient {
  const lookAtVm = createSharedLooks(session, {
    one: (...about) => vms.getVm(session, ...about),
    async all(...about) {
      return new Map((await vms.listVms(session, ...about)).map((vm) => [vm.name.toLowerCase(), vm]));
    },
  });
  const lookAtState = createSharedLooks(session, {
    one: (...about) => vms.stateOfVm(session, ...about),
    all: (...about) => vms.statesOfVms(session, ...about),
  });
  let chosen: Promise<Subscription> | undefined;
  let asked: Promise<string | undefined> | undefined;
  const wanted = (): Promise<string | undefined> => {
    const { subscriptionId } = options;
    asked ??= typeof subscriptionId === 'function' ? subscriptionId() : Promise.resolve(subscriptionId);
    return asked;
  };

  const subscription = (deadline: Deadline): Promise<Subscription> => {
    chosen ??= wanted()
      .then((name) => account.findSubscription(session, name, deadline))
      .catch((error: unknown) => {
        chosen = undefined;
        asked = undefined;
        throw error;
      });
    return chosen;
  };
  /** A GUID needs no look-up; a name, or nothing, does. */
  const idOf = async (deadline: Deadline): Promise<string> => {
    const given = await wanted();
    return given !== undefined && GUID.test(given) ? given : (await subscription(deadline)).id;
  };
  const use = async (deadline: Deadline): Promise<{ id: string; sdk: SdkClients }> => {
    const id = await idOf(deadline);
    return { id, sdk: await session.clients(id) };
  };
  const providerPath = (id: string, namespace: string, action = ''): string =>
    `/subscriptions/${id}/providers/${namespace}${action}?api-version=${PROVIDERS_API}`;
  const operation = (token: OperationToken): ArmOperation =>
    operationOf(session, token, async ({ subscriptionId, group, vm }, deadline) => {
      const state = await lookAtState(await session.clients(subscriptionId), group, vm, deadline);
      return state !== undefined && BUSY.test(state);
    });
  const vmAction =
    (action: 'start' | 'deallocate' | 'restart' | 'delete') =>
    async (group: string, name: string, deadline: Deadline) => {
      const { id, sdk } = await use(deadline);
      return operation(await vms.beginVmAction(session, sdk, id, action, group, name, deadline));
    };

  const others = new Map<string, ArmClient>();

  return {
    within(subscriptionId) {
      const known = others.get(subscriptionId);
      if (known) return known;
      const fresh = clientOn(session, { ...options, subscriptionId });
      others.set(subscriptionId, fresh);
      return fresh;
    },
    subscription,
    clockOffset: async (deadline) => account.clockOffset(session, (await use(deadline)).sdk, deadline),
    async providerState(namespace, deadline) {
      return (await session.raw('GET', providerPath(await idOf(deadline), namespace), providerSchema, deadline))
        .registrationState;
    },
    async registerProvider(namespace, deadline) {
      await session.raw('POST', providerPath(await idOf(deadline), namespace, '/register'), providerSchema, deadline);
    },
    permissions: async (deadline) => account.listPermissions(session, await idOf(deadline), deadline),
    computeUsages: async (region, deadline) =>
      account.computeUsages(session, (await use(deadline)).sdk, region, deadline),
    networkUsages: async (region, deadline) =>
      account.networkUsages(session, (await use(deadline)).sdk, region, deadline),
    vmSkus: async (region, deadline) => account.vmSkus(session, (await use(deadline)).sdk, region, deadline),

    getResourceGroup: async (name, deadline) => groups.getGroup(session, (await use(deadline)).sdk, name, deadline),
    listResourceGroups: async (tagName, deadline) =>
      groups.listGroups(session, (await use(deadline)).sdk, tagName, deadline),
    putResourceGroup: async (name, region, tags, deadline) =>
      groups.putGroup(session, (await use(deadline)).sdk, name, region, tags, deadline),
    async deleteResourceGroup(name, deadline) {
      const { id, sdk } = await use(deadline);
      return operation(await groups.deleteGroup(session, sdk, id, name, deadline));
    },
    listResources: async (group, deadline) => groups.listResources(session, (await use(deadline)).sdk, group, deadline),

    deleteResource: (resource, deadline) => resources.deleteResource(session, resource, deadline),
    listTagged: async (tagName, deadline) => groups.listTagged(session, (await use(deadline)).sdk, tagName, deadline),
    listStorage: async (kinds, deadline) => listStorage(session, (await use(deadline)).sdk, kinds, deadline),

    getSnapshot: async (group, name, deadline) =>
      snapshots.getSnapshot(session, await idOf(deadline), group, name, deadline),
    putSnapshot: async (spec, deadline) => snapshots.putSnapshot(session, await idOf(deadline), spec, deadline),

    getNetwork: async (group, deadline) => networks.getNetwork(session, (await use(deadline)).sdk, group, deadline),
    putNetwork: async (spec, deadline) => networks.putNetwork(session, (await use(deadline)).sdk, spec, deadline),

    async putPublicAddress(spec, deadline) {
      await vms.putPublicIp(session, (await use(deadline)).sdk, spec, deadline);
    },

    getVm: async (group, name, deadline) => lookAtVm((await use(deadline)).sdk, group, name, deadline),
    listVms: async (group, deadline) => vms.listVms(session, (await use(deadline)).sdk, group, deadline),
    async beginCreateVm(spec, deadline) {
      const { id, sdk } = await use(deadline);
      return operation(await vms.beginCreateVm(session, sdk, id, spec, deadline));
    },
    beginStartVm: vmAction('start'),
    beginDeallocateVm: vmAction('deallocate'),
    beginRestartVm: vmAction('restart'),
    beginDeleteVm: vmAction('delete'),
    resumeOperation(token) {
      try {
        const resumed = operation(parseToken(token));
        options.emit('arm.operation', { name: resumed.name, state: 'resumed' }, `${resumed.name}: continued`);
        return Promise.resolve(resumed);
      } catch (error) {
        return Promise.reject(error instanceof WaaError ? error : new Error(String(error)));
      }
    },

    putShutdownSchedule: async (group, vmName, region, timeUtc, tags, deadline) =>
      schedules.putShutdownSchedule(session, await idOf(deadline), group, vmName, region, { timeUtc, tags }, deadline),
    getShutdownSchedule: async (group, vmName, deadline) =>
      schedules.getShutdownSchedule(session, await idOf(deadline), group, vmName, deadline),
  };
}
