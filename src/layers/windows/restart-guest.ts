import type { DockerEngine } from '../../clients/docker-engine/docker-engine.js';
import type { OpenQmp } from '../../clients/qmp/qmp.js';
import type { SshLink } from '../../clients/ssh/ssh.js';
import type { Clock } from '../../clock/clock.js';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { waitFor } from '../../health/wait-for.js';
import { CONTAINER_NAME, winarenaPaths } from '../../health/winarena.js';
import { readDockurLog } from '../read-dockur-log.js';

/** What the reset button is pressed with. */
export interface RestartGuestDeps {
  readonly engine: (link: SshLink) => DockerEngine;
  readonly openQmp: OpenQmp;
}

/** Numbers of the wait, with their reasons. */
const FIRMWARE = {
  /** OVMF takes some seconds with KVM, up to half a minute in software. */
  limitMs: 120_000,
  everyMs: 1_000,
  attemptTimeoutMs: 10_000,
} as const;

/**
 * Presses the reset button (QMP `system_reset`): Windows starts anew, the disk stays. Never `shutdown /r` from inside: a
 * hung Windows does not obey. Resolves when the firmware has handed over once more: until then QEMU shows the last picture
 * from before, desktop or blue screen (seen with 7.2). Raises WINDOWS_NOT_READY when that does not come.
 */
export async function restartGuest(
  deps: RestartGuestDeps,
  link: SshLink,
  dataDirectory: string,
  clock: Clock,
  deadline: Deadline,
): Promise<void> {
  const starts = async (own: Deadline): Promise<number> => {
    const engine = deps.engine(link);
    const container = await engine.inspectContainer(CONTAINER_NAME, own);
    if (!container) throw fail('QEMU_CONTAINER_EXITED', { exitCode: 0, detail: 'the container was removed' });
    const log = await readDockurLog(engine, container, own);
    return log.diskBoots + log.dvdBoots;
  };
  const before = await starts(deadline);
  {
    const { qmpSocket } = winarenaPaths(dataDirectory);
    await using session = await deps.openQmp((own) => link.forwardUnix(qmpSocket, own), deadline);
    await session.systemReset(deadline);
  }
  using own = deadline.child(FIRMWARE.limitMs);
  await waitFor(
    async (each) =>
      (await starts(each)) === before
        ? { ok: false, saw: 'the firmware has not started it again' }
        : { ok: true, value: true },
    {
      what: 'the reset of Windows',
      clock,
      deadline: own,
      everyMs: FIRMWARE.everyMs,
      attemptTimeoutMs: FIRMWARE.attemptTimeoutMs,
      onTimeout: (seen) => fail('WINDOWS_NOT_READY', { seen }),
    },
  );
}
