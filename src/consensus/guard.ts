/**
 * The signer guard: everything that a seat signs and that could contradict something else is put before it first. It remembers what was
 * signed, refuses what would conflict whatever the rest of the machine believes, and names the record that has to be durable before the
 * signature is made (outbox.ts keeps that order). It comes back from these records after a crash; a key whose records are lost or damaged
 * must never sign again (research: Castro and Liskov assume a replica that forgets nothing; a tab's disk does).
 */
import type { Hash } from '../kernel/ids.ts';
import type { Write } from '../kernel/machine.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { encodeWith } from '../kernel/codec.ts';
import { primaryOf, type Committee } from './committee.ts';
import { recordName, type Records } from './records.ts';
import { statementCodec, type Position, type Statement, type StatementOf, type Vote } from './statements.ts';

export type GuardRefusal =
  | 'conflict' // the same place was signed with other content
  | 'stale' // a view that was left, or was voted in already
  | 'settled' // at or below the stable checkpoint: what was signed there is forgotten
  | 'notPrimary' // a pre-prepare or new view in somebody else's view
  | 'fromPrimary' // a prepare in the own view
  | 'unprepared' // a commit without the own prepare of the same
  | 'forgotten' // a view change that leaves out what was committed
  | 'sealed'; // anything of an epoch that this seat has closed

export type Verdict =
  | { readonly kind: 'sign'; readonly writes: readonly Write[] }
  /** It was signed before, or is about to be. */
  | { readonly kind: 'known' }
  | { readonly kind: 'refused'; readonly code: GuardRefusal };

const KNOWN: Verdict = { kind: 'known' };
const refused = (code: GuardRefusal): Verdict => ({ kind: 'refused', code });

