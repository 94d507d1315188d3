import { describe, expect, it } from 'vitest';
import { cloudInitReport, cloudInitState } from '../../../src/lab/world/machine/cloud-init-state.js';
import { loadHostScripts } from '../../../src/host/scripts.js';
import { renderCloudInit } from '../../../src/layers/vm/cloud-init.js';
import { labMachine, machineSpec } from '../../helpers/lab-machine.js';

const MINUTE = 60_000;

async function ourUserData(): Promise<string> {
  const { files } = await loadHostScripts();
  return renderCloudInit({
    user: 'azureuser',
    lun: 0,
    dataDirectory: '/data',
    image: 'windowsarena/waa-auto:1',
    scripts: files,
  });
}

describe('power of an emulated machine', () => {
  it('boots to an sshd 25 to 50 seconds after power on', () => {
    const lab = labMachine();
    lab.machine.powerOn();
    expect(lab.machine.power).toBe('booting');
    lab.pass(24_000);
    expect(lab.machine.sshd).toBe('down');
    lab.pass(26_001);
    expect(lab.machine).toMatchObject({ power: 'running', sshd: 'up', agentReady: true });
  });

  it('gives every boot another boot id', () => {
    const lab = labMachine();
    lab.machine.powerOn();
    lab.pass(MINUTE);
    const first = lab.machine.bootId;
    lab.machine.powerOff('graceful', () => {
      lab.machine.powerOn();
    });
    lab.pass(2 * MINUTE);
    expect(lab.machine.bootId).not.toBe(first);
    expect(lab.docker.events).toEqual(['boot', 'graceful', 'hard', 'boot']);
  });

  it('tells who listens what becomes of port 22', () => {
    const lab = labMachine();
    const seen: string[] = [];
    lab.machine.onSshdChange((change) => seen.push(change));
    lab.machine.powerOn();
    lab.pass(MINUTE);
    lab.machine.powerOff('graceful', () => undefined);
    lab.pass(MINUTE);
    lab.machine.powerOn();
    lab.pass(MINUTE);
    lab.machine.powerOff('hard', () => undefined);
    lab.pass(0);
    expect(seen).toEqual(['up', 'down', 'up', 'lost']);
  });

  it('does nothing planned after power went during boot', () => {
    const lab = labMachine();
    lab.machine.powerOn();
    lab.pass(5000);
    let isOff = false;
    lab.machine.powerOff('graceful', () => {
      isOff = true;
    });
    lab.pass(10 * MINUTE);
    expect(isOff).toBe(true);
    expect(lab.machine).toMatchObject({ power: 'off', sshd: 'down', bootId: '' });
  });

  it.each([
    ['has KVM on a nested size of type Standard', {}, true],
    ['has none on other sizes', { nestedVirtualization: false }, false],
    ['has none under Trusted Launch', { securityType: 'TrustedLaunch' as const }, false],
  ])('%s', (_name, overrides, expected) => {
    const lab = labMachine(overrides);
    lab.machine.powerOn();
    lab.pass(MINUTE);
    expect(lab.machine.readFile('/dev/kvm') !== undefined).toBe(expected);
  });

  it('misses KVM for one boot under vm-kvm-missing', () => {
    const lab = labMachine();
    lab.simulation.faults.arm({ id: 'vm-kvm-missing' });
    lab.machine.powerOn();
    lab.pass(MINUTE);
    expect(lab.machine.readFile('/dev/kvm')).toBeUndefined();
    lab.machine.powerOff('graceful', () => {
      lab.machine.powerOn();
    });
    lab.pass(2 * MINUTE);
    expect(lab.machine.readFile('/dev/kvm')).toBeDefined();
  });

  it('starts sshd three minutes late under vm-ssh-refused', () => {
    const lab = labMachine();
    lab.simulation.faults.arm({ id: 'vm-ssh-refused' });
    lab.machine.powerOn();
    lab.pass(3 * MINUTE);
    expect(lab.machine).toMatchObject({ power: 'running', sshd: 'down', agentReady: true });
    lab.pass(MINUTE);
    expect(lab.machine.sshd).toBe('up');
  });
});

