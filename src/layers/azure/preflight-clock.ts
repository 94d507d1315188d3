import { fail } from '../../failures/waa-error.js';
import { ourClock } from '../../health/clock-offset.js';
import type { Check } from '../../preflight/check.js';
import { looking, pass, problem } from '../../preflight/outcomes.js';
import type { AzureCheckContext } from './check-context.js';

/** Requirement P14: leases and schedules are reckoned here and kept by Azure, so both clocks must agree. */
export const clockCheck: Check<AzureCheckContext> = {
  id: 'azure-clock',
  title: "This machine's clock and Azure's",
  requirement: 'P14',
  severity: 'critical',
  run: ({ arm }, deadline) =>
    looking(async () => {
      const offset = await arm.clockOffset(deadline);
      const off = ourClock(offset);
      if (off) return problem(fail('OWN_CLOCK_WRONG', { than: 'Azure', ...off }));
      return pass(`within ${Math.ceil((Math.abs(offset.aheadMs) + offset.uncertainMs) / 1000)} s of each other`);
    }),
};
