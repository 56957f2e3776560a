/** What is believed of what others send. Rules of docs/spec/consensus.md. */
import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { digest } from '../../../src/kernel/hash.ts';
import { refuseMessage, type ConsensusMessage } from '../../../src/consensus/messages.ts';
import { hashBatch } from '../../../src/consensus/requests.ts';
import {
  statementToSign,
  type PreparedCertificate,
  type StableCertificate,
  type Statement,
  type StatementOf,
} from '../../../src/consensus/statements.ts';
import {
  batchOf,
  committeeOf,
  GENESIS,
  isBelieved,
  judgingOf,
  requestBy,
  signedBy,
  statementOf,
} from './council.ts';

const committee = committeeOf(4);
const A = digest('test', utf8('a'));
const judging = judgingOf(committee);
const refusal = (message: ConsensusMessage) => refuseMessage(judging, message);
const signatures = (statement: Statement, ...seats: readonly number[]) =>
  seats.map((seat) => ({ seat, signature: signedBy(committee, seat, statement).signature }));

/** A prepared certificate for view 0, whose primary is seat 0. */
function prepared(seats: readonly number[], seq = 1, view = 0): PreparedCertificate {
  const proposal = signedBy(committee, view % 4, { kind: 'prePrepare', view, seq, digest: A }).signature;
  return {
    view,
    seq,
    digest: A,
    proposal,
    signatures: signatures({ kind: 'prepare', view, seq, digest: A }, ...seats),
  };
}
const stable = (...seats: readonly number[]): StableCertificate => ({
  seq: 4,
  digest: A,
  signatures: signatures({ kind: 'checkpoint', seq: 4, digest: A }, ...seats),
});
const FIRST: StableCertificate = { seq: 0, digest: GENESIS, signatures: [] };
const change = (changes: Partial<StatementOf<'viewChange'>>): StatementOf<'viewChange'> => ({
  kind: 'viewChange',
  view: 1,
  stable: FIRST,
  prepared: [],
  ...changes,
});
const by = (seat: number, statement: Statement) => statementOf(signedBy(committee, seat, statement));

