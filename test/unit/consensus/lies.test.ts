/** Double votes: what is one, who can be accused of it, and how the proof gets to everybody. Rules of docs/spec/consensus.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { decodeWith, encodeWith } from '../../../src/kernel/codec.ts';
import { digest } from '../../../src/kernel/hash.ts';
import type { Write } from '../../../src/kernel/machine.ts';
import { Guard } from '../../../src/consensus/guard.ts';
import {
  isContradiction,
  lieChecks,
  lieProofCodec,
  proveLie,
  type LieProof,
} from '../../../src/consensus/lies.ts';
import { MAX_LIES, MAX_OPERATION_BYTES, MAX_WITNESSED, PATIENCE_MS } from '../../../src/consensus/limits.ts';
import { Records } from '../../../src/consensus/records.ts';
import { hashBatch } from '../../../src/consensus/requests.ts';
import {
  claimOf,
  type PreparedCertificate,
  type Statement,
  type StatementOf,
} from '../../../src/consensus/statements.ts';
import {
  batchOf,
  committeeOf,
  Council,
  GENESIS,
  isBelieved,
  keyOf,
  keys,
  requestBy,
  signedBy,
  statementOf,
} from './council.ts';

const committee = committeeOf(4);
const hash = (text: string) => digest('test', utf8(text));
const [A, B, C] = [hash('a'), hash('b'), hash('c')];

const prepared = (view: number, seq: number, of = A): PreparedCertificate => ({
  ...{ view, seq, digest: of },
  proposal: new Uint8Array(64),
  signatures: [],
});
const change = (
  view: number,
  certificates: readonly PreparedCertificate[] = [],
): StatementOf<'viewChange'> => ({
  kind: 'viewChange',
  view,
  stable: { seq: 0, digest: GENESIS, signatures: [] },
  prepared: certificates,
});

function proofOf(one: Statement, other: Statement, seat = 0, of = committee): LieProof {
  const [first, second] = [one, other].map((statement) => {
    const { signature } = signedBy(of, seat, statement);
    return { claim: claimOf(statement), signature };
  });
  if (first === undefined || second === undefined) return expect.fail('no claims');
  return proveLie(of, seat, first, second);
}

/** Pairs of which an honest seat signs one. */
const PAIRS: readonly (readonly [string, Statement, Statement])[] = [
  ...(['prePrepare', 'prepare', 'commit'] as const).map(
    (kind) => [kind, { kind, view: 4, seq: 3, digest: A }, { kind, view: 4, seq: 3, digest: B }] as const,
  ),
  ['checkpoint', { kind: 'checkpoint', seq: 4, digest: A }, { kind: 'checkpoint', seq: 4, digest: B }],
  ['viewChange', change(1), change(1, [prepared(0, 1)])],
  [
    'newView',
    { kind: 'newView', view: 4, changes: [{ seat: 0, change: A }] },
    { kind: 'newView', view: 4, changes: [{ seat: 0, change: B }] },
  ],
  ['close', { kind: 'close', seq: 3, digest: A, next: B }, { kind: 'close', seq: 9, digest: A, next: B }],
];

