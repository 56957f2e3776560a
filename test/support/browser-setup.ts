/** Runs once before the browser project: gets a browser, so that no test pays for the search or the download. */
import { findChromium } from './find-browser.ts';

/** Vitest calls this. The workers inherit the variable, and so search no more. */
export async function setup(): Promise<void> {
  process.env['CHROMIUM_PATH'] = await findChromium();
}
