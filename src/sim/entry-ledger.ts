/**
 * Which entries reached which honest members, and when: kept beside the nodes, from the messages that arrive. What the board has to be follows from
 * it ({@link EffectModel}), and when an author is caught who signed two entries for one place.
 */
import { toHex, type Bytes } from '../kernel/bytes.ts';
import { decodeWith } from '../kernel/codec.ts';
import type { BoardId, PeerId } from '../kernel/ids.ts';
import { broadcastCodec, type NodeMessage } from '../node/messages.ts';
import { EffectModel, type Deed } from './effect-model.ts';
import { expectedDigest, readDeed } from './entry-reader.ts';

/** Bytes at the end of an entry, of its signature, by which it is told from others. */
const MARK_BYTES = 16;

interface Sighting {
  readonly deed: Deed;
  /** When each honest member first had it, virtual ms. */
  readonly seenAt: Map<PeerId, number>;
}

/** Where an author forked, and from when on somebody honest could know, virtual ms. */
export interface ForkSeen {
  readonly seq: number;
  readonly since: number;
}

/** What all that is known comes to. */
export interface Outcome {
  /** What every honest node's digest has to be. */
  readonly digest: string;
  /** Marks of what every honest disk has to hold. */
  readonly effective: ReadonlySet<string>;
  /** Where authors forked, and from when on somebody honest could know. */
  readonly forks: ReadonlyMap<string, ForkSeen>;
  /** Who would have something on the board if nobody had forked: nobody else needs to be frozen. */
  readonly authors: ReadonlySet<string>;
}

export class EntryLedger {
  readonly #board: BoardId;
  readonly #founder: string;
  readonly #sightings = new Map<string, Sighting>();
  readonly #hashes = new Set<string>();
  readonly #ofBytes = new WeakMap<Bytes, readonly Bytes[]>();
  /** Marks of entries that break a rule which the model does not look at. */
  readonly #unsound = new Set<string>();

  constructor(board: BoardId, founder: string) {
    this.#board = board;
    this.#founder = founder;
  }

  /** `entry` was made to break a rule. */
  markUnsound(entry: Bytes): void {
    this.#unsound.add(markOf(entry));
  }

  /** A message reached a member, its signatures checked. `peer`: undefined for one who is hostile: what those know need not follow from anything. */
  arrived(peer: PeerId | undefined, message: NodeMessage, now: number): void {
    for (const entry of this.#entriesIn(message)) this.sees(peer, entry, now);
  }

  /** A member has an entry. */
  sees(peer: PeerId | undefined, entry: Bytes, now: number): void {
    const mark = markOf(entry);
    const known = this.#sightings.get(mark);
    if (known !== undefined) {
      if (peer !== undefined && !known.seenAt.has(peer)) known.seenAt.set(peer, now);
      return;
    }
    const deed = readDeed(this.#board, entry);
    // What is known already is not checked again: it may come with another signature, which nobody looks at.
    if (deed === undefined || this.#hashes.has(deed.hash)) return;
    this.#hashes.add(deed.hash);
    this.#sightings.set(mark, { deed, seenAt: new Map(peer === undefined ? [] : [[peer, now]]) });
  }

  #entriesIn(message: NodeMessage): readonly Bytes[] {
    if (message.kind === 'replication' && message.body.kind === 'batch') return message.body.entries;
    if (message.kind !== 'overlay' || message.body.kind !== 'gossip') return [];
    const { payload } = message.body;
    const known = this.#ofBytes.get(payload);
    if (known !== undefined) return known;
    const carried = decodeWith(broadcastCodec, payload);
    const entries = carried.ok && carried.value.kind === 'entry' ? [carried.value.bytes] : [];
    this.#ofBytes.set(payload, entries);
    return entries;
  }

  /** `accused`: of whom honest nodes say that they forked, where and since when. Liars may have told them; it has to be true all the same. */
  outcome(accused: ReadonlyMap<string, ForkSeen>): Outcome {
    const byMark = new Map(
      [...this.#sightings]
        .filter(([, { seenAt }]) => seenAt.size > 0)
        .map(([mark, { deed, seenAt }]) => {
          const isSound = !this.#unsound.has(mark);
          return [mark, { deed: { ...deed, isSound }, seenAt }] as const;
        }),
    );
    const deeds = [...byMark.values()].map(({ deed }) => deed);
    const model = new EffectModel(this.#founder, deeds);
    const withoutForks = model.effective(new Map());
    const forks = forksAmong([...byMark.values()], withoutForks);
    for (const [author, { seq, since }] of accused) {
      const known = forks.get(author);
      if ((known === undefined || seq < known.seq) && this.#hasForked(author, seq))
        forks.set(author, { seq, since: Math.min(since, known?.since ?? since) });
    }
    const places = new Map([...forks].map(([author, { seq }]) => [author, seq]));
    const effective = model.effective(places);
    const present = deeds.filter(({ hash }) => withoutForks.has(hash));
    return {
      authors: new Set(present.map(({ author }) => author)),
      digest: expectedDigest(deeds, effective, places),
      effective: new Set([...byMark].flatMap(([mark, { deed }]) => (effective.has(deed.hash) ? [mark] : []))),
      forks,
    };
  }

  #hasForked(author: string, seq: number): boolean {
    const said = [...this.#sightings.values()].filter(
      ({ deed }) => deed.author === author && deed.seq === seq,
    );
    return said.length > 1;
  }
}

/** What tells an entry from others: the end of its signature, and a sum (FNV-1a) over it all, since forgers leave signatures as they are. */
export function markOf(entry: Bytes): string {
  let sum = 0x811c9dc5;
  for (const byte of entry) sum = Math.imul(sum ^ byte, 0x01000193);
  return `${toHex(entry.subarray(Math.max(0, entry.length - MARK_BYTES)))}${sum >>> 0}`;
}

/**
 * Of each author the lowest place for which it signed two entries, and since when somebody honest could know of any such place: since one of them
 * had both; or, if one of the two has effect but for forks and so goes to everybody, since somebody had the one and somebody the other. What
 * breaks a rule, or is contested by a decree, nobody honest hands on who did not get it by broadcast.
 */
function forksAmong(sightings: readonly Sighting[], spreading: ReadonlySet<string>): Map<string, ForkSeen> {
  const byPlace = new Map<string, Sighting[]>();
  for (const sighting of sightings) {
    const { author, seq } = sighting.deed;
    const place = `${author}/${seq}`;
    byPlace.set(place, [...(byPlace.get(place) ?? []), sighting]);
  }
  const forks = new Map<string, ForkSeen>();
  for (const rivals of byPlace.values()) {
    const [first] = rivals;
    if (first === undefined || first.deed.seq === 0) continue;
    const since = Math.min(
      ...rivals.flatMap((one, at) => rivals.slice(at + 1).map((other) => knownSince(one, other, spreading))),
    );
    if (since === Infinity) continue;
    const { author, seq } = first.deed;
    const known = forks.get(author);
    forks.set(author, {
      seq: Math.min(seq, known?.seq ?? seq),
      since: Math.min(since, known?.since ?? since),
    });
  }
  return forks;
}

function knownSince(one: Sighting, other: Sighting, spreading: ReadonlySet<string>): number {
  if (spreading.has(one.deed.hash) || spreading.has(other.deed.hash))
    return Math.max(Math.min(...one.seenAt.values()), Math.min(...other.seenAt.values()));
  return Math.min(...[...one.seenAt].map(([peer, at]) => Math.max(at, other.seenAt.get(peer) ?? Infinity)));
}
