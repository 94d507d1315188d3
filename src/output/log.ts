import { pino, type DestinationStream } from 'pino';
import type { EventConsumer } from '../events/bus.js';
import type { WaaEvent } from '../events/catalogue.js';
import { redactDeep, type Redact } from './redact.js';

export interface LogOptions {
  /** Where lines go: a file made by `openLogFile`. */
  readonly destination: DestinationStream & { flushSync?: () => void; end?: () => void };
  readonly redact: Redact;
  /** The command, e.g. `up`. */
  readonly operation: string;
  /** Name of the container on the workers. */
  readonly containerName: string;
}

/** A log file for the owner only, its directory made as needed. Synchronous: a crash loses no line. */
export function openLogFile(file: string): DestinationStream & { flushSync(): void; end(): void } {
  return pino.destination({ dest: file, append: true, mkdir: true, sync: true, mode: 0o600 });
}

/** Layers whose work happens in or through the container. */
const inContainer: ReadonlySet<string> = new Set(['qemu', 'windows', 'server', 'client']);

/**
 * Writes every event as one JSON line with the fields of requirement O6: timestamp, level, component, operation, host,
 * container_name, message, duration_ms, metadata. Secrets are removed from every string.
 */
export function createLog({ destination, redact, operation, containerName }: LogOptions): EventConsumer {
  const logger = pino(
    {
      level: 'debug',
      base: null,
      messageKey: 'message',
      timestamp: false,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    name: 'log',
    consume(event) {
      const component = componentOf(event);
      const fields = {
        timestamp: new Date(event.at).toISOString(),
        component,
        operation,
        host: event.worker ?? 'local',
        container_name: inContainer.has(component) ? containerName : null,
        duration_ms:
          'durationMs' in event.data && typeof event.data.durationMs === 'number' ? event.data.durationMs : null,
        metadata: { run: event.run, seq: event.seq, type: event.type, ...redactFields(event, redact) },
      };
      logger[event.level](fields, redact(event.text));
    },
    close() {
      destination.flushSync?.();
      destination.end?.();
      return Promise.resolve();
    },
  };
}

function redactFields(event: WaaEvent, redact: Redact): object {
  return redactDeep(event.data, redact) as object;
}

function componentOf(event: WaaEvent): string {
  if ('layer' in event.data && typeof event.data.layer === 'string') return event.data.layer;
  if ('component' in event.data && typeof event.data.component === 'string') return event.data.component;
  return event.type.split('.')[0] ?? event.type;
}
