import { ComputeManagementClient, type VirtualMachine } from '@azure/arm-compute';
import { NetworkManagementClient } from '@azure/arm-network';
import { ResourceManagementClient } from '@azure/arm-resources';
import { SubscriptionClient } from '@azure/arm-resources-subscriptions';
import { ClientSecretCredential } from '@azure/identity';
import { Agent, fetch } from 'undici';
import { createFaultBox } from '../../../src/lab/faults/fault-box.js';
import { createAzureWorld, type AzureWorld } from '../../../src/lab/world/azure/azure-world.js';
import { defaultAzureOptions, type AzureOptions } from '../../../src/lab/world/azure/options.js';
import { realisticDurations } from '../../../src/lab/world/durations.js';
import { createSimulation, type Simulation } from '../../../src/lab/world/simulation.js';
import { startArmWire } from '../../../src/lab/wire/arm/server.js';
import { createFakeMachines, type FakeMachine } from './fake-machine.js';

export const group = 'rg-waa';
export const location = 'eastus';
export const sshKey = `ssh-ed25519 ${Buffer.concat([
  Buffer.from([0, 0, 0, 11]),
  Buffer.from('ssh-ed25519'),
  Buffer.from([0, 0, 0, 32]),
  Buffer.alloc(32, 7),
]).toString('base64')} test`;

