import type { Clock } from '../clock/clock.js';
import type { EventData, EventType, Level, WaaEvent } from './catalogue.js';

/** What goes beside an event's data. */
export interface EmitOptions {
  readonly level?: Level;
  readonly worker?: string;
}

/** Emits one event of the catalogue. `text` is one line for a person. Never throws. */
export type Emit = <T extends EventType>(type: T, data: EventData<T>, text: string, options?: EmitOptions) => void;

/** Something that sees every event. A consumer that throws is dropped and reported, and the others go on. */
export interface EventConsumer {
  readonly name: string;
  consume(event: WaaEvent): void;
  /** Called once at the end; flush here. */
  close?(): Promise<void>;
}

/** The one stream of events of an invocation. */
export interface EventBus {
  readonly emit: Emit;
  /** The function it returns takes the consumer off again and closes it; a second call does nothing. */
  add(consumer: EventConsumer): () => Promise<void>;
  /** Closes every consumer; events emitted afterwards are lost. */
  close(): Promise<void>;
}

/** Creates the bus of one invocation. `run` names the invocation in every event. */
export function createEventBus(clock: Clock, run: string): EventBus {
  const consumers = new Set<EventConsumer>();
  let seq = 0;

  const deliver = (event: WaaEvent): void => {
    for (const consumer of [...consumers]) {
      try {
        consumer.consume(event);
      } catch (error) {
        consumers.delete(consumer);
        const reason = error instanceof Error ? error.message : String(error);
        emit('log', { component: 'events' }, `consumer ${consumer.name} failed and was dropped: ${reason}`, {
          level: 'warn',
        });
      }
    }
  };
  const emit: Emit = (type, data, text, options = {}) => {
    deliver({
      v: 1,
      seq: ++seq,
      at: clock.now(),
      run,
      ...(options.worker === undefined ? {} : { worker: options.worker }),
      type,
      level: options.level ?? 'info',
      text,
      data,
    } as WaaEvent);
  };

  return {
    emit,
    add: (consumer) => {
      consumers.add(consumer);
      return async () => {
        if (consumers.delete(consumer)) await consumer.close?.();
      };
    },
    async close() {
      const closing = [...consumers];
      consumers.clear();
      await Promise.allSettled(closing.map(async (consumer) => consumer.close?.()));
    },
  };
}

/** The same emit with every event marked as one worker's. */
export function forWorker(emit: Emit, worker: string): Emit {
  return (type, data, text, options) => {
    emit(type, data, text, { worker, ...options });
  };
}
