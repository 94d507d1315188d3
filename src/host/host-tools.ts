import type { SshLink } from '../clients/ssh/ssh.js';
import type { Deadline } from '../health/deadline.js';
import type { WindowsMedia } from '../health/windows-media.js';

export interface MountFacts {
  readonly path: string;
  readonly source: string;
  readonly fsType: string;
  readonly sizeBytes: number;
  readonly freeBytes: number;
}

/** What `facts.sh` prints. */
export interface HostFacts {
  readonly bootId: string;
  readonly os: string;
  readonly kernel: string;
  readonly cpuCores: number;
  readonly memoryMb: number;
  /** True when the CPU flags show vmx or svm. */
  readonly cpuVirtualization: boolean;
  readonly kvm: { readonly present: boolean; readonly writable: boolean };
  readonly docker: {
    readonly installed: boolean;
    /** It answers root. */
    readonly active: boolean;
    readonly version: string;
    /** For how many seconds systemd has been starting the daemon, when that is what it does. */
    readonly startingS: number | undefined;
  };
  readonly cloudInit: {
    /** `absent` where there is no cloud-init. */
    readonly status: 'not started' | 'running' | 'done' | 'error' | 'disabled' | 'absent';
    readonly extendedStatus: string;
    readonly exitCode: number;
    readonly errors: readonly string[];
  };
  /**
   * Mounts that matter: `/` and the data directory when it is one. On a host without a disk of ours: `/`, and the file
   * systems on which the data directory and Docker's data lie, under those paths.
   */
  readonly mounts: readonly MountFacts[];
  /** The data disk's device by LUN 0, when there is one. */
  readonly dataDevice: string | undefined;
  readonly epochMs: number;
}

/** What `kvm-selftest.sh` prints: a functional test, not presence. */
export interface KvmSelftest {
  readonly usable: boolean;
  /** `ok`, `missing`, `unwritable`, `no-cpu-flag`, `create-vm-failed`, `run-failed`, `no-tool`. */
  readonly reason: string;
  readonly detail: string;
}

/** What `storage.sh` prints of the Windows storage directory. */
export interface StorageFacts {
  readonly exists: boolean;
  readonly hasDisk: boolean;
  readonly diskAllocatedBytes: number;
  /** dockur's installed marker `windows.boot`; without it dockur >= 6.04 wipes the disk at the next start. */
  readonly installedMarker: boolean;
  /** Epoch seconds at which its installation began; 0 where that is not known. */
  readonly begunS: number;
  /** Contents of `windows.base`, the ISO it was installed from. */
  readonly base: string;
  /** Contents of `windows.ver`. */
  readonly version: string;
}

/** What `golden.sh` prints of the clean copy of the Windows storage directory. */
export interface GoldenFacts {
  /** A complete copy is there. */
  readonly exists: boolean;
  readonly bytes: number;
  /** Epoch seconds; 0 without a copy. */
  readonly capturedS: number;
  /** Tasks have run on the Windows in the storage directory since it was installed or restored. */
  readonly used: boolean;
  /** Room for a first copy, and for the second that a restore makes. */
  readonly neededBytes: number;
  readonly freeBytes: number;
}

/** What `iso-fetch.sh` prints of the download of Windows' installation media. */
export interface MediaFacts {
  /** `done` also where an installed Windows needs none; `absent`: nobody began it. */
  readonly state: 'absent' | 'running' | 'failed' | 'done';
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Why it failed. */
  readonly detail: string;
}

/** Something Azure is going to do to a VM. https://learn.microsoft.com/azure/virtual-machines/linux/scheduled-events */
export interface ScheduledEvent {
  readonly id: string;
  /** `Preempt` takes a spot VM back; others freeze, reboot or move it. */
  readonly type: string;
  /** Azure's time text; empty once it has begun. */
  readonly notBefore: string;
}

/** Our POSIX scripts on the worker, typed. Uploaded once per content hash; JSON out; VM_HOST_SCRIPT_FAILED otherwise. */
export interface HostTools {
  /** As things are; with `bootWaitS` once first boot has ended, or after so many seconds. */
  facts(link: SshLink, deadline: Deadline, bootWaitS?: number): Promise<HostFacts>;
  kvmSelftest(link: SshLink, deadline: Deadline): Promise<KvmSelftest>;
  /** Formats (only when blank), labels `waa-data`, mounts at `directory` by UUID, makes our folders. `none`: folders only. */
  prepareDataDisk(link: SshLink, lun: number | 'none', directory: string, deadline: Deadline): Promise<void>;
  /** Installs Docker when missing, points its data-root to the data disk, enables and starts it. */
  installDocker(link: SshLink, dataRoot: string, deadline: Deadline): Promise<void>;
  startDocker(link: SshLink, deadline: Deadline): Promise<void>;
  /** Frees space on the data disk and the OS disk (apt cache, journal, Docker's leftovers); returns bytes freed. */
  cleanDisks(link: SshLink, deadline: Deadline): Promise<number>;
  storage(link: SshLink, directory: string, deadline: Deadline): Promise<StorageFacts>;
  /** Touches `windows.boot`, as dockur does after the first clean exit. */
  markInstalled(link: SshLink, directory: string, deadline: Deadline): Promise<void>;
  /** Removes the Windows disk for a new installation. Destroys data: the caller has asked. */
  resetStorage(link: SshLink, directory: string, deadline: Deadline): Promise<void>;
  /** Looks at, makes, or puts back the clean copy of the Windows disk. For the last two the container must not run. */
  golden(
    link: SshLink,
    step: 'status' | 'capture' | 'restore',
    directory: string,
    deadline: Deadline,
  ): Promise<GoldenFacts>;
  /** Begins to download the installation media into the storage directory, in the background, or looks how far it is. */
  media(
    link: SshLink,
    step: 'start' | 'status',
    directory: string,
    media: WindowsMedia,
    deadline: Deadline,
  ): Promise<MediaFacts>;
  /** Reads at most `maxBytes` of a file on the worker as bytes (screendumps). */
  readFile(link: SshLink, path: string, maxBytes: number, deadline: Deadline): Promise<Uint8Array>;
  /** What Azure is going to do to this VM. */
  scheduledEvents(link: SshLink, deadline: Deadline): Promise<readonly ScheduledEvent[]>;
  /** Tails of the logs that explain a broken host: cloud-init, docker journal, kernel. */
  hostLogs(link: SshLink, deadline: Deadline): Promise<Readonly<Record<string, string>>>;
}
