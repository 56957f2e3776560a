import { defineConfig } from 'vitest/config';

/** Screens whose speed is measured: not beside other tests. */
const MEASURED_SCREENS = 'test/ui/many-cards.e2e.ts';

/**
 * Three kinds of tests. `node` runs everything that needs no browser, in parallel. `screens` and `browser` drive a real Chromium through
 * playwright-core (test/support/browser.ts): the screens beside each other, since one page in front of a board that is made up waits more than
 * it works; swarms of real tabs one file at a time, since they need the machine for themselves.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          include: [
            'test/unit/**/*.test.ts',
            'test/contract/**/*.test.ts',
            'test/scenario/**/*.test.ts',
            'test/sim/**/*.test.ts',
            'test/wire/**/*.test.ts',
            'test/hostile/**/*.test.ts',
          ],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'screens',
          environment: 'node',
          include: ['test/ui/**/*.e2e.ts'],
          exclude: [MEASURED_SCREENS],
          globalSetup: ['test/support/browser-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'browser',
          environment: 'node',
          include: ['test/e2e/**/*.e2e.ts', MEASURED_SCREENS],
          globalSetup: ['test/support/browser-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
