import { inspectKeyPair, repairKeyPair } from '../clients/ssh/keys.js';
import { nearest } from '../failures/nearest.js';
import { createAzureCheckContext, type AzureCheckContext } from '../layers/azure/check-context.js';
import type { ClientPreflightContext } from '../layers/client/preflight.js';
import type { DockerCheckContext } from '../layers/docker/preflight.js';
import type { VmCheckContext } from '../layers/vm/preflight.js';
import type { LocalCheckContext } from '../preflight/checks/local.js';
import { resourceGroupName } from '../deployment/names.js';
import type { Session } from '../session.js';
import { chooseTasks } from './run-tasks.js';

/** All that the checks of every layer look at. */
export interface CheckContext
  extends LocalCheckContext, AzureCheckContext, VmCheckContext, DockerCheckContext, ClientPreflightContext {}

export interface CheckRequest {
  /** Deployment that may exist already: what it uses is not counted twice. */
  readonly deployment?: string | undefined;
  /** `--tasks`. */
  readonly sources?: readonly string[] | undefined;
  readonly workers?: number | undefined;
}

/** Everything the checks look at, for one invocation. */
export function checkContext(session: Session, request: CheckRequest): CheckContext {
  const { clients, config, surroundings } = session;
  const { arm, prices, callerAddress, registry, model } = clients;
  const workers = request.workers ?? 1;
  const { sources, deployment } = request;
  const azure = createAzureCheckContext({
    arm,
    prices,
    callerAddress,
    config,
    region: config.azure.region,
    vmSize: config.azure.vmSize,
    workers,
    hours: config.azure.autoPauseHours,
    ...(deployment === undefined ? {} : { resourceGroup: resourceGroupName(deployment) }),
    ...(config.benchmark.maxCostUsd === undefined ? {} : { maxCostUsd: config.benchmark.maxCostUsd }),
  });
  return {
    ...azure,
    nodeVersion: surroundings.nodeVersion,
    home: session.paths.home,
    sshKeyPath: session.sshKeyPath,
    sshKeyMayBeMade: config.ssh.keyPath === undefined,
    sshKeys: { inspect: inspectKeyPair, repair: repairKeyPair },
    registry,
    environment: session.environment,
    model,
    nearest,
    chooseTasks:
      sources === undefined
        ? undefined
        : async () => {
            const tasks = await chooseTasks(session, sources);
            return { tasks: tasks.length, domains: new Set(tasks.map((task) => task.domain)).size };
          },
  };
}
