import * as z from 'zod';

/** One step of an attempt. */
export interface Step {
  /** 0 is the reset before the first action. */
  readonly number: number;
  readonly at: string;
  readonly action: string;
  readonly window: string;
  /** File name of the picture, beside the trajectory. */
  readonly picture: string | undefined;
}

export interface Trajectory {
  readonly steps: readonly Step[];
  /** Upstream's record of an exception, when there is one. */
  readonly crash: string | undefined;
  /** Lines that are no record: torn, or garbage. */
  readonly unreadable: number;
}

const text = z.union([z.string(), z.number()]).transform(String).catch('');
const record = z.looseObject({
  step_num: z.coerce.number().int().nonnegative().catch(0),
  action_timestamp: text,
  action: z.unknown().optional(),
  screenshot: z.string().optional().catch(undefined),
  window_title: text,
  Exception: z.string().optional().catch(undefined),
  Error: z.string().optional().catch(undefined),
});

/**
 * Reads upstream's traj.jsonl: one JSON object a step with `step_num`, `action` and the names of the files beside it
 * (lib_run_single.py of WindowsAgentArena), at a crash one with `Error`, `Exception`, `Traceback`. Lines that are
 * something else are counted and passed over. Pure.
 */
export function parseTrajectory(content: string): Trajectory {
  const steps: Step[] = [];
  let crash: string | undefined;
  let unreadable = 0;
  for (const line of content.split('\n')) {
    if (line.trim() === '') continue;
    const read = recordOf(line);
    if (!read) unreadable += 1;
    else if (read.Exception !== undefined || read.Error !== undefined) crash = read.Exception ?? read.Error;
    else
      steps.push({
        number: read.step_num,
        at: read.action_timestamp,
        action: actionText(read.action),
        window: read.window_title,
        picture: pictureName(read.screenshot),
      });
  }
  return { steps, crash, unreadable };
}

function recordOf(line: string): z.infer<typeof record> | undefined {
  try {
    const read = record.safeParse(JSON.parse(line));
    return read.success ? read.data : undefined;
  } catch {
    return undefined; // counted by the caller
  }
}

/** Agents act with a string of code, a list of such, or an object. */
function actionText(action: unknown): string {
  if (action === undefined || action === null) return '';
  return typeof action === 'string' ? action : JSON.stringify(action);
}

/** Only a plain name of a PNG: the record comes from the worker and must not lead out of its folder. */
function pictureName(name: string | undefined): string | undefined {
  return name !== undefined && /^[\w@.-]+\.png$/i.test(name) && !name.includes('..') ? name : undefined;
}
