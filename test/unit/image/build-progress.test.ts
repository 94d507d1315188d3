import { describe, expect, it } from 'vitest';
import type { BuildEvent } from '../../../src/clients/docker-engine/docker-engine.js';
import { createBuildProgress } from '../../../src/operations/build-progress.js';
import { baseArguments, pinBases } from '../../../src/operations/pin-bases.js';
import { Deadline } from '../../../src/health/deadline.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { fail } from '../../../src/failures/waa-error.js';

const step = (state: 'started' | 'done' | 'cached', number: number, instruction: string, steps = 4): BuildEvent => ({
  kind: 'step',
  state,
  step: number,
  steps,
  instruction,
});
const transfer = (id: string, doneBytes: number, totalBytes = 100): BuildEvent => ({
  kind: 'transfer',
  id,
  doneBytes,
  totalBytes,
});

describe('progress of a build', () => {
  it('counts steps, and a pull by its bytes with the time that is left', () => {
    const progress = createBuildProgress();
    expect(progress.take(step('started', 1, 'FROM a:1'), 0)).toEqual({
      step: 1,
      steps: 4,
      instruction: 'FROM a:1',
      percent: 0,
    });
    progress.take(transfer('x', 0), 1000);
    expect(progress.take(transfer('x', 50), 11_000)).toMatchObject({ percent: 12, etaMs: 10_000 });
    const after = progress.take(step('done', 1, 'FROM a:1'), 21_000);
    expect(after.percent).toBeGreaterThanOrEqual(25);
    progress.take(transfer('x', 100), 21_000);
    const copying = progress.take(step('started', 2, 'COPY b /'), 22_000);
    expect([copying.step, copying.etaMs]).toEqual([2, undefined]);
  });

  it('never goes back when another layer turns up', () => {
    const progress = createBuildProgress();
    progress.take(step('started', 1, 'FROM a:1'), 0);
    const before = progress.take(transfer('x', 90), 1000).percent ?? 0;
    expect(progress.take(transfer('y', 0, 1000), 2000).percent).toBe(before);
  });

  it('ends at a hundred, also with steps that were in the cache', () => {
    const progress = createBuildProgress();
    for (const number of [1, 2, 3]) progress.take(step('cached', number, 'RUN x'), 0);
    expect(progress.take(step('done', 4, 'RUN y'), 0).percent).toBe(100);
  });

  it('knows nothing of steps before the builder told', () => {
    expect(createBuildProgress().take({ kind: 'output', text: 'x' }, 0)).toEqual({
      step: 0,
      steps: 0,
      instruction: '',
    });
  });
});

describe('base images', () => {
  const dockerfile = 'ARG A=one:1\nARG UNUSED=x:1\nARG B=two:2\nFROM ${A} AS a\nFROM $B\nARG C=three:3\n';
  const deadline = Deadline.none(createManualClock());
  const digest = `sha256:${'a'.repeat(64)}`;
  const registryOf = (asked: string[] = []) => ({
    manifest(reference: string) {
      asked.push(reference);
      return reference.startsWith('gone')
        ? Promise.reject(fail('DOCKER_IMAGE_NOT_FOUND', { image: reference }))
        : Promise.resolve({ digest });
    },
  });

  it('are the arguments that a FROM uses', () => {
    expect([...baseArguments(dockerfile)]).toEqual([
      ['A', 'one:1'],
      ['B', 'two:2'],
    ]);
    expect([...baseArguments('FROM scratch\nCOPY a /\n')]).toEqual([]);
  });

  it('get the digests their tags have now; what was given counts, a digest is not asked about', async () => {
    const asked: string[] = [];
    const pinned = await pinBases(registryOf(asked), dockerfile, { B: `mine:3@${digest}`, OTHER: 'x' }, deadline);
    expect(pinned).toEqual({ A: `one:1@${digest}`, B: `mine:3@${digest}` });
    expect(asked).toEqual(['one:1']);
  });

  it('that no registry has are named before anything is sent', async () => {
    await expect(pinBases(registryOf(), dockerfile, { A: 'gone:1' }, deadline)).rejects.toMatchObject({
      code: 'DOCKER_IMAGE_NOT_FOUND',
    });
  });
});
