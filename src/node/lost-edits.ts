/**
 * Own edits that lose their effect: read from the document just before they leave it, and held until the session has put them on disk for their
 * writer. Rules RET-1 to RET-3 of docs/spec/returned.md.
 */
import { concatBytes, type Bytes } from '../kernel/bytes.ts';
import type { Hash } from '../kernel/ids.ts';
import { mayEdit } from '../identity/roles.ts';
import type { WrittenEdit } from '../board/written-edit.ts';
import type { Entry } from '../replication/entry.ts';
import type { Journals } from '../replication/journals.ts';
import type { Replication } from '../replication/replication.ts';
import { MAX_LOST_EDITS } from './limits.ts';
import type { Roster } from './roster.ts';
import type { Workbench } from './workbench.ts';

/** Why entries of ours lost their effect. */
export type LossCode =
  | 'evicted' // an owner removed our member
  | 'notAllowed' // our member's role allows no edits any more
  | 'journalFrozen'; // our journal split in two or was cut

/** What one own edit had written, and why it has no effect any more. */
export interface LostEdit {
  readonly edit: WrittenEdit;
  readonly code: LossCode;
  /** When it was made, milliseconds since 1970 by this device's clock. */
  readonly at: number;
  /** The last of the entries that wrote it: as long as it has no effect, the edit has none. */
  readonly entry: Hash;
}

/** The update that ends with `entry`, its earlier parts included. */
export function wholeUpdate(journals: Journals, entry: Entry): Bytes {
  const parts: Bytes[] = [entry.payload];
  for (let seq = entry.seq - 1; ; seq--) {
    const part = journals.at(entry.author, seq);
    if (part?.kind !== 'part') return parts.length === 1 ? entry.payload : concatBytes(...parts);
    parts.unshift(part.payload);
  }
}

export class LostEdits {
  readonly #roster: Roster;
  readonly #bench: Workbench;
  readonly #replication: () => Replication;
  #held: Omit<LostEdit, 'code'>[] = [];
  #isTurnedOutTold = false;

  constructor(roster: Roster, bench: Workbench, replication: () => Replication) {
    this.#roster = roster;
    this.#bench = bench;
    this.#replication = replication;
  }

  /** `entries` are about to lose their effect: what of them was written on this device is read now. */
  reading(entries: readonly Entry[]): void {
    const own = entries.filter(({ kind, author }) => kind === 'update' && this.#roster.isOurs(author));
    if (own.length === 0) return;
    const { journals } = this.#replication();
    const found = this.#bench.editsIn(own.map((entry) => wholeUpdate(journals, entry)));
    const lost = found.flatMap(({ edit, last }) => {
      const entry = own[last];
      return entry === undefined ? [] : [{ edit, at: entry.wallMs, entry: entry.hash }];
    });
    // The latest are kept: whoever wrote more than this while nobody could take it sees the most of it.
    this.#held = [...this.#held, ...lost].slice(-MAX_LOST_EDITS);
  }

  /** What was lost since the last call, with the reason as it is known now. What got its effect back meanwhile is left out. */
  take(): readonly LostEdit[] {
    // Told that we are evicted, and no more: what we hold stays as it is (NOD-44).
    const isTurnedOut = this.#roster.notice !== undefined;
    if (isTurnedOut && !this.#isTurnedOutTold) this.#readUndelivered();
    this.#isTurnedOutTold = isTurnedOut;
    if (this.#held.length === 0) return [];
    const held = this.#held;
    this.#held = [];
    const code = this.#code();
    const { journals } = this.#replication();
    return held.filter(({ entry }) => isTurnedOut || !journals.has(entry)).map((each) => ({ ...each, code }));
  }

  /** Nobody will ever take what no other device has. */
  #readUndelivered(): void {
    const replication = this.#replication();
    const { journals } = replication;
    for (const author of replication.ourAuthors()) {
      const entries: Entry[] = [];
      for (let seq = replication.deliveredOf(author) + 1; seq <= journals.seqOf(author); seq++) {
        const entry = journals.at(author, seq);
        if (entry !== undefined) entries.push(entry);
      }
      this.reading(entries);
    }
  }

  #code(): LossCode {
    if (this.#roster.isOursEvicted) return 'evicted';
    const role = this.#roster.ourRole;
    return role !== undefined && !mayEdit(role) ? 'notAllowed' : 'journalFrozen';
  }
}
