import { Deadline } from '../../health/deadline.js';
import type { SdkClients } from './sdk.js';
import { noAnswer, type ArmSession } from './session.js';

/** Longest time one look may take, whoever waits for it. */
const LOOK_MS = 60_000;

/** The two ways to look at VMs of a group. */
export interface WaysToLook<T> {
  readonly one: (clients: SdkClients, group: string, name: string, deadline: Deadline) => Promise<T | undefined>;
  /** Everything in the group, by name in lower case. */
  readonly all: (clients: SdkClients, group: string, deadline: Deadline) => Promise<ReadonlyMap<string, T>>;
}

interface Round<T> {
  readonly names: Set<string>;
  readonly answer: Promise<(name: string) => T | undefined>;
}

/**
 * One look at a group at a time. Who asks while one is under way waits for the next, and those who wait together share
 * it: for one VM it is that VM, for several a list, so a pool of any size is looked at in a handful of requests. What is
 * answered was always asked of Azure after the call.
 */
export function createSharedLooks<T>(session: ArmSession, ways: WaysToLook<T>): WaysToLook<T>['one'] {
  const running = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, Round<T>>();

  const look = async (
    clients: SdkClients,
    group: string,
    names: ReadonlySet<string>,
  ): Promise<(name: string) => T | undefined> => {
    using deadline = Deadline.after(LOOK_MS, session.clock);
    const [only] = names;
    if (names.size === 1 && only !== undefined) {
      const found = await ways.one(clients, group, only, deadline);
      return () => found;
    }
    const found = await ways.all(clients, group, deadline);
    return (name) => found.get(name.toLowerCase());
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
