import * as z from 'zod';
import { EngineError } from '../../world/docker/engine-error.js';
import type { Bind, ContainerConfig, PublishedPort } from '../../world/docker/engine-state.js';

const words = z.union([z.array(z.string()), z.string().transform((word) => [word])]);
const strings = z.array(z.string());
const nothingOr = <T extends z.ZodType>(schema: T) => schema.nullish();
const emptyObjects = z.record(z.string(), z.unknown());

const mountSchema = z.object({
  Type: z.string(),
  Source: nothingOr(z.string()),
  Target: z.string(),
  ReadOnly: nothingOr(z.boolean()),
});
const portSchema = nothingOr(z.array(z.object({ HostIp: nothingOr(z.string()), HostPort: nothingOr(z.string()) })));

/** Body of POST /containers/create. As in Go, unknown fields are ignored and null is the zero value; a wrong type is 400. */
const bodySchema = z.object({
  Image: z.string().default(''),
  Env: nothingOr(strings),
  Cmd: nothingOr(words),
  Entrypoint: nothingOr(words),
  WorkingDir: nothingOr(z.string()),
  User: nothingOr(z.string()),
  Tty: nothingOr(z.boolean()),
  OpenStdin: nothingOr(z.boolean()),
  Labels: nothingOr(z.record(z.string(), z.string())),
  ExposedPorts: nothingOr(emptyObjects),
  Volumes: nothingOr(emptyObjects),
  StopSignal: nothingOr(z.string()),
  StopTimeout: nothingOr(z.int()),
  HostConfig: nothingOr(
    z.object({
      Binds: nothingOr(strings),
      Mounts: nothingOr(z.array(mountSchema)),
      PortBindings: nothingOr(z.record(z.string(), portSchema)),
      Devices: nothingOr(
        z.array(
          z.object({
            PathOnHost: z.string(),
            PathInContainer: nothingOr(z.string()),
            CgroupPermissions: nothingOr(z.string()),
          }),
        ),
      ),
      CapAdd: nothingOr(words),
      NetworkMode: nothingOr(z.string()),
      RestartPolicy: nothingOr(z.object({ Name: nothingOr(z.string()), MaximumRetryCount: nothingOr(z.int()) })),
      AutoRemove: nothingOr(z.boolean()),
      Privileged: nothingOr(z.boolean()),
      Memory: nothingOr(z.int()),
    }),
  ),
});

const RESTART_POLICIES = ['', 'no', 'always', 'on-failure', 'unless-stopped'];
const MIN_MEMORY = 6 * 1024 ** 2;
const FIRST_EPHEMERAL_PORT = 32_768;

/**
 * Reads a create request into a configuration, refusing what dockerd refuses. `random` (0..1) chooses a host port where
 * the request leaves it to the daemon.
 */
export function parseCreateBody(body: Buffer, random: () => number): ContainerConfig {
  const { HostConfig: host, ...config } = parseJson(body, bodySchema);
  const restart = host?.RestartPolicy?.Name ?? '';
  if (!RESTART_POLICIES.includes(restart))
    throw new EngineError(400, `invalid restart policy: unknown policy '${restart}'`);
  if (host?.AutoRemove && !['', 'no'].includes(restart)) {
    throw new EngineError(400, "can't create 'AutoRemove' container with restart policy");
  }
  if (host?.Memory && host.Memory < MIN_MEMORY) throw new EngineError(400, 'Minimum memory limit allowed is 6MB');
  return {
    image: config.Image,
    env: config.Env ?? [],
    entrypoint: config.Entrypoint ?? [],
    command: config.Cmd ?? [],
    workingDir: config.WorkingDir ?? '',
    user: config.User ?? '',
    tty: config.Tty ?? false,
    openStdin: config.OpenStdin ?? false,
    labels: config.Labels ?? {},
    exposedPorts: Object.keys(config.ExposedPorts ?? {}),
    volumes: Object.keys(config.Volumes ?? {}),
    stopSignal: config.StopSignal ?? 'SIGTERM',
    stopTimeoutS: config.StopTimeout ?? 10,
    binds: [...(host?.Binds ?? []).map(parseBind), ...(host?.Mounts ?? []).flatMap(parseMount)],
    ports: Object.entries(host?.PortBindings ?? {}).flatMap(([port, bindings]) =>
      (bindings ?? []).map((binding) => parsePort(port, binding.HostIp ?? '', binding.HostPort ?? '', random)),
    ),
    devices: (host?.Devices ?? []).map((device) => ({
      host: device.PathOnHost,
      container: device.PathInContainer ?? device.PathOnHost,
      permissions: device.CgroupPermissions ?? 'rwm',
    })),
    capAdd: host?.CapAdd ?? [],
    networkMode: host?.NetworkMode ?? 'default',
    restartPolicy: restart === '' ? 'no' : restart,
    autoRemove: host?.AutoRemove ?? false,
    privileged: host?.Privileged ?? false,
  };
}

/** JSON of a body by a schema; dockerd's words for an empty body, broken JSON and a wrong type. */
export function parseJson<T extends z.ZodType>(body: Buffer, schema: T): z.output<T> {
  if (body.length === 0) throw new EngineError(400, 'invalid JSON: got EOF while reading request body');
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new EngineError(400, `invalid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path.filter((part) => typeof part === 'string') ?? [];
  const found = path.reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], value);
  throw new EngineError(400, `json: cannot unmarshal ${goKind(found)} into Go struct field ${path.join('.')}`);
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function parseBind(text: string): Bind {
  const [source = '', target = '', mode = ''] = text.split(':');
  if (text.split(':').length > 3 || target === '')
    throw new EngineError(400, `invalid volume specification: '${text}'`);
  if (!target.startsWith('/')) {
    const reason = `invalid mount config for type "bind": invalid mount path: '${target}' mount path must be absolute`;
    throw new EngineError(400, `invalid volume specification: '${text}': ${reason}`);
  }
  const modes = mode === '' ? [] : mode.split(',');
  if (modes.some((one) => !['ro', 'rw', 'z', 'Z', 'rprivate', 'rshared', 'rslave', 'nocopy'].includes(one))) {
    throw new EngineError(400, `invalid mode: ${mode}`);
  }
  return { source, target, readOnly: modes.includes('ro'), createSource: true };
}

function parseMount(mount: z.infer<typeof mountSchema>): Bind[] {
  if (mount.Type !== 'bind') return [];
  return [{ source: mount.Source ?? '', target: mount.Target, readOnly: mount.ReadOnly ?? false, createSource: false }];
}

function parsePort(container: string, hostIp: string, hostPort: string, random: () => number): PublishedPort {
  if (!/^\d{1,5}(\/(tcp|udp|sctp))?$/.test(container))
    throw new EngineError(400, `invalid port specification: "${container}"`);
  if (!/^\d{0,5}$/.test(hostPort) || Number(hostPort) > 65_535)
    throw new EngineError(400, `invalid port specification: "${hostPort}"`);
  const given = Number(hostPort);
  const port = given === 0 ? FIRST_EPHEMERAL_PORT + Math.floor(random() * 28_000) : given;
  return { container: container.includes('/') ? container : `${container}/tcp`, hostIp, hostPort: port };
}
