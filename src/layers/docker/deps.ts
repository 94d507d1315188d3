import type { DockerEngine } from '../../clients/docker-engine/docker-engine.js';
import type { RegistryClient, RegistryLogin } from '../../clients/registry/registry.js';
import type { SshLink, SshLinks } from '../../clients/ssh/ssh.js';
import type { HostTools } from '../../host/host-tools.js';
import type { WorkerPlan } from '../worker-plan.js';

/** What the docker layer works with. */
export interface DockerLayerDeps {
  readonly links: SshLinks;
  /** The Docker engine at the other end of a link. */
  readonly engine: (link: SshLink) => DockerEngine;
  readonly host: HostTools;
  readonly registry: RegistryClient;
  /** For registries that only open to the caller's identity. */
  readonly login?: RegistryLogin;
  readonly plan: WorkerPlan;
}

/** True on a host that is not ours: its Docker is used as it is, and nothing of it is moved, repaired or cleaned. */
export const isForeign = ({ plan }: Pick<DockerLayerDeps, 'plan'>): boolean => plan.host !== undefined;

/** Docker's data-root on a worker. */
export const dataRootOf = (dataDirectory: string): string => `${dataDirectory}/docker`;

/** True when a path lies below the data directory. */
export const isBelow = (path: string, dataDirectory: string): boolean =>
  path.startsWith(`${dataDirectory.replace(/\/$/, '')}/`);
