/**
 * Three attacks by which one liar, or somebody without any key, forks other implementations of pBFT for JavaScript: each must come to nothing here, and
 * where the other one is at hand, it must succeed there. Rules of docs/spec/consensus.md.
 */
import { describe, expect, it } from 'vitest';
import { RaijinCommittee } from '../../../bench/consensus-raijin.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { PATIENCE_MS } from '../../../src/consensus/limits.ts';
import type { ConsensusMessage } from '../../../src/consensus/messages.ts';
import { hashBatch, type Request } from '../../../src/consensus/requests.ts';
import { hashChange, type Signed, type StatementOf } from '../../../src/consensus/statements.ts';
import { batchOf, Council, isBelieved, requestBy, signedBy, statementOf, GENESIS } from './council.ts';

const HONEST = [0, 2, 3];

function proposal(
  council: Council,
  seat: number,
  view: number,
  seq: number,
  requests: readonly Request[],
): ConsensusMessage {
  const digest = hashBatch(batchOf(...requests));
  const signed = signedBy(council.committee, seat, { kind: 'prePrepare', view, seq, digest });
  return { kind: 'statement', epoch: 0, signed, batch: batchOf(...requests) };
}

/** Gives a message to seats as a driver does: only if it is believed. */
function give(council: Council, seats: readonly number[], message: ConsensusMessage): boolean {
  const isGiven = isBelieved(council.committee, message);
  if (isGiven) for (const seat of seats) council.receive(seat, message);
  council.settle();
  return isGiven;
}

describe('a new view on view changes that nobody made', () => {
  it('[CON-3, CON-12] is entered by nobody, and what one seat had decided is decided by all', () => {
    const council = new Council(4);
    council.stop(1);
    // Seat 3 alone decides: the others have prepared, and the commits reach nobody else.
    council.passes = ({ message }, to) =>
      message.kind !== 'statement' || message.signed.statement.kind !== 'commit' || to === 3;
    council.submit(0, 'good');
    expect(council.executed(3)).toEqual(['good']);
    expect(council.executed(0)).toEqual([]);
    // Seat 1, which leads view 1, makes up view changes in which nothing was prepared, and builds its view on them.
    const { committee } = council;
    const change: StatementOf<'viewChange'> = {
      kind: 'viewChange',
      view: 1,
      stable: { seq: 0, digest: GENESIS, signatures: [] },
      prepared: [],
    };
    const own = signedBy(committee, 1, change);
    const forged: Signed<StatementOf<'viewChange'>>[] = [0, 2].map((seat) => ({ ...own, seat }));
    const changes = [own, ...forged]
      .map((each) => ({ seat: each.seat, change: hashChange(committee, each) }))
      .sort((a, b) => a.seat - b.seat);
    expect(give(council, HONEST, statementOf(own))).toBe(true);
    for (const each of forged) expect(give(council, HONEST, statementOf(each))).toBe(false);
    give(council, HONEST, statementOf(signedBy(committee, 1, { kind: 'newView', view: 1, changes })));
    give(council, HONEST, proposal(council, 1, 1, 1, [requestBy(committee, 1, 1, 'evil')]));
    for (const seat of HONEST) {
      expect(council.parts(seat).views.view).toBe(0);
      expect(council.said(seat, 'prepare').filter(({ view }) => view === 1)).toEqual([]);
    }
    council.passes = () => true;
    council.wait(4 * PATIENCE_MS);
    for (const seat of HONEST) expect(council.executed(seat)[0]).toBe('good');
  });
});

describe('a primary with two proposals for one place', () => {
  it('[CON-4, CON-10] has at most one of them decided, in one order everywhere, whomever it tells which', () => {
    for (let told = 0; told < 8; told++) {
      const council = new Council(4);
      const { committee } = council;
      council.stop(0);
      const sides = ['A', 'B'].map((text, at) => {
        const requests = [requestBy(committee, 0, at + 1, text)];
        const message = proposal(council, 0, 0, 1, requests);
        const digest = hashBatch(batchOf(...requests));
        return {
          message,
          commit: statementOf(signedBy(committee, 0, { kind: 'commit', view: 0, seq: 1, digest })),
        };
      });
      for (const [at, side] of sides.entries()) {
        const seats = [1, 2, 3].filter((seat) => ((told >> (seat - 1)) & 1) === at);
        give(council, seats, side.message);
        give(council, seats, side.commit);
      }
      // Then it tells everybody of the other one as well.
      for (const { message, commit } of sides) {
        give(council, [1, 2, 3], message);
        give(council, [1, 2, 3], commit);
      }
      council.submit(1, 'next');
      council.wait(6 * PATIENCE_MS);
      expect(council.executed(1)).toContain('next');
      for (const seat of [2, 3]) expect(council.executed(seat)).toEqual(council.executed(1));
      for (const seat of [1, 2, 3])
        expect(council.eventsOf(seat, 'evidence').map(({ proof }) => proof.seat)).toEqual([0]);
    }
  });
});

describe('a relay without any key', () => {
  /** What a relay can make of a message of ours: anything but a signature. */
  function altered(message: ConsensusMessage, evil: readonly Request[]): ConsensusMessage {
    if (message.kind !== 'statement') return message;
    const { statement } = message.signed;
    const digest = hashBatch(batchOf(...evil));
    if (statement.kind !== 'prePrepare' && statement.kind !== 'prepare' && statement.kind !== 'commit')
      return message;
    const signed = { ...message.signed, statement: { ...statement, digest } };
    const batch = statement.kind === 'prePrepare' ? batchOf(...evil) : undefined;
    return { kind: 'statement', epoch: 0, signed, batch };
  }

  it('[CON-2, CON-3] is not believed, and what it holds back is made up for', () => {
    const council = new Council(4);
    const evil = [requestBy(council.committee, 0, 1, 'evil')].map((each) => ({
      ...each,
      operation: utf8('more evil'),
    }));
    let refused = 0;
    council.passes = ({ message }, to) => {
      const carried = to === 3 ? altered(message, evil) : message;
      if (carried === message) return true;
      expect(isBelieved(council.committee, carried)).toBe(false);
      refused += 1;
      return false;
    };
    council.submit(0, 'good');
    expect(refused).toBeGreaterThan(5);
    for (const seat of [0, 1, 2]) expect(council.executed(seat)).toEqual(['good']);
    council.wait(2 * PATIENCE_MS);
    expect(council.executed(3)).toEqual(['good']);
  });

  it('[CON-3] forks raijin-consensus 0.0.3, which believes whoever hands a message on', async () => {
    // What the seats of another committee say of another block is all that the relay needs.
    let forged: ConsensusMessageOfRaijin | undefined;
    const elsewhere = new RaijinCommittee(4, (_from, _to, message) => {
      if (message.type === 'pre-prepare') forged = message;
      return message;
    });
    await elsewhere.decide(utf8('evil'));
    const committee = new RaijinCommittee(4, (_from, to, message) => {
      if (to !== 3 || forged === undefined || !('digest' in message)) return message;
      return message.type === 'pre-prepare' ? forged : { ...message, digest: forged.digest };
    });
    await committee.decide(utf8('good'));
    const said = committee.finalized().map((blocks) => blocks.map(({ header }) => header.txRoot));
    expect(said).toEqual([[utf8('good')], [utf8('good')], [utf8('good')], [utf8('evil')]]);
  });
});

type ConsensusMessageOfRaijin = Extract<
  NonNullable<ReturnType<NonNullable<ConstructorParameters<typeof RaijinCommittee>[1]>>>,
  { type: 'pre-prepare' }
>;
