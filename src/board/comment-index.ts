/** The comments of each card, kept up to date from the `comments` root. */
import { asEntry, isEntryId, readComment, type CommentFields, type Entry } from './schema.ts';
import type { CommentSnapshot } from './snapshot.ts';

const NONE: readonly CommentSnapshot[] = Object.freeze([]);

/** Comments by card. One that names an absent card is kept, because the card may still come or come back. */
export class CommentIndex {
  readonly #root: Entry;
  readonly #cardOf = new Map<string, string>();
  readonly #byCard = new Map<string, Map<string, CommentFields>>();

  constructor(root: Entry) {
    this.#root = root;
  }

  /** Reads comment `id` again and adds the cards whose comments may differ now to `touched`. */
  refresh(id: string, touched: Set<string>): void {
    const before = this.#cardOf.get(id);
    if (before !== undefined) {
      this.#drop(before, id);
      touched.add(before);
    }
    const entry = isEntryId(id) ? asEntry(this.#root.get(id)) : undefined;
    const fields = entry === undefined ? undefined : readComment(entry);
    if (fields === undefined) return;
    this.#cardOf.set(id, fields.card);
    const ofCard = this.#byCard.get(fields.card) ?? new Map<string, CommentFields>();
    ofCard.set(id, fields);
    this.#byCard.set(fields.card, ofCard);
    touched.add(fields.card);
  }

  /** The comments of a card, by (order, id). */
  of(cardId: string): readonly CommentSnapshot[] {
    const ofCard = this.#byCard.get(cardId);
    if (ofCard === undefined) return NONE;
    const sorted = [...ofCard].sort(([idA, a], [idB, b]) => a.order - b.order || (idA < idB ? -1 : 1));
    return Object.freeze(
      sorted.map(([id, { text, author, at }]) => Object.freeze<CommentSnapshot>({ id, text, author, at })),
    );
  }

  #drop(cardId: string, id: string): void {
    const ofCard = this.#byCard.get(cardId);
    ofCard?.delete(id);
    if (ofCard?.size === 0) this.#byCard.delete(cardId);
    this.#cardOf.delete(id);
  }
}
