/**
 * Votes of the normal case, whatever view they are of and in whatever order they come. Each seat has one place for each kind of vote at each
 * sequence number, where its newest view stays: so votes that arrive before their pre-prepare are not lost, nobody can fill the log,
 * and a seat counts once however often it speaks.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { Hash } from '../kernel/ids.ts';
import { primaryOf, type Committee } from './committee.ts';
import type { DecidedCertificate, PreparedCertificate, SeatSignature, Signed, Vote } from './statements.ts';

interface Cell {
  readonly view: number;
  readonly digest: Hash;
  readonly signature: Bytes;
}

type Row = Record<Vote['kind'], (Cell | undefined)[]>;

export class VoteLog {
  readonly #committee: Committee;
  readonly #rows = new Map<number, Row>();

  constructor(committee: Committee) {
    this.#committee = committee;
  }

  /** Sequence numbers of which anything is held. */
  seqs(): number[] {
    return [...this.#rows.keys()].sort((a, b) => a - b);
  }

  /** Takes a vote in; true when it is news. Of two different ones for one place the first stays. */
  add({ seat, statement, signature }: Signed<Vote>): boolean {
    const { kind, view, seq, digest } = statement;
    const row = this.#rows.get(seq) ?? { prePrepare: [], prepare: [], commit: [] };
    const held = row[kind][seat];
    if (held !== undefined && held.view >= view) return false;
    row[kind][seat] = { view, digest, signature };
    this.#rows.set(seq, row);
    return true;
  }

  /** Whether a vote would be no news: it, or another one of its view or a newer one, is here of its seat. */
  isKnown({ seat, statement }: Signed<Vote>): boolean {
    const held = this.#rows.get(statement.seq)?.[statement.kind][seat];
    return held !== undefined && held.view >= statement.view;
  }

  /** What the primary of `view` proposed at `seq`. */
  proposalAt(view: number, seq: number): { readonly digest: Hash; readonly signature: Bytes } | undefined {
    const cell = this.#rows.get(seq)?.prePrepare[primaryOf(this.#committee, view)];
    return cell?.view === view ? cell : undefined;
  }

  /** How many distinct seats have voted for this in `view`, the primary by its proposal. */
  supporters(view: number, seq: number, digest: Hash): number {
    const isProposed = this.proposalAt(view, seq)?.digest === digest;
    const prepares = this.#rows.get(seq)?.prepare ?? [];
    const matching = prepares.filter((cell) => cell?.view === view && cell.digest === digest);
    return matching.length + (isProposed ? 1 : 0);
  }

  /** prepared(m, v, n, i) of section 4.2: the pre-prepare, and prepares that with it make a quorum of distinct seats. */
  prepared(view: number, seq: number): PreparedCertificate | undefined {
    const proposal = this.proposalAt(view, seq);
    if (proposal === undefined) return undefined;
    const { digest, signature } = proposal;
    const prepares = this.#rows.get(seq)?.prepare ?? [];
    const primary = primaryOf(this.#committee, view);
    const signatures = quorumOf(prepares, this.#committee.quorum - 1, view, digest, primary);
    return signatures === undefined ? undefined : { view, seq, digest, proposal: signature, signatures };
  }

  /** Commits of a quorum of distinct seats for one and the same batch and view, whichever view that is. */
  decided(seq: number): DecidedCertificate | undefined {
    const cells = this.#rows.get(seq)?.commit ?? [];
    const { quorum } = this.#committee;
    for (const cell of cells) {
      if (cell === undefined) continue;
      const { view, digest } = cell;
      const signatures = quorumOf(cells, quorum, view, digest);
      if (signatures !== undefined) return { view, seq, digest, signatures };
    }
    return undefined;
  }

  /** Seats whose vote in `view` is held, as bits. */
  seatsOf(kind: Vote['kind'], view: number, seq: number): number {
    let bits = 0;
    for (const [seat, cell] of (this.#rows.get(seq)?.[kind] ?? []).entries())
      if (cell?.view === view) bits |= 1 << seat;
    return bits;
  }

  /** The votes of a kind in `view` at `seq`, as they were signed. */
  votesOf(kind: Vote['kind'], view: number, seq: number): Signed<Vote>[] {
    return (this.#rows.get(seq)?.[kind] ?? []).flatMap((cell, seat): Signed<Vote>[] =>
      cell?.view === view
        ? [{ seat, statement: { kind, view, seq, digest: cell.digest }, signature: cell.signature }]
        : [],
    );
  }

  /** Drops everything up to and with `seq`. */
  forget(seq: number): void {
    for (const at of [...this.#rows.keys()]) if (at <= seq) this.#rows.delete(at);
  }
}

/** The first `needed` votes for `digest` in `view`, by seat and without `except`; undefined when there are fewer. */
function quorumOf(
  cells: readonly (Cell | undefined)[],
  needed: number,
  view: number,
  digest: Hash,
  except?: number,
): SeatSignature[] | undefined {
  // Counted first: as a rule there are too few.
  let count = 0;
  for (let seat = 0; seat < cells.length; seat++) {
    const cell = cells[seat];
    if (cell?.view === view && cell.digest === digest && seat !== except) count += 1;
  }
  if (count < needed) return undefined;
  const signatures: SeatSignature[] = [];
  for (const [seat, cell] of cells.entries()) {
    if (cell?.view === view && cell.digest === digest && seat !== except && signatures.length < needed)
      signatures.push({ seat, signature: cell.signature });
  }
  return signatures;
}
