import type { ClientOutput } from '../../src/layers/io.js';

/** What a worker turned out to be when every layer was ready. */
export const readyClient: ClientOutput = {
  address: { host: 'vm0', port: 22, user: 'u' },
  bootId: 'b',
  cpuCores: 8,
  memoryMb: 32_000,
  dataDirectory: '/data',
  acceleration: 'kvm',
  image: 'waa@sha256:1',
  imageId: 'i',
  containerId: 'c',
  containerStartedAt: 't',
  guestIp: '172.30.0.2',
  dockurVersion: '6.05',
  diskBoots: 1,
  screen: { width: 1440, height: 900 },
  apps: [],
  clientRevision: '6d39ed8',
  model: 'gpt-4o',
};
