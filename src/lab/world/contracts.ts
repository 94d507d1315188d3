/**
 * The seams of the emulated world. Each part is built by one folder and knows the others by these types only:
 *
 *   azure/  creates and powers   Machine      (machine/)
 *   machine/ owns                DockerHost   (docker/)      and Files of its disks
 *   docker/ runs                 ContainerProcess (dockur/)  inside a container
 *   dockur/ boots                Guest        (guest/)       Windows with the WAA server
 *   agent/  runs tasks           in a container against a Guest, writing Files
 */

/** A file in the world. `modeBits` as in chmod; `modifiedMs` is lab time, epoch ms. */
export interface WorldFile {
  readonly content: Buffer;
  readonly modeBits: number;
  readonly modifiedMs: number;
}

/** The contents of a disk: what survives when a VM is deallocated, and goes when the disk is deleted. */
export interface Disk {
  readonly id: string;
  readonly sizeGb: number;
  /** Empty until a file system was made. */
  label: string;
  formatted: boolean;
  readonly files: Map<string, WorldFile>;
  /** Bytes used by named things that are not files: `image:<id>`, `windows`, `clutter`. */
  readonly usedBytes: Map<string, number>;
  /** Private state that parts of the world keep on the disk, by owner (`docker`, `dockur`). */
  readonly data: Map<string, unknown>;
}

/** Free bytes of a disk. */
export function freeBytes(disk: Disk): number {
  let used = 0;
  for (const bytes of disk.usedBytes.values()) used += bytes;
  for (const file of disk.files.values()) used += file.content.length;
  return Math.max(0, disk.sizeGb * 1024 ** 3 - used);
}

export interface MachineSpec {
  readonly name: string;
  readonly cpuCores: number;
  readonly memoryMb: number;
  readonly nestedVirtualization: boolean;
  readonly securityType: 'Standard' | 'TrustedLaunch' | 'ConfidentialVM';
  readonly osDisk: Disk;
  readonly dataDisks: readonly { readonly lun: number; readonly disk: Disk }[];
  readonly adminUser: string;
  readonly sshPublicKeys: readonly string[];
  /** Decoded cloud-init user data. */
  readonly customData: string;
}

export type MachinePower = 'off' | 'booting' | 'running' | 'stopping';

export interface ScheduledEvent {
  readonly id: string;
  readonly type: 'Preempt';
  /** Epoch ms. */
  readonly notBefore: number;
}

/** A virtual machine as its host sees it, with the Linux inside. */
export interface Machine {
  readonly spec: MachineSpec;
  readonly power: MachinePower;
  /** True once the Azure agent answers, about when cloud-init has set up the user. */
  readonly agentReady: boolean;
  /** Linux boot id, new with each boot. */
  readonly bootId: string;
  readonly sshd: 'down' | 'up';
  readonly docker: DockerHost;
  /** Where each disk is mounted: `/` and, once prepared, `/data`. */
  readonly mounts: ReadonlyMap<string, Disk>;
  /** Mounts what /etc/fstab says, as `mount -a`. */
  mountAll(): void;
  /** Power on; boots in drawn time. */
  powerOn(): void;
  /** `graceful` lets Linux stop its services (Docker stops containers); `hard` pulls the plug. Calls `done` when off. */
  powerOff(how: 'graceful' | 'hard', done: () => void): void;
  /** What is going to be done to it, as its metadata service tells. Set by the owner; missing: nothing. */
  scheduledEvents?: readonly ScheduledEvent[];
  /** Set by the owner: called when Linux powered itself off. */
  onGuestPoweroff: (() => void) | undefined;
  /** Registers for the fate of port 22; returns the way to unregister. `lost`: power went, so nobody says goodbye. */
  onSshdChange(listener: (change: 'up' | 'down' | 'lost') => void): () => void;
  /** Reads a file by absolute path through the mounts. */
  readFile(path: string): WorldFile | undefined;
  /** Written now, unless it is a copy that keeps the time of its original. */
  writeFile(path: string, content: string | Buffer, modeBits?: number, modifiedMs?: number): void;
  removeTree(path: string): void;
  /** Paths below `directory`. */
  listFiles(directory: string): readonly string[];
}

export type MachineFactory = (spec: MachineSpec) => Machine;

export interface WorldContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly state: 'created' | 'running' | 'exited';
  readonly exitCode: number;
  readonly startedAt: number;
  readonly process: ContainerProcess | undefined;
}

