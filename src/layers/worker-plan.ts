import type { Config } from '../config/schema.js';

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
  readonly sshPublicKey: string;
  /** ISO time the deployment was made. */
  readonly createdAt: string;
  /** Where the large disk is mounted on the worker. */
  readonly dataDirectory: string;
  readonly config: Config;
}
