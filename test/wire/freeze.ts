/**
 * Freezes the wire: writes the bytes of every sample, and the text of all schemas, into test/wire/frozen/v<protocol version>.
 *
 *     npx tsx test/wire/freeze.ts
 *
 * What is frozen stays: a file that exists is left alone, and the command fails if it would have other bytes now. A change of the wire
 * means a new PROTOCOL_VERSION (src/node/limits.ts), then this command, then the new hash in schema.test.ts. A new kind within an
 * unpublished version: delete its `schemas.txt` first.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { PROTOCOL_VERSION } from '../../src/node/limits.ts';
import { schemaText } from './formats.ts';
import { FROZEN_FOLDER, frozenText } from './frozen-files.ts';
import { makeSamples } from './samples.ts';

/** What `freeze` did with each file. */
export interface Frozen {
  readonly written: readonly string[];
  readonly kept: readonly string[];
  /** Files that exist with other content. They are not touched. */
  readonly different: readonly string[];
}

/** The files of the current version and their content. */
export async function frozenContent(): Promise<ReadonlyMap<string, string>> {
  const files = new Map([['schemas.txt', schemaText()]]);
  for (const [name, bytes] of await makeSamples()) files.set(`${name}.hex`, frozenText(bytes));
  return files;
}

/** Writes the files that are missing in `folder`, which ends with a slash. */
export function freeze(folder: URL, files: ReadonlyMap<string, string>): Frozen {
  mkdirSync(folder, { recursive: true });
  const written: string[] = [];
  const kept: string[] = [];
  const different: string[] = [];
  for (const [name, content] of files) {
    const file = new URL(name, folder);
    if (!existsSync(file)) {
      writeFileSync(file, content, { flag: 'wx' });
      written.push(name);
    } else (readFileSync(file, 'utf8') === content ? kept : different).push(name);
  }
  return { written, kept, different };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const done = freeze(new URL(`v${PROTOCOL_VERSION}/`, FROZEN_FOLDER), await frozenContent());
  for (const [verb, names] of Object.entries(done) as [string, readonly string[]][])
    process.stdout.write(`${verb}: ${names.length === 0 ? 'none' : names.join(' ')}\n`);
  process.exitCode = done.different.length === 0 ? 0 : 1;
}
