import { afterEach, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.js';
import { cleanUp } from '../../../src/deployment/clean-up.js';
import { newLease } from '../../../src/deployment/lease.js';
import { pausePool, resumePool } from '../../../src/deployment/lifecycle.js';
import { buildWorkerPlan } from '../../../src/deployment/plan.js';
import type { LifecyclePorts } from '../../../src/deployment/pool-worker.js';
import { Deadline } from '../../../src/health/deadline.js';
import { createAzureLayer } from '../../../src/layers/azure/index.js';
import { createAzureCheckContext } from '../../../src/layers/azure/check-context.js';
import { azureChecks } from '../../../src/layers/azure/preflight.js';
import type { LayerContext } from '../../../src/layers/layer.js';
import { workerTags } from '../../../src/layers/worker-tags.js';
import { retryPolicies } from '../../../src/retry/policies.js';
import { createRetrier } from '../../../src/retry/retry.js';
import { createRecordingBus } from '../../helpers/recording-bus.js';
import { createMemory } from '../../helpers/worker-setting.js';
import { startLabTarget, type LabTarget } from './lab-target.js';
import { vmSpec } from './target.js';

let target: LabTarget | undefined;
afterEach(async () => {
  await target?.close();
  target = undefined;
});

/** The azure layer, preflight and the lifecycle over the real wire, with the retries the product has. */
async function setUp(options: Parameters<typeof startLabTarget>[0] = {}) {
  target = await startLabTarget(options);
  const { arm, clock, sshPublicKey } = target;
  const bus = createRecordingBus(clock);
  const retry = createRetrier({ clock, policies: retryPolicies, emit: bus.emit, random: () => 0 });
  const memory = createMemory();
  const config = configSchema.parse({});
  const plan = buildWorkerPlan({
    deployment: 'demo',
    worker: 'w0',
    owner: 'ada',
    config,
    sshPublicKey,
    createdAtMs: clock.now(),
  });
  const where = { address: '203.0.113.7' };
  const callerAddress = { publicIpv4: () => Promise.resolve(where.address) };
  const layer = createAzureLayer({ arm, callerAddress, plan });
  const deadline = Deadline.after(7_200_000, clock);
  const context = (): LayerContext => ({
    clock,
    deadline,
    retry,
    memory,
    emit: bus.emit,
    worker: 'w0',
    recoveryAttempt: 0,
    report: () => undefined,
  });
  const ports: LifecyclePorts = { arm, clock, emit: bus.emit, retry, memory, quiesceWorker: () => Promise.resolve() };
  const { vmName, resourceGroup, region } = plan;
  const worker = { worker: 'w0', vmName, resourceGroup, region, tags: {} };
  return { ...target, target, bus, plan, where, layer, deadline, context, ports, worker, config, callerAddress };
}

it('brings the layer up in an empty subscription, keeps it, and follows our address', async () => {
  const { layer, plan, context, where, arm, deadline } = await setUp();
  expect((await layer.check(context(), plan)).state).toBe('absent');
  await layer.provision(context(), plan, { state: 'absent' });
  const first = await layer.check(context(), plan);
  expect(first).toMatchObject({ state: 'ready', output: { callerCidr: '203.0.113.7/32', resourceGroup: 'waa-demo' } });
  where.address = '198.51.100.9';
  const drifted = await layer.check(context(), plan);
  expect(drifted.state).toBe('drifted');
  await layer.provision(context(), plan, drifted);
  expect(await layer.check(context(), plan)).toMatchObject({ state: 'ready' });
  expect((await arm.getNetwork('waa-demo', deadline))?.sshSources).toEqual(['198.51.100.9/32']);
});

it('lets four workers make their common group at the same time', async () => {
  const { layer, plan, context } = await setUp();
  await Promise.all(Array.from({ length: 4 }, () => layer.provision(context(), plan, { state: 'absent' })));
  expect((await layer.check(context(), plan)).state).toBe('ready');
});

it('registers a missing provider by the ladder', async () => {
  const { layer, plan, context } = await setUp({ registeredProviders: ['Microsoft.Compute', 'Microsoft.DevTestLab'] });
  const fault = await layer.provision(context(), plan, { state: 'absent' }).catch((error: unknown) => error);
  expect(fault).toMatchObject({ code: 'AZURE_PROVIDER_NOT_REGISTERED' });
  expect((await layer.recover(context(), plan, fault as never)).outcome).toBe('acted');
  await layer.provision(context(), plan, { state: 'absent' });
  expect((await layer.check(context(), plan)).state).toBe('ready');
});

it('passes preflight', async () => {
  const { arm, config, callerAddress, deadline } = await setUp();
  const context = createAzureCheckContext({
    arm,
    config,
    callerAddress,
    region: 'eastus',
    vmSize: 'Standard_D8ds_v5',
    wantedVms: ['w0', 'w1', 'w2', 'w3'],
    hours: 2,
    prices: {
      vmPrice: () => Promise.resolve({ usdPerHour: 0.45, source: 'retail', asOf: '' }),
      itemPerDay: () => Promise.resolve(0.5),
      storagePerDay: () => Promise.resolve(1),
    },
  });
  const outcomes = await Promise.all(
    azureChecks.map(async (check) => [check.id, (await check.run(context, deadline)).outcome]),
  );
  expect(outcomes.filter(([, outcome]) => outcome !== 'pass')).toEqual([['azure-ports', 'skipped']]);
});

it('pauses, resumes and cleans up a worker, with a proof', async () => {
  const setting = await setUp();
  const { layer, plan, context, arm, deadline, ports, worker, clock } = setting;
  await layer.provision(context(), plan, { state: 'absent' });
  const network = await arm.getNetwork(plan.resourceGroup, deadline);
  if (!network) throw new Error('no network');
  const spec = vmSpec(setting.target, network, {
    resourceGroup: plan.resourceGroup,
    name: plan.vmName,
    tags: workerTags(plan),
  });
  await (await arm.beginCreateVm(spec, deadline)).wait(deadline);

  expect(await pausePool(ports, [worker], deadline)).toEqual([{ worker: 'w0', outcome: 'done' }]);
  expect((await arm.getVm(plan.resourceGroup, plan.vmName, deadline))?.power).toBe('deallocated');
  expect(await resumePool(ports, [worker], newLease(clock.now(), 2), deadline)).toEqual([
    { worker: 'w0', outcome: 'done' },
  ]);
  expect((await arm.getVm(plan.resourceGroup, plan.vmName, deadline))?.power).toBe('running');
  expect(await arm.getShutdownSchedule(plan.resourceGroup, plan.vmName, deadline)).toMatch(/^\d{4}$/);

  const proof = await cleanUp(
    ports,
    { deployment: 'demo', owner: plan.owner, resourceGroup: plan.resourceGroup },
    deadline,
    {
      refuse: () => Promise.resolve(),
    },
  );
  expect(proof.deleted.map((row) => row.type.split('/')[1]).sort()).toEqual([
    'disks',
    'disks',
    'networkInterfaces',
    'networkSecurityGroups',
    'publicIPAddresses',
    'schedules',
    'virtualMachines',
    'virtualNetworks',
  ]);
  expect(await arm.listResourceGroups('waa-deployment', deadline)).toEqual([]);
});
