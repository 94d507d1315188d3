import { describe, expect, it } from 'vitest';
import { fail } from '../../../src/failures/waa-error.js';
import { Deadline } from '../../../src/health/deadline.js';
import type { LayerStatus } from '../../../src/layers/layer.js';
import { ensureLayers, inspectLayers } from '../../../src/layers/walk.js';
import { readyStatus, scriptedLayer } from '../../helpers/scripted-layer.js';
import { setUp } from './set-up.js';

const stalled = () => fail('WAIT_STALLED', { what: 'x', stallSeconds: 1, last: 'y' });
const broken = (): LayerStatus<unknown> => ({ state: 'unhealthy', fault: stalled() });
const never = () => new Promise<never>(() => undefined);

describe('a ladder that cannot be climbed', () => {
  it('has used up a rung, and the walk goes on', async () => {
    const azure = scriptedLayer('azure', broken());
    azure.onRecover = (_fault, attempt) => {
      if (attempt === 0) throw fail('WAIT_TIMEOUT', { what: 'the repair', seconds: 5, attempts: 1, last: 'nothing' });
      return { outcome: 'give-up' };
    };
    const { failure } = setUp(azure);
    const { code, evidence } = await failure();
    expect(code).toBe('WAIT_STALLED');
    expect(evidence[0]?.text).toContain('recovery failed: ');
    expect(azure.calls.filter((call) => call.startsWith('recover'))).toHaveLength(2);
  });

  it('ends the walk with what can never work', async () => {
    const azure = scriptedLayer('azure', broken());
    azure.onRecover = () => Promise.reject(fail('USAGE', { problem: 'no', hint: 'none' }));
    const { failure } = setUp(azure);
    expect((await failure()).code).toBe('USAGE');
  });
});

describe('a layer that provision did not make ready', () => {
  it.each(['unhealthy', 'unknown'] as const)('and that is %s has that very fault', async (state) => {
    const azure = scriptedLayer('azure');
    azure.onProvision = () => void (azure.status = { state, fault: stalled() });
    azure.onRecover = () => ({ outcome: 'give-up' });
    const { failure } = setUp(azure);
    expect((await failure()).code).toBe('WAIT_STALLED');
  });

  it('and that is still drifted tells by how much', async () => {
    const azure = scriptedLayer('azure', { state: 'drifted', differences: ['port 22 is open to all'] });
    azure.onProvision = () => undefined;
    azure.onRecover = () => ({ outcome: 'give-up' });
    const { failure } = setUp(azure);
    expect((await failure()).params['seen']).toContain('port 22 is open to all');
  });
});

it('a walk that goes in circles between two layers ends with the fault of the upper one', async () => {
  const [vm, docker] = [scriptedLayer('vm', readyStatus('vm')), scriptedLayer('docker')];
  docker.onProvision = () => {
    vm.status = { state: 'absent' };
    throw stalled();
  };
  const { failure, bus } = setUp(vm, docker);
  expect((await failure()).code).toBe('WAIT_STALLED');
  expect(vm.calls.filter((call) => call === 'provision')).toHaveLength(8);
  const states = bus.events.flatMap(({ type, data }) => (type === 'layer.state' ? [data] : []));
  expect(states.findLast(({ layer }) => layer === 'docker')).toMatchObject({ state: 'failed' });
});

describe('an end from outside', () => {
  it("is the person's own reason, and nothing more is tried", async () => {
    const azure = scriptedLayer('azure');
    azure.onProvision = never;
    const { options, clock, stop } = setUp(azure);
    const walk = ensureLayers(options());
    await clock.advance(1000);
    const reason = new Error('Ctrl-C');
    stop.abort(reason);
    await expect(clock.runUntil(walk)).rejects.toBe(reason);
    expect(azure.calls).toEqual(['check(plan)', 'provision']);
  });

  it('of time is a failure of the lowest layer that is not ready, and nothing more is tried', async () => {
    const [azure, vm] = [scriptedLayer('azure', readyStatus('azure')), scriptedLayer('vm')];
    vm.onProvision = never;
    const { options, clock } = setUp(azure, vm);
    const walk = ensureLayers({ ...options(), deadline: Deadline.after(5_000, clock) });
    await expect(clock.runUntil(walk)).rejects.toMatchObject({ code: 'VM_STEP_TIMEOUT', params: { seconds: 5 } });
    expect(vm.calls).toEqual(['check(azure)', 'provision']);
  });

  it('while it is looked whether a lower layer broke is no verdict on that one', async () => {
    const [azure, vm] = [scriptedLayer('azure', readyStatus('azure')), scriptedLayer('vm', broken())];
    const check = azure.check.bind(azure);
    let looks = 0;
    azure.check = (ctx, input) => (looks++ === 0 ? check(ctx, input) : never());
    const { options, clock, stop } = setUp(azure, vm);
    const walk = ensureLayers(options());
    await clock.advance(1000);
    const reason = new Error('Ctrl-C');
    stop.abort(reason);
    await expect(clock.runUntil(walk)).rejects.toBe(reason);
  });
});

it('what was seen ready is remembered with its identity, its output and when, and its milestone is told', async () => {
  const { ensure, memory, bus } = setUp(scriptedLayer('vm'));
  await ensure();
  expect(memory.seen).toEqual([{ identity: 'id-1', output: 'vm-output', at: expect.any(Number) as number }]);
  const [milestone] = bus.events.filter(({ type }) => type === 'milestone.reached');
  expect(milestone).toMatchObject({ data: { milestone: 'vm_created' }, worker: 'w0' });
});

it('an inspection of what is ready hands up the output of the last layer', async () => {
  const { options, clock } = setUp(scriptedLayer('azure', readyStatus('a')), scriptedLayer('vm', readyStatus('v')));
  await expect(clock.runUntil(inspectLayers(options()))).resolves.toMatchObject({ ready: true, output: 'v' });
});
