/** An author who makes journal entries by hand, honest ones and others, signed with the stand-in for Ed25519. */
import * as Y from 'yjs';
import { utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import { peerIdFrom, type BoardId, type Hash, type PeerId } from '../../../src/kernel/ids.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import {
  clientIdOf,
  entryToSign,
  hashEntry,
  NO_HASH,
  sealEntry,
  type Entry,
  type EntryHeader,
  type EntryKind,
} from '../../../src/replication/entry.ts';
import { SimKeys } from '../../../src/sim/sim-keys.ts';

export const BOARD = 'b0'.repeat(32) as BoardId;
export const KEYS = new SimKeys(randomFrom('keys of the replication tests'));
/** Root types of the test documents. */
export const ROOTS: ReadonlySet<string> = new Set(['board', 'cards']);
/** Wall clock of every test entry. */
export const NOW = 1_700_000_000_000;

export class Author {
  readonly peer: PeerId;
  readonly doc = new Y.Doc({ gc: false });
  readonly clientId: number;
  readonly entries: Entry[] = [];

  constructor(name: string) {
    this.peer = peerIdFrom(KEYS.publicKey(name));
    this.clientId = clientIdOf(BOARD, this.peer, 1);
    this.doc.clientID = this.clientId;
  }

  get head(): Hash {
    return this.entries.at(-1)?.hash ?? NO_HASH;
  }

  get newest(): Entry {
    const newest = this.entries.at(-1);
    if (newest === undefined) throw new Error('nothing written yet');
    return newest;
  }

  /** A signed entry that would be the next one, or lies about it; it does not become part of the journal. */
  draft(kind: EntryKind, payload: Bytes, lies: Partial<EntryHeader> = {}): Entry {
    const header: EntryHeader = {
      author: this.peer,
      session: 1,
      seq: this.entries.length + 1,
      previous: this.head,
      heads: [],
      epoch: 0,
      wallMs: NOW,
      kind,
      ...lies,
    };
    const hash = hashEntry(BOARD, header, payload);
    return sealEntry({ ...header, payload, hash }, KEYS.sign(this.peer, entryToSign(hash)));
  }

  /** Writes the next entry. */
  write(kind: EntryKind, payload: Bytes, ...heads: readonly Entry[]): Entry {
    const entry = this.draft(kind, payload, { heads: heads.map(({ hash }) => hash).sort() });
    this.entries.push(entry);
    return entry;
  }

  claim(...heads: readonly Entry[]): Entry {
    return this.write('claim', utf8('claim'), ...heads);
  }

  /** The update of one local transaction. */
  change(run: (doc: Y.Doc) => void): Bytes {
    const updates: Uint8Array[] = [];
    const capture = (update: Uint8Array): void => {
      updates.push(update);
    };
    this.doc.clientID = this.clientId;
    this.doc.on('update', capture);
    this.doc.transact(() => run(this.doc));
    this.doc.off('update', capture);
    return updates.length === 0 ? new Uint8Array([0, 0]) : (Y.mergeUpdates(updates) as Bytes);
  }

  /** Writes one local transaction as the next entry. */
  edit(run: (doc: Y.Doc) => void, ...heads: readonly Entry[]): Entry {
    return this.write('update', this.change(run), ...heads);
  }

  /** Sets one value of the board. */
  set(key: string, value: unknown, ...heads: readonly Entry[]): Entry {
    return this.edit((doc) => doc.getMap('board').set(key, value), ...heads);
  }

  /** Takes over what others wrote. */
  receive(...entries: readonly Entry[]): void {
    for (const entry of entries) if (entry.kind === 'update') Y.applyUpdate(this.doc, entry.payload);
    this.doc.clientID = this.clientId;
  }
}

/** An author whose journal is open. */
export function openAuthor(name: string): Author {
  const author = new Author(name);
  author.claim();
  return author;
}
