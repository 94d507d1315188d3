import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { createEventBus } from '../../../src/events/bus.js';
import { eventData, eventEnvelope, type WaaEvent } from '../../../src/events/catalogue.js';

describe('createEventBus', () => {
  it('delivers to everyone, numbered, with the time and the run', async () => {
    const clock = createManualClock(5_000);
    const bus = createEventBus(clock, 'r1');
    const seen: WaaEvent[] = [];
    bus.add({ name: 'a', consume: (event) => seen.push(event) });
    bus.emit('milestone.reached', { milestone: 'vm_created' }, 'VM created');
    await clock.advance(10);
    bus.emit('log', { component: 'x' }, 'hm', { level: 'warn', worker: 'w1' });
    expect(seen).toEqual([
      {
        v: 1,
        seq: 1,
        at: 5_000,
        run: 'r1',
        type: 'milestone.reached',
        level: 'info',
        text: 'VM created',
        data: { milestone: 'vm_created' },
      },
      {
        v: 1,
        seq: 2,
        at: 5_010,
        run: 'r1',
        worker: 'w1',
        type: 'log',
        level: 'warn',
        text: 'hm',
        data: { component: 'x' },
      },
    ]);
    for (const event of seen) {
      expect(eventEnvelope.safeParse(event).success).toBe(true);
      expect(eventData[event.type].safeParse(event.data).success).toBe(true);
    }
  });

  it('drops a consumer that throws, tells the others, and goes on', () => {
    const bus = createEventBus(createManualClock(), 'r1');
    const texts: string[] = [];
    let calls = 0;
    bus.add({
      name: 'broken',
      consume: () => {
        calls += 1;
        throw new Error('disk full');
      },
    });
    bus.add({ name: 'good', consume: (event) => texts.push(event.text) });
    bus.emit('log', { component: 'x' }, 'one');
    bus.emit('log', { component: 'x' }, 'two');
    expect(calls).toBe(1);
    expect(texts.filter((text) => text === 'one' || text === 'two')).toEqual(['one', 'two']);
    expect(texts.find((text) => text.includes('broken'))).toContain('disk full');
  });

  it('survives that all of them throw, also what is no error', () => {
    const bus = createEventBus(createManualClock(), 'r1');
    const thrower = {
      name: 'x',
      consume: () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a careless consumer may throw
        throw 'text';
      },
    };
    bus.add(thrower);
    bus.add({ ...thrower, name: 'y' });
    expect(() => bus.emit('log', { component: 'x' }, 'one')).not.toThrow();
  });

  it('closes everyone, also after one that fails to close, and then delivers nothing', async () => {
    const bus = createEventBus(createManualClock(), 'r1');
    const closed: string[] = [];
    const seen: string[] = [];
    bus.add({ name: 'bad', consume: () => undefined, close: () => Promise.reject(new Error('no')) });
    bus.add({
      name: 'good',
      consume: (event) => seen.push(event.text),
      close: () => {
        closed.push('good');
        return Promise.resolve();
      },
    });
    bus.add({ name: 'plain', consume: () => undefined });
    await bus.close();
    bus.emit('log', { component: 'x' }, 'late');
    expect(closed).toEqual(['good']);
    expect(seen).toEqual([]);
  });

  it('closes one that leaves, once, and tells it nothing more', async () => {
    const bus = createEventBus(createManualClock(), 'r1');
    const seen: string[] = [];
    const leave = bus.add({
      name: 'guest',
      consume: ({ text }) => seen.push(text),
      close: () => Promise.resolve(void seen.push('closed')),
    });
    bus.emit('log', { component: 'x' }, 'early');
    await leave();
    bus.emit('log', { component: 'x' }, 'late');
    await leave();
    await bus.close();
    expect(seen).toEqual(['early', 'closed']);
  });
});