describe('a proof of a double vote', () => {
  it.each(PAIRS)('[CON-60] of two statements of kind %s convinces by itself', (_, one, other) => {
    const proof = proofOf(one, other);
    expect(isContradiction(proof)).toBe(true);
    expect(keys.holds(lieChecks(proof))).toBe(true);
    expect(proofOf(other, one)).toEqual(proof);
    expect(decodeWith(lieProofCodec, encodeWith(lieProofCodec, proof))).toEqual({ ok: true, value: proof });
    expect(isBelieved(committee, { kind: 'lie', proof })).toBe(true);
  });

  it('[CON-60] is none of statements that agree, or for two places, kinds, views, seats or epochs', () => {
    const commit = { kind: 'commit', view: 0, seq: 3, digest: A } as const;
    expect(isContradiction(proofOf(commit, commit))).toBe(false);
    const harmless: readonly Statement[] = [
      { ...commit, view: 1, digest: B },
      { ...commit, seq: 4, digest: B },
      { ...commit, kind: 'prepare', digest: B },
      change(1),
    ];
    for (const other of harmless) {
      expect(isContradiction(proofOf(commit, other))).toBe(false);
      expect(isBelieved(committee, { kind: 'lie', proof: proofOf(commit, other) })).toBe(false);
    }
    expect(isContradiction(proofOf(change(1), change(2, [prepared(0, 1)])))).toBe(false);
    // What a seat signed of another epoch, or as another seat, is no part of a proof.
    const proof = proofOf(commit, { ...commit, digest: B });
    const later = committeeOf(4, { epoch: 1, start: 4, previous: committee.digest });
    const strangers = [
      proofOf(commit, { ...commit, digest: B }, 0, later),
      proofOf(commit, { ...commit, digest: B }, 1),
    ];
    for (const other of strangers)
      for (const mixed of [
        { ...proof, first: other.first },
        { ...proof, second: other.second },
        { ...proof, seat: other.seat, epoch: other.epoch, committee: other.committee },
        { ...proof, key: keyOf('seat 1') },
      ])
        if (JSON.stringify(mixed) !== JSON.stringify(proof))
          expect(keys.holds(lieChecks(mixed)) && JSON.stringify(mixed) !== JSON.stringify(other)).toBe(false);
  });

  it('[CON-60] is refused of another board, of a committee that nobody knows, and of keys without that seat', () => {
    const commit = { kind: 'commit', view: 0, seq: 3, digest: A } as const;
    const proof = proofOf(commit, { ...commit, digest: B });
    const message = (changed: Partial<LieProof>) =>
      ({ kind: 'lie', proof: { ...proof, ...changed } }) as const;
    expect(isBelieved(committee, message({}))).toBe(true);
    expect(isBelieved(committee, message({ committee: C }))).toBe(false);
    expect(isBelieved(committee, message({ epoch: 1 }))).toBe(false);
    expect(isBelieved(committee, message({ key: keyOf('e') }))).toBe(false);
    expect(isBelieved(committee, message({ first: proof.second, second: proof.first }))).toBe(false);
  });

  it('[CON-61] fits into a request with the largest statements that there are', () => {
    const large = committeeOf(31, { checkpointEvery: 64, window: 128 });
    const signatures = Array.from({ length: 20 }, (_, seat) => ({ seat, signature: new Uint8Array(64) }));
    const all = Array.from({ length: 128 }, (_, at) => ({ ...prepared(0, at + 1), signatures }));
    const changes = large.keys.map((_, seat) => ({ seat, change: A }));
    const newView = { kind: 'newView', view: 4, changes } as const;
    const largest = [
      proofOf(change(1, all), change(1, all.slice(1)), 0, large),
      proofOf(newView, { ...newView, changes: changes.slice(1) }, 4, large),
    ];
    for (const proof of largest) {
      expect(keys.holds(lieChecks(proof))).toBe(true);
      expect(encodeWith(lieProofCodec, proof).length).toBeLessThan(3_000);
    }
    expect(3_000).toBeLessThan(MAX_OPERATION_BYTES);
  });
});

