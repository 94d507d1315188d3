import { describe, expect, it } from 'vitest';
import { faultOfExit } from '../../../src/health/dockur-failures.js';
import { parseDockurLog, plainLines } from '../../../src/health/dockur-log.js';
import { createDockurProcesses } from '../../../src/lab/world/dockur/dockur-processes.js';
import {
  arm,
  newMachine,
  newSimulation,
  pass,
  passUntil,
  passUntilServed,
  startContainer,
  type StartOptions,
} from './container-harness.js';

/** Starts a container that cannot work and waits for its end. */
function ends(options: StartOptions & Parameters<typeof newMachine>[0]) {
  const simulation = newSimulation();
  const container = startContainer(simulation, newMachine(options), options);
  passUntil(simulation, () => container.exitCode() !== undefined, 1200);
  const exitCode = container.exitCode() ?? -1;
  const fault = faultOfExit({ exitCode, oomKilled: false }, parseDockurLog(container.log()), '/data/waa/storage');
  return { exitCode, log: plainLines(container.log()).join('\n'), fault };
}

describe('what dockur refuses', () => {
  const cases: readonly (readonly [string, StartOptions & Parameters<typeof newMachine>[0], number, string])[] = [
    ['a storage folder that is not there', { env: { STORAGE: '/nowhere' } }, 13, 'QEMU_STORAGE_UNUSABLE'],
    ['a malformed CPU_CORES', { env: { CPU_CORES: 'many' } }, 15, 'QEMU_CONFIGURATION_REFUSED'],
    ['a malformed RAM_SIZE', { env: { RAM_SIZE: '8GB' } }, 16, 'QEMU_CONFIGURATION_REFUSED'],
    ['too little RAM for Windows 11', { env: { RAM_SIZE: '512M' } }, 16, 'QEMU_CONFIGURATION_REFUSED'],
    ['an unknown NETWORK', { env: { NETWORK: 'foo' } }, 24, 'QEMU_CONFIGURATION_REFUSED'],
    ['DHCP outside a macvlan', { env: { DHCP: 'Y' } }, 29, 'QEMU_CONFIGURATION_REFUSED'],
    ['a malformed MAC', { env: { MAC: 'XX:YY' } }, 28, 'QEMU_CONFIGURATION_REFUSED'],
    [
      'a reserved download name',
      { env: { VERSION: 'http://example.com/windows.iso' } },
      58,
      'QEMU_CONFIGURATION_REFUSED',
    ],
    ['an unknown VERSION', { env: { VERSION: 'win13x64' } }, 68, 'QEMU_CONFIGURATION_REFUSED'],
    [
      'an unknown VERSION, 5.14',
      { env: { VERSION: 'win13x64' }, image: 'dockurr/windows:5.14' },
      61,
      'QEMU_CONFIGURATION_REFUSED',
    ],
    ['a disk below 32 GB', { env: { DISK_SIZE: '30G' } }, 77, 'QEMU_CONFIGURATION_REFUSED'],
    ['a container without /dev/kvm', { devices: ['/dev/net/tun'] }, 88, 'QEMU_KVM_UNAVAILABLE'],
    ['a host without nested virtualization', { nestedVirtualization: false }, 88, 'QEMU_KVM_UNAVAILABLE'],
    ['a disk too small for the ISO', { dataGb: 5 }, 68, 'QEMU_DISK_FULL'],
  ];
  it.each(cases)('%s', (_name, options, exitCode, code) => {
    const seen = ends(options);
    expect(seen.exitCode).toBe(exitCode);
    expect(seen.fault.code).toBe(code);
  });

  it('accepts with 5.14 what 6.05 refuses: a 30 GB disk', () => {
    const simulation = newSimulation();
    const container = startContainer(simulation, newMachine(), {
      image: 'dockurr/windows:5.14',
      env: { DISK_SIZE: '30G' },
    });
    passUntil(simulation, () => container.process.qemu !== undefined);
    expect(container.exitCode()).toBeUndefined();
  });
});

describe('what a container lacks or is given', () => {
  it('falls back to user-mode networking without NET_ADMIN', () => {
    const simulation = newSimulation();
    const container = startContainer(simulation, newMachine(), { capabilities: [], env: { USER_PORTS: '' } });
    passUntil(simulation, () => container.process.qemu !== undefined);
    expect(parseDockurLog(container.log())).toMatchObject({ network: 'user', guestIp: '172.17.0.2' });
    pass(simulation, 3600);
    expect(container.process.ports.guest).toBeUndefined();
  });

  it('runs without KVM when told to, and QEMU says so', () => {
    const simulation = newSimulation();
    const container = startContainer(simulation, newMachine(), { env: { KVM: 'N' }, devices: [] });
    passUntil(simulation, () => container.process.qemu !== undefined);
    expect(container.process.qemu?.kvm).toBe(false);
  });

  it('opens the control socket where ARGUMENTS puts it, on the host side of the bind', () => {
    const simulation = newSimulation();
    const container = startContainer(simulation, newMachine());
    passUntil(simulation, () => container.process.qemu !== undefined);
    expect(container.process.qemu?.qmpSocket).toBe('/data/waa/run/qmp.sock');
  });

  it('has no control socket without such ARGUMENTS', () => {
    const simulation = newSimulation();
    const container = startContainer(simulation, newMachine(), { env: { ARGUMENTS: '' } });
    passUntil(simulation, () => container.process.qemu !== undefined);
    expect(container.process.qemu?.qmpSocket).toBeUndefined();
  });

  it('is no process of an image the lab does not know', () => {
    const context = {} as Parameters<ReturnType<typeof createDockurProcesses>>[1];
    expect(createDockurProcesses(newSimulation())('ubuntu:24.04', context)).toBeUndefined();
    expect(createDockurProcesses(newSimulation())('example.com/mywinarena2:1', context)).toBeUndefined();
  });
});

