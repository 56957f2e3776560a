/**
 * Who of a committee's seats is there. Statuses are seldom while nothing is under way, and may go to one neighbour at a time, so silence alone proves
 * nothing: before anybody signs or follows an owner's new beginning, it calls the roll, over and over for {@link SILENCE_MS}, and every seat that hears it
 * answers. An answer repeats who called and the turn of the call, so none of another time counts. It says how far its seat has come, and what shows that comes
 * with it (carrying.ts). Rules CON-31, CON-32, CON-50 to CON-52 of docs/spec/consensus.md.
 */
import type { PeerId } from '../kernel/ids.ts';
import { answerWithProofs, placesOf, reachedBy } from './carrying.ts';
import { seatOf } from './committee.ts';
import { ANSWER_STANDS_MS, PROOF_MS, ROLL_STANDS_MS, SILENCE_MS } from './limits.ts';
import { seatKey, type Parts } from './parts.ts';
import type { QuestionKinds } from './questions.ts';

/** `lives`: a quorum's seats are there; `silent`: {@link SILENCE_MS} went by without. */
export type RollVerdict = 'calling' | 'lives' | 'silent';

/** What is known from the last call, however old it is; undefined when there was none in this epoch. */
export function rollVerdict(parts: Parts): RollVerdict | undefined {
  const { committee, now, roll, seat } = parts;
  if (roll === undefined) return undefined;
  const there = [...roll.present.values()].filter(({ at }) => now - at < ANSWER_STANDS_MS).length;
  if (roll.told === 'lives' || there + (seat === undefined ? 0 : 1) >= committee.quorum) return 'lives';
  const ageMs = now - roll.since;
  if (ageMs < SILENCE_MS) return 'calling';
  // A claim that nothing comes to prove must not keep a board waiting for ever.
  const isWaiting = roll.told === undefined && ageMs < SILENCE_MS + PROOF_MS;
  const claimed = Math.max(0, ...[...roll.present.values()].map(({ reached }) => reached));
  return isWaiting && claimed > reachedBy(parts) ? 'calling' : 'silent';
}

/** The verdict if it still stands; otherwise the roll is called anew. `isWanted`: somebody here asks how it is now. */
export function askRoll(parts: Parts, isWanted = false): RollVerdict {
  const verdict = rollVerdict(parts);
  const ageMs = parts.now - (parts.roll?.since ?? 0);
  const isFresh = !isWanted && ageMs < (verdict === 'silent' ? 2 * SILENCE_MS : ROLL_STANDS_MS);
  if (verdict !== undefined && (verdict === 'calling' || isFresh)) return verdict;
  parts.roll = { since: parts.now, turn: parts.turn + 1, present: new Map(), told: undefined };
  call(parts);
  return tell(parts);
}

/** With every status: calls again while it is to be, and tells what came of it. */
export function goOnCalling(parts: Parts): void {
  if (rollVerdict(parts) === 'calling') call(parts);
  tell(parts);
}

/**
 * Answers a call if we have a seat of that committee and it goes on. Whoever has more of what that committee decided than the caller sends it, with a seat or
 * without one. Who reaches no quorum either calls at once itself, so that those who are left find out together and none of them goes on alone meanwhile.
 */
export function answerCall(parts: Parts, asker: PeerId, call: QuestionKinds['call']): void {
  const { chain, outbox, reach, seat } = parts;
  const { committee, turn } = call;
  const isOurs = committee === parts.committee.digest && chain.tip.committee.digest === committee;
  if (!isOurs) return;
  answerWithProofs(parts, asker, call);
  const question = { kind: 'present', committee, caller: asker, turn, reached: reachedBy(parts) } as const;
  if (seat !== undefined) outbox.speakNow({ kind: 'question', question, to: asker });
  if (!reach.hasQuorum) askRoll(parts);
}

export function hearPresent(parts: Parts, from: PeerId, present: QuestionKinds['present']): void {
  const { committee, roll, self } = parts;
  const seat = seatOf(committee, from);
  if (roll === undefined || seat === undefined || seat === parts.seat) return;
  if (present.committee !== committee.digest || present.caller !== self) return;
  if (present.turn < roll.turn || present.turn > parts.turn) return;
  roll.present.set(seat, { at: parts.now, reached: present.reached });
  tell(parts);
}

function call(parts: Parts): void {
  parts.turn += 1;
  const { checkpoints, committee, execution, outbox, turn } = parts;
  const place = { executed: execution.executed, stable: checkpoints.stable.seq, prepared: placesOf(parts) };
  const question = { kind: 'call', committee: committee.digest, turn, ...place } as const;
  outbox.speakNow({ kind: 'question', question });
}

function tell(parts: Parts): RollVerdict {
  const { committee, outbox, roll } = parts;
  const verdict = rollVerdict(parts) ?? 'calling';
  if (roll === undefined || roll.told !== undefined || verdict === 'calling') return verdict;
  roll.told = verdict;
  const present = [...roll.present.keys()].flatMap((seat) => seatKey(committee, seat) ?? []).sort();
  outbox.effect({ kind: 'emit', event: { type: 'rolled', isAlive: verdict === 'lives', present } });
  return verdict;
}
