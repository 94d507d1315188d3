import { DAY_MS } from '../../../clock/units.js';
import type { Guest } from '../contracts.js';
import { accessibilityTreeOf } from './accessibility-tree.js';
import { appPaths, builtInPaths } from './apps.js';
import { runInWindows } from './commands.js';
import type { Picture } from './screens.js';

/** The part of a running Windows that the WAA server shows. */
export interface WindowsSession {
  server: 'refused' | 'broken' | 'up';
  picture: Picture;
  appsInstalled: boolean;
  installedAtMs?: number | undefined;
}

/** https://www.microsoft.com/evalcenter/evaluate-windows-11-enterprise */
const EVALUATION_MS = 90 * DAY_MS;

/**
 * Windows as the WAA server shows it; reads the session at each call. `onShutdown` powers it off, `onTraces` hears of
 * work that changes its disk.
 */
export function createGuest(
  session: WindowsSession,
  paint: (picture: Picture) => Buffer,
  onShutdown: () => void,
  onTraces: () => void,
): Guest {
  const openWindows = (): number => (session.picture.kind === 'desktop' ? session.picture.windows : 0);
  const installed = (): Readonly<Record<string, string>> => ({
    ...builtInPaths,
    ...(session.appsInstalled ? appPaths : {}),
  });
  return {
    get server() {
      return session.server;
    },
    get screen() {
      return { width: session.picture.width, height: session.picture.height };
    },
    get apps() {
      return Object.keys(installed());
    },
    screenshot: () => paint(session.picture),
    execute(command) {
      const { installedAtMs } = session;
      const files = Object.values(installed()).map((path) => path.toLowerCase());
      return runInWindows(command, {
        online: true,
        ...(installedAtMs === undefined ? {} : { evaluationEndsMs: installedAtMs + EVALUATION_MS }),
        fileExists: (path) => files.includes(expand(path).toLowerCase()),
      });
    },
    accessibilityTree: () =>
      accessibilityTreeOf({ width: session.picture.width, height: session.picture.height }, openWindows()),
    closeAll() {
      if (session.picture.kind === 'desktop') session.picture = { ...session.picture, windows: 0 };
    },
    leaveTraces() {
      if (session.picture.kind === 'desktop') session.picture = { ...session.picture, windows: openWindows() + 1 };
      onTraces();
    },
    shutdown: onShutdown,
    breakServer(into) {
      session.server = into;
    },
    crash() {
      const { width, height } = session.picture;
      session.picture = { kind: 'blue-screen', width, height };
      session.server = 'refused';
    },
  };
}

/** Environment variables of the user `Docker`, as cmd and PowerShell write them. */
function expand(path: string): string {
  return path
    .replace(/%LOCALAPPDATA%|\$env:LOCALAPPDATA/i, 'C:\\Users\\Docker\\AppData\\Local')
    .replace(/%USERPROFILE%|\$env:USERPROFILE/i, 'C:\\Users\\Docker')
    .replace(/%ProgramFiles%|\$env:ProgramFiles/i, 'C:\\Program Files');
}
