import { describe, expect, it } from 'vitest';
import { decodePng } from '../../../src/health/decode-png.js';
import { parseDockurLog, plainLines } from '../../../src/health/dockur-log.js';
import { classifyScreen } from '../../../src/health/screen.js';
import { openStorage } from '../../../src/lab/world/dockur/storage.js';
import {
  arm,
  gib,
  newMachine,
  newSimulation,
  pass,
  passUntil,
  passUntilServed,
  startContainer,
  STORAGE,
  type RunningContainer,
} from './container-harness.js';

const known = new Map<Buffer, string>();
const screenOf = (container: RunningContainer): string => {
  const png = container.process.qemu?.screendump();
  if (!png) return 'off';
  const kind = known.get(png) ?? classifyScreen(decodePng(png)).kind;
  known.set(png, kind);
  return kind;
};
const textOf = (container: RunningContainer): string => plainLines(container.log()).join('\n');

describe('first installation, dockur 6.05', () => {
  it('comes to a WAA server in about the time that field reports tell', () => {
    const simulation = newSimulation();
    const container = startContainer(simulation, newMachine());
    const seconds = passUntilServed(simulation, container);
    expect(seconds).toBeGreaterThan(15 * 60);
    expect(seconds).toBeLessThan(35 * 60);
    expect(container.process.ports.guest?.apps).toContain('libreoffice_calc');
  });

  it('logs the lines of the real one in their order', () => {
    const simulation = newSimulation();
    const container = startContainer(simulation, newMachine());
    passUntilServed(simulation, container);
    const order = [
      'Starting Windows for Docker v6.05',
      'Requesting Windows 11 Enterprise (Evaluation)',
      'Downloading Windows 11',
      '90% → 100%',
      'Creating overlay image',
      'Writing overlay image',
      'Creating a 64 GB growable disk image in raw format',
      'Guest: 172.30.0.2',
      'Nested Hyper-V',
      'Booting Windows using QEMU v11.1.0',
      'BdsDxe: skipped Boot0002',
      'BdsDxe: starting Boot0001',
      'Windows started successfully',
      'starting Boot0004 "Windows Boot Manager"',
    ];
    const places = order.map((part) => textOf(container).indexOf(part));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(parseDockurLog(container.log())).toMatchObject({ diskBoots: 2, dvdBoots: 1, errors: [], warnings: [] });
  });

  it('shows the percent on the status page and closes it when QEMU starts', () => {
    const simulation = newSimulation();
    const container = startContainer(simulation, newMachine());
    pass(simulation, 60);
    expect(container.process.ports.statusPage).toMatch(/Downloading Windows 11 Enterprise \(Evaluation\) \(\d+\.\d%\)/);
    expect(container.process.qemu).toBeUndefined();
    passUntil(simulation, () => container.process.qemu !== undefined);
    expect(container.process.ports.statusPage).toBeUndefined();
  });

  it('shows Setup, then boot screens, then a desktop of the configured size', () => {
    const simulation = newSimulation();
    const container = startContainer(simulation, newMachine());
    const seen: string[] = [];
    for (let look = 0; look < 400 && seen.at(-1) !== 'desktop'; look += 1) {
      pass(simulation, 4);
      const kind = screenOf(container);
      if (seen.at(-1) !== kind && kind !== 'black') seen.push(kind);
    }
    expect(seen.filter((kind, at) => kind !== 'booting' || seen[at - 1] === 'setup')).toEqual([
      'off',
      'setup',
      'booting',
      'desktop',
    ]);
    // The harness draws at a quarter of the size.
    expect(classifyScreen(decodePng(container.process.qemu?.screendump() ?? Buffer.alloc(0)))).toMatchObject({
      width: 360,
      height: 225,
    });
  });

  it('fills the data disk as it goes', () => {
    const simulation = newSimulation();
    const machine = newMachine();
    passUntilServed(simulation, startContainer(simulation, machine));
    expect(machine.mounts.get('/data')?.usedBytes.get('windows')).toBeGreaterThan(gib(20));
    expect(machine.mounts.get('/data')?.usedBytes.get('windows-iso')).toBeGreaterThan(gib(6));
  });

  it('is the same again with the same seed', () => {
    const run = (): string => {
      const simulation = newSimulation(42);
      const container = startContainer(simulation, newMachine());
      return `${passUntilServed(simulation, container)} ${container.log()}`;
    };
    expect(run()).toBe(run());
  });
});

describe('first installation, dockur 5.14', () => {
  it('speaks the older dialect: rebuilt ISO, dotted progress, no Guest line', () => {
    const simulation = newSimulation();
    const container = startContainer(simulation, newMachine(), { image: 'dockurr/windows:5.14' });
    pass(simulation, 120);
    expect(parseDockurLog(container.log())).toMatchObject({
      version: '5.14',
      phase: 'iso-download',
      percent: expect.any(Number) as number,
    });
    passUntilServed(simulation, container);
    expect(textOf(container)).toContain('Building Windows 11 image');
    expect(textOf(container)).not.toContain('Guest:');
    expect(container.process.exec(['cat', '/var/lib/misc/dnsmasq.leases'], '')?.stdout).toContain('172.30.0.2');
  });
});

