/**
 * What others voted, on disk, while no quorum is reachable: seats that are never there together hand each other's votes on, and a tab that is closed
 * between two meetings must not forget them. While a quorum is there nobody needs it, and nothing is written.
 */
import type { Write } from '../kernel/machine.ts';
import { recordName, type Records } from './records.ts';
import type { Signed, Statement, StatementOf } from './statements.ts';

/** Without these nothing is decided and no epoch ends. */
type Kept = StatementOf<'prePrepare' | 'prepare' | 'commit' | 'close'>;

const KEPT: ReadonlySet<Statement['kind']> = new Set(['prePrepare', 'prepare', 'commit', 'close']);

export function isKeptOfOthers(signed: Signed): signed is Signed<Kept> {
  return KEPT.has(signed.statement.kind);
}

export class ForeignVotes {
  readonly #records: Records;
  /** Names of the records of each sequence number, at most one for each seat and kind of vote. */
  readonly #names = new Map<number, Set<string>>();

  constructor(records: Records) {
    this.#records = records;
  }

  /** The write that keeps it. */
  keep(signed: Signed<Kept>): Write {
    const name = this.restored(signed);
    return this.#records.put(name, { kind: 'foreign', ...signed });
  }

  /** It was kept in an earlier life. Its name. */
  restored({ seat, statement }: Signed<Kept>): string {
    const { kind, seq } = statement;
    const name = recordName.foreign(kind, seq, seat);
    // The end of an epoch is kept until the next begins, which takes all records with it.
    if (kind !== 'close') this.#names.set(seq, (this.#names.get(seq) ?? new Set()).add(name));
    return name;
  }

  /** Lets go of votes up to and with `seq`. */
  forget(seq: number): Write[] {
    const writes: Write[] = [];
    for (const [at, names] of [...this.#names]) {
      if (at > seq) continue;
      this.#names.delete(at);
      for (const name of names) writes.push(this.#records.remove(name));
    }
    return writes;
  }
}
