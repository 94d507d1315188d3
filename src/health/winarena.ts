/** Name of the one container on a worker: Windows Agent Arena's own scripts call it so. */
export const CONTAINER_NAME = 'winarena';

/** Label with the fingerprint of the specification a container was made from. */
export const FINGERPRINT_LABEL = 'waa.fingerprint';

/** Where things of the container lie: on the worker, and inside. */
export interface WinarenaPaths {
  /** Windows disk and dockur's state, on the worker. */
  readonly storage: string;
  /** Sockets and screendumps, on the worker; bind-mounted at `runInside`. */
  readonly run: string;
  readonly runInside: string;
  readonly qmpSocket: string;
  readonly qmpSocketInside: string;
  readonly screen: string;
  readonly screenInside: string;
}

const RUN_INSIDE = '/run/waa';

/** Paths under the worker's data directory. */
export function winarenaPaths(dataDirectory: string): WinarenaPaths {
  const run = `${dataDirectory}/waa/run`;
  return {
    storage: `${dataDirectory}/waa/storage`,
    run,
    runInside: RUN_INSIDE,
    qmpSocket: `${run}/qmp.sock`,
    qmpSocketInside: `${RUN_INSIDE}/qmp.sock`,
    screen: `${run}/screen.png`,
    screenInside: `${RUN_INSIDE}/screen.png`,
  };
}

/** Ports published on the worker's loopback. */
export const PORTS = { waaServer: 5000, web: 8006 } as const;

/** Name under which a layer remembers an installation of ours that is not known to be finished yet. */
export const INSTALL_TOKEN = 'windows-install';
