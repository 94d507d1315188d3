import type { SshLink, SshLinks } from '../../clients/ssh/ssh.js';
import { fail, type WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { freeAt, roomNeeds } from '../../health/room.js';
import { winarenaPaths } from '../../health/winarena.js';
import type { HostClaims, HostState } from '../../host/host-claims.js';
import type { HostFacts, HostTools, KvmSelftest } from '../../host/host-tools.js';
import type { HostPlan, WorkerPlan } from '../worker-plan.js';

const GB = 1024 ** 3;

/** What looking at a host of the user's own needs. */
export interface HostLookDeps {
  readonly links: Pick<SshLinks, 'open'>;
  readonly host: Pick<HostTools, 'facts' | 'kvmSelftest'>;
  readonly claims: Pick<HostClaims, 'state'>;
  readonly plan: WorkerPlan;
}

/** A host as it was seen. */
export interface HostLook {
  readonly link: SshLink;
  readonly facts: HostFacts;
  readonly kvm: KvmSelftest;
  readonly state: HostState;
}

/** Looks at everything `up` depends on; changes nothing but the folder of our scripts. Raises VM_SSH_*, VM_SUDO_MISSING. */
export async function takeHostLook(deps: HostLookDeps, plan: HostPlan, deadline: Deadline): Promise<HostLook> {
  const link = await deps.links.open(plan.address, deadline);
  // The first call installs the scripts; the others would only wait for it.
  const facts = await deps.host.facts(link, deadline);
  const { reference } = deps.plan.config.image;
  const [kvm, state] = await Promise.all([
    deps.host.kvmSelftest(link, deadline),
    deps.claims.state(link, deps.plan.dataDirectory, reference, deadline),
  ]);
  return { link, facts, kvm, state };
}

/** One thing a host must have or must not have, and the failure when it is not so. */
export type HostVerdict = (look: HostLook, plan: WorkerPlan, host: HostPlan) => WaaError | undefined;

const isFree: HostVerdict = ({ state, link }, plan, { claim }) => {
  const name = link.address.host;
  const other = state.owners.find((owner) => owner.id !== claim.id);
  if (other) return fail('VM_HOST_IN_USE', { host: name, by: other.text });
  if (state.strangeFolder)
    return fail('VM_HOST_IN_USE', {
      host: name,
      by: `a folder ${plan.dataDirectory}/waa that no deployment of waa marked`,
    });
  const { container } = state;
  if (!container || container.storage === winarenaPaths(plan.dataDirectory).storage) return undefined;
  const disk = container.storage === '' ? 'without a disk' : `with its disk at ${container.storage}`;
  return fail('VM_HOST_IN_USE', { host: name, by: `a container named winarena ${disk}, which waa did not make` });
};

const portsFree: HostVerdict = ({ state, link }) => {
  const [taken] = state.container?.running === true ? [] : state.ports;
  return taken && fail('VM_HOST_PORT_TAKEN', { host: link.address.host, port: taken.port, by: taken.by });
};

const dockerThere: HostVerdict = ({ facts, link }, _plan, { installDocker }) =>
  facts.docker.installed || installDocker ? undefined : fail('VM_HOST_NO_DOCKER', { host: link.address.host });

const kvmWorks: HostVerdict = ({ kvm, link }, _plan, { allowTcg }) =>
  kvm.usable || allowTcg
    ? undefined
    : fail('VM_HOST_NO_KVM', { host: link.address.host, reason: kvm.reason, detail: kvm.detail });

const roomEnough: HostVerdict = (look, plan) => {
  const { facts, state, link } = look;
  const lacks = { image: !state.image, windows: !state.windowsDisk };
  for (const { path, needBytes } of roomNeeds(facts, plan.dataDirectory, dockerRootOf(look, plan), lacks)) {
    const freeBytes = freeAt(facts, path);
    if (freeBytes >= needBytes) continue;
    const freeGb = Math.floor((freeBytes / GB) * 10) / 10;
    return fail('VM_DISK_SPACE', { host: link.address.host, path, freeGb, needGb: needBytes / GB });
  }
  return undefined;
};

/** Docker's data where it is now, or where an installation of ours will put it. */
function dockerRootOf({ facts }: HostLook, { dataDirectory }: WorkerPlan): string {
  const other = facts.mounts.find((mount) => mount.path !== '/' && mount.path !== dataDirectory);
  return other?.path ?? `${dataDirectory}/docker`;
}

/** Every verdict by the name its preflight check has, in the order in which they matter. */
export const hostVerdicts = {
  'vm-host-free': isFree,
  'vm-host-ports': portsFree,
  'vm-host-docker': dockerThere,
  'vm-host-kvm': kvmWorks,
  'vm-host-room': roomEnough,
} as const satisfies Readonly<Record<string, HostVerdict>>;

/** The first thing that stands against using this host. */
export function hostFault(look: HostLook, plan: WorkerPlan, host: HostPlan): WaaError | undefined {
  for (const verdict of Object.values(hostVerdicts)) {
    const fault = verdict(look, plan, host);
    if (fault) return fault;
  }
  return undefined;
}
