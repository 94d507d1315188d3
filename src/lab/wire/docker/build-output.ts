import { encodeTrace } from '../../../clients/docker-engine/buildkit-trace.js';
import type { BuildStep } from '../../world/docker/build-steps.js';
import { shortId } from '../../world/docker/digest.js';
import type { BuildWatcher } from '../../world/docker/image-build.js';

export interface BuildVoice {
  /** One JSON object of the answer. */
  say(line: unknown): void;
  /** After the last line. */
  end(): void;
  /** The id an image is known by, when one was made. */
  readonly tag: string;
  /** Seconds since the epoch. */
  now(): number;
}

const failure = (message: string): unknown => ({ errorDetail: { message }, error: message });

/** What the classic builder of dockerd prints: `Step n/m : ...`, `--->`, the id. */
export function classicWatcher(voice: BuildVoice, globals: readonly string[]): BuildWatcher {
  let total = globals.length;
  let number = globals.length;
  const print = (stream: string): void => {
    voice.say({ stream });
  };
  return {
    plan(steps) {
      total += steps.length;
      globals.forEach((text, index) => {
        print(`Step ${index + 1}/${total} : ${text}`);
        print('\n');
      });
    },
    begun({ instruction }) {
      number += 1;
      print(`Step ${number}/${total} : ${instruction}`);
      print('\n');
    },
    pulled(_step, { id, status, current, total: bytes }) {
      voice.say({ status, id, progressDetail: current === undefined ? {} : { current, total: bytes } });
    },
    printed(_step, text) {
      print(`${text}\n`);
    },
    ended(step, how) {
      if (how === 'cached' && !step.instruction.startsWith('FROM')) print(' ---> Using cache\n');
      print(` ---> ${String(number).padStart(12, '0')}\n`);
    },
    done(outcome) {
      if ('error' in outcome) voice.say(failure(outcome.error.message));
      else {
        voice.say({ aux: { ID: outcome.imageId } });
        print(`Successfully built ${shortId(outcome.imageId)}\n`);
        print(`Successfully tagged ${voice.tag}\n`);
      }
      voice.end();
    },
  };
}

/** Steps that BuildKit numbers; the others only change the image's settings. */
const NUMBERED = /^(FROM|RUN|COPY|ADD|WORKDIR)\b/;

/** What BuildKit sends through dockerd: base64 of its StatusResponse, each vertex anew whenever it changed. */
export function buildkitWatcher(voice: BuildVoice): BuildWatcher {
  const names = new Map<BuildStep, string>();
  const started = new Map<BuildStep, number>();
  const digestOf = (step: BuildStep): string =>
    `sha256:${[...names.keys()].indexOf(step).toString(16).padStart(64, '0')}`;
  const trace = (message: Parameters<typeof encodeTrace>[0]): void => {
    voice.say({ id: 'moby.buildkit.trace', aux: encodeTrace(message) });
  };
  const vertex = (step: BuildStep, end: { cached?: boolean; error?: string } | undefined): void => {
    const name = names.get(step);
    const since = started.get(step);
    if (name === undefined) return;
    const times = {
      ...(since === undefined ? {} : { started: { seconds: since } }),
      ...(end ? { completed: { seconds: voice.now() } } : {}),
    };
    trace({ vertexes: [{ digest: digestOf(step), name, ...times, ...end }] });
  };
  return {
    plan(steps) {
      const stages = new Set(steps.map(({ stage }) => stage));
      for (const stage of stages) {
        const own = steps.filter((step) => step.stage === stage && NUMBERED.test(step.instruction));
        own.forEach((step, index) => {
          const front = stages.size > 1 ? `${step.stageName} ` : '';
          names.set(step, `[${front}${index + 1}/${own.length}] ${withHub(step.expanded)}`);
        });
      }
      trace({ vertexes: [...names].map(([step, name]) => ({ digest: digestOf(step), name })) });
    },
    begun(step) {
      started.set(step, voice.now());
      vertex(step, undefined);
    },
    pulled(step, { id, current, total }) {
      if (id === undefined || current === undefined || total === undefined) return;
      trace({ statuses: [{ ID: id, vertex: digestOf(step), name: 'downloading', current, total }] });
    },
    printed(step, text) {
      trace({ logs: [{ vertex: digestOf(step), msg: Buffer.from(`${text}\n`) }] });
    },
    ended(step, how) {
      vertex(step, { cached: how === 'cached' });
    },
    done(outcome) {
      if ('error' in outcome) {
        const { error, step } = outcome;
        if (step) vertex(step, { error: error.message });
        const base = /^FROM +(\S+)/.exec(step?.expanded ?? '')?.[1];
        const words =
          base === undefined ? error.message : `${base}: failed to resolve source metadata: ${error.message}`;
        voice.say(failure(`failed to solve: ${words}`));
      } else {
        voice.say({ id: 'moby.image.id', aux: { ID: outcome.imageId } });
      }
      voice.end();
    },
  };
}

/** BuildKit shows Docker Hub's images with their host. */
const withHub = (text: string): string =>
  text.replace(/^FROM +(?!scratch\b)([a-z0-9_-]+\/[^.:\s][^\s]*)/, (_all, image: string) => `FROM docker.io/${image}`);
