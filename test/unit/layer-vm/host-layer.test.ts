import { beforeEach, describe, expect, it } from 'vitest';
import { fail } from '../../../src/failures/waa-error.js';
import type { HostClaims, HostState } from '../../../src/host/host-claims.js';
import type { VmOutput } from '../../../src/layers/io.js';
import type { Layer } from '../../../src/layers/layer.js';
import { createHostLayer } from '../../../src/layers/vm/index.js';
import type { HostPlan } from '../../../src/layers/worker-plan.js';
import { createWorkerSetting, type WorkerSetting } from '../../helpers/worker-setting.js';
import { createFakeHost, okFacts, type FakeHost } from './fake-host.js';

const GB = 1024 ** 3;
const claim = { id: 'me', text: 'deployment demo' };
const target: HostPlan = {
  address: { host: 'kvm1', port: 22, user: 'me' },
  dockerSocket: '/var/run/docker.sock',
  installDocker: false,
  allowTcg: false,
  claim,
};
const untouched: HostState = {
  owners: [],
  container: null,
  ports: [],
  strangeFolder: false,
  folders: false,
  windowsDisk: false,
  image: false,
};
const ours: HostState = { ...untouched, owners: [claim, claim], folders: true };

describe("the vm layer on a host of the user's own", () => {
  let setting: WorkerSetting;
  let host: FakeHost;
  let state: HostState;
  let claims: HostClaims;

  const layerOf = (more: Partial<HostPlan> = {}): Layer<unknown, VmOutput> =>
    createHostLayer({
      links: host.links,
      host: host.tools,
      plan: setting.plan,
      claims,
      target: { ...target, ...more },
    });
  const check = async (more: Partial<HostPlan> = {}) => layerOf(more).check(setting.context(), undefined);
  const codeOf = async (more: Partial<HostPlan> = {}): Promise<string> => {
    const seen = await check(more);
    return seen.state === 'unhealthy' ? seen.fault.code : seen.state;
  };

  beforeEach(() => {
    setting = createWorkerSetting();
    host = createFakeHost();
    state = untouched;
    const note = <T>(what: string, value: T): Promise<T> => {
      host.calls.push(what);
      return Promise.resolve(value);
    };
    claims = {
      state: () => Promise.resolve(state),
      claim: () => note('claim', state.owners.length === 0),
      release: () => note('release', true),
    };
  });

  it('is drifted on a host that nobody uses, and ready on ours', async () => {
    expect((await check()).state).toBe('drifted');
    state = ours;
    expect(await check()).toMatchObject({ state: 'ready', identity: 'boot-1', output: { acceleration: 'kvm' } });
  });

  it('is drifted when one of the two marks is gone', async () => {
    state = { ...ours, owners: [claim] };
    expect((await check()).state).toBe('drifted');
  });

  const taken = { port: 5000, by: 'nginx (pid 7)' };
  const running = { running: true, fingerprint: 'x', storage: '/data/waa/storage' };
  it.each<[string, () => void, string]>([
    ['the mark of another', () => (state = { ...ours, owners: [{ id: 'you', text: 'yours' }] }), 'VM_HOST_IN_USE'],
    [
      'a container of another',
      () => (state = { ...ours, container: { ...running, storage: '/other' } }),
      'VM_HOST_IN_USE',
    ],
    ['a folder without a mark', () => (state = { ...untouched, strangeFolder: true }), 'VM_HOST_IN_USE'],
    ['a taken port', () => (state = { ...ours, ports: [taken] }), 'VM_HOST_PORT_TAKEN'],
    ['our own container on the port', () => (state = { ...ours, ports: [taken], container: running }), 'ready'],
    [
      'no Docker',
      () =>
        (host.facts = { ...okFacts, docker: { installed: false, active: false, version: '', startingS: undefined } }),
      'VM_HOST_NO_DOCKER',
    ],
    ['no KVM', () => (host.kvm = { usable: false, reason: 'missing', detail: 'no /dev/kvm' }), 'VM_HOST_NO_KVM'],
    [
      'too little room',
      () => (host.facts = { ...okFacts, mounts: okFacts.mounts.map((mount) => ({ ...mount, freeBytes: 9 * GB })) }),
      'VM_DISK_SPACE',
    ],
    [
      'no sudo',
      () => host.openFailures.push(fail('VM_SUDO_MISSING', { host: 'h', user: 'u', reason: 'r' })),
      'VM_SUDO_MISSING',
    ],
  ])('sees %s', async (_name, spoil, code) => {
    state = ours;
    spoil();
    expect(await codeOf()).toBe(code);
  });

  it('asks for less room where image and Windows are there already', async () => {
    host.facts = { ...okFacts, mounts: okFacts.mounts.map((mount) => ({ ...mount, freeBytes: 25 * GB })) };
    state = ours;
    expect(await codeOf()).toBe('VM_DISK_SPACE');
    state = { ...ours, image: true };
    expect(await codeOf()).toBe('ready');
  });

  it('goes on without Docker and without KVM where that was allowed, and warns of the cost once', async () => {
    host.facts = { ...okFacts, docker: { installed: false, active: false, version: '', startingS: undefined } };
    host.kvm = { usable: false, reason: 'missing', detail: 'no /dev/kvm' };
    state = ours;
    const layer = layerOf({ installDocker: true, allowTcg: true });
    await layer.check(setting.context(), undefined);
    const seen = await layer.check(setting.context(), undefined);
    expect(seen).toMatchObject({ state: 'ready', output: { acceleration: 'tcg' } });
    const warnings = setting.bus.events.filter((event) => event.level === 'warn');
    expect(warnings.map((event) => event.text)).toEqual([expect.stringContaining('software emulation')]);
  });

  it('marks the host before it makes folders', async () => {
    await layerOf().provision(setting.context(), undefined, { state: 'absent' });
    expect(host.calls).toEqual(['open', 'claim', 'prepareDataDisk none /data']);
  });

  it.each([
    ['takes a mark back that it made', () => untouched, true],
    ['never releases what was ours before: there may be a Windows', () => ours, false],
  ])('%s when the folders cannot be made', async (_name, before, released) => {
    state = before();
    const broken = fail('VM_HOST_SCRIPT_FAILED', { host: 'h', script: 's', exitCode: 1, reason: 'r', detail: 'd' });
    const tools = { ...host.tools, prepareDataDisk: () => Promise.reject(broken) };
    const layer = createHostLayer({ links: host.links, host: tools, plan: setting.plan, claims, target });
    await expect(layer.provision(setting.context(), undefined, { state: 'absent' })).rejects.toBe(broken);
    expect(host.calls.includes('release')).toBe(released);
  });

  it('deletes nothing on a full disk', async () => {
    const full = fail('VM_DISK_SPACE', { host: 'kvm1', path: '/', freeGb: 1, needGb: 50 });
    expect(await layerOf().recover(setting.context(), undefined, full)).toMatchObject({ outcome: 'give-up' });
    expect(host.calls).toEqual([]);
  });

  it('reconnects to a host that was away', async () => {
    const away = fail('VM_SSH_REFUSED', { host: 'kvm1', port: 22 });
    expect(await layerOf().recover(setting.context(), undefined, away)).toMatchObject({ outcome: 'acted' });
  });
});
