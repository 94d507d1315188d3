import { failure } from '../failure.js';

/** Failures of the tool itself: its state, its configuration, its command line. */
export const ownFailures = {
  BUG: failure<{ what: string }>({
    layer: 'own',
    kind: 'error',
    disposition: 'bug',
    symptom: ({ what }) => `waa met something it does not understand: ${what}`,
    why: 'This is a defect of waa, not of your set-up.',
    fix: () => ['Run the same command again with --debug and open an issue with the output.'],
  }),
  USAGE: failure<{ problem: string; hint: string }>({
    layer: 'usage',
    kind: 'configuration',
    disposition: 'permanent',
    symptom: ({ problem }) => problem,
    why: 'The command line could not be understood.',
    fix: ({ hint }) => [hint],
  }),
  CANCELLED: failure<{ what: string }>({
    layer: 'own',
    kind: 'not-running',
    disposition: 'permanent',
    symptom: ({ what }) => `${what} was stopped`,
    why: 'You, or a signal, asked waa to stop.',
    fix: () => ['waa up --resume'],
  }),
  BREAKER_OPEN: failure<{ name: string; failures: number; retryInS: number; last: string }>({
    layer: 'own',
    kind: 'quota',
    disposition: 'permanent',
    symptom: ({ name, failures, retryInS, last }) =>
      `${name} failed ${failures} times in a row and is left alone for ${retryInS} s; last: ${last}`,
    why: 'Repeating what just failed three times wastes paid time; a pause often heals the other side.',
    fix: ({ retryInS }) => [`Wait ${retryInS} s, then: waa up --resume`],
  }),
  WAIT_TIMEOUT: failure<{ what: string; seconds: number; attempts: number; last: string }>({
    layer: 'own',
    kind: 'timeout',
    disposition: 'transient',
    symptom: ({ what, seconds, attempts, last }) =>
      `waited ${seconds} s for ${what} (${attempts} attempts); last seen: ${last}`,
    why: 'What was awaited did not come in its time.',
    fix: () => ['waa status', 'waa up --resume'],
  }),
  WAIT_STALLED: failure<{ what: string; stallSeconds: number; last: string }>({
    layer: 'own',
    kind: 'timeout',
    disposition: 'recoverable',
    symptom: ({ what, stallSeconds, last }) => `${what} made no progress for ${stallSeconds} s; last seen: ${last}`,
    why: 'Work that stands still for this long has never been seen to go on by itself.',
    fix: () => ['waa status', 'waa up --resume'],
  }),
} as const;