/** The Docker engine of a machine, as the rest of the world uses it. Its HTTP face is wire/docker. */
export interface DockerHost {
  readonly installed: boolean;
  readonly daemon: 'stopped' | 'starting' | 'running';
  /** Installs packages (instant: the caller accounts for the time) and starts the daemon with this data-root. */
  install(dataRoot: string): void;
  startDaemon(): void;
  stopDaemon(): void;
  /** The machine boots or loses power: containers end, the daemon starts again with the next boot. */
  onMachineBoot(): void;
  onMachineOff(how: 'graceful' | 'hard'): void;
  readonly containers: readonly WorldContainer[];
  readonly images: readonly { readonly reference: string; readonly id: string; readonly sizeBytes: number }[];
  /** What `docker pull` on the machine (cloud-init) does; calls back with an error text or nothing. */
  pull(reference: string, done: (error?: string) => void): void;
  /** Ends a container as `docker kill` does. */
  kill(nameOrId: string): void;
  prune(): number;
}

export type DockerHostFactory = (machine: Machine) => DockerHost;

export interface ContainerProcessContext {
  readonly machine: Machine;
  readonly containerId: string;
  readonly env: Readonly<Record<string, string>>;
  readonly devices: readonly string[];
  readonly capabilities: readonly string[];
  /** Host path behind a container path, when it is bind-mounted. */
  hostPath(containerPath: string): string | undefined;
  /** Appends to the container's log. */
  log(text: string, stream?: 'stdout' | 'stderr'): void;
  /** The process ends by itself. */
  exit(code: number): void;
}

/** What runs inside a container. */
export interface ContainerProcess {
  start(): void;
  /** SIGTERM etc.; the process decides what to do. */
  signal(name: 'SIGTERM' | 'SIGINT' | 'SIGHUP'): void;
  /** SIGKILL or power loss: gone at once. */
  kill(): void;
  /** `docker exec` of argv; undefined when the program does not exist in the image. */
  exec(argv: readonly string[], stdin: string): { exitCode: number; stdout: string; stderr: string } | undefined;
  /** A connection to a published TCP port of this container. */
  readonly ports: ContainerPorts;
  /** The machine-control socket of QEMU, when it runs. */
  readonly qemu: Qemu | undefined;
}

/** What listens behind the ports of the container. */
export interface ContainerPorts {
  /** Body of `/msg.html` on port 8006, or undefined once preparation is over (404). */
  readonly statusPage: string | undefined;
  /** Windows with its WAA server on port 5000; undefined when nothing listens. */
  readonly guest: Guest | undefined;
}

/** Makes the process for an image; undefined when the lab knows no such image. */
export type ContainerProcessFactory = (image: string, context: ContainerProcessContext) => ContainerProcess | undefined;

/** QEMU as QMP shows it. */
export interface Qemu {
  /** Host path of the QMP unix socket, when ARGUMENTS asked for one on a bind mount. */
  readonly qmpSocket: string | undefined;
  readonly status: string;
  readonly kvm: boolean;
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** The screen as PNG. */
  screendump(): Buffer;
  /** Writes the screen as PNG to a path inside the container; false when there is no such directory. */
  screendumpTo(containerPath: string): boolean;
  powerdown(): void;
  reset(): void;
  cont(): void;
  quit(): void;
  /** Registers for QMP events; returns the way to unregister. */
  onEvent(listener: (event: string, data: Record<string, unknown>) => void): () => void;
}

/** Windows as the WAA server's port shows it. */
export interface Guest {
  /** `refused`: nothing listens on 5000; `broken`: every call but /probe answers 500; `up`: works. */
  readonly server: 'refused' | 'broken' | 'up';
  readonly screen: { readonly width: number; readonly height: number };
  readonly apps: readonly string[];
  /** The screen as PNG. */
  screenshot(): Buffer;
  /** Runs a command as /execute does. */
  execute(command: readonly string[]): { output: string; error: string; returnCode: number };
  accessibilityTree(): string;
  closeAll(): void;
  /** An agent works in it: leaves a window open and traces on the disk. */
  leaveTraces(): void;
  /** Windows shuts down by itself, as after POST /shutdown. */
  shutdown(): void;
  /** The server ends, or from now on only fails, until Windows starts again. */
  breakServer(into: 'refused' | 'broken'): void;
  /** A stop error: the screen says so and nothing answers any more. */
  crash(): void;
}
