import * as z from 'zod';
import { decodeTrace } from './buildkit-trace.js';
import type { BuildEvent } from './docker-engine.js';

/** One line of the daemon's answer to a build, of either builder. */
const lineSchema = z.object({
  id: z.string().optional(),
  aux: z.unknown().optional(),
  stream: z.string().optional(),
  status: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
  error: z.string().optional(),
  errorDetail: z.object({ message: z.string() }).optional(),
});

const imageId = z.object({ ID: z.string() });

/** What a line says: events, the id of the finished image, or the daemon's words for why there is none. */
export interface BuildLine {
  readonly events: readonly BuildEvent[];
  readonly imageId?: string;
  readonly error?: string;
}

/** `Step 3/14 : COPY a b` */
const CLASSIC_STEP = /^Step (\d+)\/(\d+) : (.*)$/s;
/** `[stage-1 3/14] COPY a b`, without a name where there is one stage only. */
const BUILDKIT_STEP = /^\[(?:(\S+) +)?(\d+)\/(\d+)\] (.*)$/s;
/** Not a step of the Dockerfile, but where an unreachable registry shows. */
const METADATA = /^\[internal\] load metadata for (\S+)/;

/** Reads the lines of one build, of BuildKit or of the classic builder; keeps what it needs to count steps. */
export function createBuildReader(): (line: string) => BuildLine {
  const buildkit = createBuildkitReader();
  const classic = createClassicReader();
  return (text) => {
    const line = lineSchema.parse(JSON.parse(text));
    if (line.error !== undefined) return { events: [], error: line.errorDetail?.message ?? line.error };
    if (line.id === 'moby.buildkit.trace' && typeof line.aux === 'string') return { events: buildkit(line.aux) };
    const built = imageId.safeParse(line.aux);
    if (built.success) return { events: [], imageId: built.data.ID };
    if (line.stream !== undefined) return { events: classic(line.stream) };
    const { current, total } = line.progressDetail ?? {};
    if (line.id === undefined || current === undefined || total === undefined || line.status !== 'Downloading')
      return { events: [] };
    return { events: [{ kind: 'transfer', id: line.id, doneBytes: current, totalBytes: total }] };
  };
}

/** The classic builder tells number and text of each step when it begins, and whether it had the result already. */
function createClassicReader(): (stream: string) => readonly BuildEvent[] {
  let at: { readonly step: number; readonly steps: number; readonly instruction: string } | undefined;
  return (stream) => {
    const text = withoutColours(stream).trim();
    const begun = CLASSIC_STEP.exec(text);
    if (begun) {
      const ended: readonly BuildEvent[] = at ? [{ kind: 'step', state: 'done', ...at }] : [];
      at = { step: Number(begun[1]), steps: Number(begun[2]), instruction: begun[3] ?? '' };
      return [...ended, { kind: 'step', state: 'started', ...at }];
    }
    if (text === '---> Using cache' && at) return [{ kind: 'step', state: 'cached', ...at }];
    if (/^Successfully built /.test(text) && at) return [{ kind: 'step', state: 'done', ...at }];
    if (text === '' || /^(---> |Removing intermediate container |Successfully )/.test(text)) return [];
    return text.split('\n').map((one) => ({ kind: 'output', text: one }));
  };
}

interface Vertex {
  readonly step: number;
  readonly instruction: string;
  state: 'started' | 'cached' | 'done' | 'failed';
}

/** BuildKit names each step with its number in its stage; stages are built at the same time, so all are added up. */
function createBuildkitReader(): (aux: string) => readonly BuildEvent[] {
  const stages = new Map<string, number>();
  const seen = new Map<string, Vertex>();
  return (aux) => {
    const events: BuildEvent[] = [];
    const { vertexes, statuses, logs } = decodeTrace(aux);
    for (const { name } of vertexes) {
      const [, stage = '', , total] = BUILDKIT_STEP.exec(name) ?? [];
      if (total !== undefined) stages.set(stage, Number(total));
    }
    const steps = [...stages.values()].reduce((sum, total) => sum + total, 0);
    for (const { digest, name, cached, started, completed, error } of vertexes) {
      if (!started) continue;
      const base = METADATA.exec(name)?.[1];
      const instruction = base === undefined ? BUILDKIT_STEP.exec(name)?.[4] : `FROM ${base}`;
      if (instruction === undefined) continue;
      const state = error !== '' ? 'failed' : !completed ? 'started' : cached ? 'cached' : 'done';
      const known = seen.get(digest);
      if (known?.state === state || (known && known.state !== 'started')) continue;
      // A look at a registry is a step of nobody: number 0.
      const step = known?.step ?? (base === undefined ? countOf(seen) + 1 : 0);
      seen.set(digest, { step, instruction, state });
      if (step > 0 || state !== 'done') events.push({ kind: 'step', state, step, steps, instruction });
    }
    for (const { ID, current, total } of statuses)
      if (total > 0) events.push({ kind: 'transfer', id: ID, doneBytes: current, totalBytes: total });
    for (const { msg } of logs)
      for (const line of withoutColours(Buffer.from(msg).toString('utf8')).split('\n'))
        if (line.trim() !== '') events.push({ kind: 'output', text: line.trimEnd() });
    return events;
  };
}

const countOf = (seen: ReadonlyMap<string, Vertex>): number => [...seen.values()].filter(({ step }) => step > 0).length;

/** Programs in a build colour their output. */
const withoutColours = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, '').replace(/\r/g, '\n');
