import type { Duplex } from 'node:stream';
import type { Deadline } from '../../health/deadline.js';

/** What dockur's status page says: a phase, or that preparation is over because QEMU runs. */
export type DockurStatus = { readonly phase: string; readonly percent?: number } | 'over';

/** Opens a stream to port 8006 of the container. */
export type OpenWebStream = (deadline: Deadline) => Promise<Duplex>;

/**
 * Reads dockur's status page over one stream. Raises QEMU_STATUS_PAGE when the answer is no status page, and whatever
 * opening the stream raises.
 */
export type ReadDockurStatus = (openStream: OpenWebStream, deadline: Deadline) => Promise<DockurStatus>;
