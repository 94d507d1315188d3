import type { LogEntry, StoredContainer } from './engine-state.js';

/** Longest log kept of one container; older lines go first, as with json-file's max-size. */
const MAX_ENTRIES = 20_000;

/** The logs of the containers: stored with the container, followed live. */
export interface ContainerLogs {
  /** Appends text; a text without a line end is a line of its own. */
  append(container: StoredContainer, at: number, text: string, stream: LogEntry['stream']): void;
  follow(id: string, listener: (entry: LogEntry) => void): () => void;
}

/** Creates the log hub of one daemon. */
export function createContainerLogs(): ContainerLogs {
  const followers = new Map<string, Set<(entry: LogEntry) => void>>();
  return {
    append(container, at, text, stream) {
      for (const line of text.replace(/\n$/, '').split('\n')) {
        const entry: LogEntry = { at, stream, text: `${line}\n` };
        container.log.push(entry);
        for (const listener of followers.get(container.id) ?? []) listener(entry);
      }
      if (container.log.length > MAX_ENTRIES) container.log.splice(0, container.log.length - MAX_ENTRIES);
    },
    follow(id, listener) {
      const listeners = followers.get(id) ?? new Set();
      followers.set(id, listeners);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
