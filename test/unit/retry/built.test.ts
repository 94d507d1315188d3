import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { fail } from '../../../src/failures/waa-error.js';
import { Deadline } from '../../../src/health/deadline.js';
import { retryPolicies } from '../../../src/retry/policies.js';
import type * as Retry from '../../../src/retry/retry.js';

// Tests run other JavaScript than users do: what esbuild makes of `using` in a loop kept a first failure for ever.
it('a try that succeeds after one that failed is a success in the JavaScript that users run, too', async () => {
  const options = { bundle: true, format: 'esm', platform: 'node', target: 'node20', write: false } as const;
  const { outputFiles } = await build({ ...options, entryPoints: ['src/retry/retry.ts'] });
  const url = `data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? []).toString('base64')}`;
  const { createRetrier } = (await import(/* @vite-ignore */ url)) as typeof Retry;
  const clock = createManualClock();
  const retry = createRetrier({ clock, policies: retryPolicies, emit: () => undefined, random: () => 0 });
  const refused = fail('DOCKER_DAEMON_DOWN', { detail: 'refused' });
  const operation = (_: Deadline, attempt: number): Promise<string> =>
    attempt === 0 ? Promise.reject(refused) : Promise.resolve('up');
  const done = retry('dockerDaemon', operation, {
    deadline: Deadline.after(60_000, clock),
    isRetryable: () => true,
  });
  await expect(clock.runUntil(done)).resolves.toBe('up');
});
