/** Tabs that voted twice as a seat of some committee, for ever, and the proofs of the last of them. */
import { list, optional, peerIdCodec, record, whole, type Codec } from '../kernel/codec.ts';
import type { PeerId } from '../kernel/ids.ts';
import { lieProofCodec, type LieProof } from '../consensus/lies.ts';
import { MAX_KEPT_PROOFS, MAX_TABS } from './limits.ts';

export interface Conviction {
  readonly tab: PeerId;
  /** Place in the order where the group decided so. */
  readonly seq: number;
  /** Agreed time of that, ms since 1970. */
  readonly at: number;
  /** Kept of the last {@link MAX_KEPT_PROOFS}. */
  readonly proof: LieProof | undefined;
}

const rowsCodec: Codec<readonly Conviction[]> = list(
  record<Conviction>({ tab: peerIdCodec, seq: whole(), at: whole(), proof: optional(lieProofCodec) }),
  MAX_TABS,
);

/** Nothing at all while nobody was convicted, so that states of boards without liars are what they were before there was this list. It stands at the end. */
export const convictionsCodec: Codec<readonly Conviction[]> = {
  schema: `end(${rowsCodec.schema})`,
  write: (writer, rows) => {
    if (rows.length > 0) rowsCodec.write(writer, rows);
  },
  read: (reader) => {
    if (reader.remaining === 0) return [];
    const rows = rowsCodec.read(reader);
    if (rows.length === 0) reader.fail('notCanonical');
    return rows;
  },
};

export class Convictions {
  readonly #rows = new Map<PeerId, Conviction>();

  /** False when a tab is named twice, or nobody's, or with a proof about another, or when too many proofs are kept. */
  restore(rows: readonly Conviction[], isTab: (tab: PeerId) => boolean): boolean {
    this.#rows.clear();
    for (const row of rows) this.#rows.set(row.tab, row);
    const proven = rows.filter(({ proof }) => proof !== undefined);
    return (
      this.#rows.size === rows.length &&
      proven.length <= MAX_KEPT_PROOFS &&
      proven.every(({ proof, tab }) => proof?.key === tab) &&
      rows.every(({ tab }) => isTab(tab))
    );
  }

  has(tab: PeerId): boolean {
    return this.#rows.has(tab);
  }

  /** Sorted by key. */
  rows(): readonly Conviction[] {
    return [...this.#rows.values()].sort((a, b) => (a.tab < b.tab ? -1 : 1));
  }

  /** Convicts a tab that was not before, and lets go of the oldest proof beyond what is kept. */
  add(proof: LieProof, seq: number, at: number): void {
    this.#rows.set(proof.key, { tab: proof.key, seq, at, proof });
    const proven = this.rows().filter((row) => row.proof !== undefined);
    const oldest = proven.reduce((first, row) => (row.seq < first.seq ? row : first), proven[0] ?? NOBODY);
    if (proven.length > MAX_KEPT_PROOFS) this.#rows.set(oldest.tab, { ...oldest, proof: undefined });
  }
}

const NOBODY: Conviction = { tab: '' as PeerId, seq: 0, at: 0, proof: undefined };
