import { imageListShape } from './image-shapes.js';
import { listShape } from './container-shapes.js';
import { parseFilters } from './filters.js';
import { API_VERSION, ENGINE_VERSION, MIN_API_VERSION } from './reply.js';
import { route, type Call, type Route } from './route.js';

const KERNEL = '6.8.0-1017-azure';
const engineDetails = {
  ApiVersion: API_VERSION,
  MinAPIVersion: MIN_API_VERSION,
  GitCommit: '4c9b3b0',
  GoVersion: 'go1.22.11',
  Os: 'linux',
  Arch: 'amd64',
  KernelVersion: KERNEL,
  BuildTime: '2025-01-22T13:41:48.000000000+00:00',
} as const;
const PING_HEADERS = {
  'Content-Type': 'text/plain; charset=utf-8',
  'Builder-Version': '2',
  'Cache-Control': 'no-cache, no-store, must-revalidate',
  Pragma: 'no-cache',
  Swarm: 'inactive',
} as const;
const EVENT_FILTERS = ['container', 'event', 'image', 'label', 'type', 'daemon', 'volume', 'network', 'scope'];

/** /_ping, /version, /info, /system/df, /events and the prunes of what the lab has none of. */
export const systemRoutes: readonly Route[] = [
  route('GET /_ping', ping),
  route('HEAD /_ping', ping),
  route('GET /version', ({ reply }) => {
    reply.json(200, {
      Platform: { Name: 'Docker Engine - Community' },
      Components: [{ Name: 'Engine', Version: ENGINE_VERSION, Details: { ...engineDetails, Experimental: 'false' } }],
      Version: ENGINE_VERSION,
      ...engineDetails,
    });
  }),
  route('GET /info', info),
  route('GET /system/df', diskUsage),
  route('GET /events', events),
  route('POST /build/prune', ({ engine, reply }) => {
    reply.json(200, { CachesDeleted: null, SpaceReclaimed: engine.pruneBuildCache() });
  }),
  route('POST /networks/prune', ({ reply }) => {
    reply.json(200, { NetworksDeleted: null });
  }),
  route('POST /volumes/prune', ({ reply }) => {
    reply.json(200, { VolumesDeleted: null, SpaceReclaimed: 0 });
  }),
];

function ping({ reply }: Call): void {
  reply.text(200, 'OK', PING_HEADERS);
}

function info({ engine, reply }: Call): void {
  const { core, containers } = engine;
  const { spec } = core.machine;
  const all = containers.list();
  const running = all.filter((container) => container.state === 'running').length;
  reply.json(200, {
    ID: '8f4b6b1e-6a0e-4b8a-9c0e-2f6d1c5e7a10',
    Containers: all.length,
    ContainersRunning: running,
    ContainersPaused: 0,
    ContainersStopped: all.length - running,
    Images: core.state.images.size,
    Driver: 'overlay2',
    DriverStatus: [['Backing Filesystem', 'extfs']],
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'none'],
      Authorization: null,
      Log: ['json-file', 'none'],
    },
    MemoryLimit: true,
    SwapLimit: true,
    Debug: false,
    LoggingDriver: 'json-file',
    CgroupDriver: 'systemd',
    CgroupVersion: '2',
    KernelVersion: KERNEL,
    OperatingSystem: 'Ubuntu 24.04.1 LTS',
    OSType: 'linux',
    Architecture: 'x86_64',
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: { InsecureRegistryCIDRs: ['127.0.0.0/8'], IndexConfigs: {}, Mirrors: null },
    NCPU: spec.cpuCores,
    MemTotal: spec.memoryMb * 1024 ** 2,
    DockerRootDir: core.dataRoot,
    Name: spec.name,
    Labels: [],
    ServerVersion: ENGINE_VERSION,
    Runtimes: { runc: { path: 'runc' } },
    DefaultRuntime: 'runc',
    Swarm: { NodeID: '', LocalNodeState: 'inactive', ControlAvailable: false },
    LiveRestoreEnabled: false,
    InitBinary: 'docker-init',
    SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=cgroupns'],
    Warnings: null,
  });
}

function diskUsage({ engine, reply }: Call): void {
  const { core, containers } = engine;
  const images = [...core.state.images.values()];
  const cache = engine.buildCacheBytes();
  reply.json(200, {
    LayersSize: images.reduce((sum, image) => sum + image.sizeBytes, 0),
    Images: images.map((image) => imageListShape(engine, image)),
    Containers: containers.list().map((container) => listShape(core, container)),
    Volumes: [],
    BuildCache:
      cache === 0
        ? []
        : [{ ID: 'lab', Type: 'regular', Description: 'clutter', InUse: false, Shared: false, Size: cache }],
  });
}

/** Events from now on; the lab's daemon keeps no history, so `since` in the past adds nothing. */
function events({ engine, query, reply }: Call): void {
  const filters = parseFilters(query, EVENT_FILTERS);
  const { core } = engine;
  const stream = reply.stream('application/json');
  const passes = (name: string, value: string): boolean => !filters[name]?.length || filters[name].includes(value);
  const listener = (event: Parameters<Parameters<typeof core.listeners.add>[0]>[0]): void => {
    const matches =
      passes('type', event.type) &&
      passes('event', event.action) &&
      (!filters['container']?.length ||
        filters['container'].some((name) => name === event.attributes['name'] || event.actorId.startsWith(name)));
    if (!matches) return;
    const Actor = { ID: event.actorId, Attributes: event.attributes };
    const time = { time: Math.floor(event.at / 1000), timeNano: Math.floor(event.at) * 1_000_000 };
    const legacy = { status: event.action, id: event.actorId, from: event.attributes['image'] };
    stream.write(
      `${JSON.stringify({ ...legacy, Type: event.type, Action: event.action, Actor, scope: 'local', ...time })}\n`,
    );
  };
  core.listeners.add(listener);
  reply.onClose(() => core.listeners.delete(listener));
  const untilS = Number(query.get('until') ?? 0);
  if (untilS <= 0) return;
  core.simulation.after(untilS * 1000 - core.simulation.now, () => {
    core.listeners.delete(listener);
    stream.end();
  });
}
