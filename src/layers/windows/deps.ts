import type { DockerEngine } from '../../clients/docker-engine/docker-engine.js';
import type { ReadDockurStatus } from '../../clients/dockur-web/dockur-web.js';
import type { OpenQmp } from '../../clients/qmp/qmp.js';
import type { SshLink, SshLinks } from '../../clients/ssh/ssh.js';
import type { HostTools } from '../../host/host-tools.js';
import type { WorkerPlan } from '../worker-plan.js';
import type { FrameReader } from './frame-reader.js';

/** What the windows layer works with. */
export interface WindowsLayerDeps {
  readonly links: SshLinks;
  /** The Docker engine at the other end of a link. */
  readonly engine: (link: SshLink) => DockerEngine;
  readonly openQmp: OpenQmp;
  /** Tells how far dockur is when a restart made it prepare the installation again. */
  readonly readStatus: ReadDockurStatus;
  readonly host: HostTools;
  readonly plan: WorkerPlan;
  /** An installed Windows may be erased when nothing else helps: the user said so. Default false. */
  readonly allowReinstall?: boolean;
}

/** The same, with what the layer keeps between looks. */
export interface WindowsTools extends WindowsLayerDeps {
  readonly readFrame: FrameReader;
}