/** An answer of the raw client. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  readonly error: { readonly code: string; readonly message: string; readonly target?: string };
}

export interface ArmLab {
  readonly azure: AzureWorld;
  readonly simulation: Simulation;
  readonly machines: readonly FakeMachine[];
  readonly url: string;
  readonly compute: ComputeManagementClient;
  readonly network: NetworkManagementClient;
  readonly resources: ResourceManagementClient;
  readonly subscriptions: SubscriptionClient;
  /** Moves lab time on by hand. */
  advance(ms: number): void;
  /** A request with a valid token, past the SDK's own checks. Path below the subscription unless it begins with `//`. */
  raw(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Without a token. */
  anonymous(
    method: string,
    path: string,
    init?: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** A lab on loopback with its own CA. Lab time stands still until `advance`. */
export async function startArmLab(options: Partial<AzureOptions> = {}, pageSize?: number): Promise<ArmLab> {
  const faults = createFaultBox(
    () => simulation.now,
    () => simulation.random(),
  );
  const simulation: Simulation = createSimulation({
    startMs: Date.UTC(2026, 5, 1, 10),
    seed: 7,
    durations: realisticDurations,
    faults,
  });
  const machines = createFakeMachines(simulation);
  const azure = createAzureWorld({ simulation, createMachine: machines.create, options });
  let time = simulation.now;
  const wire = await startArmWire(azure, simulation, () => time, pageSize === undefined ? {} : { pageSize });
  const [principal] = azure.options.principals;
  const id = azure.options.subscriptionId;
  const credential = new ClientSecretCredential(
    azure.options.tenantId,
    principal?.clientId ?? '',
    principal?.clientSecret ?? '',
    {
      authorityHost: wire.url,
      disableInstanceDiscovery: true,
      tlsOptions: { ca: wire.caPem },
    },
  );
  const common = { endpoint: wire.url, tlsOptions: { ca: wire.caPem }, retryOptions: { maxRetries: 0 } };
  const agent = new Agent({ connect: { ca: wire.caPem } });
  const send: ArmLab['anonymous'] = async (method, path, init = {}) => {
    const response = await fetch(`${wire.url}${path}`, {
      method,
      dispatcher: agent,
      ...(init.body === undefined ? {} : { body: init.body }),
      headers: { ...init.headers },
    });
    const text = await response.text();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const error = (body as { error?: Answer['error'] } | undefined)?.error ?? { code: '', message: '' };
    return { status: response.status, headers: response.headers as unknown as Headers, body, error };
  };
  return {
    azure,
    simulation,
    machines: machines.made,
    url: wire.url,
    compute: new ComputeManagementClient(credential, id, { ...common }),
    network: new NetworkManagementClient(credential, id, { ...common }),
    resources: new ResourceManagementClient(credential, id, { ...common }),
    subscriptions: new SubscriptionClient(credential, { ...common }),
    advance(ms) {
      time += ms;
      simulation.advanceTo(time);
    },
    async raw(method, path, body, headers = {}) {
      const token = await credential.getToken('https://management.azure.com/.default');
      return send(method, path.startsWith('//') ? path.slice(1) : `/subscriptions/${id}${path}`, {
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        headers: {
          authorization: `Bearer ${token.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
      });
    },
    anonymous: send,
    async close() {
      await agent.close();
      await wire.close();
    },
  };
}

/** Option for pollers: ask again at once; the test moves time between the polls. */
export const quick = { updateIntervalInMs: 1 };

export interface Network {
  readonly nsgId: string;
  readonly subnetId: string;
}

/** A group with an NSG that lets 203.0.113.7 in on 22, a VNet and a subnet. Through the SDK. */
export async function createNetwork(lab: ArmLab): Promise<Network> {
  await lab.resources.resourceGroups.createOrUpdate(group, { location, tags: { 'waa-deployment': 'd1' } });
  const nsg = await settled(
    lab,
    lab.network.networkSecurityGroups.beginCreateOrUpdate(
      group,
      'nsg',
      {
        location,
        securityRules: [
          {
            name: 'ssh',
            priority: 100,
            direction: 'Inbound',
            access: 'Allow',
            protocol: 'Tcp',
            sourceAddressPrefix: '203.0.113.7/32',
            sourcePortRange: '*',
            destinationAddressPrefix: '*',
            destinationPortRange: '22',
          },
        ],
      },
      quick,
    ),
  );
  const vnet = await settled(
    lab,
    lab.network.virtualNetworks.beginCreateOrUpdate(
      group,
      'vnet',
      {
        location,
        addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
        subnets: [{ name: 'default', addressPrefix: '10.0.0.0/24', networkSecurityGroup: { id: nsg.id ?? '' } }],
      },
      quick,
    ),
  );
  return { nsgId: nsg.id ?? '', subnetId: vnet.subnets?.[0]?.id ?? '' };
}

interface Poller<T> {
  poll(): Promise<unknown>;
  isDone(): boolean;
  getResult(): T | undefined;
}

/** Drives an SDK poller of arm-network or arm-resources to its end, lab time a few seconds on before each poll. */
export async function settled<T>(lab: ArmLab, beginning: Promise<Poller<T>>): Promise<T> {
  const poller = await beginning;
  while (!poller.isDone()) {
    lab.advance(5000);
    await poller.poll();
  }
  return poller.getResult() as T;
}

interface ComputePoller<T> extends PromiseLike<T> {
  readonly isDone: boolean;
  readonly result: T | undefined;
  poll(): Promise<unknown>;
  submitted(): Promise<void>;
}

/** The same for a poller of arm-compute. */
export async function done<T>(lab: ArmLab, poller: ComputePoller<T>): Promise<T> {
  await poller.submitted();
  while (!poller.isDone) {
    lab.advance(10_000);
    await poller.poll();
  }
  return poller.result as T;
}

/** A NIC with a public address of its own. */
export async function createNic(
  lab: ArmLab,
  network: Network,
  name: string,
): Promise<{ nicId: string; address: string }> {
  const ip = await settled(
    lab,
    lab.network.publicIPAddresses.beginCreateOrUpdate(
      group,
      `${name}-ip`,
      {
        location,
        sku: { name: 'Standard', tier: 'Regional' },
        publicIPAllocationMethod: 'Static',
        deleteOption: 'Delete',
      },
      quick,
    ),
  );
  const nic = await settled(
    lab,
    lab.network.networkInterfaces.beginCreateOrUpdate(
      group,
      `${name}-nic`,
      {
        location,
        enableAcceleratedNetworking: true,
        networkSecurityGroup: { id: network.nsgId },
        ipConfigurations: [
          { name: 'ip', primary: true, subnet: { id: network.subnetId }, publicIPAddress: { id: ip.id ?? '' } },
        ],
      },
      quick,
    ),
  );
  return { nicId: nic.id ?? '', address: ip.ipAddress ?? '' };
}

/** The body of a worker VM whose parts are deleted with it. */
export function vmBody(nicId: string, change: Partial<VirtualMachine> = {}): VirtualMachine {
  return {
    location,
    tags: { 'waa-deployment': 'd1' },
    hardwareProfile: { vmSize: 'Standard_D8ds_v5' },
    storageProfile: {
      imageReference: { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: 'latest' },
      osDisk: {
        name: 'w1-os',
        createOption: 'FromImage',
        caching: 'ReadWrite',
        diskSizeGB: 64,
        deleteOption: 'Delete',
        managedDisk: { storageAccountType: 'Premium_LRS' },
      },
      dataDisks: [
        {
          lun: 0,
          name: 'w1-data',
          createOption: 'Empty',
          diskSizeGB: 256,
          deleteOption: 'Delete',
          caching: 'None',
          managedDisk: { storageAccountType: 'Premium_LRS' },
        },
      ],
    },
    osProfile: {
      computerName: 'w1',
      adminUsername: 'azureuser',
      customData: Buffer.from('#cloud-config\n').toString('base64'),
      linuxConfiguration: {
        disablePasswordAuthentication: true,
        ssh: { publicKeys: [{ path: '/home/azureuser/.ssh/authorized_keys', keyData: sshKey }] },
      },
    },
    networkProfile: { networkInterfaces: [{ id: nicId, primary: true, deleteOption: 'Delete' }] },
    securityProfile: { securityType: 'Standard' },
    diagnosticsProfile: { bootDiagnostics: { enabled: true } },
    ...change,
  };
}

/** A running VM `w1` with network, address and disks. */
export async function createWorker(lab: ArmLab): Promise<{ network: Network; nicId: string; address: string }> {
  const network = await createNetwork(lab);
  const nic = await createNic(lab, network, 'w1');
  await done(lab, lab.compute.virtualMachines.createOrUpdate(group, 'w1', vmBody(nic.nicId), quick));
  return { network, ...nic };
}

export const subscriptionId = defaultAzureOptions.subscriptionId;
