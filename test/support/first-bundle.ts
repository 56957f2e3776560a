/** What a browser has to fetch before the application's first line runs: the page's scripts and all that these import statically. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from './run-command.ts';

const DIST = join(PROJECT_ROOT, 'dist');
const SCRIPT = /<(?:script|link rel="modulepreload")[^>]*(?:src|href)="\/([^"]+\.js)"/g;
/** `import{a}from"./x.js"` and `import"./x.js"`, as the bundler writes them; `import("./x.js")` is no part of it. */
const IMPORT = /(?:^|[;}\s])import\s*(?:[\w*${][^"'();]*?from\s*)?["'`]\.\/([\w.-]+\.js)["'`]/g;

/** Files below dist/, and the bytes of their brotli copies. Reads the built application (build-app.ts). */
export async function firstBundle(): Promise<{ readonly files: readonly string[]; readonly bytes: number }> {
  const page = await readFile(join(DIST, 'index.html'), 'utf8');
  const files = new Set([...page.matchAll(SCRIPT)].map(([, file = '']) => file));
  for (const file of files) {
    const code = await readFile(join(DIST, file), 'utf8');
    for (const [, name = ''] of code.matchAll(IMPORT)) files.add(`assets/${name}`);
  }
  const sizes = await Promise.all(
    [...files].map(async (file) => (await stat(join(DIST, `${file}.br`))).size),
  );
  return { files: [...files], bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
