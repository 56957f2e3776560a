/** What may be decided is carried into an owner's new beginning. Rules of docs/spec/consensus.md. */
import { describe, expect, it } from 'vitest';
import type { Link } from '../../../src/consensus/chain.ts';
import {
  ANSWER_STANDS_MS,
  PATIENCE_MS,
  PROOF_MS,
  SILENCE_MS,
  STATUS_MS,
} from '../../../src/consensus/limits.ts';
import type { ConsensusMessage } from '../../../src/consensus/messages.ts';
import { hashBatch } from '../../../src/consensus/requests.ts';
import type { PreparedCertificate } from '../../../src/consensus/statements.ts';
import {
  batchOf,
  Council,
  isBelieved,
  keyOf,
  ownersLink,
  questionBy,
  requestBy,
  seatsOf,
  signedBy,
  type Sent,
} from './council.ts';

const PACE = { checkpointEvery: 4, window: 8 };
const ROLL_MS = SILENCE_MS + 2 * STATUS_MS;

/** Votes of a kind for place 2. */
const isVote = ({ message }: Sent, kind: 'prepare' | 'commit'): boolean =>
  message.kind === 'statement' &&
  message.signed.statement.kind === kind &&
  message.signed.statement.seq === 2;

/** A committee of four of which seat 2 alone saw place 2 decided, and only `holders` hold that it was prepared; seats 2 and 3 are gone now. */
function decidedOutOfSight(operation: string, holders: readonly number[]): Council {
  const council = new Council(4, ['e']);
  council.submit(0, 'before');
  council.passes = (sent, to) => {
    if (isVote(sent, 'commit')) return to === 2;
    return !isVote(sent, 'prepare') || to >= 2 || holders.includes(to);
  };
  council.submit(0, operation);
  expect(council.executed(2)).toEqual(['before', operation]);
  for (const seat of [2, 3]) council.stop(seat);
  for (const peer of [0, 1, 4]) expect(council.executed(peer)).toEqual(['before']);
  council.passes = () => true;
  return council;
}

function callRoll(council: Council, ms = ROLL_MS): readonly boolean[] {
  const before = council.eventsOf(0, 'rolled').length;
  council.step(0, { kind: 'command', command: { type: 'callRoll' } });
  council.settle();
  council.wait(ms);
  return council
    .eventsOf(0, 'rolled')
    .slice(before)
    .map(({ isAlive }) => isAlive);
}

function draft(council: Council, ...names: readonly string[]): Link | undefined {
  const seating = { ...PACE, seats: seatsOf(...names) };
  council.step(0, { kind: 'command', command: { type: 'draftReset', seating, token: 't' } });
  const drafted = council.eventsOf(0, 'resetDrafted').at(-1)?.draft;
  return drafted && ownersLink('reset', drafted.committee, drafted.state);
}

function begin(council: Council, link: Link | undefined): void {
  if (link === undefined) throw new RangeError('no draft');
  council.step(0, { kind: 'command', command: { type: 'adopt', links: [link] } });
  council.settle();
}

