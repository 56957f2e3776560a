/** A node's store of entries without the machine around it: journals, document and intake. */
import { stateOf as stateWithin } from '../../../src/sim/attacks/honest-replica.ts';
import type * as Y from 'yjs';
import type { PeerId } from '../../../src/kernel/ids.ts';
import { ok } from '../../../src/kernel/result.ts';
import { SharedDocument } from '../../../src/replication/document.ts';
import type { Entry } from '../../../src/replication/entry.ts';
import { ForkBook } from '../../../src/replication/forks.ts';
import { Intake } from '../../../src/replication/intake.ts';
import type { IntakeOutcome } from '../../../src/replication/outcome.ts';
import { Journals } from '../../../src/replication/journals.ts';
import type { Authority } from '../../../src/replication/ports.ts';
import { BOARD, ROOTS } from './author.ts';

/** Everybody may write anything; journals of `ours` were written on this device. */
export function openAuthority(...ours: readonly PeerId[]): Authority {
  return {
    judge: () => ok(undefined),
    applied: () => undefined,
    forget: () => undefined,
    blank: () => openAuthority(...ours),
    standings: () => new Uint8Array(0),
    settled: () => [],
    founder: () => undefined,
    ownerOf: () => undefined,
    admits: () => undefined,
    restrictionOf: () => undefined,
    isOurs: (author) => ours.includes(author),
    isElsewhere: (neighbour) => !ours.includes(neighbour),
  };
}

export class Holder {
  readonly journals = new Journals();
  readonly document = new SharedDocument(BOARD);
  readonly book = new ForkBook();
  readonly intake: Intake;
  readonly authority: Authority;
  /** Whether no local change is being signed. */
  isSettled = true;

  constructor(authority: Authority = openAuthority()) {
    this.authority = authority;
    const { journals, document } = this;
    this.intake = new Intake({
      ...{ board: BOARD, journals, document, authority, roots: ROOTS, book: this.book },
      isSettled: () => this.isSettled,
    });
  }

  take(...entries: readonly Entry[]): IntakeOutcome {
    const outcome = this.intake.take(entries);
    for (const { hash } of outcome.applied) this.journals.markDurable(hash);
    return outcome;
  }

  /** The code with which `entry` is refused, or what else became of it. */
  verdict(entry: Entry): string {
    const outcome = this.take(entry);
    if (outcome.forks.length > 0) return 'fork';
    if (outcome.dropped > 0) return 'dropped';
    const refused = outcome.refused[0];
    if (refused !== undefined) return refused.code;
    return outcome.applied.includes(entry) ? 'applied' : 'ignored or waiting';
  }

  /** All that the document holds: what it shows, what was written and what was deleted. */
  get state(): unknown {
    return stateOf(this.document.doc);
  }
}

/** What a document of these tests shows and holds, for comparison. */
export function stateOf(doc: Y.Doc): unknown {
  return stateWithin(doc, ROOTS);
}
