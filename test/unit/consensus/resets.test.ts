/** An owner begins anew when a quorum is lost for good. Rules of docs/spec/consensus.md. */
import { describe, expect, it } from 'vitest';
import { encodeChain, verifyChain } from '../../../src/consensus/chain.ts';
import { PATIENCE_MS, SILENCE_MS, STATUS_MS } from '../../../src/consensus/limits.ts';
import { hashBatch } from '../../../src/consensus/requests.ts';
import { batchOf, committeeOf, Council, keyOf, keys, OWNER, ownersLink, seatsOf } from './council.ts';

const PACE = { checkpointEvery: 4, window: 8 };
const holds = (check: Parameters<typeof keys.holds>[0][number]): boolean => keys.holds([check]);

describe('an owner begins anew', () => {
  /** A committee of which two seats are gone for good, and the reset that the owner signs at seat 0. */
  function lost(): { council: Council; reset: ReturnType<typeof ownersLink> } {
    const council = new Council(4, ['e']);
    council.submit(0, 'before');
    for (const seat of [2, 3]) council.stop(seat);
    council.wait(2 * SILENCE_MS);
    const seating = { ...PACE, seats: seatsOf('seat 0', 'seat 1', 'e') };
    council.step(0, { kind: 'command', command: { type: 'draftReset', seating, token: 't' } });
    const [event] = council.eventsOf(0, 'resetDrafted');
    if (event?.draft === undefined) throw new RangeError('no draft');
    return { council, reset: ownersLink('reset', event.draft.committee, event.draft.state) };
  }

  it('[CON-31] goes on from what was executed, marked for ever', () => {
    const { council, reset } = lost();
    council.step(0, { kind: 'command', command: { type: 'adopt', links: [reset] } });
    council.settle();
    council.wait(3 * STATUS_MS);
    council.submit(1, 'after');
    for (const peer of [0, 1, 4]) expect(council.executed(peer)).toEqual(['before', 'after']);
    // Who was gone and comes back learns of it, and follows once it has listened for long enough.
    council.start(2);
    council.wait(SILENCE_MS + 3 * STATUS_MS);
    expect(council.executed(2)).toEqual(['before', 'after']);
    council.submit(0, `-${keyOf('e')}`);
    expect(council.parts(0).committee.resets).toBe(1);
    const pins = { board: council.committee.board, owners: [OWNER] };
    const chain = encodeChain(council.parts(0).chain.links(0, 9));
    const verified = verifyChain(pins, chain, holds);
    expect(verified.ok && verified.value.map(({ link }) => link.proof.kind)).toEqual([
      'founding',
      'reset',
      'handover',
    ]);
  });

  it('[CON-31] no seat follows while it hears a quorum', () => {
    const { reset } = lost();
    const council = new Council(4, ['e']);
    council.submit(0, 'before');
    council.wait(2 * SILENCE_MS);
    council.receive(1, { kind: 'links', links: [reset] });
    council.settle();
    expect(council.eventsOf(1, 'resetRefused').map(({ code }) => code)).toEqual(['committeeLives']);
    council.submit(1, 'on');
    expect(council.parts(1).committee.epoch).toBe(0);
    expect(council.executed(2)).toEqual(['before', 'on']);
  });

  it('[CON-31] nobody takes back what was executed, or takes another state for it', () => {
    const { council, reset } = lost();
    council.receive(4, {
      kind: 'links',
      links: [ownersLink('reset', reset.committee, hashBatch(batchOf()))],
    });
    expect(council.eventsOf(4, 'resetRefused').map(({ code }) => code)).toEqual(['otherState']);
    const further = new Council(4, ['e']);
    further.submit(0, 'before');
    further.submit(0, 'more');
    further.receive(4, { kind: 'links', links: [reset] });
    expect(further.eventsOf(4, 'resetRefused').map(({ code }) => code)).toEqual(['behind']);
    expect(further.parts(4).committee.epoch).toBe(0);
  });

  it('[CON-31] no owner begins anew in front of a decision that is known and cannot be executed yet', () => {
    const council = new Council(4);
    council.passes = ({ message }, to) => {
      if (to !== 3) return true;
      return message.kind === 'statement' && message.signed.statement.kind === 'commit';
    };
    council.submit(1, 'one');
    council.submit(2, 'two');
    expect(council.parts(3).execution.decided).toBeGreaterThan(council.parts(3).execution.executed);
    const seating = { ...PACE, seats: seatsOf('seat 3') };
    council.step(3, { kind: 'command', command: { type: 'draftReset', seating, token: 't' } });
    expect(council.eventsOf(3, 'resetDrafted').map(({ draft }) => draft)).toEqual([undefined]);
  });

  it('[CON-31] two new beginnings for one epoch are told', () => {
    const { council, reset } = lost();
    council.receive(4, { kind: 'links', links: [reset] });
    council.settle();
    const other = committeeOf(4, { ...reset.committee, seats: seatsOf('e') });
    council.receive(4, { kind: 'links', links: [ownersLink('reset', other, reset.state)] });
    const [told] = council.eventsOf(4, 'forked');
    expect(told?.held).toEqual(reset);
    expect(told?.other.committee.seats).toEqual(seatsOf('e'));
    expect(council.parts(4).committee.keys).toHaveLength(3);
  });

  it('[CON-31] what a dead seat said once is no sign of life when a relay says it again', () => {
    const { council, reset } = lost();
    const old = council.sent.filter(({ from, message }) => from >= 2 && message.kind === 'question');
    expect(old.length).toBeGreaterThan(1);
    for (const { message } of old) council.receive(1, message);
    council.receive(1, { kind: 'links', links: [reset] });
    council.settle();
    expect(council.eventsOf(1, 'resetRefused')).toEqual([]);
    expect(council.parts(1).committee.epoch).toBe(1);
  });

  it('[CON-31] a seat that comes back is heard again, since its time has gone on', () => {
    const council = new Council(4);
    const turns = (): number[] =>
      council.sent.flatMap(({ from, message }) =>
        from === 2 && message.kind === 'question' && message.question.kind === 'status'
          ? [message.question.turn]
          : [],
      );
    council.step(2, { kind: 'command', command: { type: 'clock', time: 1_000_000 } });
    council.wait(5 * STATUS_MS);
    const before = Math.max(...turns());
    council.stop(2);
    council.sent.length = 0;
    council.start(2);
    council.step(2, { kind: 'command', command: { type: 'clock', time: 1_000_000 + 6 * STATUS_MS } });
    council.wait(2 * STATUS_MS);
    expect(turns().at(-1)).toBeGreaterThan(before);
    expect(council.parts(1).voices.get(2)?.turn).toBe(turns().at(-1));
  });

  it('[CON-31] a quorum that was only cut off goes on, whoever followed never does, and nobody counts decisions of both', () => {
    const council = new Council(4, ['e']);
    council.submit(0, 'before');
    const isOwners = (peer: number): boolean => peer === 0 || peer === 4;
    council.passes = ({ from }, to) => isOwners(from) === isOwners(to);
    council.wait(2 * SILENCE_MS);
    const seating = { ...PACE, seats: seatsOf('seat 0', 'e') };
    council.step(0, { kind: 'command', command: { type: 'draftReset', seating, token: 't' } });
    const [event] = council.eventsOf(0, 'resetDrafted');
    if (event?.draft === undefined) throw new RangeError('no draft');
    const reset = ownersLink('reset', event.draft.committee, event.draft.state);
    council.step(0, { kind: 'command', command: { type: 'adopt', links: [reset] } });
    council.settle();
    council.wait(3 * STATUS_MS);
    council.submit(1, 'of the old');
    council.submit(0, 'of the new');
    // Its primary is on the other side.
    council.wait(3 * PATIENCE_MS);
    council.passes = () => true;
    council.wait(3 * SILENCE_MS);
    for (const peer of [1, 2, 3]) {
      expect(council.executed(peer)).toEqual(['before', 'of the old']);
      expect(council.parts(peer).committee.resets).toBe(0);
      expect(council.eventsOf(peer, 'resetRefused').map(({ code }) => code)).toContain('behind');
    }
    for (const peer of [0, 4]) {
      expect(council.executed(peer)).toEqual(['before', 'of the new']);
      expect(council.parts(peer).committee.resets).toBe(1);
      expect(council.parts(peer).chain.links(1, 1)).toEqual([reset]);
    }
    const decidedIn = (peer: number): number[] =>
      council
        .eventsOf(peer, 'decided')
        .filter(({ certificate }) => certificate.seq > 1)
        .map(({ epoch }) => epoch);
    for (const peer of [0, 4]) expect(new Set(decidedIn(peer))).toEqual(new Set([1]));
    for (const peer of [1, 2, 3]) expect(new Set(decidedIn(peer))).toEqual(new Set([0]));
  });
});
