import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunReport } from './model.js';
import { readEnd } from '../read-end.js';
import { absent, smallPicture } from './small-pictures.js';
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

/** Where an attempt that is home lies, and where the small copies of its pictures do. */
export interface AttemptFolders {
  attemptDirectory(attemptId: string): string;
  smallDirectory(attemptId: string): string;
}

/** The folders of a run. */
export function attemptFolders(runDirectory: string): AttemptFolders {
  return {
    attemptDirectory: (id) => join(runDirectory, 'attempts', id),
    smallDirectory: (id) => join(runDirectory, 'small', id),
  };
}

/** Pictures of each of so many tasks. */
function shareOf(tasks: number, limits: PictureLimits): number {
  return Math.min(limits.perTask, Math.floor(limits.pictures / Math.max(1, tasks)));
}

/** Makes the small pictures that the report of a run of so many tasks will want of an attempt. Does nothing twice. */
export async function preparePictures(
  attemptId: string,
  tasks: number,
  folders: AttemptFolders,
  limits: PictureLimits = PICTURE_LIMITS,
): Promise<void> {
  const found = await readTrajectory(folders.attemptDirectory(attemptId));
  const pictured = found?.trajectory.steps.filter((step) => step.picture !== undefined) ?? [];
  for (const { picture } of spread(pictured, shareOf(tasks, limits)))
    await smallPicture(join(found?.directory ?? '', picture ?? ''), folders.smallDirectory(attemptId), limits);
}

/**
 * Steps of every task's last attempt, by task. Pictures are shared out evenly over the tasks within the limits; each task
 * shows its first, its last, and an even choice between.
 */
export async function collectSteps(
  report: RunReport,
  attemptIdOf: (task: string, attempt: number) => string,
  folders: AttemptFolders,
  limits: PictureLimits = PICTURE_LIMITS,
): Promise<ReadonlyMap<string, ShownTask>> {
  const shown = new Map<string, ShownTask>();
  const tried = report.tasks.filter((task) => task.rows.length > 0);
  const share = shareOf(tried.length, limits);
  let room = limits.bytes;
  for (const [index, task] of tried.entries()) {
    const attemptId = attemptIdOf(task.task, task.rows.at(-1)?.attempt ?? 1);
    const found = await readTrajectory(folders.attemptDirectory(attemptId));
    if (!found) continue;
    const pictured = found.trajectory.steps.filter((step) => step.picture !== undefined);
    const wanted = new Set(spread(pictured, share));
    const budget = room / (tried.length - index);
    let used = 0;
    const steps: ShownStep[] = [];
    for (const step of found.trajectory.steps) {
      const picture = join(found.directory, step.picture ?? '');
      const png = wanted.has(step) ? await smallPicture(picture, folders.smallDirectory(attemptId), limits) : undefined;
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
