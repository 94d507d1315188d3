import type { BlockStats, QmpSession } from '../../clients/qmp/qmp.js';
import type { ContainerInfo } from '../../clients/docker-engine/docker-engine.js';
import { asWaaError, fail, type WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { faultInLog, faultOfExit } from '../../health/dockur-failures.js';
import type { DockurLog } from '../../health/dockur-log.js';
import type { ScreenFrame } from '../../health/screen.js';
import { isPreparing, preparationOf, type Preparation } from '../../health/preparation.js';
import { PORTS, winarenaPaths } from '../../health/winarena.js';
import type { StorageFacts } from '../../host/host-tools.js';
import type { QemuOutput } from '../io.js';
import type { LayerContext } from '../layer.js';
import { readDockurLog } from '../read-dockur-log.js';
import { startsSince, type WindowsStart } from '../windows-start.js';
import type { WindowsTools } from './deps.js';
import { LIMITS } from './limits.js';

/** All that can be seen of Windows from outside at one moment, once QEMU runs. */
export interface WindowsView {
  readonly preparing: undefined;
  readonly container: ContainerInfo;
  readonly log: DockurLog;
  readonly frame: ScreenFrame;
  readonly traffic: BlockStats;
  readonly storage: StorageFacts;
}

/** QEMU does not run yet: dockur downloads or prepares, mostly after a restart in the middle of an installation. */
export interface PreparingView {
  readonly preparing: Preparation;
}

/** One look. Raises QEMU_* for a container or QEMU that broke underneath, WINDOWS_SCREEN_UNREADABLE for no picture. */
export async function lookAtWindows(
  deps: WindowsTools,
  ctx: LayerContext,
  input: QemuOutput,
  deadline: Deadline,
): Promise<WindowsView | PreparingView> {
  const link = await deps.links.open(input.address, deadline);
  const engine = deps.engine(link);
  const paths = winarenaPaths(input.dataDirectory);
  const container = await engine.inspectContainer(input.containerId, deadline);
  if (!container) throw fail('QEMU_CONTAINER_EXITED', { exitCode: 0, detail: 'the container was removed' });
  const log = await readDockurLog(engine, container, deadline);
  if (container.state !== 'running') throw faultOfExit(container, log, paths.storage);
  const fault = faultInLog(log);
  if (fault) throw fault;
  if (isPreparing(log)) {
    return {
      preparing: await preparationOf(
        log,
        deps.readStatus,
        (own) => link.forwardTcp('127.0.0.1', PORTS.web, own),
        deadline,
      ),
    };
  }

  const storage = await deps.host.storage(link, paths.storage, deadline);
  await using session = await openSession();
  if (!session) return { preparing: { phase: 'QEMU is starting' } };
  const status = await session.status(deadline);
  if (status === 'io-error') throw fail('QEMU_PAUSED_BY_IO_ERROR', { directory: paths.storage });
  if (status !== 'running') throw fail('QEMU_STOPPED_GUEST', { status });
  const traffic = await session.blockStats(deadline);
  await session.screendump(paths.screenInside, deadline);
  const png = await deps.host.readFile(link, paths.screen, LIMITS.screenBytes, deadline);
  return { preparing: undefined, container, log, storage, traffic, frame: deps.readFrame(png) };

  /** Undefined while dockur has begun QEMU and QEMU has not opened its socket yet. */
  async function openSession(): Promise<QmpSession | undefined> {
    try {
      return await deps.openQmp((own) => link.forwardUnix(paths.qmpSocket, own), deadline);
    } catch (error) {
      if (log.handedOver || asWaaError(error).code !== 'VM_FORWARD_REFUSED') throw error;
      return undefined;
    }
  }
}

/** Which start of Windows is in view. */
export function startInView({ container, log }: WindowsView): WindowsStart {
  return { containerId: container.id, containerStartedAt: container.startedAt, diskBoots: log.diskBoots };
}

/** The failure that one look already proves, or undefined. `readyAs`: the start that last showed a steady desktop. */
export function faultInView(view: WindowsView, readyAs: string | undefined): WaaError | undefined {
  const { frame, storage } = view;
  if (frame.kind === 'desktop') return undefined;
  if (frame.kind === 'blue-screen') return fail('WINDOWS_CRASHED', { screen: 'blue screen' });
  const limit = storage.installedMarker ? LIMITS.diskBootsInstalled : LIMITS.diskBootsInstalling;
  const boots = startsSince(readyAs, startInView(view));
  return boots > limit ? fail('WINDOWS_REBOOT_LOOP', { boots }) : undefined;
}
