import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunReport } from './model.js';
import { readEnd } from '../read-end.js';
import { shrinkPicture } from './shrink-picture.js';
import { parseTrajectory, type Step, type Trajectory } from './trajectory.js';

/** A step with its picture, scaled down, when it was chosen to be shown. */
export interface ShownStep extends Step {
  readonly png: Buffer | undefined;
}

/** What the last attempt of a task did. */
export interface ShownTask {
  readonly attemptId: string;
  readonly steps: readonly ShownStep[];
  readonly crash: string | undefined;
  readonly unreadable: number;
  /** Pictures that lie in the run's folder and were left out of the page. */
  readonly leftOut: number;
}

export interface PictureLimits {
  readonly width: number;
  /** In all tasks together. */
  readonly pictures: number;
  readonly bytes: number;
  readonly perTask: number;
  readonly bytesEach: number;
}

/** One file that a mail or an issue still takes: at most 12 MB of pictures, some 16 MB as text. */
export const PICTURE_LIMITS: PictureLimits = {
  width: 480,
  pictures: 160,
  bytes: 12 * 1024 ** 2,
  perTask: 8,
  bytesEach: 64 * 1024,
};

/**
 * Steps of every task's last attempt, by task. Pictures are shared out evenly over the tasks within the limits; each task
 * shows its first, its last, and an even choice between. `directoryOf` gives the folder of an attempt that is home.
 */
export async function collectSteps(
  report: RunReport,
  attemptIdOf: (task: string, attempt: number) => string,
  directoryOf: (attemptId: string) => string,
  limits: PictureLimits = PICTURE_LIMITS,
): Promise<ReadonlyMap<string, ShownTask>> {
  const shown = new Map<string, ShownTask>();
  const tried = report.tasks.filter((task) => task.rows.length > 0);
  const share = Math.min(limits.perTask, Math.floor(limits.pictures / Math.max(1, tried.length)));
  let room = limits.bytes;
  for (const [index, task] of tried.entries()) {
    const attemptId = attemptIdOf(task.task, task.rows.at(-1)?.attempt ?? 1);
    const found = await readTrajectory(directoryOf(attemptId));
    if (!found) continue;
    const pictured = found.trajectory.steps.filter((step) => step.picture !== undefined);
    const wanted = new Set(spread(pictured, share));
    const budget = room / (tried.length - index);
    let used = 0;
    const steps: ShownStep[] = [];
    for (const step of found.trajectory.steps) {
      const png = wanted.has(step) ? await readPicture(join(found.directory, step.picture ?? ''), limits) : undefined;
      const fits = png !== undefined && used + png.length <= budget;
      if (fits) used += png.length;
      steps.push({ ...step, png: fits ? png : undefined });
    }
    room -= used;
    const leftOut = pictured.length - steps.filter((step) => step.png !== undefined).length;
    const { crash, unreadable } = found.trajectory;
    shown.set(task.task, { attemptId, steps, crash, unreadable, leftOut });
  }
  return shown;
}

/** `count` items, evenly chosen, the last and the first among them. */
export function spread<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  if (count <= 1) return items.slice(items.length - Math.max(0, count));
  const chosen = Array.from({ length: count }, (_, index) => Math.round((index * (items.length - 1)) / (count - 1)));
  return chosen.flatMap((index) => items[index] ?? []);
}

async function readTrajectory(
  attempt: string,
): Promise<{ readonly directory: string; readonly trajectory: Trajectory } | undefined> {
  const names = await readdir(attempt, { recursive: true }).catch(absent);
  const name = names?.find((entry) => /(^|[\\/])traj\.jsonl$/.test(entry));
  if (name === undefined) return undefined;
  const path = join(attempt, name);
  return { directory: dirname(path), trajectory: parseTrajectory(await readEnd(path)) };
}

async function readPicture(path: string, { width, bytesEach }: PictureLimits): Promise<Buffer | undefined> {
  const bytes = await readFile(path).catch(absent);
  return bytes && shrinkPicture(bytes, width, bytesEach);
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
