import { describe, expect, it } from 'vitest';
import { fail } from '../../../src/failures/waa-error.js';
import { Deadline } from '../../../src/health/deadline.js';
import { ensureLayers, inspectLayers } from '../../../src/layers/walk.js';
import { readyStatus, scriptedLayer, type ScriptedLayer } from '../../helpers/scripted-layer.js';
import { setUp } from './set-up.js';

const recoverable = () => fail('WAIT_STALLED', { what: 'x', stallSeconds: 1, last: 'y' });
const dropped = () => fail('VM_SSH_DROPPED', { host: '203.0.113.1', during: 'a command' });
const stalled = () => fail('WINDOWS_INSTALL_STALLED', { phase: 'setting up', seconds: 900 });
const permanent = () => fail('USAGE', { problem: 'no', hint: 'none' });

describe('ensureLayers', () => {
  it('provisions absent layers bottom-up and hands each output to the layer above', async () => {
    const [azure, vm] = [scriptedLayer('azure'), scriptedLayer('vm')];
    const { ensure, memory } = setUp(azure, vm);
    const result = await ensure();
    expect(result.output).toBe('vm-output');
    expect(azure.calls).toEqual(['check(plan)', 'provision', 'check(plan)']);
    expect(vm.calls).toEqual(['check(azure-output)', 'provision', 'check(azure-output)']);
    expect(memory.ready_).toEqual(['azure', 'vm']);
    expect(memory.milestones).toEqual(['vm_created']);
  });

  it('does nothing but look when everything is ready', async () => {
    const azure = scriptedLayer('azure', readyStatus());
    const { ensure } = setUp(azure);
    await ensure();
    expect(azure.calls).toEqual(['check(plan)']);
  });

  it("never takes provision's word: a layer that is still absent afterwards is a fault", async () => {
    const azure = scriptedLayer('azure');
    azure.onProvision = () => undefined;
    azure.onRecover = () => ({ outcome: 'give-up' });
    const { failure } = setUp(azure);
    expect((await failure()).code).toBe('AZURE_NOT_READY');
  });

  it('climbs the recovery ladder one rung a fault and verifies after each', async () => {
    const azure = scriptedLayer('azure', { state: 'unhealthy', fault: recoverable() });
    azure.onRecover = (_fault, attempt) => {
      if (attempt === 1) azure.status = readyStatus();
      return { outcome: 'acted', action: `rung ${attempt}` };
    };
    const { ensure, bus } = setUp(azure);
    await ensure();
    expect(azure.calls.filter((call) => call.startsWith('recover'))).toEqual([
      'recover(WAIT_STALLED,0)',
      'recover(WAIT_STALLED,1)',
    ]);
    expect(bus.types()).toContain('layer.recovered');
  });

  it('goes on from the lower layer that a recovery made start anew', async () => {
    const windows = scriptedLayer('windows', readyStatus('first-start'));
    const server = scriptedLayer('server', { state: 'unhealthy', fault: recoverable() });
    server.onRecover = () => {
      windows.status = { state: 'absent' };
      windows.onProvision = () => {
        windows.status = readyStatus('second-start');
      };
      server.status = readyStatus();
      return { outcome: 'acted', action: 'reset Windows', restarted: 'windows' };
    };
    const { ensure, bus } = setUp(windows, server);
    await ensure();
    expect(windows.calls.slice(-3)).toEqual(['check(plan)', 'provision', 'check(plan)']);
    expect(server.calls).toEqual(['check(first-start)', 'recover(WAIT_STALLED,0)', 'check(second-start)']);
    expect(bus.types().filter((type) => type === 'layer.recovered')).toHaveLength(1);
  });

  it('begins the ladder of a layer at its first rung, whatever faults of others it met before', async () => {
    const windows = scriptedLayer('windows', { state: 'unhealthy', fault: dropped() });
    let drops = 2;
    windows.onRecover = (fault, attempt) => {
      if (fault.layer !== 'windows') {
        drops -= 1;
        if (drops === 0) windows.status = { state: 'unhealthy', fault: stalled() };
        return { outcome: 'nothing-to-do' };
      }
      windows.status = readyStatus();
      return { outcome: 'acted', action: `rung ${attempt}` };
    };
    const { ensure } = setUp(windows);
    await ensure();
    expect(windows.calls.filter((call) => call.startsWith('recover'))).toEqual([
      'recover(VM_SSH_DROPPED,0)',
      'recover(VM_SSH_DROPPED,0)',
      'recover(WINDOWS_INSTALL_STALLED,0)',
    ]);
  });

  const daemonDown = () => fail('DOCKER_DAEMON_DOWN', { detail: 'x' });
  const full = () => fail('DOCKER_DISK_FULL', { detail: 'x' });
  const recoveries = ({ calls }: ScriptedLayer) => calls.filter((call) => call.startsWith('recover'));

  it('begins another ladder for another trouble once the first was mended', async () => {
    const docker = scriptedLayer('docker', { state: 'unhealthy', fault: daemonDown() });
    docker.onRecover = () => {
      docker.status = { state: 'absent' };
      return { outcome: 'acted', action: 'mended' };
    };
    const provisions = [full(), full(), daemonDown()];
    docker.onProvision = () => {
      const fault = provisions.shift();
      if (fault) throw fault;
      docker.status = readyStatus();
    };
    await setUp(docker).ensure();
    expect(recoveries(docker)).toEqual([
      'recover(DOCKER_DAEMON_DOWN,0)',
      'recover(DOCKER_DISK_FULL,0)',
      'recover(DOCKER_DISK_FULL,1)',
      'recover(DOCKER_DAEMON_DOWN,1)',
    ]);
  });

  it('goes on with the ladder when the trouble only changes its name', async () => {
    const vm = scriptedLayer('vm', { state: 'unhealthy', fault: dropped() });
    vm.onRecover = (_fault, attempt) => {
      vm.status =
        attempt === 0 ? { state: 'unhealthy', fault: fail('VM_SSH_REFUSED', { host: 'h', port: 22 }) } : readyStatus();
      return { outcome: 'acted', action: `rung ${attempt}` };
    };
    await setUp(vm).ensure();
    expect(recoveries(vm)).toEqual(['recover(VM_SSH_DROPPED,0)', 'recover(VM_SSH_REFUSED,1)']);
  });

  it('tries first what helped before, when the same comes again', async () => {
    const [docker, qemu] = [scriptedLayer('docker', readyStatus()), scriptedLayer('qemu')];
    let deaths = 3;
    qemu.onProvision = () => {
      if (deaths > 0) {
        deaths -= 1;
        docker.status = { state: 'unhealthy', fault: daemonDown() };
        throw daemonDown();
      }
      qemu.status = readyStatus();
    };
    docker.onRecover = (_fault, attempt) => {
      if (attempt === 1) docker.status = { state: 'absent' };
      return { outcome: 'acted', action: `rung ${attempt}` };
    };
    await setUp(docker, qemu).ensure();
    expect(recoveries(docker)).toEqual([
      'recover(DOCKER_DAEMON_DOWN,0)',
      'recover(DOCKER_DAEMON_DOWN,1)',
      'recover(DOCKER_DAEMON_DOWN,1)',
      'recover(DOCKER_DAEMON_DOWN,1)',
    ]);
  });

  it('counts the rungs that an act stands for', async () => {
    const azure = scriptedLayer('azure', { state: 'unhealthy', fault: recoverable() });
    azure.onRecover = () => ({ outcome: 'acted', action: 'the second at once', rungs: 2 });
    const { failure } = setUp(azure);
    await failure();
    expect(recoveries(azure)).toEqual(['recover(WAIT_STALLED,0)', 'recover(WAIT_STALLED,2)']);
  });

  it("ends after a bounded number of faults that are not the layer's to mend", async () => {
    const windows = scriptedLayer('windows', { state: 'unhealthy', fault: dropped() });
    const { failure } = setUp(windows);
    expect((await failure()).code).toBe('VM_SSH_DROPPED');
    expect(windows.calls.filter((call) => call.startsWith('recover'))).toHaveLength(6);
  });

  it('stops at once on a permanent failure, without recovery', async () => {
    const azure = scriptedLayer('azure', { state: 'unhealthy', fault: permanent() });
    const { failure } = setUp(azure, scriptedLayer('vm'));
    expect((await failure()).code).toBe('USAGE');
    expect(azure.calls.some((call) => call.startsWith('recover'))).toBe(false);
  });

  it('ends after a bounded number of recoveries with the failure of the layer', async () => {
    const azure = scriptedLayer('azure', { state: 'unhealthy', fault: recoverable() });
    azure.onRecover = () => ({ outcome: 'acted', action: 'again' });
    const { failure } = setUp(azure);
    expect((await failure()).code).toBe('WAIT_STALLED');
    expect(azure.calls.filter((call) => call.startsWith('recover'))).toHaveLength(3);
  });

  it('blames and mends the lowest broken layer when an upper one fails', async () => {
    const [vm, docker] = [scriptedLayer('vm', readyStatus('vm')), scriptedLayer('docker')];
    let broken = true;
    docker.onProvision = () => {
      if (!broken) {
        docker.status = readyStatus();
        return;
      }
      vm.status = { state: 'unhealthy', fault: recoverable() };
      throw recoverable();
    };
    vm.onRecover = () => {
      broken = false;
      vm.status = readyStatus('vm again');
      return { outcome: 'acted', action: 'restarted' };
    };
    const { ensure, bus } = setUp(vm, docker);
    await ensure();
    expect(vm.calls).toContain('recover(WAIT_STALLED,0)');
    expect(docker.calls.filter((call) => call.startsWith('recover'))).toEqual([]);
    const faults = bus.events.filter((event) => event.type === 'layer.fault');
    expect(faults.map((event) => event.data.layer)).toEqual(['vm']);
  });

  it('turns a step that hangs into a timeout of that layer with the last thing seen', async () => {
    const azure = scriptedLayer('azure');
    azure.provision = (ctx) => {
      ctx.report({ phase: 'creating network' });
      return new Promise(() => undefined);
    };
    azure.onRecover = () => ({ outcome: 'give-up' });
    const { failure } = setUp(azure);
    const error = await failure();
    expect(error.code).toBe('AZURE_STEP_TIMEOUT');
    expect(error.exitCode).toBe(12);
    expect(error.params['last']).toBe('creating network');
  });

  it('treats a check that throws as could-not-look, not as broken for good', async () => {
    const azure = scriptedLayer('azure', readyStatus());
    const check = azure.check.bind(azure);
    let first = true;
    azure.check = (ctx, input) => {
      if (!first) return check(ctx, input);
      first = false;
      return Promise.reject(recoverable());
    };
    const { ensure } = setUp(azure);
    await expect(ensure()).resolves.toMatchObject({ ready: true });
  });

  it('attaches evidence to the final failure', async () => {
    const azure = scriptedLayer('azure', { state: 'unhealthy', fault: permanent() });
    const layer = Object.assign(azure, { evidence: () => Promise.resolve([{ title: 'log', text: 'line' }]) });
    const { failure } = setUp(layer);
    expect((await failure()).evidence).toEqual([{ title: 'log', text: 'line' }]);
  });

  it('tells with the final failure what was tried, and why nothing more was', async () => {
    const azure = scriptedLayer('azure', { state: 'unhealthy', fault: recoverable() });
    azure.onRecover = (_fault, attempt) =>
      attempt === 0 ? { outcome: 'acted', action: 'restarted it' } : { outcome: 'give-up', reason: 'nothing to clean' };
    const { failure } = setUp(azure);
    expect((await failure()).evidence).toEqual([{ title: 'repairs tried', text: 'restarted it\nnothing to clean' }]);
  });

  it('ends with the reason of the person who stopped it', async () => {
    const azure = scriptedLayer('azure');
    azure.provision = () => new Promise(() => undefined);
    const { options, clock, stop } = setUp(azure);
    const walk = ensureLayers(options());
    await clock.advance(1000);
    stop.abort(new Error('Ctrl-C'));
    await expect(clock.runUntil(walk)).rejects.toThrow('Ctrl-C');
  });

  it('refuses a layer whose breaker is open and names the last failure', async () => {
    const azure = scriptedLayer('azure', { state: 'unhealthy', fault: recoverable() });
    azure.onRecover = () => ({ outcome: 'give-up' });
    const { failure } = setUp(azure);
    for (let walk = 0; walk < 3; walk += 1) expect((await failure()).code).toBe('WAIT_STALLED');
    expect((await failure()).code).toBe('BREAKER_OPEN');
  });

  /** A layer above a vm that is ready, with a breaker that has opened and allows one trial. */
  async function halfOpen() {
    const [vm, docker] = [scriptedLayer('vm', readyStatus('vm')), scriptedLayer('docker')];
    const state = setUp(vm, docker);
    docker.onProvision = () => Promise.reject(recoverable());
    docker.onRecover = () => ({ outcome: 'give-up' });
    for (let walk = 0; walk < 3; walk += 1) await state.failure();
    await state.clock.advance(300_000);
    return { ...state, vm, docker };
  }

  it('takes a trial up again after going down to a lower layer', async () => {
    const { vm, docker, ensure } = await halfOpen();
    docker.onProvision = () => {
      vm.status = { state: 'unhealthy', fault: recoverable() };
      docker.onProvision = () => void (docker.status = readyStatus());
      throw recoverable();
    };
    vm.onRecover = () => {
      vm.status = readyStatus('vm again');
      return { outcome: 'acted', action: 'restarted' };
    };
    await expect(ensure()).resolves.toMatchObject({ ready: true });
  });

  it('gives a trial back that a person stopped', async () => {
    const { docker, ensure, options, clock } = await halfOpen();
    docker.onProvision = () => new Promise(() => undefined);
    const stop = new AbortController();
    const walk = ensureLayers({ ...options(), deadline: Deadline.after(3_600_000, clock, stop.signal) });
    await clock.advance(1000);
    stop.abort(new Error('Ctrl-C'));
    await expect(clock.runUntil(walk)).rejects.toThrow('Ctrl-C');
    docker.onProvision = () => void (docker.status = readyStatus());
    await expect(ensure()).resolves.toMatchObject({ ready: true });
  });
});

describe('inspectLayers', () => {
  it('stops at the first layer that is not ready, changes nothing and blocks the rest', async () => {
    const layers = [scriptedLayer('azure', readyStatus()), scriptedLayer('vm'), scriptedLayer('docker')];
    const { options, clock } = setUp(...layers);
    const result = await clock.runUntil(inspectLayers(options()));
    expect(result.ready).toBe(false);
    expect(result.layers.map((layer) => layer.state)).toEqual(['ready', 'checking', 'blocked']);
    expect(layers.flatMap((layer) => layer.calls)).toEqual(['check(plan)', 'check(out)']);
  });
});
