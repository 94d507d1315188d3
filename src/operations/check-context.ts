import { inspectKeyPair, repairKeyPair } from '../clients/ssh/keys.js';
import { nearest } from '../failures/nearest.js';
import { createAzureCheckContext, type AzureCheckContext } from '../layers/azure/check-context.js';
import type { ClientPreflightContext } from '../layers/client/preflight.js';
import { wantedReferences } from '../layers/docker/image.js';
import type { DockerCheckContext } from '../layers/docker/preflight.js';
import type { VmCheckContext } from '../layers/vm/preflight.js';
import { takeHostLook, type HostLook } from '../layers/vm/host-look.js';
import type { HostCandidate, HostCheckContext } from '../layers/vm/host-preflight.js';
import type { WindowsCheckContext } from '../layers/windows/preflight.js';
import type { KnownGoodContext } from '../preflight/checks/known-good.js';
import type { LocalCheckContext } from '../preflight/checks/local.js';
import { resourceGroupName, vmName, workerNames } from '../deployment/names.js';
import { asPlaced } from '../deployment/plan.js';
import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import type { HostsRecord } from '../state/deployment.js';
import { readKnownGood } from '../state/known-good.js';
import { hostPlans, withHostStack } from './host-stack.js';
import { knownEvaluations } from './known-evaluations.js';
import { DEFAULT_DEPLOYMENT } from './choose-name.js';
import type { Place } from './place.js';
import { chooseTasks } from './run-tasks.js';

/** All that the checks of every layer look at. */
export interface CheckContext
  extends
    LocalCheckContext,
    AzureCheckContext,
    VmCheckContext,
    HostCheckContext,
    DockerCheckContext,
    WindowsCheckContext,
    KnownGoodContext,
    ClientPreflightContext {}

export interface CheckRequest {
  /** Deployment that may exist already: VMs it has are not counted twice. */
  readonly deployment?: string | undefined;
  /** `--tasks`. */
  readonly sources?: readonly string[] | undefined;
  /** Workers that shall be there when the command is done; without it one. */
  readonly workers?: readonly string[] | undefined;
  /** Where the workers will be, when that is settled. */
  readonly place?: Pick<Place, 'region' | 'vmSize' | 'spot' | 'golden'> | undefined;
  /** Hosts of the user's own instead of VMs. */
  readonly hosts?: HostsRecord | undefined;
}

/** The hosts of a deployment that need not exist yet; each is looked at once, however many checks ask. */
function candidates(session: Session, name: string, hosts: HostsRecord): readonly HostCandidate[] {
  return hostPlans(session, name, hosts).map((plan): HostCandidate => {
    const look = (deadline: Deadline): Promise<HostLook> =>
      withHostStack(session, plan, async ({ claims, host: tools, link: open }) => {
        if (!claims || !plan.host) throw fail('BUG', { what: 'a host without its scripts' });
        return takeHostLook({ links: { open }, host: tools, claims, plan }, plan.host, deadline);
      });
    let seen: Promise<HostLook> | undefined;
    return { plan, look: (deadline) => (seen ??= look(deadline)) };
  });
}

async function haveImage(hosts: readonly HostCandidate[], deadline: Deadline): Promise<boolean> {
  const looks = await Promise.all(hosts.map((host) => host.look(deadline)));
  return looks.every(({ state }) => state.image);
}

/** Everything the checks look at, for one invocation. */
export function checkContext(session: Session, request: CheckRequest): CheckContext {
  const { clients, config, surroundings } = session;
  const { region, vmSize } = request.place ?? config.azure;
  const { arm, prices, callerAddress, registry, model } = clients;
  const { sources, deployment, workers = workerNames(1) } = request;
  const hosts = request.hosts ? candidates(session, deployment ?? DEFAULT_DEPLOYMENT, request.hosts) : [];
  const azure = createAzureCheckContext({
    arm,
    prices,
    callerAddress,
    config: asPlaced({ config, spot: request.place?.spot, golden: request.place?.golden }),
    region,
    vmSize,
    wantedVms: workers.map((worker) => vmName(deployment ?? DEFAULT_DEPLOYMENT, worker)),
    hours: config.azure.autoPauseHours,
    ...(deployment === undefined ? {} : { resourceGroup: resourceGroupName(deployment) }),
    ...(config.benchmark.maxCostUsd === undefined ? {} : { maxCostUsd: config.benchmark.maxCostUsd }),
  });
  return {
    ...azure,
    workers: workers.length,
    nodeVersion: surroundings.nodeVersion,
    home: session.paths.home,
    sshKeyPath: session.sshKeyPath,
    sshKeyMayBeMade: config.ssh.keyPath === undefined,
    sshKeys: { inspect: inspectKeyPair, repair: repairKeyPair },
    ...(hosts.length === 0 ? {} : { imageIsThere: (deadline: Deadline) => haveImage(hosts, deadline) }),
    hosts,
    knownGood: () => readKnownGood(session.paths),
    images: wantedReferences(config.image),
    size: hosts.length === 0 ? vmSize : undefined,
    evaluations: () => knownEvaluations(session.paths, deployment),
    now: () => session.clock.now(),
    registry,
    environment: session.environment,
    model,
    nearest,
    chooseTasks:
      sources === undefined
        ? undefined
        : async () => {
            const notes: string[] = [];
            const tasks = await chooseTasks(session, sources, {}, (note) => notes.push(note));
            return { tasks: tasks.length, domains: new Set(tasks.map((task) => task.domain)).size, notes };
          },
  };
}
