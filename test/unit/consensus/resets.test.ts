/** An owner begins anew when a quorum is lost for good. Rules of docs/spec/consensus.md. */
import { describe, expect, it } from 'vitest';
import { encodeChain, verifyChain } from '../../../src/consensus/chain.ts';
import { PATIENCE_MS, ROLL_STANDS_MS, SILENCE_MS, STATUS_MS } from '../../../src/consensus/limits.ts';
import { hashBatch } from '../../../src/consensus/requests.ts';
import {
  batchOf,
  committeeOf,
  Council,
  keyOf,
  keys,
  OWNER,
  ownersLink,
  questionBy,
  seatsOf,
} from './council.ts';

const PACE = { checkpointEvery: 4, window: 8 };
/** A call of the roll, with the last answers to it. */
const ROLL_MS = SILENCE_MS + 2 * STATUS_MS;
const holds = (check: Parameters<typeof keys.holds>[0][number]): boolean => keys.holds([check]);

/** Has a peer call the roll, and waits for what comes of it. */
function roll(council: Council, peer: number): readonly boolean[] {
  const before = council.eventsOf(peer, 'rolled').length;
  council.step(peer, { kind: 'command', command: { type: 'callRoll' } });
  council.settle();
  council.wait(ROLL_MS);
  return council
    .eventsOf(peer, 'rolled')
    .slice(before)
    .map(({ isAlive }) => isAlive);
}

describe('an owner begins anew', () => {
  /** A committee of which two seats are gone for good, and the reset that the owner signs at seat 0. */
  function lost(): { council: Council; reset: ReturnType<typeof ownersLink> } {
    const council = new Council(4, ['e']);
    council.submit(0, 'before');
    for (const seat of [2, 3]) council.stop(seat);
    roll(council, 0);
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
    expect(council.parts(0).committee.epoch).toBe(1);
    // Seat 1 hears of it, and calls the roll itself before it follows.
    council.wait(SILENCE_MS - STATUS_MS);
    expect(council.parts(1).committee.epoch).toBe(0);
    council.wait(4 * STATUS_MS);
    council.submit(1, 'after');
    for (const peer of [0, 1, 4]) expect(council.executed(peer)).toEqual(['before', 'after']);
    // Who was gone and comes back learns of it, and follows once it has called for long enough.
    council.start(2);
    council.wait(SILENCE_MS + 4 * STATUS_MS);
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

  it('[CON-31] no seat follows while a quorum answers, whether or not it was heard before, and nobody is called again and again for it', () => {
    const { reset } = lost();
    const council = new Council(4, ['e']);
    council.submit(0, 'before');
    council.receive(1, { kind: 'links', links: [reset] });
    council.settle();
    council.wait(2 * STATUS_MS);
    const calls = (): number =>
      council.sent.filter(({ message }) => message.kind === 'question' && message.question.kind === 'call')
        .length;
    expect(calls()).toBe(1);
    council.receive(1, { kind: 'links', links: [reset] });
    council.wait(SILENCE_MS);
    expect(calls()).toBe(1);
    council.wait(ROLL_STANDS_MS);
    council.receive(1, { kind: 'links', links: [reset] });
    council.settle();
    expect(calls()).toBe(2);
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
    council.wait(ROLL_MS);
    const other = committeeOf(4, { ...reset.committee, seats: seatsOf('e') });
    council.receive(4, { kind: 'links', links: [ownersLink('reset', other, reset.state)] });
    const [told] = council.eventsOf(4, 'forked');
    expect(told?.held).toEqual(reset);
    expect(told?.other.committee.seats).toEqual(seatsOf('e'));
    expect(council.parts(4).committee.keys).toHaveLength(3);
  });

  it('[CON-32] a call is answered by seats of that committee that go on with it, and by nobody else', () => {
    const { council, reset } = lost();
    const answers = (name: string, committee = council.committee.digest): number[] => {
      const before = council.sent.length;
      for (const peer of [0, 1, 4])
        council.receive(
          peer,
          questionBy(name, { kind: 'call', committee, turn: 7, executed: 1, stable: 0, prepared: [] }),
        );
      council.settle();
      return council.sent
        .slice(before)
        .flatMap(({ from, message }) =>
          message.kind === 'question' && message.question.kind === 'present' ? [from] : [],
        );
    };
    expect(answers('e')).toEqual([0, 1]);
    expect(answers('seat 0')).toEqual([1]);
    expect(answers('e', council.founding.state)).toEqual([]);
    council.step(0, { kind: 'command', command: { type: 'adopt', links: [reset] } });
    council.settle();
    expect(answers('e')).toEqual([1]);
    expect(answers('seat 3', council.parts(0).committee.digest)).toEqual([0]);
  });

  it('[CON-32] what dead seats answered once is no sign of life when a relay says it again, nor are their statuses', () => {
    const council = new Council(4, ['e']);
    council.submit(0, 'before');
    expect(roll(council, 1)).toEqual([true]);
    const old = council.sent.filter(({ from, message }) => from >= 2 && message.kind === 'question');
    expect(
      old.some(({ message }) => message.kind === 'question' && message.question.kind === 'present'),
    ).toBe(true);
    for (const seat of [2, 3]) council.stop(seat);
    council.step(1, { kind: 'command', command: { type: 'callRoll' } });
    council.settle();
    for (const { message } of old) council.receive(1, message);
    council.wait(ROLL_MS);
    expect(council.eventsOf(1, 'rolled').at(-1)).toEqual({
      type: 'rolled',
      isAlive: false,
      present: [keyOf('seat 0')],
    });
  });

  it('[CON-32] whoever is called and reaches no quorum either calls at once, and follows as soon as it hears of the new beginning', () => {
    const council = new Council(4, ['e']);
    council.submit(0, 'before');
    for (const seat of [2, 3]) council.stop(seat);
    const peers = [0, 1, 4].map((peer) => council.keyOf(peer));
    for (const peer of [0, 1, 4])
      council.step(peer, { kind: 'command', command: { type: 'reachable', peers } });
    expect(roll(council, 0)).toEqual([false]);
    expect(council.eventsOf(1, 'rolled')).toEqual([
      { type: 'rolled', isAlive: false, present: [keyOf('seat 0')] },
    ]);
    const seating = { ...PACE, seats: seatsOf('seat 0', 'seat 1') };
    council.step(0, { kind: 'command', command: { type: 'draftReset', seating, token: 't' } });
    const [event] = council.eventsOf(0, 'resetDrafted');
    if (event?.draft === undefined) throw new RangeError('no draft');
    council.receive(1, {
      kind: 'links',
      links: [ownersLink('reset', event.draft.committee, event.draft.state)],
    });
    council.settle();
    expect(council.parts(1).committee.epoch).toBe(1);
  });

  it('[CON-32] a seat that comes back answers', () => {
    const { council } = lost();
    council.start(2);
    expect(roll(council, 0)).toEqual([true]);
  });

  it('[CON-31] a quorum that was only cut off goes on, whoever followed never does, and nobody counts decisions of both', () => {
    const council = new Council(4, ['e']);
    council.submit(0, 'before');
    const isOwners = (peer: number): boolean => peer === 0 || peer === 4;
    council.passes = ({ from }, to) => isOwners(from) === isOwners(to);
    expect(roll(council, 0)).toEqual([false]);
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
