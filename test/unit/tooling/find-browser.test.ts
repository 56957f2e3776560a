import { afterEach, describe, expect, it, vi } from 'vitest';
import { candidates, CHROMIUM_SEARCH, findChromium, findFirefox } from '../../support/find-browser.ts';

describe('searching for Chromium', () => {
  it('takes CHROMIUM_PATH and nothing else when it is set', () => {
    expect(candidates(CHROMIUM_SEARCH, { CHROMIUM_PATH: '/opt/mine', PATH: '/usr/bin' })).toEqual([
      '/opt/mine',
    ]);
  });

  it('tries the usual places, then PATH, each once', () => {
    const paths = candidates(CHROMIUM_SEARCH, { CHROMIUM_PATH: '', PATH: '/usr/bin:/opt/bin:' });
    expect(paths[0]).toBe('/usr/bin/chromium');
    expect(paths).toContain('/opt/bin/google-chrome');
    expect(new Set(paths).size).toBe(paths.length);
  });
});

describe('finding a browser', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('takes what the variable names when that starts', async () => {
    vi.stubEnv('CHROMIUM_PATH', process.execPath);
    vi.stubEnv('FIREFOX_PATH', process.execPath);
    expect(await findChromium()).toBe(process.execPath);
    expect(await findFirefox()).toBe(process.execPath);
  });

  it('says in one line that what the variable names does not start', async () => {
    vi.stubEnv('CHROMIUM_PATH', '/nonexistent/chromium');
    vi.stubEnv('FIREFOX_PATH', '/nonexistent/firefox');
    await expect(findChromium()).rejects.toThrow('CHROMIUM_PATH=/nonexistent/chromium does not start.');
    await expect(findFirefox()).rejects.toThrow('FIREFOX_PATH=/nonexistent/firefox does not start.');
  });
});
