import * as z from 'zod';
import type { BuiltImage, ContainerInfo, ContainerSpec, DockerInfo, ImageInfo } from './docker-engine.js';

const infoSchema = z.object({ ServerVersion: z.string(), DockerRootDir: z.string(), Driver: z.string() });
const strings = z.array(z.string()).nullish();
const imageSchema = z.object({ Id: z.string(), RepoDigests: strings, Size: z.number() });

const builtSchema = imageSchema.extend({
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

const containerSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  RestartCount: z.number().default(0),
  State: z.object({
    Status: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
    ExitCode: z.number(),
    OOMKilled: z.boolean(),
    StartedAt: z.string(),
    FinishedAt: z.string(),
  }),
  Config: z.object({
    Image: z.string(),
    Env: strings,
    Entrypoint: strings,
    Cmd: strings,
    Labels: z.record(z.string(), z.string()).nullish(),
    StopTimeout: z.number().nullish(),
  }),
  HostConfig: z.object({
    Binds: strings,
    CapAdd: strings,
    Devices: z.array(z.object({ PathOnHost: z.string() })).nullish(),
    PortBindings: z
      .record(z.string(), z.array(z.object({ HostIp: z.string().default(''), HostPort: z.string() })).nullable())
      .nullish(),
  }),
});

/** dockerd's stop timeout when a container names none. */
const DEFAULT_STOP_TIMEOUT_S = 10;

/** `GET /info`. */
export function readInfo(answer: unknown): DockerInfo {
  const { ServerVersion, DockerRootDir, Driver } = infoSchema.parse(answer);
  return { version: ServerVersion, dataRoot: DockerRootDir, storageDriver: Driver };
}

/** `GET /images/{name}/json`; an image that was built here and never pushed has no digest. */
export function readImage(answer: unknown): ImageInfo {
  const { Id, RepoDigests, Size } = imageSchema.parse(answer);
  return { id: Id, digests: RepoDigests ?? [], sizeBytes: Size };
}

/** An image with the labels it was built with. */
export function readBuiltImage(answer: unknown): BuiltImage {
  return { ...readImage(answer), labels: builtSchema.parse(answer).Config?.Labels ?? {} };
}

/** A container as Docker describes it, its specification in our terms. */
export function readContainer(answer: unknown): ContainerInfo {
  const { Id, Name, Image, RestartCount, State, Config, HostConfig } = containerSchema.parse(answer);
  const ports = Object.entries(HostConfig.PortBindings ?? {}).flatMap(([key, bindings]) =>
    (bindings ?? []).map((one) => ({ container: Number.parseInt(key, 10), host: Number(one.HostPort) })),
  );
  return {
    id: Id,
    name: Name.replace(/^\//, ''),
    image: Config.Image,
    imageId: Image,
    state: State.Status,
    exitCode: State.ExitCode,
    oomKilled: State.OOMKilled,
    startedAt: State.StartedAt,
    finishedAt: State.FinishedAt,
    restartCount: RestartCount,
    labels: Config.Labels ?? {},
    spec: {
      image: Config.Image,
      env: Object.fromEntries((Config.Env ?? []).map(splitOnce)),
      binds: (HostConfig.Binds ?? []).map(readBind),
      devices: (HostConfig.Devices ?? []).map((device) => device.PathOnHost),
      // Docker 28 answers CAP_NET_ADMIN where it was asked for NET_ADMIN.
      capabilities: (HostConfig.CapAdd ?? []).map((name) => name.replace(/^CAP_/, '')),
      ports,
      stopTimeoutS: Config.StopTimeout ?? DEFAULT_STOP_TIMEOUT_S,
      ...(Config.Entrypoint?.length ? { entrypoint: Config.Entrypoint } : {}),
      ...(Config.Cmd?.length ? { command: Config.Cmd } : {}),
    },
  };
}

function splitOnce(entry: string): [string, string] {
  const at = entry.indexOf('=');
  return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
}

function readBind(text: string): ContainerSpec['binds'][number] {
  const [source = '', target = '', mode = ''] = text.split(':');
  return { source, target, ...(mode.split(',').includes('ro') ? { readOnly: true } : {}) };
}
