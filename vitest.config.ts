import { defineConfig } from 'vitest/config';

/** One project a kind of test; see CONTRIBUTING.md. Shuffled, no retries: an order-dependent or flaky test is a bug. */
export default defineConfig({
  test: {
    sequence: { shuffle: true },
    retry: 0,
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      { extends: true, test: { name: 'contract', include: ['test/contract/**/*.test.ts'], testTimeout: 60_000 } },
      { extends: true, test: { name: 'lab', include: ['test/lab/**/*.test.ts'], testTimeout: 120_000 } },
      { extends: true, test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 120_000 } },
    ],
  },
});
