/** Finds a browser on this machine, or gets one: Playwright's download, else Debian's package when we are root. */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { localProgram, runCommand } from './run-command.ts';

const CHROMIUM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FIREFOX_PATHS = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];
const FIREFOX_NAMES = ['firefox-esr', 'firefox'];

/** `--version` answers in a fraction of a second; a slow disk gets this long. */
const VERSION_TIMEOUT_MS = 30_000;
/** About 200 MB each; a guess for slow networks. */
const DOWNLOAD_TIMEOUT_MS = 240_000;
const PACKAGE_TIMEOUT_MS = 480_000;

export interface Search {
  /** The variable that overrides the search. */
  readonly variable: string;
  readonly paths: readonly string[];
  /** Names to look up in PATH. */
  readonly names: readonly string[];
}

export const CHROMIUM_SEARCH: Search = {
  variable: 'CHROMIUM_PATH',
  paths: CHROMIUM_PATHS,
  names: CHROMIUM_NAMES,
};
const FIREFOX_SEARCH: Search = { variable: 'FIREFOX_PATH', paths: FIREFOX_PATHS, names: FIREFOX_NAMES };

/** Candidates in the order in which they are tried. A set variable is the only candidate: it never falls back silently. */
export function candidates(
  search: Search,
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const given = environment[search.variable];
  if (given !== undefined && given !== '') return [given];
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [
    ...new Set([
      ...search.paths,
      ...folders.flatMap((folder) => search.names.map((name) => join(folder, name))),
    ]),
  ];
}

/** Path of a Chromium that starts. Rejects with one line that says what is missing. */
export async function findChromium(): Promise<string> {
  const given = process.env[CHROMIUM_SEARCH.variable];
  const found = await firstThatStarts(candidates(CHROMIUM_SEARCH, process.env));
  if (found !== undefined) return found;
  if (given !== undefined && given !== '') throw new Error(`CHROMIUM_PATH=${given} does not start.`);
  const installed = (await firstThatStarts([chromium.executablePath()])) ?? (await installChromium());
  if (installed !== undefined) return installed;
  throw new Error(
    'No Chromium: install one (Debian: apt-get install chromium) or set CHROMIUM_PATH; neither the download nor the package worked here.',
  );
}

/** What is said where no Firefox is to be had. */
export const NO_FIREFOX =
  'No Firefox: install one (Debian: apt-get install firefox-esr) or set FIREFOX_PATH; the test with a tab in Firefox cannot run here.';

/** Path of a Firefox that starts, or undefined. As root on Debian one is installed where there is none. Rejects when the variable names none. */
export async function findFirefox(): Promise<string | undefined> {
  const given = process.env[FIREFOX_SEARCH.variable];
  const found = await firstThatStarts(candidates(FIREFOX_SEARCH, process.env));
  if (found !== undefined) return found;
  if (given !== undefined && given !== '') throw new Error(`FIREFOX_PATH=${given} does not start.`);
  return installPackage('firefox-esr', FIREFOX_SEARCH);
}

/** Path of a freshly installed Chromium that starts, or undefined. */
async function installChromium(): Promise<string | undefined> {
  process.stderr.write('No Chromium here: downloading one.\n');
  await runCommand(localProgram('playwright-core'), ['install', 'chromium'], {
    timeoutMs: DOWNLOAD_TIMEOUT_MS,
  });
  const downloaded = await firstThatStarts([chromium.executablePath()]);
  if (downloaded !== undefined) return downloaded;
  return installPackage('chromium', CHROMIUM_SEARCH);
}

/** Path of a browser from Debian's packages, or undefined: only root can install, and only where there are packages. */
async function installPackage(name: string, { paths }: Search): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  process.stderr.write(`Installing the package ${name} of Debian.\n`);
  const options = { timeoutMs: PACKAGE_TIMEOUT_MS, env: { DEBIAN_FRONTEND: 'noninteractive' } };
  await runCommand('apt-get', ['update'], options);
  await runCommand('apt-get', ['install', '-y', '--no-install-recommends', name], options);
  return firstThatStarts(paths);
}

/** A browser can be there and still lack its libraries, so each candidate has to say its version. */
async function firstThatStarts(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if (!isExecutable(path)) continue;
    const { code } = await runCommand(path, ['--version'], { timeoutMs: VERSION_TIMEOUT_MS });
    if (code === 0) return path;
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // Not there, or not ours to run: both mean the next candidate.
  }
}
