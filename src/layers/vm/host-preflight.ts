import { asWaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { Check, CheckOutcome } from '../../preflight/check.js';
import { couldNotRun, problem } from '../../preflight/outcomes.js';
import type { WorkerPlan } from '../worker-plan.js';
import { hostVerdicts, type HostLook } from './host-look.js';

/** A host of the user's own, as the checks look at it: once, however many ask. */
export interface HostCandidate {
  readonly plan: WorkerPlan;
  look(deadline: Deadline): Promise<HostLook>;
}

/** What the checks of `--host` look at. */
export interface HostCheckContext {
  /** Empty for a deployment on Azure. */
  readonly hosts: readonly HostCandidate[];
}

type HostCheck = Check<HostCheckContext>;

/** SSH, host key, login, sudo and our scripts: everything below it depends on this one. */
const reachable: HostCheck = {
  id: 'vm-host-reach',
  title: 'Hosts answer over SSH',
  requirement: 'L3',
  severity: 'critical',
  async run({ hosts }, deadline): Promise<CheckOutcome> {
    const seen: string[] = [];
    for (const candidate of hosts) {
      try {
        const { link, facts } = await candidate.look(deadline);
        seen.push(`${link.address.host}: ${facts.os}, ${facts.cpuCores} CPUs`);
      } catch (error) {
        if (deadline.signal.aborted) throw error;
        return problem(asWaaError(error));
      }
    }
    return { outcome: 'pass', detail: seen.join('; ') };
  },
};

const TITLES: Readonly<Record<keyof typeof hostVerdicts, readonly [title: string, pass: string]>> = {
  'vm-host-free': ['Hosts used by nobody else', 'free, or ours already'],
  'vm-host-ports': ['Ports 5000 and 8006 on the hosts', 'free, or ours already'],
  'vm-host-docker': ['Docker on the hosts', 'there, or may be installed'],
  'vm-host-kvm': ['KVM on the hosts', 'runs a guest'],
  'vm-host-room': ['Free space on the hosts', 'enough for image and Windows'],
};

function checkOf(id: keyof typeof hostVerdicts): HostCheck {
  const [title, pass] = TITLES[id];
  return {
    id,
    title,
    requirement: 'L3',
    severity: 'critical',
    async run({ hosts }, deadline): Promise<CheckOutcome> {
      for (const { plan, look } of hosts) {
        let seen: HostLook;
        try {
          seen = await look(deadline);
        } catch (error) {
          if (deadline.signal.aborted) throw error;
          return couldNotRun(asWaaError(error));
        }
        const fault = plan.host && hostVerdicts[id](seen, plan, plan.host);
        if (fault) return problem(fault);
        if (id === 'vm-host-kvm' && !seen.kvm.usable)
          return { outcome: 'pass', detail: `software emulation was allowed: many times slower (${seen.kvm.detail})` };
      }
      return { outcome: 'pass', detail: pass };
    },
  };
}

/** Checks of the hosts given with `--host`, in the order they are shown. */
export const hostChecks: readonly HostCheck[] = [
  reachable,
  ...(Object.keys(hostVerdicts) as (keyof typeof hostVerdicts)[]).map(checkOf),
];
