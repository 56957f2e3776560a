/** Votes on the state, the last stable checkpoint, and snapshots that others may still need (Castro and Liskov, section 4.3). */
import type { Bytes } from '../kernel/bytes.ts';
import type { Hash } from '../kernel/ids.ts';
import type { Committee } from './committee.ts';
import type { Snapshot } from './execution.ts';
import { MAX_CHECKPOINT_VOTES_EACH } from './limits.ts';
import type { SeatSignature, Signed, StableCertificate, StatementOf } from './statements.ts';

interface Cell {
  readonly digest: Hash;
  readonly signature: Bytes;
}

export class Checkpoints {
  readonly #committee: Committee;
  /** Of each seat its newest votes by sequence number. */
  readonly #votes = new Map<number, Map<number, Cell>>();
  readonly #snapshots = new Map<number, Snapshot>();
  #stable: StableCertificate;
  #ahead: StableCertificate | undefined;

  /** `stable`: the state that the epoch begins with, stable without a vote, or a later one; `snapshot`: that state. */
  constructor(committee: Committee, stable: StableCertificate, snapshot: Snapshot) {
    this.#committee = committee;
    this.#stable = stable;
    this.#snapshots.set(stable.seq, snapshot);
  }

  /** The last stable checkpoint: h is its sequence number. */
  get stable(): StableCertificate {
    return this.#stable;
  }

  /** The newest checkpoint that a quorum certifies and whose state is not here. */
  get ahead(): StableCertificate | undefined {
    return this.#ahead;
  }

  /** Takes a vote in; true when it is news. Of two for one place the first stays, and a seat's oldest votes give way to newer ones. */
  add({ seat, statement, signature }: Signed<StatementOf<'checkpoint'>>): boolean {
    const { seq, digest } = statement;
    const own = this.#votes.get(seat) ?? new Map<number, Cell>();
    if (own.has(seq) || seq <= this.#stable.seq) return false;
    own.set(seq, { digest, signature });
    if (own.size > MAX_CHECKPOINT_VOTES_EACH) own.delete(Math.min(...own.keys()));
    this.#votes.set(seat, own);
    return own.has(seq);
  }

  /** The newest checkpoint above the stable one on which a quorum of distinct seats agrees. */
  certified(): StableCertificate | undefined {
    const seqs = new Set([...this.#votes.values()].flatMap((own) => [...own.keys()]));
    for (const seq of [...seqs].sort((a, b) => b - a)) {
      const certificate = this.#certificateAt(seq);
      if (certificate !== undefined && seq > this.#stable.seq) return certificate;
    }
    return undefined;
  }

  #certificateAt(seq: number): StableCertificate | undefined {
    const byDigest = new Map<Hash, SeatSignature[]>();
    for (const [seat, own] of [...this.#votes].sort(([a], [b]) => a - b)) {
      const cell = own.get(seq);
      if (cell === undefined) continue;
      const same = byDigest.get(cell.digest) ?? [];
      byDigest.set(cell.digest, same);
      same.push({ seat, signature: cell.signature });
    }
    const { quorum } = this.#committee;
    for (const [digest, signatures] of byDigest)
      if (signatures.length >= quorum) return { seq, digest, signatures: signatures.slice(0, quorum) };
    return undefined;
  }

  /** A certificate whose state is not here yet. */
  lag(certificate: StableCertificate): void {
    if (certificate.seq > (this.#ahead?.seq ?? 0)) this.#ahead = certificate;
  }

  keep(seq: number, snapshot: Snapshot): void {
    this.#snapshots.set(seq, snapshot);
  }

  snapshotAt(seq: number): Snapshot | undefined {
    return this.#snapshots.get(seq);
  }

  /** Snapshots that may be asked for. */
  snapshots(): Iterable<Snapshot> {
    return this.#snapshots.values();
  }

  /** The checkpoint of `certificate` is stable, and its snapshot here. What came before it goes. */
  settle(certificate: StableCertificate): void {
    this.#stable = certificate;
    if (this.#ahead !== undefined && this.#ahead.seq <= certificate.seq) this.#ahead = undefined;
    for (const seq of [...this.#snapshots.keys()]) if (seq < certificate.seq) this.#snapshots.delete(seq);
    for (const own of this.#votes.values())
      for (const seq of [...own.keys()]) if (seq <= certificate.seq) own.delete(seq);
  }

  /** Votes above `seq` of all seats, as they were signed. */
  votesAbove(seq: number): Signed<StatementOf<'checkpoint'>>[] {
    return [...this.#votes].flatMap(([seat, own]) =>
      [...own]
        .filter(([at]) => at > seq)
        .map(([at, { digest, signature }]) => ({
          seat,
          statement: { kind: 'checkpoint', seq: at, digest } as const,
          signature,
        })),
    );
  }
}
