import type { ReadDockurStatus } from '../../clients/dockur-web/dockur-web.js';
import type { DockerEngine } from '../../clients/docker-engine/docker-engine.js';
import type { OpenQmp } from '../../clients/qmp/qmp.js';
import type { SshLink, SshLinks } from '../../clients/ssh/ssh.js';
import type { HostTools } from '../../host/host-tools.js';
import type { WorkerPlan } from '../worker-plan.js';

/** What the qemu layer works with. */
export interface QemuLayerDeps {
  readonly links: SshLinks;
  /** The Docker engine at the other end of a link. */
  readonly engine: (link: SshLink) => DockerEngine;
  readonly openQmp: OpenQmp;
  readonly readStatus: ReadDockurStatus;
  readonly host: HostTools;
  readonly plan: WorkerPlan;
}
