/** The offline verifier: what holds is told, and one changed byte is enough. Rules of docs/spec/certificate-file.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  examineCertificateFile,
  MAX_CERTIFICATE_FILE_CHARS,
} from '../../../src/governance/certificate-file.ts';
import type { Operation } from '../../../src/governance/operations.ts';
import { encodeChain, linkCodec, type Link } from '../../../src/consensus/chain.ts';
import { fromHex, toHex } from '../../../src/kernel/bytes.ts';
import { decodeWith, list } from '../../../src/kernel/codec.ts';
import { digestBytes } from '../../../src/kernel/hash.ts';
import type { BoardId, Hash, MemberId } from '../../../src/kernel/ids.ts';
import { operationWords } from '../../../verify/describe.ts';
import { localProgram, runCommand, type CommandResult } from '../../support/run-command.ts';
import { holds, sampleFile } from './certificates.ts';

const MEMBER = toHex(digestBytes('somebody')) as MemberId;
const OPERATION: Operation = { kind: 'changeRole', member: MEMBER, role: 'viewer' };
const folder = mkdtempSync(join(tmpdir(), 'tabswarm-verify-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the verifier on a file with this text. */
function run(text: string, ...more: readonly string[]): Promise<CommandResult> {
  const file = join(folder, 'certificate.json');
  writeFileSync(file, text);
  return runCommand(localProgram('tsx'), ['verify/main.ts', file, ...more], { timeoutMs: 60_000 });
}

/** Why a text proves nothing, or `holds`. */
function verdictOf(text: string, board?: string): string {
  const examined = examineCertificateFile(text, board);
  if (!examined.ok) return examined.code;
  return examined.value.checks.every(holds) ? 'holds' : 'badSignature';
}

