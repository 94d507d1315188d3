import type { DockerEngine } from '../../clients/docker-engine/docker-engine.js';
import type { WaaServer } from '../../clients/waa-server/waa-server.js';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { powershell, shorten, testPaths } from './inventory.js';
import { appFiles, type ServerNeeds } from './needs.js';

/** Where most tasks fetch their files from. */
export const ASSET_HOST = 'https://raw.githubusercontent.com';

export interface LadderTarget {
  readonly server: WaaServer;
  readonly docker: DockerEngine;
  readonly containerId: string;
  /** True for a frame that shows nothing. */
  readonly isBlack: (png: Uint8Array) => boolean;
  readonly needs: ServerNeeds;
}

interface Rung {
  readonly name: string;
  /** Budget of this rung in ms. */
  readonly budgetMs: number;
  /** Throws a SERVER_* failure when the rung does not hold. */
  look(target: LadderTarget, deadline: Deadline): Promise<void>;
}

const S = 1000;

/** Name of the rung that only asks whether anything answers. */
export const FIRST_RUNG = 'probe';

/** Each rung proves more than the one before; /probe alone says only that Flask runs (requirement A6). */
const rungs: readonly Rung[] = [
  { name: FIRST_RUNG, budgetMs: 10 * S, look: ({ server }, deadline) => server.probe(deadline) },
  { name: 'execute', budgetMs: 30 * S, look: lookAtExecute },
  { name: 'screenshot', budgetMs: 30 * S, look: lookAtScreen },
  // win32 answers in seconds; a UIA walk of a busy desktop may take minutes and proves no more here.
  { name: 'accessibility', budgetMs: 60 * S, look: lookAtAccessibility },
  { name: 'apps', budgetMs: 60 * S, look: lookAtApps },
  { name: 'internet from Windows', budgetMs: 40 * S, look: lookAtGuestInternet },
  { name: 'internet from the container', budgetMs: 40 * S, look: lookAtContainerInternet },
];

/** Climbs the ladder; throws the failure of the first rung that does not hold. `onRung` hears each rung's name. */
export async function climb(target: LadderTarget, deadline: Deadline, onRung: (name: string) => void): Promise<void> {
  for (const rung of rungs) {
    onRung(rung.name);
    await stand(rung, target, deadline);
  }
}

async function stand({ budgetMs, look }: Rung, target: LadderTarget, deadline: Deadline): Promise<void> {
  using own = deadline.child(budgetMs);
  await look(target, own);
}

async function lookAtExecute({ server }: LadderTarget, deadline: Deadline): Promise<void> {
  const { output, error, returnCode } = await server.execute(['python', '-c', 'print(1)'], deadline);
  if (returnCode !== 0 || output.trim() !== '1')
    throw fail('SERVER_EXECUTE_FAILED', { command: 'python -c print(1)', returnCode, error: shorten(error) });
}

async function lookAtScreen({ server, isBlack }: LadderTarget, deadline: Deadline): Promise<void> {
  if (isBlack(await server.screenshot(deadline))) throw fail('SERVER_BLACK_SCREEN', {});
}

async function lookAtAccessibility({ server }: LadderTarget, deadline: Deadline): Promise<void> {
  const tree = await server.accessibilityTree('win32', deadline);
  // `<desktop .../>` or `<desktop ...></desktop>` is a tree without a single window.
  if (!/<[^/!?][^>]*>[\s\S]*?<[^/!?]/.test(tree)) throw fail('SERVER_NO_ACCESSIBILITY', {});
}

async function lookAtApps({ server, needs }: LadderTarget, deadline: Deadline): Promise<void> {
  const wanted = Object.keys(needs.apps).flatMap((app) => (appFiles[app] ?? []).map((file) => ({ app, file })));
  if (wanted.length === 0) return;
  const present = await testPaths(
    server,
    wanted.map(({ file }) => file),
    deadline,
  );
  const missing = [...new Set(wanted.filter(({ file }) => present.get(file) !== true).map(({ app }) => app))];
  const tasks = missing.reduce((sum, app) => sum + (needs.apps[app] ?? 0), 0);
  if (missing.length > 0) throw fail('SERVER_APPS_MISSING', { apps: missing.join(', '), tasks });
}

async function lookAtGuestInternet({ server, needs }: LadderTarget, deadline: Deadline): Promise<void> {
  if (!needs.internet) return;
  const script = `(Invoke-WebRequest -UseBasicParsing -TimeoutSec 20 -Uri '${ASSET_HOST}').StatusCode`;
  const { error, output, returnCode } = await powershell(server, script, deadline);
  if (returnCode !== 0 || error.trim() !== '')
    throw fail('SERVER_NO_INTERNET', { from: 'guest', address: ASSET_HOST, detail: shorten(error || output) });
}

async function lookAtContainerInternet(
  { docker, containerId, needs }: LadderTarget,
  deadline: Deadline,
): Promise<void> {
  if (!needs.internet) return;
  const { exitCode, stderr } = await docker.exec(
    containerId,
    ['curl', '-sS', '-o', '/dev/null', '--max-time', '20', ASSET_HOST],
    deadline,
  );
  if (exitCode !== 0)
    throw fail('SERVER_NO_INTERNET', { from: 'container', address: ASSET_HOST, detail: shorten(stderr) });
}