describe('nobody honest', () => {
  const places = fc.record({
    view: fc.nat(3),
    seq: fc.integer({ min: 1, max: 5 }),
    of: fc.constantFrom(A, B),
  });
  const statements: fc.Arbitrary<Statement> = fc.oneof(
    places.chain(({ of, seq, view }) =>
      fc
        .constantFrom('prePrepare' as const, 'prepare' as const, 'commit' as const)
        .map((kind): Statement => ({ kind, view, seq, digest: of })),
    ),
    places.map(({ of, seq }): Statement => ({ kind: 'checkpoint', seq, digest: of })),
    places.map(({ of, seq, view }): Statement => change(view + 1, [prepared(0, seq, of)])),
    places.map(({ of, view }): Statement => ({ kind: 'newView', view, changes: [{ seat: 0, change: of }] })),
    places.map(({ of, seq }): Statement => ({ kind: 'close', seq, digest: of, next: of })),
  );
  const deeds = fc.oneof(
    { weight: 8, arbitrary: statements },
    { weight: 1, arbitrary: fc.constant('crash' as const) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }) },
  );

  it('[CON-60] can be accused: whatever a machine asks of its guard, over crashes and checkpoints, no two signatures contradict', () => {
    fc.assert(
      fc.property(fc.array(deeds, { maxLength: 60 }), fc.nat(3), (all, seat) => {
        const disk = new Map<string, Uint8Array<ArrayBuffer>>();
        const opened = (settled: number): Guard => {
          const records = new Records(committee.digest);
          const guard = new Guard(committee, seat, records);
          for (const [key, value] of disk) {
            const read = records.read(key, value);
            if (read?.kind === 'statement') guard.restore(read.statement);
          }
          guard.settle(settled);
          return guard;
        };
        const write = (writes: readonly Write[]): void => {
          for (const each of writes)
            if (each.op === 'put') disk.set(each.key, each.value);
            else disk.delete(each.key);
        };
        let settled = 0;
        let guard = opened(settled);
        const signed: Statement[] = [];
        for (const deed of all) {
          if (deed === 'crash') guard = opened(settled);
          else if (typeof deed === 'number') {
            settled = Math.max(settled, deed);
            write(guard.settle(deed));
          } else {
            const verdict = guard.ask(deed);
            if (verdict.kind === 'sign') write(verdict.writes);
            if (verdict.kind !== 'refused') signed.push(deed);
          }
        }
        for (const one of signed)
          for (const other of signed) expect(isContradiction(proofOf(one, other, seat))).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});

describe('a seat that votes twice', () => {
  const commits = (view = 0, seq = 1) =>
    [A, B].map((of) => statementOf(signedBy(committee, 0, { kind: 'commit', view, seq, digest: of })));
  const accusedBy = (council: Council, peer: number) =>
    council.eventsOf(peer, 'evidence').map(({ proof }) => proof.key);

  it('[CON-62] is told to everybody by whoever hears both, and each keeps the proof, once, also over a restart', () => {
    const council = new Council(4, ['e']);
    for (const message of commits()) council.receive(1, message);
    council.settle();
    for (const peer of [1, 2, 3, 4]) expect(accusedBy(council, peer)).toEqual([keyOf('seat 0')]);
    for (const message of commits(0, 2)) council.receive(1, message);
    council.settle();
    expect(accusedBy(council, 1)).toHaveLength(1);
    for (const peer of [1, 4]) {
      council.stop(peer);
      council.start(peer);
      expect(
        council
          .parts(peer)
          .lies.all()
          .map(({ key }) => key),
      ).toEqual([keyOf('seat 0')]);
    }
  });

  it('[CON-62] is told to a new neighbour that was away', () => {
    const council = new Council(4);
    council.passes = (_, to) => to !== 3;
    for (const message of commits()) council.receive(1, message);
    council.settle();
    expect(accusedBy(council, 3)).toEqual([]);
    council.passes = () => true;
    council.step(1, { kind: 'command', command: { type: 'greet', peer: keyOf('seat 3') } });
    council.settle();
    expect(accusedBy(council, 3)).toEqual([keyOf('seat 0')]);
  });

  it('[CON-61] is noticed also about what is decided, certified, or of a view that nobody is in any more', () => {
    const council = new Council(4);
    for (let count = 1; count <= 5; count++) council.submit(1, `op ${count}`);
    const parts = council.parts(1);
    expect(parts.checkpoints.stable.seq).toBe(4);
    const late = statementOf(signedBy(committee, 0, { kind: 'commit', view: 0, seq: 2, digest: C }));
    expect(council.refusal(1, late)).toBeUndefined();
    council.receive(1, late);
    expect(parts.lies.all()).toHaveLength(1);
  });

  it('[CON-61] is noticed when a certificate shows what it said to others', () => {
    const council = new Council(4);
    // To seat 3 alone it says something else.
    council.passes = ({ from, message }, to) =>
      to !== 3 || (message.kind !== 'statement' && message.kind !== 'lie') || from === 3;
    council.receive(3, statementOf(signedBy(committee, 0, { kind: 'commit', view: 0, seq: 1, digest: B })));
    council.submit(1, 'one');
    council.wait(PATIENCE_MS / 2);
    expect(council.executed(3)).toEqual(['one']);
    expect(accusedBy(council, 3)).toEqual([keyOf('seat 0')]);
    expect(accusedBy(council, 1)).toEqual([keyOf('seat 0')]);
  });

  it('[CON-61, CON-50] is noticed when an answer to the roll shows what it said to others', () => {
    const council = new Council(4);
    const batch = batchOf(requestBy(committee, 0, 1, 'one'));
    const position = { view: 0, seq: 1, digest: hashBatch(batch) } as const;
    const prepares = [1, 2].map((seat) => ({
      seat,
      signature: signedBy(committee, seat, { kind: 'prepare', ...position }).signature,
    }));
    const proposal = signedBy(committee, 0, { kind: 'prePrepare', ...position }).signature;
    const certificate = { ...position, proposal, signatures: prepares };
    const message = { kind: 'prepared', epoch: 0, certificate, batch } as const;
    council.receive(3, statementOf(signedBy(committee, 2, { kind: 'prepare', ...position, digest: B })));
    expect(isBelieved(committee, message)).toBe(true);
    council.receive(3, message);
    council.settle();
    for (const peer of [0, 1, 3]) expect(accusedBy(council, peer)).toEqual([keyOf('seat 2')]);
  });

  it('[CON-63] costs a bounded number of claims and proofs, and none once neither seat nor say is left', () => {
    const council = new Council(4, ['e']);
    const { lies, witness } = council.parts(1);
    const of = (seq: number, what = A) =>
      signedBy(committee, 0, { kind: 'commit', view: 0, seq, digest: what });
    for (let seq = 1; seq <= MAX_WITNESSED + 1; seq++) witness.hear(of(seq));
    expect(witness.isContradicted(of(1, B))).toBe(false);
    expect(witness.isContradicted(of(2, B))).toBe(true);
    for (let at = 0; at < MAX_LIES; at++)
      lies.add({ ...proofOf(change(1), change(1, [prepared(0, 1)])), key: keyOf(`stranger ${at}`) });
    expect(lies.hasRoomFor(keyOf('seat 0'))).toBe(false);
    // The strangers' go with the next epoch, and then those of whoever has lost both seat and say.
    council.submit(1, `+${keyOf('e')}`);
    for (const message of commits()) council.receive(2, message);
    const proof = proofOf(
      { kind: 'commit', view: 0, seq: 1, digest: A },
      { kind: 'commit', view: 0, seq: 1, digest: B },
    );
    council.receive(2, { kind: 'lie', proof });
    expect(council.parts(2).lies.all()).toHaveLength(1);
    council.submit(1, `-${keyOf('seat 0')}`);
    expect(council.parts(2).lies.all()).toEqual([]);
    expect([...(council.disks[2]?.keys() ?? [])].filter((key) => key.includes('lie/'))).toEqual([]);
    council.receive(2, { kind: 'lie', proof });
    expect(council.parts(2).lies.all()).toEqual([]);
  });
});
