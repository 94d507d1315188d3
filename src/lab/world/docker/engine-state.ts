import type { ImageConfiguration } from './registry-world.js';

/** What `docker create` was asked for, normalised. Plain data: it lives on the disk. */
export interface ContainerConfig {
  readonly image: string;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly exposedPorts: readonly string[];
  readonly stopSignal: string;
  readonly stopTimeoutS: number;
  readonly binds: readonly Bind[];
  readonly volumes: readonly string[];
  readonly ports: readonly PublishedPort[];
  readonly devices: readonly { readonly host: string; readonly container: string; readonly permissions: string }[];
  readonly capAdd: readonly string[];
  readonly networkMode: string;
  readonly restartPolicy: string;
  readonly autoRemove: boolean;
  readonly privileged: boolean;
}

export interface Bind {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** `-v` makes a missing source, `--mount` refuses. */
  readonly createSource: boolean;
}

export interface PublishedPort {
  /** `5000/tcp` */
  readonly container: string;
  readonly hostIp: string;
  readonly hostPort: number;
}

export interface LogEntry {
  readonly at: number;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

export interface StoredContainer {
  readonly id: string;
  name: string;
  readonly createdAt: number;
  readonly imageId: string;
  readonly config: ContainerConfig;
  readonly ipAddress: string;
  state: 'created' | 'running' | 'exited';
  exitCode: number;
  error: string;
  oomKilled: boolean;
  pid: number;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  readonly log: LogEntry[];
}

export interface StoredImage {
  readonly id: string;
  readonly createdAt: string;
  readonly sizeBytes: number;
  readonly layers: readonly string[];
  readonly configuration: ImageConfiguration;
}

/** All a daemon keeps below its data-root: plain data on the disk, so it survives what the disk survives. */
export interface EngineState {
  readonly images: Map<string, StoredImage>;
  /** `docker.io/library/ubuntu:24.04` and `docker.io/library/ubuntu@sha256:...` to image id. */
  readonly references: Map<string, string>;
  readonly containers: Map<string, StoredContainer>;
  nextAddress: number;
}

/** A Docker without images and containers. */
export const emptyEngineState = (): EngineState => ({
  images: new Map(),
  references: new Map(),
  containers: new Map(),
  nextAddress: 2,
});
