/** Ends a tab the way a crash or a battery does: no unload, no goodbye. */
import type { Page } from 'playwright-core';

/** Crashes the renderer process of `page` and closes what is left of the tab. */
export async function killTab(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash');
  const session = await page.context().newCDPSession(page);
  // Never answered: there is nobody left who could.
  session.send('Page.crash').catch(() => undefined);
  await crashed;
}
