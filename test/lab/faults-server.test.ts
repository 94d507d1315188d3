import { describe, expect, it } from 'vitest';
import { faultsIn, faultTests } from '../helpers/fault-case.js';
import { startLabRig } from '../helpers/lab-session.js';
import { chooseTasks, runTasks } from '../../src/operations/run-tasks.js';

describe('faults of the WAA server and the client', () => {
  faultTests([
    { fault: { id: 'server-never-up' }, code: 'SERVER_NOT_LISTENING', layer: 'server', ends: 'recovered', scale: 300 },
    { fault: { id: 'server-500' }, code: 'SERVER_ERROR', layer: 'server', ends: 'recovered' },
    { fault: { id: 'client-model-key-invalid' }, code: 'CLIENT_MODEL_KEY_INVALID', layer: 'client', ends: 'stops' },
  ]);
});

describe('faults during a task', () => {
  it('client-task-hangs: the worker ends it at its limit, it is a timeout and never a plain zero', async () => {
    const rig = await startLabRig();
    try {
      const result = await rig.up(async (session, open) => {
        rig.lab.world.faults.arm({ id: 'client-task-hangs' });
        const selection = { sources: ['windows_calc'] };
        const tasks = await chooseTasks(session, selection.sources);
        return runTasks(session, open, { runId: 'hang', tasks, selection });
      });
      expect(result.error).toBeUndefined();
      expect(result.value?.states).toMatchObject({ timeout: 1, scored: 2 });
    } finally {
      await rig.close();
    }
  });

  it('qemu-container-killed: blamed on qemu, the worker is mended and the task runs again', async () => {
    const rig = await startLabRig();
    try {
      const result = await rig.up(async (session, open) => {
        rig.lab.world.faults.arm({ id: 'qemu-container-killed' });
        const selection = { sources: ['windows_calc'] };
        const tasks = await chooseTasks(session, selection.sources);
        return runTasks(session, open, { runId: 'kill', tasks, selection });
      });
      expect(result.error).toBeUndefined();
      expect(result.value?.states).toMatchObject({ infra_error: 0, pending: 0 });
      expect(result.value?.infraFailures).toBe(1);
      const spoiled = result.events
        .filter((event) => event.type === 'task.finished')
        .filter((event) => event.data.state === 'infra_error');
      expect(spoiled).toHaveLength(1);
      expect(faultsIn(result.events).every((event) => event.data.layer !== 'server')).toBe(true);
    } finally {
      await rig.close();
    }
  });
});