describe('a certificate file', () => {
  const { text, committee, genesis } = sampleFile(OPERATION, { chain: ['handover', 'reset'] });

  it('[VER-1] is JSON that has one spelling', () => {
    const parsed = JSON.parse(text) as Record<string, string>;
    expect(Object.keys(parsed)).toEqual(['format', 'board', 'genesis', 'chain', 'certificate']);
    expect(parsed['board']).toBe(committee.board);
    expect(verdictOf(text)).toBe('holds');
    for (const other of [`${text}\n`, ` ${text}`, text.replaceAll('\n', '\r\n'), JSON.stringify(parsed), ''])
      expect(verdictOf(other)).toBe('notACertificate');
    const tooLong = text.replace('"chain": "', `$&${'0'.repeat(MAX_CERTIFICATE_FILE_CHARS - 1_000)}`);
    expect(verdictOf(tooLong)).toBe('notACertificate');
    expect(verdictOf(text.replace('"chain": "', `$&${'0'.repeat(MAX_CERTIFICATE_FILE_CHARS / 2)}`))).toBe(
      'unreadable',
    );
  });

  it('[VER-2] says what was decided, by whom and by how many', () => {
    const examined = examineCertificateFile(text, undefined);
    if (!examined.ok) throw new RangeError(examined.code);
    expect(examined.value.claim).toMatchObject({
      board: committee.board,
      creator: genesis.creator,
      committee: committee.digest,
      epoch: 2,
      resets: 1,
      time: 1_700_000_300_000,
      seats: 4,
      faults: 1,
      quorum: 3,
      view: 5,
      primary: 3,
      seq: committee.start + 12,
      place: 2,
      batch: 3,
      client: committee.keys[0],
      number: 2,
      operation: OPERATION,
      signers: [0, 1, 2].map((seat) => ({ seat, key: committee.keys[seat] })),
    });
  });

  it('[VER-3] proves nothing when any one of its characters is another', () => {
    const survived: string[] = [];
    for (let at = 0; at < text.length; at++) {
      const replacement = text[at] === '0' ? '1' : '0';
      const verdict = verdictOf(text.slice(0, at) + replacement + text.slice(at + 1));
      if (verdict === 'holds') survived.push(`${at}: ${text.slice(at - 20, at + 1)}`);
    }
    expect(survived).toEqual([]);
  });

  it('[VER-3] needs a quorum of signatures, and the board of its genesis', () => {
    expect(verdictOf(sampleFile(OPERATION, { seats: 6, signers: 4 }).text)).toBe('holds');
    expect(verdictOf(sampleFile(OPERATION, { seats: 6, signers: 3 }).text)).toBe('tooFew');
    expect(verdictOf(sampleFile(OPERATION, { seats: 1, signers: 1 }).text)).toBe('holds');
    const otherBoard = toHex(digestBytes('another board')) as BoardId;
    expect(verdictOf(sampleFile(OPERATION, { otherBoard }).text)).toBe('badGenesis');
    const foreign = sampleFile(OPERATION).text;
    const fieldOf = (name: string): string => new RegExp(`"${name}": "(.*)"`).exec(foreign)?.[1] ?? '';
    const swapped = (name: string): string =>
      text.replace(new RegExp(`(?<="${name}": ")[0-9a-f]+`), fieldOf(name));
    expect(verdictOf(swapped('certificate'))).toBe('otherCommittee');
    expect(verdictOf(swapped('chain'))).toBe('otherBoard');
  });

  it('[VER-3] needs each committee to be certified by the one before, and the first by the maker of the board', () => {
    const chain = ['handover', 'handover'] as const;
    expect(verdictOf(sampleFile(OPERATION, { chain }).text)).toBe('holds');
    expect(verdictOf(sampleFile(OPERATION, { chain, closers: 2 }).text)).toBe('tooFew');
    expect(verdictOf(sampleFile(OPERATION, { isUsurped: true }).text)).toBe('notAnOwner');
    const [, hex = ''] = /"chain": "(.*)"/.exec(text) ?? [];
    const decoded = decodeWith(list(linkCodec, 3), fromHex(hex));
    if (!decoded.ok) throw new RangeError(decoded.code);
    const withLinks = (...links: readonly Link[]): string => text.replace(hex, toHex(encodeChain(links)));
    const [first, second, third] = decoded.value as [Link, Link, Link];
    expect(withLinks(first, second, third)).toBe(text);
    expect(verdictOf(withLinks(first, second))).toBe('otherCommittee');
    expect(verdictOf(withLinks(first, third))).toBe('gap');
    expect(verdictOf(withLinks(second, third))).toBe('badProof');
    expect(verdictOf(withLinks())).toBe('empty');
  });

  it('[VER-4] is about the board that one knows, if one says which', () => {
    expect(verdictOf(text, committee.board)).toBe('holds');
    expect(verdictOf(text, sampleFile(OPERATION).committee.board)).toBe('otherBoard');
  });

  it('[VER-5] says nothing to the terminal but printable characters', () => {
    const words = operationWords({
      kind: 'propose',
      title: 'Lunch \u001b[31m\u202e"now"\n',
      body: '',
      action: { kind: 'none' },
      closesInMs: 1000,
      thresholdPercent: undefined,
      areBallotsFinal: false,
    });
    expect(words).toBe('propose "Lunch \\u001b[31m\\u202e\\"now\\"\\n", a question');
    expect(
      operationWords({
        kind: 'castBallot',
        proposal: MEMBER as unknown as Hash,
        choice: 'reject',
        reason: '',
      }),
    ).toBe(`reject proposal ${MEMBER}`);
  });
});

describe('the program', () => {
  it('[VER-6] says what holds and ends with 0, or why not and with 1, or that it was called wrongly and with 2', async () => {
    const { text, committee } = sampleFile(OPERATION, { chain: ['reset', 'handover'] });
    const good = await run(text);
    expect(good.output).toContain('HOLDS');
    expect(good.output).toContain(`make member ${MEMBER} viewer`);
    expect(good.output).toContain('n = 4, f = 1, quorum = 3, epoch 2, view 5');
    expect(good.output).toContain('3 committees from the founding');
    expect(good.output).toContain('but for 1 that an owner began anew');
    expect(good.output).toContain('2023-11-14T22:18:20.000Z');
    expect(good.output).toContain('give it with --board');
    expect(good.code).toBe(0);
    const pinned = await run(text, '--board', committee.board);
    expect(pinned.output).toContain('The board is the one that you named.');
    expect(pinned.code).toBe(0);
    const at = text.length - 10;
    const changed = await run(text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1));
    expect(changed.output).toMatch(/PROVES NOTHING \(\w+\): /);
    expect(changed.code).toBe(1);
    expect((await run(text, '--board', MEMBER)).output).toContain('otherBoard');
    const missing = await runCommand(localProgram('tsx'), ['verify/main.ts', join(folder, 'gone')], {
      timeoutMs: 60_000,
    });
    expect([missing.code, (await run(text, 'twice')).code]).toEqual([2, 2]);
  });
});