describe('first boot of an emulated machine', () => {
  it('obeys the user data waa renders', async () => {
    const lab = labMachine({ customData: await ourUserData() });
    lab.machine.powerOn();
    lab.pass(MINUTE);
    expect(cloudInitState(lab.machine)).toMatchObject({ status: 'running' });
    expect(lab.docker.installed).toBe(false);
    lab.pass(3 * MINUTE);
    expect(cloudInitState(lab.machine)).toMatchObject({
      status: 'done',
      extendedStatus: 'done',
      exitCode: 0,
      errors: [],
    });
    expect([...lab.machine.mounts.keys()]).toEqual(['/', '/data']);
    expect(lab.docker).toMatchObject({
      installed: true,
      dataRoot: '/data/docker',
      pulled: ['windowsarena/waa-auto:1'],
    });
  });

  it.each([
    ['running', 'done', ['windowsarena/waa-auto:1']],
    ['stopped', 'error', []],
  ] as const)('lasts until the Docker daemon is %s, and ends with %s', async (daemon, status, pulled) => {
    const lab = labMachine({ customData: await ourUserData() });
    lab.docker.startsByHand = true;
    lab.machine.powerOn();
    lab.pass(10 * MINUTE);
    expect(cloudInitState(lab.machine)).toMatchObject({ status: 'running' });
    expect(lab.docker).toMatchObject({ installed: true, pulled: [] });
    lab.docker.settle(daemon);
    lab.pass(1000);
    expect(cloudInitState(lab.machine)).toMatchObject({ status });
    expect(lab.docker.pulled).toEqual(pulled);
  });

  it('runs once: files and data disk outlive a deallocation', async () => {
    const lab = labMachine({ customData: await ourUserData() });
    lab.machine.powerOn();
    lab.pass(4 * MINUTE);
    lab.machine.writeFile('/data/waa/storage/data.img', 'windows');
    lab.machine.powerOff('hard', () => {
      lab.machine.powerOn();
    });
    lab.pass(4 * MINUTE);
    expect(lab.machine.readFile('/data/waa/storage/data.img')?.content.toString()).toBe('windows');
    expect(lab.docker.pulled).toHaveLength(1);
  });

  it('begins again after an interrupted first boot', async () => {
    const lab = labMachine({ customData: await ourUserData() });
    lab.machine.powerOn();
    lab.pass(MINUTE);
    lab.machine.powerOff('hard', () => {
      lab.machine.powerOn();
    });
    lab.pass(4 * MINUTE);
    expect(cloudInitState(lab.machine)).toMatchObject({ status: 'done' });
  });

  it.each([
    ['without its header', 'packages: [docker.io]\n', /Unhandled non-multipart/],
    ['that is no YAML', '#cloud-config\nruncmd: [a\n  b: c', /Failed loading yaml blob/],
    ['of the wrong shape', '#cloud-config\npackages: docker.io\n', /schema validation/],
  ])('ends user data %s as cloud-init does: degraded done, exit 2, nothing applied', (_name, customData, warning) => {
    const lab = labMachine({ customData });
    lab.machine.powerOn();
    lab.pass(4 * MINUTE);
    const report = cloudInitReport(lab.machine);
    expect(report.exitCode).toBe(2);
    expect(JSON.parse(report.text)).toMatchObject({ status: 'done', extended_status: 'degraded done', errors: [] });
    expect(cloudInitState(lab.machine)?.recoverableErrors[0]).toMatch(warning);
    expect(lab.docker.installed).toBe(false);
  });

  it('ends with error and without Docker when apt fails', async () => {
    const lab = labMachine({ customData: await ourUserData() });
    lab.simulation.faults.arm({ id: 'vm-cloud-init-failed' });
    lab.machine.powerOn();
    lab.pass(4 * MINUTE);
    expect(cloudInitState(lab.machine)).toMatchObject({ status: 'error', extendedStatus: 'error - done', exitCode: 1 });
    expect(lab.docker).toMatchObject({ installed: false, pulled: [] });
    expect(lab.machine.mounts.has('/data')).toBe(true);
  });

  it('installs docker.io at once where nothing makes it wait for a disk', () => {
    const lab = labMachine({ customData: '#cloud-config\npackages: [docker.io]\n' });
    lab.machine.powerOn();
    lab.pass(4 * MINUTE);
    expect(lab.docker).toMatchObject({ installed: true, dataRoot: '/var/lib/docker' });
  });

  it('calls a runcmd it does not know not found, and counts the last exit code only', () => {
    const lab = labMachine({ customData: '#cloud-config\nruncmd:\n - [frobnicate]\n - ["true"]\n' });
    lab.machine.powerOn();
    lab.pass(4 * MINUTE);
    expect(cloudInitState(lab.machine)).toMatchObject({ status: 'done' });
    expect(lab.machine.readFile('/var/log/cloud-init-output.log')?.content.toString()).toMatch(/frobnicate: not found/);
  });
});

describe('files of an emulated machine', () => {
  it('keeps what is below a mount point on that disk', () => {
    const spec = machineSpec();
    const lab = labMachine({ ...spec, customData: '' });
    lab.machine.writeFile('/etc/hostname', 'vm0');
    expect(lab.machine.listFiles('/etc')).toEqual(['/etc/hostname']);
    expect(spec.osDisk.files.has('/etc/hostname')).toBe(true);
    lab.machine.removeTree('/etc');
    expect(lab.machine.readFile('/etc/hostname')).toBeUndefined();
  });

  it('does not take a name that only begins like a directory for its content', () => {
    const { machine } = labMachine();
    machine.writeFile('/data2/file', 'x');
    expect(machine.listFiles('/data')).toEqual([]);
  });
});
