import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { selectTasks } from '../../src/benchmark/select-tasks.js';
import { shippedTaskIndex } from '../../src/benchmark/task-index.js';
import { readJournal } from '../../src/events/journal.js';
import { timelineOf } from '../../src/events/timeline.js';
import { Deadline } from '../../src/health/deadline.js';
import { pauseDeployment } from '../../src/operations/pause.js';
import { runAndReport } from '../../src/operations/report-run.js';
import { junitProblems } from '../helpers/junit-schema.js';
import { startLabRig, type LabRig } from '../helpers/lab-session.js';

let rig: LabRig;
beforeAll(async () => {
  rig = await startLabRig();
});
afterAll(() => rig.close());

it('a run leaves a record it can be repeated from, and every report file', async () => {
  const selection = { sources: ['notepad'], repeat: 2 };
  const tasks = await selectTasks(selection, shippedTaskIndex(), () => Promise.resolve(undefined));
  const { error, value } = await rig.up(async (session, open) => {
    const done = await runAndReport(session, open, { runId: 'first', tasks, selection });
    // A run whose attempt was begun and not fetched keeps the pool from being paused.
    const paths = session.paths.run('second');
    mkdirSync(paths.directory, { recursive: true });
    writeFileSync(paths.record, readFileSync(session.paths.run('first').record));
    const [task] = tasks;
    const line = { type: 'started', at: 1, task: `notepad/${task?.id ?? ''}`, attempt: 1, worker: 'w0' };
    writeFileSync(paths.queue, `${JSON.stringify(line)}\n`);
    using deadline = Deadline.after(3_600_000, session.clock, session.signal);
    const refused: unknown = await pauseDeployment(session, open, deadline).catch((thrown: unknown) => thrown);
    return { done, refused, directory: session.paths.run('first').directory };
  });
  expect(error).toBeUndefined();
  expect(value?.done.summary).toMatchObject({ complete: true, states: { infra_error: 0 } });
  expect(value?.done.summary.tasks).toHaveLength(4);
  expect(value?.refused).toMatchObject({ code: 'OWN_RESULTS_NOT_HOME' });

  const read = (name: string): string => readFileSync(join(value?.directory ?? '', name), 'utf8');
  const { data } = JSON.parse(read('run.json')) as { data: unknown };
  expect(data).toMatchObject({
    prices: { vmUsdPerHour: expect.any(Number) },
    conditions: {
      versions: { waa: expect.stringMatching(/^\d/) },
      azure: { region: 'eastus', vmSize: 'Standard_D8ds_v5' },
      image: { digest: expect.stringMatching(/^sha256:/) },
      selection: { sources: ['notepad'], repeat: 2 },
      tasksSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
    workers: [{ worker: 'w0', screen: { width: 1440, height: 900 }, clientRevision: expect.any(String) }],
  });
  expect(junitProblems(read('junit.xml'))).toEqual([]);
  expect(read('report.html')).toContain('src="data:image/png;base64,');
  expect(read('diagnostics/timeline.csv')).toContain('task.finished');
  const { events } = await readJournal(join(value?.directory ?? '', 'diagnostics/events.jsonl'));
  expect(timelineOf(events)).toMatchObject({ operation: 'run', isOver: true });
  const setup = read('diagnostics/setup.log');
  expect(setup).toMatch(/ info +w0 azure: /);
  expect(setup).not.toMatch(/\btask\b.*finished/);
  expect(JSON.parse(read('diagnostics/health_checks.json'))).toContainEqual(
    expect.objectContaining({ worker: 'w0', layer: 'client', state: 'ready' }),
  );
  expect(JSON.parse(read('cost_breakdown.json'))).toMatchObject({ currency: 'USD', modelCostIncluded: false });
});
