/** The signer guard, on its own and behind a replica. Rules of docs/spec/consensus.md. */
import { describe, expect, it } from 'vitest';
import { digest } from '../../../src/kernel/hash.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { Guard } from '../../../src/consensus/guard.ts';
import { Records } from '../../../src/consensus/records.ts';
import type { PreparedCertificate, Statement, StatementOf } from '../../../src/consensus/statements.ts';
import { committeeOf, GENESIS } from './council.ts';

const committee = committeeOf(4);
const SEAT = 1;
const hash = (text: string) => digest('test', utf8(text));
const A = hash('a');
const B = hash('b');

function guardOf(...signed: readonly Statement[]): Guard {
  const guard = new Guard(committee, SEAT, new Records(committee.digest));
  for (const statement of signed) expect(guard.ask(statement).kind).toBe('sign');
  return guard;
}

function outcome(guard: Guard, statement: Statement): string {
  const verdict = guard.ask(statement);
  return verdict.kind === 'refused' ? verdict.code : verdict.kind;
}

const vote = (kind: 'prePrepare' | 'prepare' | 'commit', view: number, seq: number, of = A): Statement => ({
  kind,
  view,
  seq,
  digest: of,
});
const prepared = (view: number, seq: number, of = A): PreparedCertificate => ({
  view,
  seq,
  digest: of,
  proposal: new Uint8Array(64),
  signatures: [],
});
const close = (seq: number, next = A): Statement => ({ kind: 'close', seq, digest: A, next });
const change = (
  view: number,
  certificates: readonly PreparedCertificate[] = [],
): StatementOf<'viewChange'> => ({
  kind: 'viewChange',
  view,
  stable: { seq: 0, digest: GENESIS, signatures: [] },
  prepared: certificates,
});

describe('the signer guard', () => {
  it('[CON-13] names the record of what may be signed', () => {
    const verdict = guardOf().ask(vote('prepare', 0, 1));
    if (verdict.kind !== 'sign') return expect.fail(verdict.kind);
    const [write] = verdict.writes;
    if (write?.op !== 'put') return expect.fail('no record');
    expect(new Records(committee.digest).read(write.key, write.value)).toEqual({
      kind: 'statement',
      statement: vote('prepare', 0, 1),
    });
  });

  const REFUSED: readonly (readonly [string, readonly Statement[], Statement, string])[] = [
    ['another prepare', [vote('prepare', 0, 1)], vote('prepare', 0, 1, B), 'conflict'],
    ['another pre-prepare', [vote('prePrepare', 1, 1)], vote('prePrepare', 1, 1, B), 'conflict'],
    ['another commit', [vote('prepare', 0, 1), vote('commit', 0, 1)], vote('commit', 0, 1, B), 'conflict'],
    [
      'another state',
      [{ kind: 'checkpoint', seq: 4, digest: A }],
      { kind: 'checkpoint', seq: 4, digest: B },
      'conflict',
    ],
    ['another view change', [change(1)], change(1, [prepared(0, 1)]), 'conflict'],
    [
      'another new view',
      [{ kind: 'newView', view: 1, changes: [{ seat: 0, change: A }] }],
      { kind: 'newView', view: 1, changes: [{ seat: 0, change: B }] },
      'conflict',
    ],
    ['a vote in a view that was left', [change(2)], vote('prepare', 0, 1), 'stale'],
    ['a vote in an earlier view than one before', [vote('prepare', 2, 1)], vote('prepare', 0, 2), 'stale'],
    ['a view change back', [change(3)], change(2), 'stale'],
    ['a view change to a view that was voted in', [vote('prepare', 2, 1)], change(2), 'stale'],
    ['a new view back', [change(6)], { kind: 'newView', view: 5, changes: [] }, 'stale'],
    ['a proposal in another view than its own', [], vote('prePrepare', 0, 1), 'notPrimary'],
    ['a new view that is not its own', [], { kind: 'newView', view: 2, changes: [] }, 'notPrimary'],
    ['a prepare in its own view', [], vote('prepare', 1, 1), 'fromPrimary'],
    ['a commit of what it did not prepare', [vote('prepare', 0, 1)], vote('commit', 0, 2), 'unprepared'],
    [
      'a commit of something else than it prepared',
      [vote('prepare', 0, 1)],
      vote('commit', 0, 1, B),
      'unprepared',
    ],
    [
      'a view change without what it committed',
      [vote('prepare', 0, 1), vote('commit', 0, 1)],
      change(1),
      'forgotten',
    ],
    [
      'a view change with something else than it committed',
      [vote('prepare', 0, 1), vote('commit', 0, 1)],
      change(1, [prepared(0, 1, B)]),
      'forgotten',
    ],
    ['another end of the epoch', [close(4)], close(4, B), 'conflict'],
    ['a vote after the end of the epoch', [close(4)], vote('prepare', 0, 1), 'sealed'],
    ['a view change after the end of the epoch', [close(4)], change(1), 'sealed'],
  ];
  it.each(REFUSED)('[CON-14] refuses %s', (_, signed, statement, code) => {
    expect(outcome(guardOf(...signed), statement)).toBe(code);
  });

  it('[CON-14] signs nothing at or below the stable checkpoint', () => {
    const guard = guardOf(vote('prepare', 0, 4));
    expect(guard.settle(4)).toHaveLength(1);
    expect(outcome(guard, vote('prepare', 0, 4, B))).toBe('settled');
    expect(outcome(guard, { kind: 'checkpoint', seq: 4, digest: B })).toBe('settled');
    expect(outcome(guard, vote('prepare', 0, 5))).toBe('sign');
    expect(outcome(guard, change(1))).toBe('forgotten');
  });

  it('[CON-14] lets a later view decide otherwise, with what was prepared shown', () => {
    const guard = guardOf(vote('prepare', 0, 1), vote('commit', 0, 1));
    expect(outcome(guard, change(2, [prepared(0, 1)]))).toBe('sign');
    expect(outcome(guard, vote('prepare', 2, 1, B))).toBe('sign');
    expect(outcome(guard, change(3, [prepared(2, 1, B)]))).toBe('sign');
  });

  it('[CON-13] has nothing signed twice', () => {
    for (const statement of [
      vote('prepare', 0, 1),
      change(2),
      { kind: 'newView', view: 5, changes: [] } as const,
    ])
      expect(outcome(guardOf(statement), statement)).toBe('known');
  });

  it('[CON-15] knows after a restart all that it knew', () => {
    const signed = [vote('prepare', 0, 1), vote('commit', 0, 1), change(1, [prepared(0, 1)])];
    const before = guardOf(...signed);
    const after = new Guard(committee, SEAT, new Records(committee.digest));
    for (const statement of before.signed()) after.restore(statement);
    expect(after.view).toBe(1);
    for (const [, , statement] of REFUSED) expect(outcome(after, statement)).toBe(outcome(before, statement));
  });
});
