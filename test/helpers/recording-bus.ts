import type { Clock } from '../../src/clock/clock.js';
import { createEventBus, type EventBus } from '../../src/events/bus.js';
import type { EventType, WaaEvent } from '../../src/events/catalogue.js';

export interface RecordingBus extends EventBus {
  readonly events: readonly WaaEvent[];
  /** Types in the order they were emitted. */
  types(): readonly EventType[];
}

/** A bus that keeps every event, for assertions on types and data. */
export function createRecordingBus(clock: Clock): RecordingBus {
  const bus = createEventBus(clock, 'test');
  const events: WaaEvent[] = [];
  bus.add({
    name: 'recorder',
    consume: (event) => {
      events.push(event);
    },
  });
  return { ...bus, events, types: () => events.map((event) => event.type) };
}
