import { Deadline } from '../../health/deadline.js';
import type { VirtualMachine } from './arm.js';
import { noAnswer, type ArmSession, type SdkClients } from './session.js';
import { getVm, listVms } from './vms.js';

/** Longest time one look may take, whoever waits for it. */
const LOOK_MS = 60_000;

type Seen = (name: string) => VirtualMachine | undefined;

interface Round {
  readonly names: Set<string>;
  readonly answer: Promise<Seen>;
}

/** Looks at one VM; undefined when it does not exist. */
export type LookAtVm = (
  clients: SdkClients,
  group: string,
  name: string,
  deadline: Deadline,
) => Promise<VirtualMachine | undefined>;

/**
 * One look at a group at a time. Who asks while one is under way waits for the next, and those who wait together share
 * it: for one VM it is that VM, for several a list, so a pool of any size is looked at in a handful of requests. What is
 * answered was always asked of Azure after the call.
 */
export function createVmLooks(session: ArmSession): LookAtVm {
  const running = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, Round>();

  const look = async (clients: SdkClients, group: string, names: ReadonlySet<string>): Promise<Seen> => {
    using deadline = Deadline.after(LOOK_MS, session.clock);
    const [only] = names;
    if (names.size === 1 && only !== undefined) {
      const vm = await getVm(session, clients, group, only, deadline);
      return () => vm;
    }
    const vms = await listVms(session, clients, group, deadline);
    return (name) => vms.find((vm) => vm.name.toLowerCase() === name.toLowerCase());
  };

  return async (clients, group, name, deadline) => {
    let round = waiting.get(group);
    if (!round) {
      const names = new Set<string>();
      const before = running.get(group) ?? Promise.resolve();
      const answer = before
        .catch(() => undefined)
        .then(() => {
          waiting.delete(group);
          const now = look(clients, group, names);
          running.set(group, now);
          return now;
        });
      round = { names, answer };
      waiting.set(group, round);
    }
    round.names.add(name);
    try {
      return (await deadline.race(round.answer))(name);
    } catch (error) {
      if (error !== deadline.signal.reason || !deadline.expired) throw error;
      throw noAnswer(session.endpoint, `VM ${name}`, deadline, error);
    }
  };
}
