import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { Deadline } from '../../../src/health/deadline.js';
import { evaluationEndsAt } from '../../../src/health/evaluation.js';
import { windowsChecks, type EvaluatedWindows } from '../../../src/layers/windows/preflight.js';
import { knownEvaluations } from '../../../src/operations/known-evaluations.js';
import type { CheckOutcome } from '../../../src/preflight/check.js';
import { knownGoodCheck } from '../../../src/preflight/checks/known-good.js';
import { openCheckpoint } from '../../../src/state/checkpoint.js';
import { statePaths } from '../../../src/state/paths.js';

const deadline = Deadline.after(10_000, createManualClock());
const codeOf = (outcome: CheckOutcome): string => ('problem' in outcome ? outcome.problem.code : outcome.outcome);

describe('the evaluation of Windows', () => {
  const now = Date.UTC(2026, 0, 31);
  const [check] = windowsChecks;
  const run = (...ends: string[]): Promise<CheckOutcome> | undefined => {
    const all = ends.map((day, index): EvaluatedWindows => ({ deployment: 'p', worker: `w${index}`, ends: day }));
    return check?.run({ evaluations: () => Promise.resolve(all), now: () => now }, deadline);
  };

  it.each([
    ['win11x64-enterprise-eval.iso', 1_700_000_000, 1_700_000_000_000 + 90 * 86_400_000],
    ['win11x64-enterprise-eval.iso', 0, undefined],
    ['win11x64.iso', 1_700_000_000, undefined],
    ['custom.iso', 1_700_000_000, undefined],
    ['', 1_700_000_000, undefined],
  ])('of %s installed at %d', (base, begunS, ends) => {
    expect(evaluationEndsAt({ base, begunS })).toBe(ends);
  });

  it.each([
    ['skipped', []],
    ['pass', ['2026-03-01T00:00:00.000Z', '2026-02-14T00:00:00.000Z']],
    ['WINDOWS_EVALUATION_ENDS', ['2026-03-01T00:00:00.000Z', '2026-02-13T23:00:00.000Z']],
    ['WINDOWS_EVALUATION_OVER', ['2026-01-30T00:00:00.000Z']],
  ])('is %s with ends %j', async (expected, ends) => {
    const outcome = await run(...ends);
    expect(outcome && codeOf(outcome)).toBe(expected);
  });

  describe('of what is known here', () => {
    let home = '';
    beforeEach(() => {
      home = mkdtempSync(join(tmpdir(), 'waa-known-'));
    });
    afterEach(() => {
      rmSync(home, { recursive: true, force: true });
    });

    it('is read from what was last proven, of one deployment or of all', async () => {
      const paths = statePaths(home);
      const save = async (name: string, outputs: unknown): Promise<void> => {
        const checkpoint = await openCheckpoint(paths.deployment(name).checkpoint);
        await checkpoint.saveVerified('w0', 'windows', { fingerprint: '', outputs, identity: '', verifiedAt: 0 });
      };
      await save('one', { evaluationEnds: '2026-03-01T00:00:00.000Z' });
      await save('own-iso', { screen: {} });
      await save('two', { evaluationEnds: '2026-04-01T00:00:00.000Z' });
      const ends = async (name?: string) => (await knownEvaluations(paths, name)).map((seen) => seen.ends.slice(0, 7));
      expect(await ends()).toEqual(['2026-03', '2026-04']);
      expect(await ends('two')).toEqual(['2026-04']);
      expect(await ends('never-made')).toEqual([]);
    });
  });
});

describe('what last worked', () => {
  const good = { image: 'docker.io/a/b:1@sha256:x', vmSize: 'Standard_D8ds_v5', at: '2026-01-01T00:00:00.000Z' };
  const run = (images: readonly string[], size: string | undefined, known: typeof good | undefined = good) =>
    knownGoodCheck.run({ knownGood: () => Promise.resolve(known), images, size }, deadline);

  it.each([
    ['the same digest', ['docker.io/a/b:1@sha256:x'], 'pass'],
    ['the same name, not pinned', ['docker.io/a/b:1'], 'pass'],
    ['the same in its second registry', ['x/b:1@sha256:x', 'docker.io/a/b:1@sha256:x'], 'pass'],
    ['another digest', ['docker.io/a/b:1@sha256:y'], 'OWN_NOT_AS_KNOWN_GOOD'],
    ['another tag', ['docker.io/a/b:2'], 'OWN_NOT_AS_KNOWN_GOOD'],
  ])('compares images: %s', async (_, images, expected) => {
    expect(codeOf(await run(images, 'Standard_D8ds_v5'))).toBe(expected);
  });

  it('compares sizes, but not with those of hosts', async () => {
    expect(codeOf(await run([good.image], 'Standard_D16ds_v5'))).toBe('OWN_NOT_AS_KNOWN_GOOD');
    expect(codeOf(await run([good.image], undefined))).toBe('pass');
    expect(codeOf(await run([good.image], 'Standard_D16ds_v5', { ...good, vmSize: '' }))).toBe('pass');
  });

  it('says nothing before anything worked', async () => {
    const outcome = await knownGoodCheck.run(
      { knownGood: () => Promise.resolve(undefined), images: [], size: undefined },
      deadline,
    );
    expect(outcome.outcome).toBe('skipped');
  });
});
