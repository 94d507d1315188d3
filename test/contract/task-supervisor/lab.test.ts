import { describe } from 'vitest';
import { createScaledClock } from '../../../src/clock/scaled-clock.js';
import { taskWorker } from '../../helpers/task-worker.js';
import { supervisorSuite } from './suite.js';

describe('task supervisor in the lab', () => {
  supervisorSuite(() => {
    const labEpochMs = Date.UTC(2026, 0, 1);
    const clock = createScaledClock({ realEpochMs: Date.now(), labEpochMs, scale: 1000, slackRealMs: 5000 });
    const worker = taskWorker(clock);
    return Promise.resolve({
      runner: worker.runner,
      clock,
      link: worker.link(),
      dataDirectory: '/data',
      killContainer: () => {
        worker.machine.docker.kill('winarena');
      },
      hangingTask: () => {
        worker.faults.arm({ id: 'client-task-hangs' });
        return 'x-WOS';
      },
      everything: () =>
        Promise.resolve(
          worker.machine
            .listFiles('/data')
            .map((path) => `${path}\n${worker.machine.readFile(path)?.content.toString('latin1') ?? ''}`)
            .join('\n'),
        ),
      close: () => Promise.resolve(),
    });
  });
});
