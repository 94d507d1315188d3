import type { EngineCore } from '../../world/docker/engine-core.js';
import type { ContainerConfig, StoredContainer } from '../../world/docker/engine-state.js';
import { ZERO_TIME, goTime, humanDuration } from './go-time.js';

const GATEWAY = '172.17.0.1';

/** GET /containers/{id}/json. */
export function inspectShape(core: EngineCore, container: StoredContainer): unknown {
  const { config, id } = container;
  const running = container.state === 'running';
  const argv = [...config.entrypoint, ...config.command];
  return {
    Id: id,
    Created: goTime(container.createdAt),
    Path: argv[0] ?? '',
    Args: argv.slice(1),
    State: {
      Status: container.state,
      Running: running,
      Paused: false,
      Restarting: false,
      OOMKilled: container.oomKilled,
      Dead: false,
      Pid: container.pid,
      ExitCode: container.exitCode,
      Error: container.error,
      StartedAt: goTime(container.startedAt),
      FinishedAt: container.finishedAt === undefined ? ZERO_TIME : goTime(container.finishedAt),
    },
    Image: container.imageId,
    ResolvConfPath: `${core.dataRoot}/containers/${id}/resolv.conf`,
    LogPath: `${core.dataRoot}/containers/${id}/${id}-json.log`,
    Name: `/${container.name}`,
    RestartCount: 0,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: 'docker-default',
    ExecIDs: null,
    HostConfig: hostConfigShape(config),
    GraphDriver: { Name: 'overlay2', Data: { MergedDir: `${core.dataRoot}/overlay2/${id}/merged` } },
    Mounts: mountShapes(config),
    Config: {
      Hostname: id.slice(0, 12),
      Domainname: '',
      User: config.user,
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      ExposedPorts: emptyObjects(config.exposedPorts),
      Tty: config.tty,
      OpenStdin: config.openStdin,
      StdinOnce: false,
      Env: config.env,
      Cmd: config.command.length > 0 ? config.command : null,
      Image: config.image,
      Volumes: emptyObjects(config.volumes),
      WorkingDir: config.workingDir,
      Entrypoint: config.entrypoint.length > 0 ? config.entrypoint : null,
      OnBuild: null,
      Labels: config.labels,
      StopSignal: config.stopSignal,
      StopTimeout: config.stopTimeoutS,
    },
    NetworkSettings: {
      Bridge: '',
      Ports: running ? portBindings(config) : {},
      Gateway: running ? GATEWAY : '',
      IPAddress: running ? container.ipAddress : '',
      Networks: networks(container),
    },
  };
}

/** One element of GET /containers/json. */
export function listShape(core: EngineCore, container: StoredContainer): unknown {
  const { config } = container;
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: config.image,
    ImageID: container.imageId,
    Command: [...config.entrypoint, ...config.command].join(' '),
    Created: Math.floor(container.createdAt / 1000),
    Ports: container.state === 'running' ? publishedPorts(config) : [],
    Labels: config.labels,
    State: container.state,
    Status: statusText(core, container),
    HostConfig: { NetworkMode: config.networkMode },
    NetworkSettings: { Networks: networks(container) },
    Mounts: mountShapes(config),
  };
}

function hostConfigShape(config: ContainerConfig): unknown {
  return {
    Binds: config.binds
      .filter((bind) => bind.createSource)
      .map((bind) => `${bind.source}:${bind.target}${bind.readOnly ? ':ro' : ''}`),
    ContainerIDFile: '',
    LogConfig: { Type: 'json-file', Config: {} },
    NetworkMode: config.networkMode,
    PortBindings: portBindings(config),
    RestartPolicy: { Name: config.restartPolicy, MaximumRetryCount: 0 },
    AutoRemove: config.autoRemove,
    CapAdd: config.capAdd.length > 0 ? config.capAdd : null,
    CapDrop: null,
    Privileged: config.privileged,
    Devices: config.devices.map((device) => ({
      PathOnHost: device.host,
      PathInContainer: device.container,
      CgroupPermissions: device.permissions,
    })),
    Memory: 0,
    Runtime: 'runc',
  };
}

function statusText(core: EngineCore, container: StoredContainer): string {
  const ago = (at: number | undefined): string => humanDuration(core.simulation.now - (at ?? core.simulation.now));
  if (container.state === 'running') return `Up ${ago(container.startedAt)}`;
  return container.state === 'created' ? 'Created' : `Exited (${container.exitCode}) ${ago(container.finishedAt)} ago`;
}

function portBindings(config: ContainerConfig): Readonly<Record<string, unknown>> {
  const bindings: Record<string, unknown[]> = {};
  for (const port of config.ports) {
    (bindings[port.container] ??= []).push({ HostIp: port.hostIp, HostPort: String(port.hostPort) });
  }
  return bindings;
}

function publishedPorts(config: ContainerConfig): unknown[] {
  const split = (port: string): { PrivatePort: number; Type: string } => {
    const [number = '0', type = 'tcp'] = port.split('/');
    return { PrivatePort: Number(number), Type: type };
  };
  const published = config.ports.map((port) => ({
    IP: port.hostIp || '0.0.0.0',
    PublicPort: port.hostPort,
    ...split(port.container),
  }));
  const bare = config.exposedPorts.filter((port) => !config.ports.some((one) => one.container === port)).map(split);
  return [...bare, ...published];
}

function mountShapes(config: ContainerConfig): unknown[] {
  return config.binds.map((bind) => ({
    Type: 'bind',
    Source: bind.source,
    Destination: bind.target,
    Mode: bind.readOnly ? 'ro' : '',
    RW: !bind.readOnly,
    Propagation: 'rprivate',
  }));
}

function networks(container: StoredContainer): unknown {
  const running = container.state === 'running';
  return {
    bridge: {
      IPAddress: running ? container.ipAddress : '',
      Gateway: running ? GATEWAY : '',
      IPPrefixLen: running ? 16 : 0,
    },
  };
}

const emptyObjects = (names: readonly string[]): unknown =>
  names.length > 0 ? Object.fromEntries(names.map((name) => [name, {}])) : null;
