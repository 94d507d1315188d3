import type { SshLink } from '../../clients/ssh/ssh.js';
import { fail, WaaError } from '../../failures/waa-error.js';
import type { HostFacts } from '../../host/host-tools.js';
import { waitFor } from '../../health/wait-for.js';
import { retryPolicies } from '../../retry/policies.js';
import type { HostAddress } from '../io.js';
import type { LayerContext } from '../layer.js';
import { meetFault } from '../meet-fault.js';
import type { HostDeps } from './deps.js';

/** Requirement A2: SSH within five minutes. */
const SSH_LIMIT_MS = 300_000;
/** sshd comes up seconds after Linux. */
const SSH_EVERY_MS = 5000;
/** sshd may answer before first boot has put our key in place. */
const KEY_GRACE_MS = 60_000;
/** sshd answers 15 to 40 s after Azure says running; who refuses for longer has something wrong, and it is named. */
export const REFUSAL_NAMED_MS = 60_000;
/** First boot ends in one to five minutes; apt may wait ten for a lock. */
const FIRST_BOOT_WAIT_S = 30;
/** Facts after that wait, from a host that is busy with its first boot. */
const FACTS_MS = 90_000;

/** Waits until SSH answers, for at most `limitMs`. Raises VM_SSH_NOT_UP with the last thing seen, VM_HOST_KEY_CHANGED. */
export async function waitForSsh(
  deps: HostDeps,
  ctx: LayerContext,
  address: HostAddress,
  limitMs = SSH_LIMIT_MS,
): Promise<SshLink> {
  const { host } = address;
  const began = ctx.clock.now();
  const seconds = Math.round(limitMs / 1000);
  let gotRound: ((action: string) => void) | undefined;
  using deadline = ctx.deadline.child(limitMs);
  // Awaited here: `using` ends the deadline when this function returns.
  return await waitFor(
    async (own) => {
      try {
        const link = await deps.links.open(address, own);
        gotRound?.('SSH answers');
        return { ok: true, value: link };
      } catch (error) {
        const sinceMs = ctx.clock.now() - began;
        if (error instanceof WaaError && error.code === 'VM_SSH_REFUSED' && sinceMs >= REFUSAL_NAMED_MS) {
          gotRound ??= meetFault(ctx, 'vm', error);
        }
        const isEarly = sinceMs < KEY_GRACE_MS;
        if (!(error instanceof WaaError) || error.code !== 'VM_SSH_AUTH' || !isEarly) throw error;
        return { ok: false, saw: error.message };
      }
    },
    {
      what: `SSH on ${host}`,
      clock: ctx.clock,
      deadline,
      everyMs: SSH_EVERY_MS,
      attemptTimeoutMs: retryPolicies.ssh.attemptTimeoutMs,
      onObserve: (saw) => {
        ctx.report({ phase: `waiting for SSH: ${saw}` });
      },
      onTimeout: (last, attempts) => fail('VM_SSH_NOT_UP', { host, seconds, attempts, last }),
    },
  );
}

/** Waits until cloud-init has ended, well or badly, and gives the facts of that moment. Raises VM_CLOUD_INIT_TIMEOUT. */
export function waitForFirstBoot(deps: HostDeps, ctx: LayerContext, address: HostAddress): Promise<HostFacts> {
  const { host } = address;
  return waitFor(
    async (own) => {
      const link = await deps.links.open(address, own);
      // The host waits itself and answers at the end: one question in half a minute, and no time lost between two.
      const facts = await deps.host.facts(link, own, FIRST_BOOT_WAIT_S);
      const { status } = facts.cloudInit;
      if (status !== 'running' && status !== 'not started') return { ok: true, value: facts };
      return { ok: false, saw: `cloud-init is ${status}`, progress: `${status} ${facts.docker.installed}` };
    },
    {
      what: `first boot of ${host}`,
      clock: ctx.clock,
      deadline: ctx.deadline,
      everyMs: 1_000,
      attemptTimeoutMs: FACTS_MS,
      onObserve: (saw) => {
        ctx.report({ phase: `first boot: ${saw}` });
      },
      onTimeout: (last) =>
        fail('VM_CLOUD_INIT_TIMEOUT', { host, seconds: Math.round(ctx.deadline.totalMs / 1000), last }),
    },
  );
}
