/** The browser project of vitest with browsers found first, so that no test pays for a search or an installation. */
import type { Tally } from './check-steps.ts';
import { findChromium, findFirefox, NO_FIREFOX } from './find-browser.ts';
import { runVitest } from './run-vitest.ts';

/** The one file that needs Firefox. */
const FIREFOX_TESTS = 'test/e2e/firefox.e2e.ts';

/** Runs the browser tests, or those of `filters`. Without a Firefox its file is left out, which is said. */
export async function runBrowserTests(timeoutMs: number, filters: readonly string[] = []): Promise<Tally> {
  process.env['CHROMIUM_PATH'] = await findChromium();
  const firefox = await findFirefox();
  if (firefox !== undefined) {
    process.env['FIREFOX_PATH'] = firefox;
    return runVitest('browser', timeoutMs, filters);
  }
  console.log(`left out: ${FIREFOX_TESTS}. ${NO_FIREFOX}`);
  return runVitest('browser', timeoutMs, [...filters, '--exclude', FIREFOX_TESTS]);
}