describe("faults at the container's start", () => {
  it('ends with 88 once, and starts the next time', () => {
    const simulation = newSimulation();
    arm(simulation, 'qemu-exit-88');
    const machine = newMachine();
    const first = startContainer(simulation, machine);
    pass(simulation, 5);
    expect(first.exitCode()).toBe(88);
    const second = startContainer(simulation, machine);
    pass(simulation, 60);
    expect(second.exitCode()).toBeUndefined();
  });

  it('loops for ever on missing media', () => {
    const simulation = newSimulation();
    arm(simulation, 'windows-iso-missing');
    const container = startContainer(simulation, newMachine());
    pass(simulation, 3600);
    expect(container.exitCode()).toBeUndefined();
    expect(parseDockurLog(container.log())).toMatchObject({ isoMissing: true, phase: 'container-start' });
  });
});

describe('signals', () => {
  it('ends a set-up within ten seconds, because Windows ignores ACPI then, and writes no marker', () => {
    const simulation = newSimulation();
    const machine = newMachine();
    const container = startContainer(simulation, machine);
    passUntil(simulation, () => container.process.qemu !== undefined);
    pass(simulation, 60);
    container.process.signal('SIGTERM');
    expect(passUntil(simulation, () => container.exitCode() !== undefined, 30)).toBeLessThanOrEqual(10);
    expect(container.log()).toContain('Windows will ignore ACPI signals during setup');
    expect(machine.readFile('/data/waa/storage/windows.boot')).toBeUndefined();
  });

  it("never reaches dockur in WAA's own image: the wrapper is PID 1", () => {
    const simulation = newSimulation();
    const container = startContainer(simulation, newMachine(), { image: 'windowsarena/winarena:latest' });
    passUntilServed(simulation, container);
    container.process.signal('SIGTERM');
    pass(simulation, 120);
    expect(container.exitCode()).toBeUndefined();
    expect(container.process.ports.guest?.server).toBe('up');
  });

  it('ends the container with 0 when Windows shuts itself down', () => {
    const simulation = newSimulation();
    const container = startContainer(simulation, newMachine());
    passUntilServed(simulation, container);
    container.process.ports.guest?.shutdown();
    passUntil(simulation, () => container.exitCode() !== undefined, 120);
    expect(container.exitCode()).toBe(0);
    expect(container.process.ports.guest).toBeUndefined();
  });

  it('is gone at once when killed, and nothing of it happens any more', () => {
    const simulation = newSimulation();
    const container = startContainer(simulation, newMachine());
    pass(simulation, 60);
    container.process.kill();
    const log = container.log();
    pass(simulation, 3600);
    expect(container.log()).toBe(log);
    expect(container.exitCode()).toBeUndefined();
  });
});

describe('Windows behind port 5000', () => {
  const simulation = newSimulation();
  const container = startContainer(simulation, newMachine());
  passUntilServed(simulation, container);
  const run = (...command: string[]) => container.process.ports.guest?.execute(command);

  it('runs what health checks run', () => {
    expect(run('python', '-c', 'print(1)')).toEqual({ output: '1\r\n', error: '', returnCode: 0 });
    expect(run('powershell', '-Command', "Test-Path 'C:\\Program Files\\VideoLAN\\VLC\\vlc.exe'")?.output).toBe(
      'True\r\n',
    );
    expect(run('powershell', '-Command', "Test-Path 'C:\\nothing.exe'")?.output).toBe('False\r\n');
    expect(run('powershell', '-Command', 'Invoke-WebRequest -UseBasicParsing https://example.com')?.returnCode).toBe(0);
  });

  it('answers an unknown program as Windows does', () => {
    expect(run('no-such-program')).toMatchObject({
      returnCode: 1,
      error: expect.stringContaining('WinError 2') as string,
    });
    expect(run()).toMatchObject({ returnCode: 1 });
  });

  it('shows a desktop and a tree with a taskbar', () => {
    const guest = container.process.ports.guest;
    expect(guest?.screen).toEqual({ width: 1440, height: 900 });
    expect(guest?.accessibilityTree()).toContain('name="Taskbar"');
  });

  it('goes on with the set-up at the next logon when the first one was cut off', () => {
    const cut = newSimulation();
    const machine = newMachine();
    const first = startContainer(cut, machine);
    passUntil(cut, () => parseDockurLog(first.log()).diskBoots === 2);
    pass(cut, 120);
    machine.writeFile('/data/waa/storage/windows.boot', '');
    first.process.kill();
    const second = startContainer(cut, machine);
    pass(cut, 120);
    expect(second.process.ports.guest).toBeUndefined();
    pass(cut, 1800);
    expect(second.process.ports.guest).toMatchObject({ server: 'up' });
  });
});