export class Guard {
  readonly #committee: Committee;
  readonly #seat: number | undefined;
  readonly #records: Records;
  /** The newest vote of each kind at each sequence number. */
  readonly #votes = {
    prePrepare: new Map<number, Position>(),
    prepare: new Map<number, Position>(),
    commit: new Map<number, Position>(),
  };
  readonly #checkpoints = new Map<number, Hash>();
  #change: StatementOf<'viewChange'> | undefined;
  #newView: StatementOf<'newView'> | undefined;
  #close: StatementOf<'close'> | undefined;
  /** No vote of a lower view is signed any more. */
  #view = 0;
  /** The highest view in which something was voted on. */
  #votedView = -1;
  #settled = 0;

  constructor(committee: Committee, seat: number | undefined, records: Records) {
    this.#committee = committee;
    this.#seat = seat;
    this.#records = records;
  }

  /** The lowest view that is still signed for. */
  get view(): number {
    return this.#view;
  }

  /** Whether a new view was signed for `view`. */
  hasAnnounced(view: number): boolean {
    return this.#newView?.view === view;
  }

  /** The highest sequence number of a pre-prepare signed in `view`; 0 if there is none. */
  lastProposed(view: number): number {
    const seqs = [...this.#votes.prePrepare.values()].filter((each) => each.view === view);
    return Math.max(0, ...seqs.map(({ seq }) => seq));
  }

  /** What was signed for in `view` at `seq`, as primary or not. */
  votedFor(view: number, seq: number): Hash | undefined {
    const kind = primaryOf(this.#committee, view) === this.#seat ? 'prePrepare' : 'prepare';
    const vote = this.#votes[kind].get(seq);
    return vote?.view === view ? vote.digest : undefined;
  }

  /** Whether `statement` may be signed, and what must be durable before. A statement that is allowed counts as signed from now on. */
  ask(statement: Statement): Verdict {
    const verdict = this.#judge(statement);
    if (verdict.kind === 'sign') this.#remember(statement);
    return verdict;
  }

  /** Takes in what was signed in an earlier life. */
  restore(statement: Statement): void {
    this.#remember(statement);
  }

  /** The checkpoint at `seq` is stable: nothing is signed at or below it any more, and the records of that are not needed. */
  settle(seq: number): Write[] {
    if (seq <= this.#settled) return [];
    this.#settled = seq;
    const writes: Write[] = [];
    const kinds = { ...this.#votes, checkpoint: this.#checkpoints } as const;
    for (const kind of ['prePrepare', 'prepare', 'commit', 'checkpoint'] as const) {
      for (const at of [...kinds[kind].keys()].filter((each) => each <= seq)) {
        kinds[kind].delete(at);
        writes.push(this.#records.remove(recordName.vote(kind, at)));
      }
    }
    return writes;
  }

  /** Everything that was signed and may still be asked for, in an order in which it can be said again. */
  signed(): Statement[] {
    const statements: Statement[] = [];
    for (const [seq, digest] of this.#checkpoints) statements.push({ kind: 'checkpoint', seq, digest });
    if (this.#change !== undefined) statements.push(this.#change);
    if (this.#newView !== undefined) statements.push(this.#newView);
    if (this.#close !== undefined) statements.push(this.#close);
    for (const kind of ['prePrepare', 'prepare', 'commit'] as const) {
      for (const position of this.#votes[kind].values()) statements.push({ kind, ...position });
    }
    return statements;
  }

  #judge(statement: Statement): Verdict {
    if (statement.kind === 'close') return this.#judgeClose(statement);
    const verdict = this.#judgeOpen(statement);
    return verdict.kind === 'sign' && this.#close !== undefined ? refused('sealed') : verdict;
  }

  /** As long as the epoch is not closed here. */
  #judgeOpen(statement: Exclude<Statement, { readonly kind: 'close' }>): Verdict {
    switch (statement.kind) {
      case 'prePrepare':
      case 'prepare':
      case 'commit':
        return this.#judgeVote(statement);
      case 'checkpoint': {
        const known = this.#checkpoints.get(statement.seq);
        if (known !== undefined) return known === statement.digest ? KNOWN : refused('conflict');
        return statement.seq <= this.#settled ? refused('settled') : this.#allow(statement);
      }
      case 'viewChange':
        return this.#judgeChange(statement);
      case 'newView':
        return this.#judgeNewView(statement);
    }
  }

  #judgeVote(vote: Vote): Verdict {
    const { kind, view, seq, digest } = vote;
    const known = this.#votes[kind].get(seq);
    if (known?.view === view) return known.digest === digest ? KNOWN : refused('conflict');
    if (seq <= this.#settled) return refused('settled');
    if (view < this.#view) return refused('stale');
    const isPrimary = primaryOf(this.#committee, view) === this.#seat;
    if (kind === 'prePrepare' && !isPrimary) return refused('notPrimary');
    if (kind === 'prepare' && isPrimary) return refused('fromPrimary');
    if (kind === 'commit') {
      const own = this.#votes[isPrimary ? 'prePrepare' : 'prepare'].get(seq);
      if (own?.view !== view || own.digest !== digest) return refused('unprepared');
    }
    return this.#allow(vote);
  }

  #judgeChange(change: StatementOf<'viewChange'>): Verdict {
    if (this.#change?.view === change.view) return isSame(this.#change, change) ? KNOWN : refused('conflict');
    if (change.view < this.#view || change.view <= this.#votedView) return refused('stale');
    const prepared = new Map(change.prepared.map((each) => [each.seq, each]));
    const isWhole = [...this.#votes.commit.values()].every(({ view, seq, digest }) => {
      if (seq <= change.stable.seq) return true;
      const shown = prepared.get(seq);
      return shown !== undefined && (shown.view > view || (shown.view === view && shown.digest === digest));
    });
    return isWhole && change.stable.seq >= this.#settled ? this.#allow(change) : refused('forgotten');
  }

  #judgeNewView(newView: StatementOf<'newView'>): Verdict {
    if (this.#newView?.view === newView.view)
      return isSame(this.#newView, newView) ? KNOWN : refused('conflict');
    if (newView.view < this.#view) return refused('stale');
    return primaryOf(this.#committee, newView.view) === this.#seat
      ? this.#allow(newView)
      : refused('notPrimary');
  }

  /** Once for an epoch. */
  #judgeClose(close: StatementOf<'close'>): Verdict {
    if (this.#close !== undefined) return isSame(this.#close, close) ? KNOWN : refused('conflict');
    return close.seq > this.#settled ? this.#allow(close) : refused('settled');
  }

  #allow(statement: Statement): Verdict {
    return { kind: 'sign', writes: [this.#records.put(nameOf(statement), { kind: 'statement', statement })] };
  }

  #remember(statement: Statement): void {
    switch (statement.kind) {
      case 'prePrepare':
      case 'prepare':
      case 'commit': {
        const { view, seq, digest } = statement;
        this.#votes[statement.kind].set(seq, { view, seq, digest });
        this.#votedView = Math.max(this.#votedView, view);
        this.#view = Math.max(this.#view, view);
        return;
      }
      case 'checkpoint':
        this.#checkpoints.set(statement.seq, statement.digest);
        return;
      case 'viewChange':
        this.#change = statement;
        this.#view = Math.max(this.#view, statement.view);
        return;
      case 'close':
        this.#close = statement;
        return;
      case 'newView':
        this.#newView = statement;
        this.#votedView = Math.max(this.#votedView, statement.view);
        this.#view = Math.max(this.#view, statement.view);
    }
  }
}

function nameOf(statement: Statement): string {
  switch (statement.kind) {
    case 'viewChange':
      return recordName.change;
    case 'newView':
      return recordName.newView;
    case 'close':
      return recordName.close;
    default:
      return recordName.vote(statement.kind, statement.seq);
  }
}

function isSame(a: Statement, b: Statement): boolean {
  return equalBytes(encodeWith(statementCodec, a), encodeWith(statementCodec, b));
}
