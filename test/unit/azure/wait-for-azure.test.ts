import { expect, it } from 'vitest';
import { waitForAzure } from '../../../src/azure/wait-for-azure.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { Deadline } from '../../../src/health/deadline.js';

it('lays a wait for Azure that runs out to Azure, with the last thing seen', async () => {
  const clock = createManualClock();
  const deadline = Deadline.after(25_000, clock);
  const probe = () => Promise.resolve({ ok: false, saw: 'waa-vm-w0 is starting' } as const);
  const waiting = waitForAzure(probe, { what: 'waa-vm-w0 running', clock, deadline, everyMs: 10_000 });
  const ended: unknown = await clock.runUntil(waiting.catch((error: unknown) => error));
  expect(ended).toMatchObject({
    code: 'AZURE_WAIT_TIMEOUT',
    layer: 'azure',
    params: { what: 'waa-vm-w0 running', seconds: 25, attempts: 3, last: 'waa-vm-w0 is starting' },
  });
});
