import type { Config } from '../config/schema.js';
import type { HostAddress } from './io.js';

/** A worker that is a Linux host somebody else looks after. */
export interface HostPlan {
  readonly address: HostAddress;
  /** Docker's socket there. */
  readonly dockerSocket: string;
  /** Docker may be installed when it is missing. */
  readonly installDocker: boolean;
  /** Software emulation will do where KVM does not work. */
  readonly allowTcg: boolean;
  /** What the deployment's mark on the host says. */
  readonly claim: { readonly id: string; readonly text: string };
}

/** A prepared data disk that workers begin with: Docker's data and an installed Windows. */
export interface GoldenDisk {
  /** Name of the golden image. */
  readonly image: string;
  readonly snapshotId: string;
  readonly gb: number;
}

/** What a worker shall be: the input of the whole walk, fixed when the deployment is made. */
export interface WorkerPlan {
  readonly deployment: string;
  /** `w0`, `w1`, ... */
  readonly worker: string;
  readonly owner: string;
  /** Resource group of the deployment. */
  readonly resourceGroup: string;
  /** VM name, unique in the resource group. */
  readonly vmName: string;
  readonly region: string;
  readonly vmSize: string;
  /** Availability zones to create it in, the first that has room; without any Azure chooses. */
  readonly zones?: readonly string[];
  readonly sshPublicKey: string;
  /** ISO time the deployment was made. */
  readonly createdAt: string;
  /** Where the large disk is mounted on the worker. */
  readonly dataDirectory: string;
  readonly config: Config;
  /** Copied instead of a blank data disk. */
  readonly golden?: GoldenDisk;
  /** Set for a host that was not made by us (`--host`): the azure layer does not apply. */
  readonly host?: HostPlan;
}