describe('what may be decided', () => {
  it.each([
    ['the owner holds it prepared', [0, 1]],
    ['only another seat holds it prepared', [1]],
  ])('[CON-50] is not taken back by a new beginning: %s', (_, holders) => {
    const council = decidedOutOfSight('decided?', holders);
    expect(callRoll(council)).toEqual([false]);
    const link = draft(council, 'seat 0', 'seat 1');
    expect(link?.committee.start).toBe(2);
    expect(council.executed(0)).toEqual(['before']);
    begin(council, link);
    council.wait(ROLL_MS);
    // Whoever saw it decided comes back, is at the same place with the same state, and follows.
    council.start(2);
    council.wait(ROLL_MS + 2 * STATUS_MS);
    council.submit(2, 'after');
    for (const peer of [0, 1, 2, 4]) {
      expect(council.executed(peer)).toEqual(['before', 'decided?', 'after']);
      expect(council.parts(peer).committee.resets).toBe(1);
      expect(council.eventsOf(peer, 'resetRefused')).toEqual([]);
    }
  });

  it("[CON-50] comes from the owner's tab although it has no seat", () => {
    const council = decidedOutOfSight('decided?', [1]);
    council.step(4, { kind: 'command', command: { type: 'callRoll' } });
    council.wait(ROLL_MS);
    const seating = { ...PACE, seats: seatsOf('seat 0', 'seat 1') };
    council.step(4, { kind: 'command', command: { type: 'draftReset', seating, token: 't' } });
    const drafted = council.eventsOf(4, 'resetDrafted').at(-1)?.draft;
    const link = drafted && ownersLink('reset', drafted.committee, drafted.state);
    if (link === undefined) throw new RangeError('no draft');
    council.step(4, { kind: 'command', command: { type: 'adopt', links: [link] } });
    council.wait(2 * ROLL_MS);
    council.submit(4, 'after');
    for (const peer of [0, 1, 4]) expect(council.executed(peer)).toEqual(['before', 'decided?', 'after']);
  });

  it('[CON-50] is taken back when nobody who answers prepared it: that cannot be known, and whoever saw it decided does not follow', () => {
    const council = decidedOutOfSight('decided?', [1]);
    for (const peer of [1, 4]) council.stop(peer);
    expect(callRoll(council)).toEqual([false]);
    const link = draft(council, 'seat 0', 'seat 1');
    expect(link?.committee.start).toBe(1);
    begin(council, link);
    council.wait(ROLL_MS);
    council.start(2);
    council.wait(ROLL_MS + 2 * STATUS_MS);
    expect(council.eventsOf(2, 'resetRefused').map(({ code }) => code)).toEqual(['behind']);
    expect(council.executed(2)).toEqual(['before', 'decided?']);
  });

  it('[CON-50] gives nobody a seat who was to lose it', () => {
    const council = decidedOutOfSight(`-${keyOf('seat 1')}`, [1]);
    callRoll(council);
    const link = draft(council, 'seat 0', 'seat 1');
    expect(link?.committee.seats.map(({ key }) => key)).toEqual([keyOf('seat 0')]);
    begin(council, link);
    council.start(2);
    council.wait(2 * ROLL_MS);
    council.submit(0, 'after');
    for (const peer of [0, 1, 2, 4])
      expect(council.executed(peer)).toEqual(['before', `-${keyOf('seat 1')}`, 'after']);
  });

  it('[CON-50] is what was prepared in the highest view', () => {
    const council = new Council(4, ['e']);
    council.submit(0, 'before');
    for (const seat of [2, 3]) council.stop(seat);
    callRoll(council, STATUS_MS);
    const offered = [0, 2, 1].map((view) => preparedIn(council, view, `of view ${view}`));
    for (const message of offered) {
      expect(council.refusal(0, message)).toBeUndefined();
      council.receive(0, message);
    }
    council.wait(ROLL_MS);
    begin(council, draft(council, 'seat 0', 'seat 1'));
    expect(council.executed(0)).toEqual(['before', 'of view 2']);
  });

  it('[CON-50] has to be proved, and its batch comes with it; nobody takes it in who did not call', () => {
    const council = new Council(4);
    const message = preparedIn(council, 1, 'made up');
    expect(isBelieved(council.committee, message)).toBe(true);
    const { certificate } = message;
    const fewer = { ...certificate, signatures: certificate.signatures.slice(1) };
    expect(isBelieved(council.committee, { ...message, certificate: fewer })).toBe(false);
    const elsewhere = { ...certificate, seq: certificate.seq + 1 };
    expect(isBelieved(council.committee, { ...message, certificate: elsewhere })).toBe(false);
    const batch = batchOf(requestBy(council.committee, 1, 1, 'another'));
    expect(isBelieved(council.committee, { ...message, batch })).toBe(false);
    council.receive(0, message);
    expect(council.parts(0).heardPrepared.size).toBe(0);
  });

  it('[CON-51] what is decided comes from whoever has it, with a seat or without', () => {
    const council = new Council(4, ['e']);
    council.submit(0, 'before');
    // Nobody but the follower hears what decides place 2.
    council.passes = (sent, to) => !isVote(sent, 'commit') || to === 4;
    council.submit(0, 'seen by e');
    expect(council.executed(4)).toEqual(['before', 'seen by e']);
    for (const seat of [2, 3]) council.stop(seat);
    council.passes = ({ from, message }) =>
      !(from === 4 && message.kind === 'question') && message.kind !== 'prepared';
    const before = council.executed(0).length;
    callRoll(council, 0);
    expect([before, council.executed(0).length]).toEqual([1, 2]);
  });

  it('[CON-51] the roll waits for what seats say that they have, and not for ever', () => {
    const council = decidedOutOfSight('decided?', [1]);
    const arrivesAt = council.now + SILENCE_MS + PROOF_MS / 2;
    council.passes = ({ message }) => message.kind === 'question' || council.now >= arrivesAt;
    expect(callRoll(council)).toEqual([]);
    council.wait(PROOF_MS / 2 + 2 * STATUS_MS);
    expect(council.eventsOf(0, 'rolled').map(({ isAlive }) => isAlive)).toEqual([false]);
    expect(draft(council, 'seat 0', 'seat 1')?.committee.start).toBe(2);

    const lied = new Council(4);
    lied.submit(0, 'before');
    for (const seat of [1, 2, 3]) lied.stop(seat);
    const { digest: committee } = lied.committee;
    lied.step(0, { kind: 'command', command: { type: 'callRoll' } });
    lied.settle();
    const { turn } = lied.parts(0);
    const claim = { kind: 'present', committee, caller: keyOf('seat 0'), turn, reached: 1_000_000 } as const;
    lied.receive(0, questionBy('seat 1', claim));
    lied.wait(SILENCE_MS + PROOF_MS - 2 * STATUS_MS);
    expect(lied.eventsOf(0, 'rolled')).toEqual([]);
    lied.wait(4 * STATUS_MS);
    expect(lied.eventsOf(0, 'rolled').map(({ isAlive }) => isAlive)).toEqual([false]);
    expect(draft(lied, 'seat 0', 'seat 1')?.committee.start).toBe(1);
  });

  it('[CON-52] answers of seats that were there one after the other are no quorum', () => {
    const council = new Council(4, ['e']);
    council.submit(0, 'before');
    for (const seat of [1, 2, 3]) council.stop(seat);
    council.step(0, { kind: 'command', command: { type: 'callRoll' } });
    council.settle();
    for (const seat of [1, 2]) {
      council.start(seat);
      council.wait(2 * STATUS_MS);
      council.stop(seat);
      if (seat === 1) council.wait(ANSWER_STANDS_MS);
    }
    council.wait(SILENCE_MS);
    expect(council.eventsOf(0, 'rolled').map(({ isAlive, present }) => [isAlive, present.length])).toEqual([
      [false, 2],
    ]);
  });

  it('[CON-52] nobody follows without having called the roll, with a seat or without: not while a quorum of the old committee answers', () => {
    const council = new Council(4, ['e', 'f']);
    council.submit(0, 'before');
    // The owner's side is cut off from a quorum, and a follower hears both.
    const side = (peer: number): string => (peer === 0 ? 'owner' : peer === 5 ? 'both' : 'quorum');
    council.passes = ({ from }, to) =>
      side(from) === side(to) || side(from) === 'both' || side(to) === 'both';
    council.step(0, { kind: 'command', command: { type: 'callRoll' } });
    council.settle();
    council.wait(ROLL_MS);
    begin(council, draft(council, 'seat 0'));
    council.wait(2 * ROLL_MS);
    expect(council.parts(5).committee.resets).toBe(0);
    expect(council.eventsOf(5, 'resetRefused').map(({ code }) => code)).toEqual(['committeeLives']);
    // Its primary is on the other side.
    council.submit(1, 'of the old');
    council.wait(3 * PATIENCE_MS);
    expect(council.executed(5)).toEqual(['before', 'of the old']);

    const alone = new Council(4, ['e']);
    alone.submit(0, 'before');
    for (const seat of [1, 2, 3]) alone.stop(seat);
    callRoll(alone);
    begin(alone, draft(alone, 'seat 0'));
    expect(alone.parts(4).committee.resets).toBe(0);
    alone.wait(ROLL_MS);
    expect(alone.parts(4).committee.resets).toBe(1);
  });
});

type PreparedMessage = Extract<ConsensusMessage, { readonly kind: 'prepared' }>;

/** What a quorum of the first committee prepared at place 2 in a view. */
function preparedIn({ committee }: Council, view: number, text: string): PreparedMessage {
  const batch = batchOf(requestBy(committee, 0, 9, text));
  const position = { view, seq: 2, digest: hashBatch(batch) };
  const primary = view % 4;
  const others = [0, 1, 2, 3].filter((seat) => seat !== primary).slice(0, 2);
  const certificate: PreparedCertificate = {
    ...position,
    proposal: signedBy(committee, primary, { kind: 'prePrepare', ...position }).signature,
    signatures: others.map((seat) => ({
      seat,
      signature: signedBy(committee, seat, { kind: 'prepare', ...position }).signature,
    })),
  };
  return { kind: 'prepared', epoch: 0, certificate, batch };
}
