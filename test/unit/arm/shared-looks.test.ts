import { describe, expect, it } from 'vitest';
import type { SdkClients } from '../../../src/clients/arm/sdk.js';
import type { ArmSession } from '../../../src/clients/arm/session.js';
import { createSharedLooks } from '../../../src/clients/arm/shared-looks.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { Deadline } from '../../../src/health/deadline.js';

/** Three VMs; every question is noted, and answered when the test says so. */
function subscription() {
  const clock = createManualClock();
  const asked: string[] = [];
  const held: (() => void)[] = [];
  const answer = (what: string): Promise<void> => {
    asked.push(what);
    return new Promise((resolve) => held.push(resolve));
  };
  const session = { clock, endpoint: 'https://azure.example' } as unknown as ArmSession;
  const lookAt = createSharedLooks(session, {
    one: async (_clients, _group, name) => {
      await answer(`get ${name}`);
      return { name };
    },
    all: async () => {
      await answer('list');
      return new Map(['w0', 'w1', 'w2'].map((name) => [name, { name }]));
    },
  });
  const turn = async (): Promise<void> => {
    await clock.advance(0);
    for (const release of held.splice(0)) release();
    await clock.advance(0);
  };
  return {
    asked,
    turn,
    look: (name: string, deadline = Deadline.after(60_000, clock)) => lookAt({} as SdkClients, 'group', name, deadline),
    clock,
  };
}

describe('looks at VMs', () => {
  it('ask for the one VM where only one is wanted', async () => {
    const { asked, look, turn } = subscription();
    const seen = look('w0');
    await turn();
    expect(await seen).toEqual({ name: 'w0' });
    expect(asked).toEqual(['get w0']);
  });

  it('that come together are one list, however many', async () => {
    const { asked, look, turn } = subscription();
    const all = Promise.all(['w0', 'w1', 'w2', 'W1', 'w9'].map((name) => look(name)));
    await turn();
    expect((await all).map((vm) => vm?.name)).toEqual(['w0', 'w1', 'w2', 'w1', undefined]);
    expect(asked).toEqual(['list']);
  });

  it('that come while one is under way wait for the next: no answer is older than its question', async () => {
    const { asked, look, turn } = subscription();
    const first = look('w0');
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(asked).toEqual(['get w0']);
    const later = Promise.all([look('w1'), look('w2')]);
    await turn();
    await first;
    expect(asked).toEqual(['get w0', 'list']);
    await turn();
    expect((await later).map((vm) => vm?.name)).toEqual(['w1', 'w2']);
  });

  it('end for the one whose patience ends, and go on for the others', async () => {
    const { look, turn, clock } = subscription();
    const person = new AbortController();
    const left = look('w0', Deadline.after(60_000, clock, person.signal));
    const stays = look('w1');
    person.abort(new Error('Ctrl-C'));
    await expect(left).rejects.toThrow('Ctrl-C');
    await turn();
    expect(await stays).toMatchObject({ name: 'w1' });
  });
});
