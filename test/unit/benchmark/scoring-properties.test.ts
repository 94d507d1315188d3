import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findTaint, verdict, type AttemptOutcome, type AttemptTrace } from '../../../src/benchmark/scoring.js';

const TRACES = [
  'Failed to get screenshot!',
  'Failed to connect to QMP: timed out',
  "('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))",
  "openai.AuthenticationError: Error code: 401 - {'error': {'code': 'invalid_api_key'}}",
];
const outcomes: readonly AttemptOutcome[] = [
  'finished',
  'timeout',
  'stopped',
  'container-died',
  'start-failed',
  'lost',
];
const text = fc.oneof(fc.string(), fc.constantFrom('', 'Observation is None. Waiting a little', ...TRACES));
const traces: fc.Arbitrary<AttemptTrace> = fc.record({
  outcome: fc.constantFrom(...outcomes),
  exitCode: fc.option(fc.nat(255), { nil: undefined }),
  result: fc.option(fc.oneof(fc.string(), fc.constantFrom('0.0', '1.0', '0.5', 'True', 'False', 'nan', '2')), {
    nil: undefined,
  }),
  trajectory: text,
  log: fc.array(text, { maxLength: 8 }).map((lines) => lines.join('\n')),
  feasible: fc.boolean(),
  foreign: fc.constantFrom(undefined, 'clock/other/result.txt'),
  withheld: fc.constantFrom(undefined, 'it holds a link'),
});

it('whatever an attempt left, it has a score if and only if it is scored, between 0 and 1', () => {
  fc.assert(
    fc.property(traces, (trace) => {
      const { state, score } = verdict(trace);
      expect(score !== null).toBe(state === 'scored');
      if (score !== null) expect(score >= 0 && score <= 1).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

it('a broken machine is never a zero', () => {
  fc.assert(
    fc.property(traces, fc.constantFrom(...TRACES), (trace, line) => {
      const broken = {
        ...trace,
        outcome: 'finished' as const,
        withheld: undefined,
        result: '0.0',
        log: `${trace.log}\n${line}\n`,
      };
      expect(findTaint(broken.log)).toBeDefined();
      expect(verdict(broken)).toMatchObject({ state: 'infra_error', score: null });
    }),
  );
});

it('an attempt whose machine died under it counts for nothing, whatever lies in its folder', () => {
  fc.assert(
    fc.property(traces, fc.constantFrom('container-died', 'start-failed', 'lost'), (trace, outcome) => {
      expect(verdict({ ...trace, outcome })).toMatchObject({ state: 'infra_error', score: null });
    }),
  );
});
