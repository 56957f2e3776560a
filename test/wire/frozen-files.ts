/** The frozen bytes: `frozen/v<protocol version>/<name>.hex`, 64 hex digits a line. */
import { readdirSync, readFileSync } from 'node:fs';
import { fromHex, toHex, type Bytes } from '../../src/kernel/bytes.ts';

export const FROZEN_FOLDER = new URL('./frozen/', import.meta.url);

/** Versions that have frozen bytes, ascending. */
export function frozenVersions(): readonly number[] {
  return readdirSync(FROZEN_FOLDER)
    .map((name) => Number(/^v(\d+)$/.exec(name)?.[1]))
    .filter(Number.isInteger)
    .sort((a, b) => a - b);
}

/** The bytes of one version by the names of their files. */
export function readFrozen(version: number): ReadonlyMap<string, Bytes> {
  const folder = new URL(`v${version}/`, FROZEN_FOLDER);
  const names = readdirSync(folder).filter((name) => name.endsWith('.hex'));
  return new Map(
    names.sort().map((name) => {
      const text = readFileSync(new URL(name, folder), 'utf8');
      return [name.slice(0, -'.hex'.length), fromHex(text.replaceAll('\n', ''))];
    }),
  );
}

/** The text of a file of frozen bytes. */
export function frozenText(bytes: Bytes): string {
  return toHex(bytes).replace(/.{1,64}/g, '$&\n');
}

/** The format of a file's bytes: its name up to the kind or the variant. */
export function formatOf(name: string): string {
  return /^[^.~]+/.exec(name)?.[0] ?? '';
}

/** The kind that a file's name says, '' for formats without kinds. */
export function kindOf(name: string): string {
  return /^[^.~]+\.([^~]+)/.exec(name)?.[1] ?? '';
}
