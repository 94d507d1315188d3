import { fail, type WaaError } from '../../failures/waa-error.js';
import { translateDaemonWords } from './translate.js';

/** Where a build was when it failed. */
export interface BuildPlace {
  readonly tag: string;
  /** The step at work; number 0 before the first. */
  readonly step: number;
  readonly instruction: string;
  /** The last lines that programs of the build printed. */
  readonly output: readonly string[];
}

const DISK_FULL = /no space left on device|disk quota exceeded/i;
const RATE_LIMITED = /toomanyrequests|pull rate limit|429 Too Many Requests/i;

/**
 * The daemon's words for a build that failed, as a failure: a full disk, a registry's limit, a base image that cannot be
 * had, a Dockerfile that cannot be read, or the step and the last lines it printed. Texts: moby 20.10 to 28, BuildKit's and
 * the classic builder's.
 */
export function translateBuildFailure(words: string, place: BuildPlace): WaaError {
  const detail = words.trim();
  const output = place.output.join('\n');
  const base = /^FROM +(?:--\S+ +)?(\S+)/i.exec(place.instruction)?.[1];
  if (DISK_FULL.test(detail) || DISK_FULL.test(output)) return fail('DOCKER_DISK_FULL', { detail });
  const told = translateDaemonWords(detail, 500, { image: base ?? 'a base image' });
  if (told.code === 'DOCKER_BUILD_FILE_INVALID') return told;
  if (base !== undefined) {
    if (RATE_LIMITED.test(detail)) return fail('DOCKER_PULL_RATE_LIMITED', { image: base, retryAfterMs: 60_000 });
    return fail('DOCKER_BUILD_BASE_FAILED', { image: base, detail: told.message }, { cause: told });
  }
  const { step, instruction } = place;
  const evidence = output === '' ? [] : [{ title: `last lines of step ${step}`, text: output }];
  return fail('DOCKER_BUILD_STEP_FAILED', { step, instruction: oneLine(instruction), detail }, { evidence });
}

/** A RUN of ten lines as one that fits a message. */
const oneLine = (text: string): string => {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length > 120 ? `${flat.slice(0, 119)}…` : flat;
};
