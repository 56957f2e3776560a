/**
 * Somebody who writes journal entries by hand, honest ones and others, and can sign with their own keys only. Honest history is written
 * with a Y.Doc of the writer's own.
 */
import * as Y from 'yjs';
import type { Bytes } from '../../kernel/bytes.ts';
import { encodeWith } from '../../kernel/codec.ts';
import { peerIdFrom, type Hash, type MemberId, type PeerId } from '../../kernel/ids.ts';
import { peerCertificateCodec, type PeerCertificate } from '../../identity/peer-certificate.ts';
import {
  clientIdOf,
  entryToSign,
  hashEntry,
  NO_HASH,
  sealEntry,
  type Entry,
  type EntryHeader,
  type EntryKind,
} from '../../replication/entry.ts';
import type { BoardIdentities } from '../board-identities.ts';
import type { SimKeys } from '../sim-keys.ts';

export class Writer {
  readonly name: string;
  readonly peer: PeerId;
  readonly member: MemberId;
  readonly clientId: number;
  readonly doc = new Y.Doc({ gc: false });
  readonly certificate: PeerCertificate;
  readonly #keys: SimKeys;
  readonly #identities: BoardIdentities;
  #seq = 0;
  #head: Hash = NO_HASH;

  /** `name`: what its keys are drawn from; `tab`: another peer key of the same member. */
  constructor(keys: SimKeys, identities: BoardIdentities, name: string, tab = name) {
    this.name = name;
    this.#keys = keys;
    this.#identities = identities;
    this.peer = peerIdFrom(keys.publicKey(`peer ${tab}`));
    this.member = identities.member(name);
    this.certificate = identities.certificate(name, this.peer);
    this.clientId = clientIdOf(identities.board, this.peer, 1);
    this.doc.clientID = this.clientId;
  }

  /** Place of the newest entry. */
  get seq(): number {
    return this.#seq;
  }

  /** Hash of the newest entry. */
  get head(): Hash {
    return this.#head;
  }

  /** Goes on behind an entry that was written elsewhere. */
  resume(seq: number, head: Hash): void {
    this.#seq = seq;
    this.#head = head;
  }

  /** A signed entry that would be the next one, or lies about it; it does not become part of the journal. */
  draft(kind: EntryKind, payload: Bytes, lies: Partial<EntryHeader> = {}): Entry {
    const header: EntryHeader = {
      author: this.peer,
      session: 1,
      seq: this.#seq + 1,
      previous: this.#head,
      heads: [],
      epoch: 0,
      wallMs: WALL_MS,
      kind,
      ...lies,
    };
    const hash = hashEntry(this.#identities.board, header, payload);
    return sealEntry({ ...header, payload, hash }, this.#keys.sign(this.peer, entryToSign(hash)));
  }

  /** Writes the next entry. */
  write(
    kind: EntryKind,
    payload: Bytes,
    heads: readonly Hash[] = [],
    lies: Partial<EntryHeader> = {},
  ): Entry {
    const entry = this.draft(kind, payload, { heads: [...heads].sort(), ...lies });
    this.resume(entry.seq, entry.hash);
    return entry;
  }

  claim(heads: readonly Hash[] = []): Entry {
    return this.write('claim', encodeWith(peerCertificateCodec, this.certificate), heads);
  }

  /** Writes one transaction on the writer's own document as the next entry. */
  edit(heads: readonly Hash[], change: (doc: Y.Doc) => void): Entry {
    const before = Y.encodeStateVector(this.doc);
    this.doc.clientID = this.clientId;
    this.doc.transact(() => change(this.doc));
    return this.write('update', Y.encodeStateAsUpdate(this.doc, before) as Bytes, heads);
  }

  /** Takes over what others wrote. */
  receive(entries: readonly Entry[]): void {
    for (const entry of entries) if (entry.kind === 'update') Y.applyUpdate(this.doc, entry.payload);
    this.doc.clientID = this.clientId;
  }
}

/** Wall clock of entries written by hand, the same as the simulated world's. */
const WALL_MS = 1_893_456_000_000;
