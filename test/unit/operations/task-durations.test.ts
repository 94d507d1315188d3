import { expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import type { EventData } from '../../../src/events/catalogue.js';
import { durationKeeper, expectedDurations } from '../../../src/operations/task-durations.js';
import type { History, RecordedDuration } from '../../../src/state/history.js';
import { createRecordingBus } from '../../helpers/recording-bus.js';
import { task } from '../../helpers/run-fixture.js';

it('a task is expected to take what it took itself: no reset, no repair, no end that nobody saw', async () => {
  const kept: RecordedDuration[] = [];
  const history: History = {
    record: (entry) => Promise.resolve(void kept.push(entry)),
    expectedMs: (step) => kept.findLast((entry) => entry.ok && entry.step === step)?.durationMs,
  };
  const bus = createRecordingBus(createManualClock());
  bus.add(durationKeeper({ history, emit: bus.emit, kind: 'azure' }));
  const finished = (of: Partial<EventData<'task.finished'>>): void => {
    const end = {
      task: 'clock/a',
      domain: 'clock',
      attempt: 1,
      state: 'scored',
      score: 1,
      durationMs: 900_000,
    } as const;
    bus.emit('task.finished', { ...end, ...of }, 'clock/a');
  };
  finished({ task: 'clock/a#2', ranMs: 60_000 });
  finished({ state: 'timeout', score: null });
  finished({ state: 'agent_error', score: null, ranMs: 5_000 });
  await bus.close();
  const expected = expectedDurations({ history }, [task('clock', 'a'), task('clock', 'b')]);
  expect(expected.get('clock/a')).toBe(60_000);
  expect(expected.get('clock/b')).toBeGreaterThan(60_000);
});
