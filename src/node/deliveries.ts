/** How far what was changed on this device has come, card by card. */
import type { MemberId, PeerId } from '../kernel/ids.ts';
import type { Entry } from '../replication/entry.ts';
import type { Replication } from '../replication/replication.ts';
import { MAX_TOLD_ENTRIES } from './limits.ts';
import { wholeUpdate } from './lost-edits.ts';
import type { Roster } from './roster.ts';
import type { Workbench } from './workbench.ts';

/** What became of this device's own changes of one card. */
export interface CardDelivery {
  readonly cardId: string;
  /** Own changes that no other device is known to hold. */
  readonly waiting: number;
  /** Devices known to hold the latest own change, this one included. */
  readonly copies: number;
  /** When the latest own change was made, milliseconds since 1970 by this device's clock. */
  readonly at: number;
}

export class Deliveries {
  readonly #member: MemberId;
  readonly #roster: Roster;
  readonly #bench: Workbench;
  readonly #replication: Replication;
  /** Cards by entry. An entry never changes, nor does what it touched. */
  readonly #cards = new WeakMap<Entry, readonly string[]>();

  constructor(member: MemberId, roster: Roster, bench: Workbench, replication: Replication) {
    this.#member = member;
    this.#roster = roster;
    this.#bench = bench;
    this.#replication = replication;
  }

  /**
   * Entries took effect. What those of this device touched is looked up now, a few at a time, and not for all that waits at the first question:
   * that comes from a screen that is being drawn.
   */
  applied(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const { author, seq } = entry;
      if (this.#roster.isOurs(author) && seq > this.#replication.deliveredOf(author)) this.#cardsOf(entry);
    }
  }

  /** Cards that this device changed: with anything that waits, or among its latest {@link MAX_TOLD_ENTRIES} entries. */
  all(): readonly CardDelivery[] {
    const cards = new Map<string, CardDelivery>();
    for (const author of this.#replication.ourAuthors()) {
      const { journals } = this.#replication;
      const delivered = this.#replication.deliveredOf(author);
      const last = journals.seqOf(author);
      const first = Math.max(1, Math.min(delivered + 1, last - MAX_TOLD_ENTRIES + 1));
      for (let seq = first; seq <= last; seq++) {
        const entry = journals.at(author, seq);
        if (entry === undefined) continue;
        for (const cardId of this.#cardsOf(entry)) this.#add(cards, cardId, entry, seq <= delivered);
      }
    }
    return [...cards.values()];
  }

  #add(cards: Map<string, CardDelivery>, cardId: string, entry: Entry, isDelivered: boolean): void {
    const before = cards.get(cardId);
    const waiting = (before?.waiting ?? 0) + (isDelivered ? 0 : 1);
    if (before !== undefined && before.at > entry.wallMs) {
      cards.set(cardId, { ...before, waiting });
      return;
    }
    cards.set(cardId, { cardId, waiting, copies: this.#copiesOf(entry, isDelivered), at: entry.wallMs });
  }

  /** What was delivered in an earlier visit is on one other device at least, whichever that was. */
  #copiesOf({ author, seq }: Entry, isDelivered: boolean): number {
    if (!isDelivered) return 1;
    const holders = new Set(
      this.#replication.holdersOf(author, seq).map((peer: PeerId) => this.#roster.memberOf(peer)),
    );
    holders.delete(this.#member);
    return 1 + Math.max(1, holders.size);
  }

  #cardsOf(entry: Entry): readonly string[] {
    if (entry.kind !== 'update') return [];
    const known = this.#cards.get(entry);
    if (known !== undefined) return known;
    const cards = [...this.#bench.touchedCards(wholeUpdate(this.#replication.journals, entry))];
    this.#cards.set(entry, cards);
    return cards;
  }
}
