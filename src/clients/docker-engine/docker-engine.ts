import type { Deadline } from '../../health/deadline.js';
import type { RegistryAuth } from '../registry/registry.js';

/** A container we want, as plain data; `container-spec.ts` holds its zod schema and the fingerprint. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  readonly binds: readonly { readonly source: string; readonly target: string; readonly readOnly?: boolean }[];
  readonly devices: readonly string[];
  readonly capabilities: readonly string[];
  readonly ports: readonly { readonly container: number; readonly host: number }[];
  readonly stopTimeoutS: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
}

export interface DockerInfo {
  readonly version: string;
  readonly dataRoot: string;
  readonly storageDriver: string;
}

export interface ImageInfo {
  readonly id: string;
  readonly digests: readonly string[];
  readonly sizeBytes: number;
}

export interface ContainerInfo {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly restartCount: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: Omit<ContainerSpec, 'name' | 'labels'>;
}

export interface PullProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly layersDone: number;
  readonly layersTotal: number;
  readonly text: string;
}

export interface BuildRequest {
  /** The build context, a tar archive with a Dockerfile. */
  readonly context: Uint8Array;
  readonly tag: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly noCache: boolean;
  /** Default: BuildKit where it is the daemon's own default (Docker 23 and later), else the classic builder. */
  readonly builder?: 'buildkit' | 'classic';
}

/** What a builder tells while it works. */
export type BuildEvent =
  | {
      readonly kind: 'step';
      readonly state: 'started' | 'cached' | 'done' | 'failed';
      /** 0 for what belongs to no step of the Dockerfile, such as asking a registry for a base image. */
      readonly step: number;
      /** As many as are known yet. */
      readonly steps: number;
      readonly instruction: string;
    }
  /** A layer of a base image on its way. */
  | { readonly kind: 'transfer'; readonly id: string; readonly doneBytes: number; readonly totalBytes: number }
  /** A line that a program of the build printed. */
  | { readonly kind: 'output'; readonly text: string };

export interface BuiltImage extends ImageInfo {
  readonly labels: Readonly<Record<string, string>>;
}

export interface ContainerExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The Docker Engine of one worker. Raises DOCKER_* failures; `undefined` means not there. */
export interface DockerEngine {
  ping(deadline: Deadline): Promise<void>;
  info(deadline: Deadline): Promise<DockerInfo>;
  inspectImage(reference: string, deadline: Deadline): Promise<ImageInfo | undefined>;
  /** Pulls and reports; resolves when the image is complete. Continues layers that are already there. */
  pullImage(
    reference: string,
    deadline: Deadline,
    onProgress: (progress: PullProgress) => void,
    auth?: RegistryAuth,
  ): Promise<void>;
  /** Tags an image as `target` and pushes that; the digest it has in the registry. What is there is not sent again. */
  pushImage(
    image: string,
    target: string,
    auth: RegistryAuth,
    deadline: Deadline,
    onProgress: (progress: PullProgress) => void,
  ): Promise<string>;
  /** Builds and tags an image. Raises DOCKER_BUILD_*, DOCKER_DISK_FULL, DOCKER_PULL_RATE_LIMITED. */
  buildImage(request: BuildRequest, deadline: Deadline, onEvent: (event: BuildEvent) => void): Promise<BuiltImage>;
  /** Removes dangling images, stopped containers not ours and build cache; returns bytes freed. */
  prune(deadline: Deadline): Promise<number>;
  inspectContainer(nameOrId: string, deadline: Deadline): Promise<ContainerInfo | undefined>;
  createContainer(spec: ContainerSpec, deadline: Deadline): Promise<string>;
  startContainer(id: string, deadline: Deadline): Promise<void>;
  /** SIGTERM, then SIGKILL after `timeoutS`. Stopping a stopped container is no error. */
  stopContainer(id: string, timeoutS: number, deadline: Deadline): Promise<void>;
  killContainer(id: string, deadline: Deadline): Promise<void>;
  removeContainer(id: string, deadline: Deadline): Promise<void>;
  /**
   * The last `tailLines` lines, standard output and error in the order written, ANSI codes kept; only what was written
   * since `sinceMs`, epoch ms of the daemon's clock, when it is given.
   */
  logs(id: string, tailLines: number, deadline: Deadline, sinceMs?: number): Promise<string>;
  /** Runs argv inside the container and waits. */
  exec(id: string, argv: readonly string[], deadline: Deadline, stdin?: string): Promise<ContainerExecResult>;
}
