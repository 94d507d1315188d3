import * as z from 'zod';
import shippedEasy from '../../tasks/easy_20.json' with { type: 'json' };
import shippedIndex from '../../tasks/waa-index.json' with { type: 'json' };

const taskSchema = z.object({
  domain: z.string(),
  /** Stem of the task's file; not always the `id` inside it. */
  id: z.string(),
  /** False: the right answer is to give up. */
  feasible: z.boolean(),
  /** An http address stands in the task: it needs the internet. */
  url: z.boolean(),
  /** Needs Chrome's or Edge's remote debugging. */
  cdp: z.boolean(),
  evaluator: z.union([z.string(), z.array(z.string())]),
});

/** One task of Windows Agent Arena. */
export interface Task extends Readonly<z.infer<typeof taskSchema>> {
  /** 2 and more: the same task once again (`--repeat`). Absent is 1. */
  readonly repetition?: number;
}

/** All tasks, in upstream's order. */
export interface TaskIndex {
  readonly tasks: readonly Task[];
  readonly domains: readonly string[];
  find(domain: string, id: string): Task | undefined;
}

/** WAA's meta shape: domain to task ids. What `--test_all_meta_path` of run.py takes. */
export type TaskMeta = Readonly<Record<string, readonly string[]>>;

/** An index over `tasks`. */
export function createTaskIndex(tasks: readonly Task[]): TaskIndex {
  const byName = new Map(tasks.map((task) => [taskName(task), task]));
  return {
    tasks,
    domains: [...new Set(tasks.map((task) => task.domain))],
    find: (domain, id) => byName.get(`${domain}/${id}`),
  };
}

const indexSchema = z.object({
  tasks: z.array(taskSchema),
  /** Its `about` names the source. */
  durations: z.object({ seconds: z.record(z.string(), z.number().positive()) }),
});

/** The 154 tasks of upstream revision 6d39ed8, shipped with the package. */
export function shippedTaskIndex(): TaskIndex {
  return createTaskIndex(indexSchema.parse(shippedIndex).tasks);
}

/** How long a task of a domain is expected to take while none was recorded here, in ms. Good for an order, no promise. */
export function seedDurationMs(domain: string): number | undefined {
  const seconds = indexSchema.parse(shippedIndex).durations.seconds[domain];
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Task files that come with the package, by file name. */
export const shippedTaskFiles: Readonly<Record<string, TaskMeta>> = { 'easy_20.json': shippedEasy };

/** `domain/id`: how a task is named everywhere; its second run is `domain/id#2`. */
export function taskName({ domain, id, repetition = 1 }: Pick<Task, 'domain' | 'id' | 'repetition'>): string {
  return `${domain}/${id}${repetition === 1 ? '' : `#${repetition}`}`;
}

/** The parts of a task's name. */
export function parseTaskName(name: string): { readonly domain: string; readonly id: string } {
  const [domain = '', id = ''] = name.replace(/#\d+$/, '').split('/');
  return { domain, id };
}
