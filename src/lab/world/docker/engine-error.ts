/** What the daemon refuses: the HTTP status and the words of dockerd (moby, errdefs). */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  constructor(
    readonly status: 304 | 400 | 404 | 409 | 429 | 500,
    message: string,
  ) {
    super(message);
  }
}

/** 404, in the daemon's words. */
export const noSuchContainer = (name: string): EngineError => new EngineError(404, `No such container: ${name}`);
/** 404, in the daemon's words. */
export const noSuchImage = (name: string): EngineError => new EngineError(404, `No such image: ${name}`);
/** 409, in the daemon's words. */
export const notRunning = (id: string): EngineError => new EngineError(409, `container ${id} is not running`);
