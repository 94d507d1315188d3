import { bootsFromDisk, bootsFromDvd } from '../dockur/dialect.js';
import type { Hardware } from '../dockur/hardware.js';
import type { Script } from '../dockur/script.js';
import { INSTALLED_BYTES, type WindowsDisk } from '../dockur/storage.js';

/** Resolution of firmware and Setup under virtio-vga, before the guest's display driver is there. */
const BEFORE_DRIVER = { width: 1280, height: 800 } as const;
const COPY_STEPS = 40;
/** A finished installation is written in three parts: files, devices, apps. */
const SHARE = { copy: 0.45, specialize: 0.15, apps: 0.4 } as const;
/** A desktop that nobody touches still writes a little: logs, search index. */
const IDLE_BYTES_PER_MS = 20;

/**
 * What happens from power-on until the next reset: firmware, then Setup from the DVD or Windows from its disk. The disk
 * remembers how far the installation is, so a reset in the middle goes on where a real one would.
 */
export function* windowsCourse(pc: Hardware): Script {
  const { simulation, storage, serial, machineName } = pc.options;
  yield 1500;
  pc.session.picture = { kind: 'firmware', ...BEFORE_DRIVER };
  yield 1500;
  const disk = storage.windows;
  if (!disk || (disk.stage === 'blank' && !pc.options.hasDvd)) {
    yield* uefiShell(pc);
    return;
  }
  if (disk.stage === 'blank') {
    for (const line of bootsFromDvd) serial(line);
    yield 4000;
    yield* copyFiles(pc, disk);
    return;
  }
  for (const line of bootsFromDisk(disk.partitionGuid)) serial(line);
  pc.handedOver = true;
  pc.session.picture = { kind: 'spinner', ...BEFORE_DRIVER };
  if (pc.rebootLoop || simulation.faults.strikes('windows-reboot-loop', machineName)) {
    pc.rebootLoop = true;
    pc.readMeter.setRate(20_000);
    yield simulation.draw('windows.setup.reboot');
    pc.guestReset();
    return;
  }
  if (simulation.faults.strikes('windows-black-screen', machineName)) {
    pc.session.picture = { kind: 'black', ...BEFORE_DRIVER };
    return;
  }
  pc.readMeter.setRate(60_000);
  if (disk.stage === 'copied') yield* specialize(pc, disk);
  else if (disk.stage === 'specialized') yield* firstLogon(pc, disk);
  else yield* ordinaryBoot(pc, disk);
}

/** Nothing to start: OVMF ends in its shell, and dockur >= 6.04 gives up. */
function* uefiShell(pc: Hardware): Script {
  pc.options.serial('BdsDxe: loading Boot0002 "EFI Internal Shell" from Fv(7CB8BDC9-F8EB-4F34-AAEA-3EE4AF6516A1)');
  pc.options.serial('BdsDxe: starting Boot0002 "EFI Internal Shell" from Fv(7CB8BDC9-F8EB-4F34-AAEA-3EE4AF6516A1)');
  pc.options.serial('UEFI Interactive Shell v2.2');
  yield 2000;
  pc.notBootable();
}

/** WinPE: partitions, copies the image, reboots. Nothing tells its percent but the bytes written and the screen. */
function* copyFiles(pc: Hardware, disk: WindowsDisk): Script {
  const { simulation, machineName } = pc.options;
  const stalls = simulation.faults.strikes('windows-install-stalled', machineName);
  const stepMs = simulation.draw('windows.setup.copy') / COPY_STEPS;
  for (let step = 0; step < COPY_STEPS; step += 1) {
    pc.session.picture = { kind: 'setup', ...BEFORE_DRIVER, percent: Math.floor((10 * step) / COPY_STEPS) * 10 };
    if (stalls && step === COPY_STEPS / 2) {
      pc.written.setRate(0);
      pc.readMeter.setRate(0);
      return;
    }
    yield* write(pc, (INSTALLED_BYTES * SHARE.copy) / COPY_STEPS, stepMs);
  }
  disk.stage = 'copied';
  yield* reboot(pc);
}

function* specialize(pc: Hardware, disk: WindowsDisk): Script {
  const { simulation } = pc.options;
  const stepMs = simulation.draw('windows.setup.specialize') / 10;
  for (let step = 0; step < 10; step += 1) yield* write(pc, (INSTALLED_BYTES * SHARE.specialize) / 10, stepMs);
  disk.stage = 'specialized';
  yield* reboot(pc);
}

/** Autologon, then the set-up of WAA. */
function* firstLogon(pc: Hardware, disk: WindowsDisk): Script {
  const { simulation } = pc.options;
  yield* write(pc, 200 * 1024 ** 2, simulation.draw('windows.setup.reboot'));
  disk.stage = 'installed';
  disk.installedAtMs = simulation.now;
  yield* setUp(pc, disk);
  yield* serve(pc, disk);
}

/**
 * WAA's setup.ps1 in view of everybody. The image's scheduled task WaaSetup begins it anew at every logon until it has come
 * to its end: images/waa-auto/oem/waa-setup.ps1.
 */
function* setUp(pc: Hardware, disk: WindowsDisk): Script {
  showDesktop(pc, 1);
  const stepMs = pc.options.simulation.draw('windows.setup.apps') / 10;
  for (let step = 0; step < 10; step += 1) yield* write(pc, (INSTALLED_BYTES * SHARE.apps) / 10, stepMs);
  disk.appsInstalled = true;
}

function* ordinaryBoot(pc: Hardware, disk: WindowsDisk): Script {
  const { simulation } = pc.options;
  yield* write(pc, 30 * 1024 ** 2, simulation.draw('windows.boot') * (disk.dirty ? 1.3 : 1));
  disk.dirty = false;
  if (!disk.appsInstalled) yield* setUp(pc, disk);
  yield* serve(pc, disk);
}

/** The logon task that setup.ps1 registered starts the WAA server. */
function* serve(pc: Hardware, disk: WindowsDisk): Script {
  const { simulation, machineName } = pc.options;
  pc.written.setRate(IDLE_BYTES_PER_MS);
  pc.readMeter.setRate(IDLE_BYTES_PER_MS);
  pc.session.appsInstalled = true;
  pc.session.installedAtMs = disk.installedAtMs;
  showDesktop(pc, 0);
  if (simulation.faults.strikes('server-never-up', machineName)) return;
  yield simulation.draw('server.start');
  pc.session.server = simulation.faults.strikes('server-500', machineName) ? 'broken' : 'up';
}

function showDesktop(pc: Hardware, windows: number): void {
  const { width, height } = pc.options.settings;
  pc.session.picture = { kind: 'desktop', width, height, windows };
}

function* reboot(pc: Hardware): Script {
  pc.written.setRate(0);
  pc.session.picture = { kind: 'black', ...BEFORE_DRIVER };
  yield pc.options.simulation.draw('windows.setup.reboot');
  pc.guestReset();
}

/** Writes `bytes` within `ms`; stops with an I/O error while the host's disk is full. */
function* write(pc: Hardware, bytes: number, ms: number): Script {
  const { storage, settings } = pc.options;
  pc.written.setRate(bytes / ms);
  yield ms;
  if (settings.snapshot) return;
  while (storage.freeBytes < bytes) {
    pc.written.setRate(0);
    yield pc.ioError();
  }
  storage.grow(bytes);
}
