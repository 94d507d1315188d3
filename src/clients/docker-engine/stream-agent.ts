import http from 'node:http';
import type { Duplex } from 'node:stream';
import type { Deadline } from '../../health/deadline.js';

/** Opens a fresh stream to the daemon's socket. */
export type OpenStream = (deadline: Deadline) => Promise<Duplex>;

/** An HTTP agent whose connections are forwarded streams: one for each request, none kept. */
export class StreamAgent extends http.Agent {
  readonly #open: OpenStream;
  readonly #deadline: Deadline;
  readonly #streams = new Set<Duplex>();
  #isCut = false;

  constructor(open: OpenStream, deadline: Deadline) {
    super({ keepAlive: false });
    this.#open = open;
    this.#deadline = deadline;
  }

  override createConnection(_options: unknown, done?: (error: Error | null, stream: Duplex) => void): undefined {
    this.#open(this.#deadline).then(
      (stream) => {
        // Whoever uses the stream hears its errors; one that comes after the use must not end the process.
        stream.on('error', () => undefined);
        if (this.#isCut) stream.destroy();
        this.#streams.add(stream);
        stream.once('close', () => this.#streams.delete(stream));
        done?.(null, stream);
      },
      (error: unknown) => {
        // Node's type wants a stream beside the error; there is none.
        done?.(error as Error, undefined as unknown as Duplex);
      },
    );
  }

  /** Cuts every connection, and those still being opened. */
  cut(): void {
    this.#isCut = true;
    for (const stream of this.#streams) stream.destroy();
  }
}
