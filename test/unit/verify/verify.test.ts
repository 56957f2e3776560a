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
import { toHex } from '../../../src/kernel/bytes.ts';
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
function verdictOf(text: string, trusted?: string): string {
  const examined = examineCertificateFile(text, trusted);
  if (!examined.ok) return examined.code;
  return examined.value.checks.every(holds) ? 'holds' : 'badSignature';
}

describe('a certificate file', () => {
  const { text, committee, genesis } = sampleFile(OPERATION);

  it('[VER-1] is JSON that has one spelling', () => {
    const parsed = JSON.parse(text) as Record<string, string>;
    expect(Object.keys(parsed)).toEqual(['format', 'board', 'genesis', 'certificate']);
    expect(parsed['board']).toBe(committee.board);
    expect(verdictOf(text)).toBe('holds');
    for (const other of [`${text}\n`, ` ${text}`, text.replaceAll('\n', '\r\n'), JSON.stringify(parsed), ''])
      expect(verdictOf(other)).toBe('notACertificate');
    expect(verdictOf(text + ' '.repeat(MAX_CERTIFICATE_FILE_CHARS))).toBe('notACertificate');
  });

  it('[VER-2] says what was decided, by whom and by how many', () => {
    const examined = examineCertificateFile(text, undefined);
    if (!examined.ok) throw new RangeError(examined.code);
    expect(examined.value.claim).toMatchObject({
      board: committee.board,
      creator: genesis.creator,
      committee: committee.digest,
      seats: 4,
      faults: 1,
      quorum: 3,
      view: 5,
      primary: 1,
      seq: 12,
      place: 2,
      batch: 3,
      client: committee.seats[0],
      number: 2,
      operation: OPERATION,
      signers: [0, 1, 2].map((seat) => ({ seat, key: committee.seats[seat] })),
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
    expect(verdictOf(sampleFile(OPERATION, 6, 4).text)).toBe('holds');
    expect(verdictOf(sampleFile(OPERATION, 6, 3).text)).toBe('tooFew');
    expect(verdictOf(sampleFile(OPERATION, 1, 1).text)).toBe('holds');
    const board = toHex(digestBytes('another board')) as BoardId;
    expect(verdictOf(sampleFile(OPERATION, 4, 3, board).text)).toBe('badGenesis');
    const [, foreign = ''] = /"certificate": "(.*)"/.exec(sampleFile(OPERATION).text) ?? [];
    expect(verdictOf(text.replace(/(?<="certificate": ")[0-9a-f]+/, foreign))).toBe('wrongBoard');
  });

  it('[VER-4] is of the committee that one trusts, if one says which', () => {
    expect(verdictOf(text, committee.digest)).toBe('holds');
    expect(verdictOf(text, sampleFile(OPERATION).committee.digest)).toBe('otherCommittee');
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
    const { text, committee } = sampleFile(OPERATION);
    const good = await run(text);
    expect(good.output).toContain('HOLDS');
    expect(good.output).toContain(`make member ${MEMBER} viewer`);
    expect(good.output).toContain('n = 4, f = 1, quorum = 3, epoch 0, view 5');
    expect(good.output).toContain('the file alone does not prove');
    expect(good.code).toBe(0);
    const pinned = await run(text, '--committee', committee.digest);
    expect(pinned.output).toContain('The committee is the one that you named.');
    expect(pinned.code).toBe(0);
    const at = text.length - 10;
    const changed = await run(text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1));
    expect(changed.output).toMatch(/PROVES NOTHING \(\w+\): /);
    expect(changed.code).toBe(1);
    expect((await run(text, '--committee', MEMBER)).output).toContain('otherCommittee');
    const missing = await runCommand(localProgram('tsx'), ['verify/main.ts', join(folder, 'gone')], {
      timeoutMs: 60_000,
    });
    expect([missing.code, (await run(text, 'twice')).code]).toEqual([2, 2]);
  });
});
