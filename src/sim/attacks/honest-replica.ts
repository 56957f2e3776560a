/**
 * What an honest tab does with the entries that it hears, from bytes to the document, without the network around it: decoding,
 * signatures, roster, intake, as the driver and the node put them together.
 */
import * as Y from 'yjs';
import type { Bytes } from '../../kernel/bytes.ts';
import { Intake } from '../../replication/intake.ts';
import type { IntakeOutcome } from '../../replication/outcome.ts';
import { decodeEntry, type Entry } from '../../replication/entry.ts';
import { ForkBook } from '../../replication/forks.ts';
import { SharedDocument } from '../../replication/document.ts';
import { Journals } from '../../replication/journals.ts';
import { entryChecks, Roster } from '../../node/roster.ts';
import { BOARD_ROOTS } from '../../node/workbench.ts';
import type { BoardIdentities } from '../board-identities.ts';
import type { SimKeys } from '../sim-keys.ts';

export class HonestReplica {
  readonly journals = new Journals();
  readonly document: SharedDocument;
  readonly intake: Intake;
  readonly #identities: BoardIdentities;
  readonly #keys: SimKeys;

  constructor(keys: SimKeys, identities: BoardIdentities) {
    this.#keys = keys;
    this.#identities = identities;
    const { board, genesis } = identities;
    this.document = new SharedDocument(board);
    this.intake = new Intake({
      board,
      journals: this.journals,
      document: this.document,
      authority: new Roster(board, genesis.creator, genesis),
      roots: BOARD_ROOTS,
      book: new ForkBook(),
      isSettled: () => true,
    });
  }

  /**
   * What became of the bytes of one entry, and of entries that had waited for it: `applied`, `fork`, `dropped`, `waits`, `known`, or the code
   * of a refusal.
   */
  hear(bytes: Bytes): string[] {
    const entry = decodeEntry(this.#identities.board, bytes);
    if (!entry.ok) return [entry.code];
    if (!this.intake.knows(entry.value.hash) && !this.#keys.holds(entryChecks(entry.value)))
      return ['badSignature'];
    const outcome = this.take([entry.value]);
    const told = [
      ...outcome.applied.map(() => 'applied'),
      ...outcome.refused.map(({ code }) => code),
      ...outcome.forks.map(() => 'fork'),
      ...Array.from({ length: outcome.dropped }, () => 'dropped'),
    ];
    if (told.length > 0) return told;
    return [
      this.journals.has(entry.value.hash) || this.intake.isRefused(entry.value.hash) ? 'known' : 'waits',
    ];
  }

  /** Takes in entries whose signatures are known to hold. */
  take(entries: readonly Entry[]): IntakeOutcome {
    const outcome = this.intake.take(entries);
    for (const { hash } of outcome.applied) this.journals.markDurable(hash);
    return outcome;
  }

  get isPending(): boolean {
    const { pendingStructs, pendingDs } = this.document.doc.store;
    return pendingStructs !== null || pendingDs !== null;
  }

  /** All that the document holds: what it shows, what was written and what was deleted. */
  get state(): unknown {
    return stateOf(this.document.doc, BOARD_ROOTS);
  }
}

/** What a document shows and holds, for comparison. */
export function stateOf(doc: Y.Doc, roots: ReadonlySet<string>): unknown {
  const { sv, ds } = Y.snapshot(doc);
  return {
    shown: [...roots].map((root) => doc.getMap(root).toJSON() as unknown),
    clocks: [...sv].sort(),
    deleted: [...ds.clients]
      .map(([client, ranges]): [number, string] => [
        client,
        ranges.map(({ clock, len }) => `${clock}+${len}`).join(),
      ])
      .sort(),
  };
}