describe('messages', () => {
  it('[CON-2] no two statements, seats, epochs, boards or committees share signed bytes', () => {
    const position = { view: 1, seq: 1, digest: A };
    const statements: Statement[] = [
      { kind: 'prePrepare', ...position },
      { kind: 'prepare', ...position },
      { kind: 'commit', ...position },
      { kind: 'commit', ...position, view: 2 },
      { kind: 'commit', ...position, seq: 2 },
      { kind: 'commit', ...position, digest: GENESIS },
      { kind: 'checkpoint', seq: 1, digest: A },
      change({}),
      { kind: 'newView', view: 1, changes: [] },
      { kind: 'close', seq: 1, digest: A, next: A },
      { kind: 'close', seq: 1, digest: A, next: GENESIS },
    ];
    const committees = [
      committee,
      committeeOf(5),
      committeeOf(4, { epoch: 1 }),
      committeeOf(4, { window: 9 }),
    ];
    const bodies = committees.flatMap((each) =>
      [0, 1].flatMap((seat) => statements.map((statement) => toHex(statementToSign(each, seat, statement)))),
    );
    expect(new Set(bodies).size).toBe(bodies.length);
    expect(bodies.every((body) => body.startsWith(toHex(utf8('tabswarm/statement/1\0'))))).toBe(true);
  });

  it('[CON-3] a statement is believed for the signature of its seat alone', () => {
    const signed = signedBy(committee, 2, { kind: 'commit', view: 0, seq: 1, digest: A });
    expect(isBelieved(committee, statementOf(signed))).toBe(true);
    expect(isBelieved(committee, statementOf({ ...signed, seat: 1 }))).toBe(false);
    expect(isBelieved(committeeOf(4, { window: 9 }), statementOf(signed))).toBe(false);
    for (const statement of [
      { ...signed.statement, view: 1 },
      { ...signed.statement, seq: 2 },
      { ...signed.statement, digest: GENESIS },
    ])
      expect(isBelieved(committee, statementOf({ ...signed, statement }))).toBe(false);
  });

  it('[CON-2] a prepare never passes for a commit', () => {
    const signed = signedBy(committee, 1, { kind: 'prepare', view: 0, seq: 1, digest: A });
    const commit: Statement = { kind: 'commit', view: 0, seq: 1, digest: A };
    expect(isBelieved(committee, statementOf({ ...signed, statement: commit }))).toBe(false);
  });

  const position = { seq: 1, digest: A };
  it.each<readonly [string, ConsensusMessage, string]>([
    ['a seat that does not exist', by(4, { kind: 'commit', view: 0, ...position }), 'notASeat'],
    [
      'a proposal of another than the primary',
      by(1, { kind: 'prePrepare', view: 0, ...position }),
      'notPrimary',
    ],
    ['a prepare of the primary', by(0, { kind: 'prepare', view: 0, ...position }), 'fromPrimary'],
    ['a checkpoint where there is none', by(0, { kind: 'checkpoint', seq: 3, digest: A }), 'badPlace'],
    ['a new view of another', by(2, { kind: 'newView', view: 1, changes: [] }), 'notPrimary'],
    [
      'a new view of too few',
      by(1, { kind: 'newView', view: 1, changes: [{ seat: 0, change: A }] }),
      'tooFew',
    ],
    [
      'a new view that names a seat twice',
      by(1, { kind: 'newView', view: 1, changes: [0, 1, 1].map((seat) => ({ seat, change: A })) }),
      'badSeats',
    ],
    ['a stable checkpoint of too few', by(1, change({ stable: stable(0, 1) })), 'tooFew'],
    ['a stable checkpoint signed twice by one', by(1, change({ stable: stable(0, 1, 1) })), 'badSeats'],
    ['another beginning', by(1, change({ stable: { seq: 0, digest: A, signatures: [] } })), 'badPlace'],
    ['a certificate of too few', by(1, change({ prepared: [prepared([1])] })), 'tooFew'],
    ['a certificate in which one stands twice', by(1, change({ prepared: [prepared([1, 1])] })), 'badSeats'],
    ['a certificate that counts the primary', by(1, change({ prepared: [prepared([0, 1])] })), 'badSeats'],
    ['a certificate of a later view', by(1, change({ prepared: [prepared([2, 3], 1, 1)] })), 'badPlace'],
    ['a certificate above the window', by(1, change({ prepared: [prepared([1, 2], 9)] })), 'badPlace'],
    [
      'two certificates for one place',
      by(1, change({ prepared: [prepared([1, 2]), prepared([1, 3])] })),
      'badOrder',
    ],
  ])('[CON-3] refuses %s', (_, message, code) => {
    expect(refusal(message)).toBe(code);
  });

  it('[CON-12] every certificate in a view change has to hold: the attack that forks whoever believes them', () => {
    const sound = change({ view: 5, stable: stable(0, 2, 3), prepared: [prepared([1, 2], 5, 4)] });
    expect(isBelieved(committee, by(1, sound))).toBe(true);
    const forged = signatures({ kind: 'prepare', view: 4, seq: 5, digest: GENESIS }, 1, 2);
    const [certificate = prepared([1, 2])] = sound.prepared;
    const lies: StatementOf<'viewChange'>[] = [
      { ...sound, prepared: [{ ...certificate, digest: GENESIS }] },
      { ...sound, prepared: [{ ...certificate, signatures: forged }] },
      {
        ...sound,
        prepared: [{ ...certificate, proposal: certificate.signatures[0]?.signature ?? new Uint8Array(64) }],
      },
      { ...sound, stable: { ...sound.stable, digest: GENESIS } },
    ];
    for (const lie of lies) {
      expect(refusal(by(1, lie))).toBeUndefined();
      expect(isBelieved(committee, by(1, lie))).toBe(false);
    }
  });

  it('[CON-3] requests are believed for their client, and batches for their digest', () => {
    const request = requestBy(committee, 1, 1);
    expect(isBelieved(committee, { kind: 'request', request })).toBe(true);
    expect(isBelieved(committee, { kind: 'request', request: { ...request, number: 2 } })).toBe(false);
    const unknown = requestBy(committee, 1, 1, 'not an operation');
    expect(refusal({ kind: 'request', request: unknown })).toBe('badOperation');
    expect(refusal({ kind: 'batch', batch: batchOf(unknown) })).toBe('badOperation');
    expect(refusal({ kind: 'batch', batch: { time: 1, requests: [] } })).toBe('otherBatch');
    const proposal = signedBy(committee, 0, {
      kind: 'prePrepare',
      view: 0,
      seq: 1,
      digest: hashBatch(batchOf(request)),
    });
    const message: ConsensusMessage = {
      kind: 'statement',
      epoch: 0,
      signed: proposal,
      batch: batchOf(request),
    };
    expect(isBelieved(committee, message)).toBe(true);
    expect(refusal({ ...message, batch: batchOf(requestBy(committee, 1, 2)) })).toBe('otherBatch');
    const unsigned = { ...request, signature: new Uint8Array(64) };
    expect(isBelieved(committee, { ...message, batch: batchOf(unsigned) })).toBe(false);
  });
});