describe('the storage directory', () => {
  it('has no marker until the first clean exit, which writes it and drops the ISO', () => {
    const simulation = newSimulation();
    const machine = newMachine();
    const container = startContainer(simulation, machine);
    passUntilServed(simulation, container);
    expect(openStorage(machine, STORAGE).marked).toBe(false);
    container.process.signal('SIGTERM');
    passUntil(simulation, () => container.exitCode() !== undefined, 110);
    expect(container.exitCode()).toBe(143);
    expect(openStorage(machine, STORAGE)).toMatchObject({ marked: true, hasIso: false });
  });

  it('boots a marked disk without preparation', () => {
    const simulation = newSimulation();
    const machine = newMachine();
    const first = startContainer(simulation, machine);
    passUntilServed(simulation, first);
    first.process.signal('SIGTERM');
    passUntil(simulation, () => first.exitCode() !== undefined, 110);
    const second = startContainer(simulation, machine);
    expect(passUntilServed(simulation, second)).toBeLessThan(180);
    expect(parseDockurLog(second.log())).toMatchObject({ dvdBoots: 0, diskBoots: 1 });
  });

  it('is wiped by 6.05 when a disk without marker starts, and installed again from the kept ISO', () => {
    const simulation = newSimulation();
    const machine = newMachine();
    const first = startContainer(simulation, machine);
    passUntilServed(simulation, first);
    first.process.kill();
    const second = startContainer(simulation, machine);
    pass(simulation, 3);
    expect(machine.readFile(`${STORAGE}/data.img`)).toBeUndefined();
    expect(openStorage(machine, STORAGE).hasIso).toBe(true);
    passUntil(simulation, () => second.process.qemu !== undefined);
    expect(openStorage(machine, STORAGE).windows?.stage).toBe('blank');
    expect(textOf(second)).not.toContain('Downloading');
  });

  it('is kept by 5.14 in the same case, because its ISO was processed already', () => {
    const simulation = newSimulation();
    const machine = newMachine();
    const image = 'dockurr/windows:5.14';
    const first = startContainer(simulation, machine, { image });
    passUntilServed(simulation, first);
    first.process.kill();
    const second = startContainer(simulation, machine, { image });
    passUntilServed(simulation, second);
    expect(parseDockurLog(second.log()).dvdBoots).toBe(0);
  });

  it('keeps an installed disk of another version in backups', () => {
    const simulation = newSimulation();
    const machine = newMachine();
    const first = startContainer(simulation, machine);
    passUntilServed(simulation, first);
    first.process.signal('SIGTERM');
    passUntil(simulation, () => first.exitCode() !== undefined, 110);
    const second = startContainer(simulation, machine, { env: { VERSION: '10e' } });
    pass(simulation, 30);
    expect(textOf(second)).toContain('a backup of your previous installation will be saved');
    expect(machine.readFile(`${STORAGE}/backups/win11x64-enterprise-eval/data.img`)).toBeDefined();
  });

  it('downloads again after a kill in the middle of a download', () => {
    const simulation = newSimulation();
    const machine = newMachine();
    const first = startContainer(simulation, machine);
    pass(simulation, 60);
    first.process.kill();
    const second = startContainer(simulation, machine);
    pass(simulation, 30);
    expect(parseDockurLog(second.log()).phase).toBe('iso-download');
  });
});

describe('faults in Windows', () => {
  it('stalls: neither disk nor screen moves, until a reset begins Setup again', () => {
    const simulation = newSimulation();
    arm(simulation, 'windows-install-stalled');
    const container = startContainer(simulation, newMachine());
    pass(simulation, 1500);
    const before = { bytes: container.process.qemu?.writtenBytes, screen: container.process.qemu?.screendump() };
    pass(simulation, 600);
    expect(container.process.qemu?.writtenBytes).toBe(before.bytes);
    expect(container.process.qemu?.screendump().equals(before.screen ?? Buffer.alloc(0))).toBe(true);
    container.process.qemu?.reset();
    passUntilServed(simulation, container);
  });

  it('goes round in a reboot loop that only a new QEMU ends', () => {
    const simulation = newSimulation();
    arm(simulation, 'windows-reboot-loop');
    const container = startContainer(simulation, newMachine());
    pass(simulation, 1800);
    expect(parseDockurLog(container.log()).diskBoots).toBeGreaterThan(6);
    container.process.qemu?.reset();
    pass(simulation, 600);
    expect(container.process.ports.guest).toBeUndefined();
  });

  it('never opens port 5000, or answers 500, when so asked', () => {
    const silent = newSimulation();
    arm(silent, 'server-never-up');
    const first = startContainer(silent, newMachine());
    pass(silent, 3600);
    expect(first.process.ports.guest).toBeUndefined();
    const broken = newSimulation();
    arm(broken, 'server-500');
    const second = startContainer(broken, newMachine());
    passUntil(broken, () => second.process.ports.guest?.server === 'broken');
    expect(screenOf(second)).toBe('desktop');
  });

  it('stops with an I/O error while the disk is full and goes on after cont', () => {
    const simulation = newSimulation();
    const machine = newMachine({ dataGb: 64 });
    const container = startContainer(simulation, machine);
    passUntil(simulation, () => container.process.qemu !== undefined);
    const events: string[] = [];
    container.process.qemu?.onEvent((event) => events.push(event));
    machine.mounts.get('/data')?.usedBytes.set('clutter', gib(55));
    passUntil(simulation, () => container.process.qemu?.status === 'io-error');
    expect(events).toEqual(['BLOCK_IO_ERROR', 'STOP']);
    machine.mounts.get('/data')?.usedBytes.delete('clutter');
    container.process.qemu?.cont();
    passUntilServed(simulation, container);
  });
});
