/**
 * Who of a committee's seats is there. Statuses are seldom while nothing is under way, and may go to one neighbour at a time, so silence alone proves
 * nothing: before anybody signs or follows an owner's new beginning, it calls the roll, over and over for {@link SILENCE_MS}, and every seat that hears it
 * answers. An answer repeats who called and the turn of the call, so none of another time counts. Rule CON-31 of docs/spec/consensus.md.
 */
import type { PeerId } from '../kernel/ids.ts';
import { seatOf } from './committee.ts';
import { ROLL_STANDS_MS, SILENCE_MS } from './limits.ts';
import { seatKey, type Parts } from './parts.ts';
import type { QuestionKinds } from './questions.ts';

/** `lives`: a quorum's seats are there; `silent`: {@link SILENCE_MS} went by without. */
export type RollVerdict = 'calling' | 'lives' | 'silent';

/** What is known from the last call, however old it is; undefined when there was none in this epoch. */
export function rollVerdict({ committee, now, roll, seat }: Parts): RollVerdict | undefined {
  if (roll === undefined) return undefined;
  if (roll.present.size + (seat === undefined ? 0 : 1) >= committee.quorum) return 'lives';
  return now - roll.since < SILENCE_MS ? 'calling' : 'silent';
}

/** The verdict if it still stands; otherwise the roll is called anew. `isWanted`: somebody here asks how it is now. */
export function askRoll(parts: Parts, isWanted = false): RollVerdict {
  const verdict = rollVerdict(parts);
  const ageMs = parts.now - (parts.roll?.since ?? 0);
  const isFresh = !isWanted && ageMs < (verdict === 'silent' ? 2 * SILENCE_MS : ROLL_STANDS_MS);
  if (verdict !== undefined && (verdict === 'calling' || isFresh)) return verdict;
  parts.roll = { since: parts.now, turn: parts.turn + 1, present: new Set(), isTold: false };
  call(parts);
  return tell(parts);
}

/** With every status: calls again while it is to be, and tells what came of it. */
export function goOnCalling(parts: Parts): void {
  if (rollVerdict(parts) === 'calling') call(parts);
  tell(parts);
}

/**
 * Answers a call if we have a seat of that committee and it goes on. Who reaches no quorum either calls at once itself, so that those who are left find out
 * together and none of them goes on alone meanwhile.
 */
export function answerCall(parts: Parts, asker: PeerId, { committee, turn }: QuestionKinds['call']): void {
  const { chain, outbox, reach, seat } = parts;
  const isOurs = committee === parts.committee.digest && chain.tip.committee.digest === committee;
  if (seat === undefined || !isOurs) return;
  const question = { kind: 'present', committee, caller: asker, turn } as const;
  outbox.speakNow({ kind: 'question', question, to: asker });
  if (!reach.hasQuorum) askRoll(parts);
}

export function hearPresent(parts: Parts, from: PeerId, present: QuestionKinds['present']): void {
  const { committee, roll, self } = parts;
  const seat = seatOf(committee, from);
  if (roll === undefined || seat === undefined || seat === parts.seat) return;
  if (present.committee !== committee.digest || present.caller !== self) return;
  if (present.turn < roll.turn || present.turn > parts.turn) return;
  roll.present.add(seat);
  tell(parts);
}

function call(parts: Parts): void {
  parts.turn += 1;
  const { committee, outbox, turn } = parts;
  const question = { kind: 'call', committee: committee.digest, turn } as const;
  outbox.speakNow({ kind: 'question', question });
}

function tell(parts: Parts): RollVerdict {
  const { committee, outbox, roll } = parts;
  const verdict = rollVerdict(parts) ?? 'calling';
  if (roll === undefined || roll.isTold || verdict === 'calling') return verdict;
  roll.isTold = true;
  const present = [...roll.present].flatMap((seat) => seatKey(committee, seat) ?? []).sort();
  outbox.effect({ kind: 'emit', event: { type: 'rolled', isAlive: verdict === 'lives', present } });
  return verdict;
}
