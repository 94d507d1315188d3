import type { Clock } from '../../clock/clock.js';
import type { DockerEngine } from '../../clients/docker-engine/docker-engine.js';
import type { OpenQmp, QmpSession } from '../../clients/qmp/qmp.js';
import type { SshLink, SshLinks } from '../../clients/ssh/ssh.js';
import type { WaaServer } from '../../clients/waa-server/waa-server.js';
import { asWaaError, fail } from '../../failures/waa-error.js';
import { decodePng } from '../../health/decode-png.js';
import type { Deadline } from '../../health/deadline.js';
import { classifyScreen } from '../../health/screen.js';
import { waitFor } from '../../health/wait-for.js';
import { CONTAINER_NAME, winarenaPaths, type WinarenaPaths } from '../../health/winarena.js';
import type { HostTools } from '../../host/host-tools.js';
import type { QemuOutput } from '../io.js';
import { stopDockur } from '../stop-dockur.js';
import { LIMITS } from './limits.js';

/** What a clean shutdown works with. */
export interface ShutDownDeps {
  readonly links: SshLinks;
  readonly engine: (link: SshLink) => DockerEngine;
  readonly openQmp: OpenQmp;
  readonly host: HostTools;
  /** The WAA server behind a link; asked first, because no open dialog can hold `shutdown /s` up. */
  readonly server: (link: SshLink) => WaaServer;
}

/** The worker whose Windows goes down. */
export type ShutDownTarget = Pick<QemuOutput, 'address' | 'dataDirectory'>;

/** One shutdown under way. */
interface Going {
  readonly deps: ShutDownDeps;
  readonly link: SshLink;
  readonly paths: WinarenaPaths;
  readonly clock: Clock;
}

/** `unfinished`: the installation never came to a desktop; its container was stopped and will install again. */
export type ShutDownOutcome = 'shut-down' | 'was-off' | 'unfinished';

/** Numbers of the shutdown, with their reasons. */
const SHUTDOWN = {
  /** WAA's `/shutdown` gives Windows 2 s, then it closes apps; upstream waits 180 s in all. */
  limitMs: 180_000,
  /** Windows that did not begin by now did not hear the first call: the power button is pressed again. */
  pressAgainMs: 45_000,
  everyMs: 2_000,
  attemptTimeoutMs: 20_000,
} as const;

/**
 * Shuts Windows down cleanly, waits until its container has ended by itself, and makes sure that the disk is marked, so
 * that the next start boots it instead of erasing it. Nothing installed is ever killed: raises WINDOWS_SHUTDOWN_TIMEOUT
 * when Windows stays up, WINDOWS_MARKER_MISSING when the marker is not there afterwards.
 */
export async function shutDownWindows(
  deps: ShutDownDeps,
  target: ShutDownTarget,
  clock: Clock,
  deadline: Deadline,
): Promise<ShutDownOutcome> {
  const { host } = deps;
  const link = await deps.links.open(target.address, deadline);
  const engine = deps.engine(link);
  const paths = winarenaPaths(target.dataDirectory);
  const going: Going = { deps, link, paths, clock };
  const container = await engine.inspectContainer(CONTAINER_NAME, deadline);
  if (container?.state !== 'running') return 'was-off';

  const { installedMarker } = await host.storage(link, paths.storage, deadline);
  if (!installedMarker) {
    if (!(await showsDesktop(going, deadline))) {
      await stopDockur(engine, container.id, deadline);
      return 'unfinished';
    }
    await host.markInstalled(link, paths.storage, deadline);
  }
  await askWindows(going, deadline);
  await waitUntilOff(going, engine, container.id, deadline);
  if (!(await host.storage(link, paths.storage, deadline)).installedMarker)
    throw fail('WINDOWS_MARKER_MISSING', { directory: paths.storage });
  return 'shut-down';
}

async function waitUntilOff(going: Going, engine: DockerEngine, id: string, deadline: Deadline): Promise<void> {
  const { clock } = going;
  let pressAt = clock.now() + SHUTDOWN.pressAgainMs;
  using own = deadline.child(SHUTDOWN.limitMs);
  await waitFor(
    async (each) => {
      if ((await engine.inspectContainer(id, each))?.state !== 'running') return { ok: true, value: true };
      if (clock.now() >= pressAt) {
        pressAt = clock.now() + SHUTDOWN.pressAgainMs;
        await withQmp(going, each, (session) => session.systemPowerdown(each));
      }
      return { ok: false, saw: 'Windows still runs' };
    },
    {
      what: 'Windows to shut down',
      clock,
      deadline: own,
      everyMs: SHUTDOWN.everyMs,
      attemptTimeoutMs: SHUTDOWN.attemptTimeoutMs,
      onTimeout: (last) => fail('WINDOWS_SHUTDOWN_TIMEOUT', { seconds: Math.round(own.totalMs / 1000), last }),
    },
  );
}

/** From inside when the WAA server answers, by the power button otherwise. */
async function askWindows(going: Going, deadline: Deadline): Promise<void> {
  if (await obeys(going.deps.server(going.link), deadline)) return;
  await withQmp(going, deadline, (session) => session.systemPowerdown(deadline));
}

async function obeys(server: WaaServer, deadline: Deadline): Promise<boolean> {
  using own = deadline.child(SHUTDOWN.attemptTimeoutMs);
  try {
    await own.race(server.shutdown(own));
    return true;
  } catch (error) {
    if (deadline.signal.aborted) throw error;
    if (!own.expired && asWaaError(error).disposition === 'bug') throw error;
    return false;
  }
}

async function showsDesktop(going: Going, deadline: Deadline): Promise<boolean> {
  const { deps, link, paths } = going;
  try {
    await withQmp(going, deadline, (session) => session.screendump(paths.screenInside, deadline));
  } catch (error) {
    // Before QEMU runs there is no socket, and so no desktop that could be lost.
    if (deadline.signal.aborted || asWaaError(error).disposition === 'bug') throw error;
    return false;
  }
  const png = await deps.host.readFile(link, paths.screen, LIMITS.screenBytes, deadline);
  return classifyScreen(decodePng(png)).kind === 'desktop';
}

async function withQmp(
  { deps, link, paths }: Going,
  deadline: Deadline,
  work: (session: QmpSession) => Promise<void>,
): Promise<void> {
  await using session = await deps.openQmp((own) => link.forwardUnix(paths.qmpSocket, own), deadline);
  await work(session);
}
