import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAtWork } from '../../../src/events/reducer.js';
import { progressOf } from '../../../src/events/progress.js';
import { emptyView, type LayerView, type View } from '../../../src/events/view.js';
import type { LayerId } from '../../../src/layers/layer.js';
import { anyEvent, event, fault, fold, START } from '../../helpers/events.js';

const started = event('operation.started', { operation: 'up', deployment: 'mine', totalSteps: 7 });
const layerOf = (view: View, layer: LayerId, worker = 'w0'): LayerView | undefined =>
  view.workers.find((one) => one.worker === worker)?.layers.find((one) => one.layer === layer);

describe('reduce: any order of events', () => {
  it('never throws and stays plain data that every screen can read', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
        const view = fold(events);
        expect(JSON.parse(JSON.stringify(view))).toEqual(view);
        expect(view.recent.length).toBeLessThanOrEqual(50);
        expect(view.faults.length).toBeLessThanOrEqual(50);
        for (const worker of view.workers) expect(worker.layers).toHaveLength(7);
        const progress = progressOf(view, view.at);
        if (progress) {
          expect(progress.percent).toBeGreaterThanOrEqual(0);
          expect(progress.percent).toBeLessThanOrEqual(100);
          expect(progress.step).toBeLessThanOrEqual(progress.totalSteps);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('does not change the view it was given', () => {
    const before = fold([started, event('layer.state', { layer: 'vm', state: 'ready' })]);
    const copy = structuredClone(before);
    fold(
      [event('layer.state', { layer: 'vm', state: 'failed' }), event('layer.fault', { layer: 'vm', fault })],
      before,
    );
    expect(before).toEqual(copy);
  });
});

describe('reduce: layers', () => {
  it('shows all seven of a worker as soon as one is heard of', () => {
    const view = fold([event('layer.state', { layer: 'vm', state: 'checking', detail: 'ssh' }, { worker: 'w3' })]);
    expect(view.workers[0]?.layers.map((layer) => layer.state)).toEqual([
      'pending',
      'checking',
      'pending',
      'pending',
      'pending',
      'pending',
      'pending',
    ]);
    expect(layerOf(view, 'vm', 'w3')).toMatchObject({ detail: 'ssh', since: START });
  });

  it('orders workers by their number', () => {
    const of = (worker: string) => event('layer.state', { layer: 'vm', state: 'ready' }, { worker });
    expect(fold(['w10', 'w2', 'w1'].map(of)).workers.map((worker) => worker.worker)).toEqual(['w1', 'w2', 'w10']);
  });

  it('keeps the moment it entered a state through progress and repetition', () => {
    const view = fold([
      event('layer.state', { layer: 'windows', state: 'provisioning' }),
      event(
        'layer.progress',
        { layer: 'windows', phase: 'copying', percent: 41, etaMs: 60_000 },
        { at: START + 10_000 },
      ),
      event('layer.state', { layer: 'windows', state: 'provisioning' }, { at: START + 20_000 }),
    ]);
    expect(layerOf(view, 'windows')).toEqual({ layer: 'windows', state: 'provisioning', since: START });
  });

  it('turns an ETA into a moment and keeps percent within 0..100', () => {
    const view = fold([event('layer.progress', { layer: 'windows', phase: 'copying', percent: 140, etaMs: 60_000 })]);
    expect(layerOf(view, 'windows')).toMatchObject({ percent: 100, doneAt: START + 60_000, detail: 'copying' });
  });

  it('shows a back-off until the layer moves again', () => {
    const waiting = event('retry.waiting', { policy: 'ssh', attempt: 1, waitMs: 3_000, reason: 'VM_SSH_REFUSED' });
    expect(fold([waiting]).workers[0]?.waiting).toEqual({ reason: 'VM_SSH_REFUSED', until: START + 3_000 });
    const moved = fold([waiting, event('layer.state', { layer: 'vm', state: 'ready' })]);
    expect(moved.workers[0]?.waiting).toBeUndefined();
  });

  it('knows which states mean work', () => {
    expect((['provisioning', 'recovering', 'checking', 'verifying'] as const).every(isAtWork)).toBe(true);
    expect((['ready', 'failed', 'pending', 'blocked'] as const).some(isAtWork)).toBe(false);
  });
});

describe('reduce: faults', () => {
  it('marks every open fault of the layer and worker as recovered', () => {
    const view = fold([
      event('layer.fault', { layer: 'docker', fault }, { worker: 'w1' }),
      event('layer.recovered', { layer: 'docker', action: 'first', durationMs: 5 }, { worker: 'w1' }),
      event('layer.fault', { layer: 'docker', fault }, { worker: 'w1' }),
      event('layer.fault', { layer: 'docker', fault }, { worker: 'w1' }),
      event('layer.fault', { layer: 'docker', fault }, { worker: 'w2' }),
      event('layer.recovered', { layer: 'docker', action: 'restarted dockerd', durationMs: 5 }, { worker: 'w1' }),
    ]);
    expect(view.faults.map((one) => one.recoveredBy)).toEqual([
      'first',
      'restarted dockerd',
      'restarted dockerd',
      undefined,
    ]);
  });

  it('takes a recovery of something it never heard of', () => {
    expect(fold([event('layer.recovered', { layer: 'docker', action: 'x', durationMs: 5 })]).faults).toEqual([]);
  });
});

describe('reduce: operations', () => {
  it('begins anew with another invocation but keeps what is still true', () => {
    const view = fold([
      started,
      event('layer.state', { layer: 'vm', state: 'ready' }),
      event('layer.state', { layer: 'docker', state: 'provisioning' }),
      event('layer.fault', { layer: 'docker', fault }),
      event('milestone.reached', { milestone: 'vm_created' }),
      event('milestone.reached', { milestone: 'vm_created' }),
      event('check.finished', { id: 'a', outcome: 'pass', detail: 'ok' }),
      event('operation.started', { operation: 'run', totalSteps: 1 }, { run: 'r2' }),
    ]);
    expect(view).toMatchObject({ faults: [], checks: [], tasks: [], milestones: ['vm_created'] });
    expect(layerOf(view, 'vm')?.state).toBe('ready');
    expect(layerOf(view, 'docker')?.state).toBe('pending');
    expect(view.operation).toEqual({ operation: 'run', run: 'r2', startedAt: START, totalSteps: 1 });
  });

  it('keeps everything when the same invocation enters its next operation', () => {
    const view = fold([
      started,
      event('layer.state', { layer: 'docker', state: 'provisioning' }),
      event('operation.started', { operation: 'run', totalSteps: 1 }),
    ]);
    expect(layerOf(view, 'docker')?.state).toBe('provisioning');
    expect(view.operation?.operation).toBe('run');
  });

  it('notes the end, and ignores the end of what it never saw begin', () => {
    const finished = event('operation.finished', { operation: 'up', ok: true, durationMs: 9 });
    expect(fold([started, finished]).operation).toMatchObject({ ok: true, durationMs: 9 });
    expect(fold([finished]).operation).toBeUndefined();
  });

  it('keeps one result a check, and the latest cost', () => {
    const view = fold([
      event('check.finished', { id: 'a', outcome: 'problem', detail: 'no' }),
      event('check.finished', { id: 'a', outcome: 'pass', detail: 'yes' }),
      event('cost.updated', { usd: 1, hourlyUsd: 2 }),
      event('cost.updated', { usd: 3, hourlyUsd: 2 }),
    ]);
    expect(view.checks).toEqual([{ id: 'a', outcome: 'pass', detail: 'yes' }]);
    expect(view.cost).toEqual({ usd: 3, hourlyUsd: 2 });
  });

  it('leaves debug, progress and cost out of the recent events', () => {
    const view = fold([
      event('log', { component: 'x' }, { level: 'debug' }),
      event('layer.progress', { layer: 'vm', phase: 'x' }),
      event('cost.updated', { usd: 1, hourlyUsd: 1 }),
      event('log', { component: 'x' }, { level: 'warn', text: 'mind', worker: 'w1' }),
    ]);
    expect(view.recent).toEqual([{ at: START, level: 'warn', text: 'mind', worker: 'w1' }]);
  });
});

describe('reduce: tasks', () => {
  const begin = event('task.started', { task: 't1', domain: 'vlc', attempt: 1, index: 1, total: 2 }, { worker: 'w1' });
  const end = event(
    'task.finished',
    { task: 't1', domain: 'vlc', attempt: 1, state: 'scored', score: 1, durationMs: 60_000 },
    { worker: 'w1', at: START + 60_000 },
  );

  it('follows a task through its steps to the home of its results', () => {
    const running = fold([begin, event('task.progress', { task: 't1', step: 3, maxSteps: 15 })]);
    expect(running.tasks[0]).toMatchObject({ step: 3, maxSteps: 15, worker: 'w1' });
    expect(running.workers[0]?.task).toBe('t1');
    const done = fold([end, event('results.home', { task: 't1', attempt: 1, files: 3, bytes: 9 })], running);
    expect(done.tasks).toEqual([
      {
        task: 't1',
        domain: 'vlc',
        worker: 'w1',
        attempt: 1,
        startedAt: START,
        step: 3,
        maxSteps: 15,
        state: 'scored',
        score: 1,
        durationMs: 60_000,
        home: true,
      },
    ]);
    expect(done.workers[0]?.task).toBeUndefined();
  });

  it('replaces an attempt by the next one', () => {
    const again = event('task.started', { task: 't1', domain: 'vlc', attempt: 2, index: 1, total: 2 });
    const view = fold([begin, end, again]);
    expect(view.tasks).toHaveLength(1);
    expect(view.tasks[0]).toMatchObject({ attempt: 2 });
    expect(view.tasks[0]?.state).toBeUndefined();
  });

  it('takes the end of a task whose beginning was not seen', () => {
    expect(fold([end]).tasks[0]).toMatchObject({ task: 't1', startedAt: START, state: 'scored' });
  });
});

describe('progressOf', () => {
  it('is nothing before an operation', () => {
    expect(progressOf(emptyView, START)).toBeUndefined();
  });

  it('counts ready layers and the share of the one at work', () => {
    const view = fold([
      started,
      event('layer.state', { layer: 'azure', state: 'ready' }),
      event('layer.state', { layer: 'vm', state: 'provisioning' }),
      event('layer.progress', { layer: 'vm', phase: 'cloud-init', percent: 50, etaMs: 60_000 }),
    ]);
    expect(progressOf(view, START + 10_000)).toEqual({
      step: 2,
      totalSteps: 7,
      percent: 21,
      phase: 'vm: cloud-init',
      elapsedMs: 10_000,
      etaMs: 50_000,
    });
  });

  it('estimates the rest of a run from the pace of its tasks', () => {
    const task = (name: string) => event('task.started', { task: name, domain: 'd', attempt: 1, index: 1, total: 4 });
    const view = fold([
      started,
      task('a'),
      task('b'),
      event('task.finished', { task: 'a', domain: 'd', attempt: 1, state: 'scored', score: 0, durationMs: 1 }),
    ]);
    expect(progressOf(view, START + 100_000)).toMatchObject({
      step: 2,
      totalSteps: 4,
      percent: 25,
      etaMs: 300_000,
      phase: '1 task running',
    });
  });

  it('of a run that goes on counts what was done before, and takes no pace from it', () => {
    const about = { task: 'a', domain: 'd', attempt: 1 };
    const view = fold([
      started,
      event('task.started', { ...about, index: 18, total: 20, doneBefore: 17 }),
      event('task.finished', { ...about, state: 'scored', score: 0, durationMs: 1 }),
    ]);
    expect(progressOf(view, START + 100_000)).toMatchObject({ totalSteps: 20, percent: 90, etaMs: 200_000 });
  });

  it('knows no end before the first task is done', () => {
    const view = fold([started, event('task.started', { task: 'a', domain: 'd', attempt: 1, index: 1, total: 4 })]);
    expect(progressOf(view, START + 1_000)?.etaMs).toBeUndefined();
  });

  it.each([
    [true, { percent: 100, step: 7, phase: 'done', etaMs: 0 }],
    [false, { percent: 0, step: 0, phase: 'failed', etaMs: 0 }],
  ])('is over when the operation ended with ok=%s', (ok, expected) => {
    const view = fold([started, event('operation.finished', { operation: 'up', ok, durationMs: 5_000 })]);
    expect(progressOf(view, START + 99_000)).toMatchObject({ ...expected, elapsedMs: 5_000 });
  });

  it('names the operation while nothing else is known', () => {
    expect(progressOf(fold([started]), START)?.phase).toBe('up');
  });
});
