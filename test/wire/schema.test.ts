/** What travels or is stored does not change without a new version. Rules of docs/spec/wire.md. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '../../src/node/limits.ts';
import { FORMATS, kindsOf, schemaText } from './formats.ts';
import { FROZEN_FOLDER } from './frozen-files.ts';

/** SHA-256 of all schemas, by protocol version. Add a line for a new version; never change one. */
const PINNED: Readonly<Record<number, string>> = {
  1: 'b3548a61e783a13fca7390de663066a7215dc08ad34d50464d1832de342b4d72',
  2: '1ff63882da96686b406390f7220305dcdc4ef92d2ba64dc40b47dbe8105875d4',
  3: 'b49f8d6a0721e4bf4d4063da2eb3954832e5258d8387fb2429034b4ac233035b',
  4: '2fc7a5d997c9bad50e82f8aa4f370f90f04e6891b571cad96357e318d44f9680',
  5: 'a7c381790af98238c733a6748099bb58ceb89e1a697b58dbc940090786d4dd97',
  6: 'a2bc3e88ec65c4994b8fddc4592b94a71a9ae8816d5218207d0de0abb01f7507',
};

const WHAT_TO_DO = [
  'The wire changed. If that is meant: raise PROTOCOL_VERSION (src/node/limits.ts), run `npx tsx test/wire/freeze.ts`,',
  'pin the new hash in test/wire/schema.test.ts, and say so in CHANGELOG.md. If not: undo what changed these codecs:',
].join('\n');

/** Names of the formats whose line in `before` differs from the one in `after`. */
function changedLines(before: string, after: string): readonly string[] {
  const known = new Set(before.split('\n'));
  return after.split('\n').flatMap((line) => (known.has(line) ? [] : [line.slice(0, line.indexOf(':'))]));
}

describe('the schemas', () => {
  it('[NOD-20, WIR-1] are those of the protocol version', () => {
    const text = schemaText();
    const file = new URL(`v${PROTOCOL_VERSION}/schemas.txt`, FROZEN_FOLDER);
    const changed = changedLines(readFileSync(file, 'utf8'), text);
    const hash = createHash('sha256').update(text).digest('hex');
    expect({ version: PROTOCOL_VERSION, hash }, `${WHAT_TO_DO} ${changed.join(', ')}\n`).toEqual({
      version: PROTOCOL_VERSION,
      hash: PINNED[PROTOCOL_VERSION],
    });
    expect(changed).toEqual([]);
  });

  it('[WIR-1] every published version is pinned once', () => {
    const versions = Object.keys(PINNED).map(Number);
    expect(versions).toEqual(Array.from({ length: PROTOCOL_VERSION }, (_, index) => index + 1));
    expect(new Set(Object.values(PINNED)).size).toBe(versions.length);
  });

  it('[WIR-1] a change names the format that changed', () => {
    const [before, after] = ['a: flag\nb: whole(3)\n', 'a: flag\nb: whole(4)\nc: flag\n'];
    expect(changedLines(before, after)).toEqual(['b', 'c']);
    expect(changedLines(after, after)).toEqual([]);
  });

  it('[WIR-3] tell which kinds there are', () => {
    const nested =
      'union{1=a:{x:matching(9,^[a,}]{1,2}$)},2=b:{body:union{1=c:{},9=d:{kind:oneOf(no)}}},3=e:{list:list(union{1=f:{}},3)}}';
    expect(kindsOf(nested)).toEqual(['a', 'b.c', 'b.d.no', 'e.f']);
    expect(kindsOf('{a:flag,b:optional(union{1=x:{}}),kind:oneOf(p|q)}')).toEqual(['x', 'p', 'q']);
    expect(kindsOf('whole(3)')).toEqual([]);
    const schemaOf = (name: string): string => FORMATS.find((each) => each.name === name)?.schema ?? '';
    expect(kindsOf(schemaOf('entry'))).toEqual([
      'claim',
      'update',
      'admit',
      'part',
      'evict',
      'role',
      'revoke',
    ]);
    expect(kindsOf(schemaOf('node-message'))).toContain('replication.ack');
  });
});
