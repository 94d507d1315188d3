import type { WindowsSession } from '../guest/guest.js';
import type { ScreenPainter } from '../guest/screens.js';
import type { Simulation } from '../simulation.js';
import type { Meter } from './meter.js';
import type { Gate } from './script.js';
import type { DockurSettings } from './settings.js';
import type { DockurStorage } from './storage.js';

/** Why the virtual machine is off. */
export type PowerOffReason = 'guest-shutdown' | 'host-qmp-quit' | 'not-bootable';

export interface VirtualPcOptions {
  readonly simulation: Simulation;
  readonly storage: DockurStorage;
  readonly settings: DockurSettings;
  readonly painter: ScreenPainter;
  /** VM name, for faults aimed at one worker. */
  readonly machineName: string;
  readonly kvm: boolean;
  /** The installation DVD is attached. */
  readonly hasDvd: boolean;
  /** dockur >= 6.04 ends a machine that finds nothing to boot; older ones sit in the firmware's shell. */
  readonly watchesBoot: boolean;
  /** Host path of the QMP socket. */
  readonly qmpSocket: string | undefined;
  /** Serial console: OVMF's lines. */
  readonly serial: (line: string) => void;
  /** Writes a file at a path inside the container; false when there is no such directory. */
  writeInside(path: string, content: Buffer): boolean;
  off(reason: PowerOffReason): void;
}

/** What the course of Windows may do to the machine it runs on. */
export interface Hardware {
  readonly options: VirtualPcOptions;
  readonly session: WindowsSession;
  readonly written: Meter;
  readonly readMeter: Meter;
  /** Set once the reboot-loop fault has struck: it lasts until this QEMU ends. */
  rebootLoop: boolean;
  /** The firmware has begun Windows since the last reset. */
  handedOver: boolean;
  /** Windows reboots itself: QEMU stays, firmware starts again. */
  guestReset(): void;
  readonly guestShutdown: () => void;
  notBootable(): void;
  /** Host disk full: QEMU stops the guest; the gate opens with `cont`. */
  ioError(): Gate;
}
