import { defineConfig } from 'vitest/config';
import { NoLongTail } from './test/no-long-tail.js';

/** Pure code: a branch that no unit test reaches is either untested or dead. `npm run coverage` is the gate. */
const pure = [
  'src/retry/**/*.ts',
  'src/health/{deadline,wait-for,screen,dockur-log}.ts',
  'src/failures/**/*.ts',
  'src/events/reducer.ts',
  'src/output/paint/**/*.ts',
  'src/lab/world/{simulation,durations}.ts',
  'src/lab/faults/**/*.ts',
  'src/benchmark/scoring.ts',
  'src/deployment/{names,tags,lease,cost}.ts',
  'src/layers/fingerprint.ts',
];

/** Installs on this machine, as root, and starts a Docker daemon of its own: it runs with the rig. */
const ownHost = 'test/contract/host/real-host.test.ts';

/** Microsoft's client takes some seconds a command: it runs where it is wanted, `npm run test:az`, not before each commit. */
const az = 'test/e2e/az.test.ts';

/** One project a kind of test; see CONTRIBUTING.md. Shuffled, no retries: an order-dependent or flaky test is a bug. */
export default defineConfig({
  test: {
    sequence: { shuffle: { tests: true }, sequencer: NoLongTail },
    retry: 0,
    // Most tests wait for a lab's clock more than they compute; one worker a core less one would be one on a small machine.
    maxWorkers: 3,
    // No module has state or side effects of its own, so files may share them: half of the suite's time was loading them.
    isolate: false,
    coverage: {
      provider: 'v8',
      include: pure,
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 95, statements: 95, functions: 95, branches: 90 },
    },
    projects: [
      // Property tests compute for seconds on a machine that is busy or measures coverage; none of them waits.
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000 } },
      {
        extends: true,
        test: { name: 'contract', include: ['test/contract/**/*.test.ts'], exclude: [ownHost], testTimeout: 60_000 },
      },
      { extends: true, test: { name: 'lab', include: ['test/lab/**/*.test.ts'], testTimeout: 120_000 } },
      {
        extends: true,
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], exclude: [az], testTimeout: 120_000 },
      },
      { extends: true, test: { name: 'az', include: [az], testTimeout: 300_000, hookTimeout: 300_000 } },
      { extends: true, test: { name: 'host', include: [ownHost], testTimeout: 60_000 } },
      {
        extends: true,
        // Each test goes on from where the one before left the machine: npm run test:rig keeps their order.
        test: {
          name: 'rig',
          include: ['test/rig/*.test.ts'],
          globalSetup: 'test/rig/setup.ts',
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
