/** Goal: docs/limits.md says what the code says. Method: its rows against the constants of the files that they name. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../support/run-command.ts';

interface Constant {
  readonly file: string;
  readonly name: string;
  readonly value: string;
}

const CONSTANT = /^(export )?const ([A-Z][A-Z0-9_]+) = ([-\d_.xa-fA-F* +A-Z()]+);/gm;
/** Folders whose bounds are listed; the simulated world bounds nothing that ships. */
const FOLDERS = [
  'src/board/',
  'src/identity/',
  'src/node/',
  'src/overlay/',
  'src/replication/',
  'src/transport/',
  'src/runtime/',
  'src/storage/',
  'src/app/',
  'src/ui/',
  'src/scratch/',
  'signaling/',
  'src/consensus/',
  'src/governance/',
];
const ROW = /^\| `([A-Z0-9_]+)` \| `([^`]+)` \| `([^`]+)` \|/;
/** A text's longest form, the size of a version byte: nothing that anybody could exceed. */
const NO_BOUNDS: ReadonlySet<string> = new Set(['MAX_WALL_MS', 'MAX_ADDRESS_LENGTH', 'MAX_VARINT_BYTES']);

function constantsOf(folder: string): Constant[] {
  return readdirSync(PROJECT_ROOT + folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .flatMap((name) => {
      const text = readFileSync(PROJECT_ROOT + folder + name, 'utf8');
      return [...text.matchAll(CONSTANT)].map(([, , constant = '', value = '']) => ({
        file: folder + name,
        name: constant,
        value,
      }));
    });
}

function listed(): Constant[] {
  const rows: Constant[] = [];
  let section = -1;
  for (const line of readFileSync(`${PROJECT_ROOT}docs/limits.md`, 'utf8').split('\n')) {
    if (line.startsWith('## ')) section++;
    const [, name, value, file] = ROW.exec(line) ?? [];
    if (name === undefined || value === undefined || file === undefined) continue;
    rows.push({ file: (FOLDERS[section] ?? '') + file, name, value });
  }
  return rows;
}

const lineOf = ({ file, name, value }: Constant): string => `${file}: ${name} = ${value}`;

describe('docs/limits.md', () => {
  const constants = FOLDERS.flatMap(constantsOf);
  const rows = listed();

  it('has rows, each of which is true', () => {
    const known = new Set(constants.map(lineOf));
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.map(lineOf).filter((line) => !known.has(line))).toEqual([]);
  });

  it('lists every constant that is named as a bound', () => {
    const known = new Set(rows.map(lineOf));
    const bounds = constants.filter(({ name }) => name.startsWith('MAX_') && !NO_BOUNDS.has(name));
    expect(bounds.map(lineOf).filter((line) => !known.has(line))).toEqual([]);
  });
});
