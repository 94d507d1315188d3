import type { Guest, Qemu } from '../contracts.js';
import { createGuest, type WindowsSession } from '../guest/guest.js';
import { windowsCourse } from '../guest/windows-course.js';
import type { Hardware, PowerOffReason, VirtualPcOptions } from './hardware.js';
import { createMeter } from './meter.js';
import { createGate, play, type Gate } from './script.js';

/** The emulated PC that QEMU provides, with whatever its disk holds. */
export interface VirtualPc {
  readonly qemu: Qemu;
  readonly guest: Guest;
  readonly session: WindowsSession;
  /** Windows obeys the power button: it runs from its disk and setup is over. */
  readonly obeysAcpi: boolean;
  /** Ends at once, as when QEMU is killed. */
  destroy(): void;
}

const FIRMWARE_SCREEN = { width: 1280, height: 800 } as const;

/** Builds the PC and switches it on. */
export function createVirtualPc(options: VirtualPcOptions): VirtualPc {
  const { simulation, storage } = options;
  const listeners = new Set<(event: string, data: Record<string, unknown>) => void>();
  const emit = (event: string, data: Record<string, unknown> = {}): void => {
    for (const listener of [...listeners]) listener(event, data);
  };
  const session: WindowsSession = {
    server: 'refused',
    picture: { kind: 'black', ...FIRMWARE_SCREEN },
    appsInstalled: false,
  };
  let status = 'running';
  let alive = true;
  let shuttingDown = false;
  let stopCourse = (): void => undefined;
  let paused: Gate | undefined;

  const boot = (): void => {
    stopCourse();
    shuttingDown = false;
    session.server = 'refused';
    // QEMU goes on showing the last picture of before until the firmware paints.
    hardware.handedOver = false;
    hardware.written.setRate(0);
    hardware.readMeter.setRate(0);
    stopCourse = play(simulation, windowsCourse(hardware));
  };
  const end = (): void => {
    alive = false;
    session.server = 'refused';
    stopCourse();
  };
  const off = (reason: PowerOffReason): void => {
    if (!alive) return;
    const windows = storage.windows;
    if (windows) windows.dirty = reason === 'host-qmp-quit';
    status = 'shutdown';
    emit('SHUTDOWN', { guest: reason === 'guest-shutdown', reason });
    end();
    options.off(reason);
  };
  const hardware: Hardware = {
    options,
    session,
    written: createMeter(() => simulation.now),
    readMeter: createMeter(() => simulation.now),
    rebootLoop: false,
    handedOver: false,
    guestReset() {
      emit('RESET', { guest: true, reason: 'guest-reset' });
      simulation.after(0, () => {
        if (alive) boot();
      });
    },
    guestShutdown() {
      if (shuttingDown || !obeysAcpi()) return;
      shuttingDown = true;
      stopCourse();
      session.server = 'refused';
      session.picture = { kind: 'spinner', width: session.picture.width, height: session.picture.height };
      stopCourse = simulation.after(simulation.draw('windows.shutdown'), () => off('guest-shutdown'));
    },
    notBootable() {
      if (options.watchesBoot) off('not-bootable');
    },
    ioError() {
      status = 'io-error';
      const data = {
        device: 'data3',
        nospace: true,
        reason: 'No space left on device',
        operation: 'write',
        action: 'stop',
      };
      emit('BLOCK_IO_ERROR', data);
      emit('STOP');
      paused = createGate();
      return paused;
    },
  };
  const obeysAcpi = (): boolean =>
    alive && hardware.handedOver && session.picture.kind === 'desktop' && storage.windows?.stage === 'installed';

  const qemu: Qemu = {
    qmpSocket: options.qmpSocket,
    kvm: options.kvm,
    get status() {
      return status;
    },
    get readBytes() {
      return hardware.readMeter.read();
    },
    get writtenBytes() {
      return hardware.written.read();
    },
    screendump: () => options.painter.png(session.picture),
    screendumpTo: (path) => options.writeInside(path, options.painter.png(session.picture)),
    powerdown() {
      emit('POWERDOWN');
      hardware.guestShutdown();
    },
    reset() {
      if (!alive) return;
      emit('RESET', { guest: false, reason: 'host-qmp-system-reset' });
      if (storage.windows) storage.windows.dirty = true;
      boot();
    },
    cont() {
      if (!paused) return;
      const gate = paused;
      paused = undefined;
      status = 'running';
      emit('RESUME');
      gate.open();
    },
    quit: () => off('host-qmp-quit'),
    onEvent(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
  boot();
  return {
    qemu,
    session,
    guest: createGuest(
      session,
      options.painter.png,
      () => {
        simulation.after(2000, hardware.guestShutdown);
      },
      () => {
        if (storage.windows) storage.windows.taskTraces += 1;
      },
    ),
    get obeysAcpi() {
      return obeysAcpi();
    },
    destroy() {
      if (!alive) return;
      if (storage.windows) storage.windows.dirty = true;
      end();
    },
  };
}
