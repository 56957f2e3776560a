/**
 * Signed statements of neighbours that a peer is silent, and the count that makes a failure certain: more than half of the neighbours that
 * the peer itself had announced. One broken link convinces nobody, and neither does one liar. A peer that hears that it is called
 * silent announces itself again, which voids the statements (SWIM's incarnation, Das et al. 2002, section 4.2). Rules OVL-47 to OVL-49.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { BoardId, PeerId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import type { Outbox } from './commands.ts';
import type { Directory } from './directory.ts';
import { MAX_PLACES, MAX_STATEMENTS_PER_MESSAGE, MAX_SUSPECTS, SUSPECT_MEMORY_MS } from './limits.ts';
import {
  silenceCheck,
  silenceToSign,
  type Announcement,
  type MessageOf,
  type Silence,
  type SignedSilence,
} from './messages.ts';

/** Start of the tags of our `sign` effects. */
export const SILENCE_TAG = 'overlay/silence/';

/** Statements kept about one peer: its neighbours, before and after a change of links, and our own. */
const MAX_WITNESSES = 2 * MAX_PLACES + 1;

interface Suspicion {
  readonly since: number;
  /** The announcement of the suspect that each witness knew. */
  readonly witnesses: Map<PeerId, number>;
}

/** What statements led to. */
export interface Hearing {
  /** Peers about whom something new was said. */
  readonly counted: readonly PeerId[];
  /** Peers that are certainly dead now. */
  readonly dead: readonly PeerId[];
}

const nothing: Hearing = { counted: [], dead: [] };

export interface WitnessesOptions {
  readonly self: PeerId;
  readonly board: BoardId;
  readonly directory: Directory;
  readonly links: ReadonlySet<PeerId>;
  /** Our own latest announcement. */
  readonly announced: () => Announcement | undefined;
}

export class Witnesses {
  readonly #o: WitnessesOptions;
  readonly #suspicions = new Map<PeerId, Suspicion>();
  readonly #signing = new Map<string, Silence>();
  /** Not worth a check when they came; by the time of the step they may seem to be, and stay ignored. */
  readonly #unchecked = new WeakSet<SignedSilence>();

  constructor(options: WitnessesOptions) {
    this.#o = options;
  }

  /** We found a neighbour of ours silent: begins to say so. */
  state(suspect: PeerId, out: Outbox): void {
    const { self, board, directory } = this.#o;
    const counter = directory.lastCounter(suspect);
    const tag = SILENCE_TAG + suspect;
    if (counter < 0 || this.#signing.has(tag) || this.#signing.size >= MAX_SUSPECTS) return;
    const silence = { suspect, counter, witness: self };
    this.#signing.set(tag, silence);
    out.put({ kind: 'sign', tag, body: silenceToSign(board, silence) });
  }

  /** The signature of a statement of ours. */
  signed(tag: string, signature: Bytes, now: number, out: Outbox): Hearing {
    const silence = this.#signing.get(tag);
    this.#signing.delete(tag);
    // It may have shown itself while the statement was being signed.
    if (silence === undefined || this.#o.links.has(silence.suspect)) return nothing;
    return this.#take([{ ...silence, signature }], undefined, now, out);
  }

  /** The signatures that matter: those of statements that `received` would count. */
  checks(message: MessageOf<'silences'>): readonly SignatureCheck[] {
    const checks: SignatureCheck[] = [];
    for (const silence of message.silences) {
      if (this.#isNew(silence)) checks.push(silenceCheck(this.#o.board, silence));
      else this.#unchecked.add(silence);
    }
    return checks;
  }

  /** Counts statements and hands new ones on. */
  received(from: PeerId, message: MessageOf<'silences'>, now: number, out: Outbox): Hearing {
    return this.#take(
      message.silences.filter((silence) => !this.#unchecked.has(silence) && this.#isNew(silence)),
      from,
      now,
      out,
    );
  }

  /** A newer announcement of `peer` voids what was said about it before. */
  announced(peer: PeerId, counter: number): void {
    const suspicion = this.#suspicions.get(peer);
    if (suspicion === undefined) return;
    for (const [witness, known] of suspicion.witnesses)
      if (known < counter) suspicion.witnesses.delete(witness);
    if (suspicion.witnesses.size === 0) this.#suspicions.delete(peer);
  }

  #isNew({ suspect, counter, witness }: Silence): boolean {
    const { self, directory, announced } = this.#o;
    const about = suspect === self ? announced() : directory.get(suspect)?.announcement;
    // Only whom the suspect itself had announced has a say, and only about that announcement: nobody can drown them out.
    if (witness === self || about?.counter !== counter || !about.neighbours.includes(witness)) return false;
    return (this.#suspicions.get(suspect)?.witnesses.get(witness) ?? -1) < counter;
  }

  #take(silences: readonly SignedSilence[], from: PeerId | undefined, now: number, out: Outbox): Hearing {
    const counted = silences.filter((silence) => this.#count(silence, now));
    for (let at = 0; at < counted.length; at += MAX_STATEMENTS_PER_MESSAGE) {
      const message = {
        kind: 'silences',
        silences: counted.slice(at, at + MAX_STATEMENTS_PER_MESSAGE),
      } as const;
      for (const to of this.#o.links) if (to !== from) out.send(to, message, 'control');
    }
    if (counted.length === 0) return nothing;
    return { counted: counted.map(({ suspect }) => suspect), dead: this.#verdicts() };
  }

  #count({ suspect, counter, witness }: Silence, now: number): boolean {
    const suspicion = this.#suspicions.get(suspect) ?? { since: now, witnesses: new Map<PeerId, number>() };
    if (suspicion.witnesses.size >= MAX_WITNESSES && !suspicion.witnesses.has(witness)) return false;
    this.#suspicions.set(suspect, suspicion);
    suspicion.witnesses.set(witness, counter);
    for (const [oldest, { since }] of this.#suspicions) {
      if (this.#suspicions.size <= MAX_SUSPECTS && now - since < SUSPECT_MEMORY_MS) break;
      this.#suspicions.delete(oldest);
    }
    return true;
  }

  /** Marks who is dead by now. One failure makes another certain: the dead have no vote. */
  #verdicts(): readonly PeerId[] {
    const { self, directory } = this.#o;
    const dead: PeerId[] = [];
    for (let again = true; again;) {
      again = false;
      for (const [suspect, { witnesses }] of this.#suspicions) {
        if (suspect === self || directory.get(suspect)?.gone !== undefined) continue;
        if (!this.#isCertain(suspect, witnesses)) continue;
        directory.markGone(suspect, 'dead');
        dead.push(suspect);
        again = true;
      }
    }
    return dead;
  }

  #isCertain(suspect: PeerId, witnesses: ReadonlyMap<PeerId, number>): boolean {
    const { self, directory } = this.#o;
    const listed = directory.get(suspect)?.announcement?.neighbours ?? [];
    const voters = listed.filter((peer) => peer === self || directory.get(peer)?.gone === undefined);
    const votes = voters.filter((peer) => witnesses.has(peer)).length;
    return votes * 2 > voters.length;
  }
}
