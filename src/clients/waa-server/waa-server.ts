import type { Deadline } from '../../health/deadline.js';

export interface GuestExecResult {
  readonly output: string;
  readonly error: string;
  readonly returnCode: number;
}

/**
 * The WAA server in Windows (Flask on port 5000), endpoints as in upstream `vm/setup/server/main.py` at 6d39ed8.
 * Raises SERVER_* failures. A 404 or 400 wrapped in a 500 is our own call being wrong, not a broken server.
 */
export interface WaaServer {
  /** GET /probe; proves only that Flask is up. */
  probe(deadline: Deadline): Promise<void>;
  /** POST /execute; success is decided by the return code, never by `status` (upstream says success for any). */
  execute(command: readonly string[], deadline: Deadline): Promise<GuestExecResult>;
  /** GET /screenshot as PNG bytes. */
  screenshot(deadline: Deadline): Promise<Uint8Array>;
  /** GET /accessibility?backend=; the XML of the desktop's tree. */
  accessibilityTree(backend: 'uia' | 'win32', deadline: Deadline): Promise<string>;
  /** POST /screen_size. */
  screenSize(deadline: Deadline): Promise<{ readonly width: number; readonly height: number }>;
  /** POST /setup/close_all. */
  closeAll(deadline: Deadline): Promise<void>;
  /** POST /setup/clear_task_files: the files in Docker's Downloads folder. Upstream answers 200 whether it worked or not. */
  clearTaskFiles(deadline: Deadline): Promise<void>;
  /** POST /shutdown: Windows powers off within seconds. */
  shutdown(deadline: Deadline): Promise<void>;
}
