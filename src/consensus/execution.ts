/** Decisions in their order, the state that they lead to, and its snapshots. */
import { concatBytes, type Bytes } from '../kernel/bytes.ts';
import { decodeWith, encodeWith, record, sizedBytes, type Codec } from '../kernel/codec.ts';
import { digest } from '../kernel/hash.ts';
import type { Hash } from '../kernel/ids.ts';
import { invariant } from '../kernel/invariant.ts';
import { DOMAIN } from '../identity/domains.ts';
import { ClientTable, clientRowsCodec, type ClientRow } from './client-table.ts';
import { MAX_STATE_BYTES, PIECE_BYTES } from './limits.ts';
import { manifestCodec, type Manifest } from './messages.ts';
import type { Request } from './requests.ts';
import type { DecidedCertificate } from './statements.ts';

/** The replicated state machine. It must do the same everywhere: no clock, no chance, no order of its own. */
export interface Application {
  /** Executes one request; never throws, whatever the operation says. */
  apply(request: Request, seq: number): void;
  /** The whole state in the one encoding that it has, at most MAX_STATE_BYTES with the table of clients. */
  snapshot(): Bytes;
  /** Takes a state over; false when these bytes are none. */
  restore(snapshot: Bytes): boolean;
}

/** The state after a sequence number, in pieces. */
export interface Snapshot {
  readonly digest: Hash;
  readonly manifest: Manifest;
  readonly pieces: readonly Bytes[];
}

interface State {
  readonly clients: readonly ClientRow[];
  readonly application: Bytes;
}

const stateCodec: Codec<State> = record<State>({
  clients: clientRowsCodec,
  application: sizedBytes(MAX_STATE_BYTES),
});

/** What replicas vote on at a checkpoint. */
export function hashManifest(manifest: Manifest): Hash {
  return digest(DOMAIN.state, encodeWith(manifestCodec, manifest));
}

export function hashPiece(piece: Bytes): Hash {
  return digest(DOMAIN.statePiece, piece);
}

/** The snapshot before the first decision of an application in its first state. Its digest is known to all without any vote. */
export function genesisSnapshot(application: Application): Snapshot {
  return new Execution(application).snapshot();
}

export class Execution {
  readonly clients = new ClientTable();
  readonly #application: Application;
  readonly #decided = new Map<number, DecidedCertificate>();
  #executed = 0;

  constructor(application: Application) {
    this.#application = application;
  }

  /** The last sequence number that was executed; all before it were. */
  get executed(): number {
    return this.#executed;
  }

  /** Takes a decision in. `conflict`: another one is known for its sequence number, so more seats lie than can be borne. */
  decide(certificate: DecidedCertificate): 'new' | 'known' | 'conflict' {
    const known = this.#decided.get(certificate.seq);
    if (known !== undefined) return known.digest === certificate.digest ? 'known' : 'conflict';
    if (certificate.seq <= this.#executed) return 'known';
    this.#decided.set(certificate.seq, certificate);
    return 'new';
  }

  decidedAt(seq: number): DecidedCertificate | undefined {
    return this.#decided.get(seq);
  }

  /** Executes the requests of the next decision, each at most once; those that were. */
  run(requests: readonly Request[]): Request[] {
    this.#executed += 1;
    return requests.filter((request) => {
      if (this.clients.has(request)) return false;
      this.clients.add(request);
      this.#application.apply(request, this.#executed);
      return true;
    });
  }

  /** The state as it is now. */
  snapshot(): Snapshot {
    const state: State = { clients: this.clients.rows(), application: this.#application.snapshot() };
    const bytes = encodeWith(stateCodec, state);
    invariant(bytes.length <= MAX_STATE_BYTES, 'the replicated state is larger than a checkpoint may be');
    const pieces: Bytes[] = [];
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) pieces.push(bytes.slice(at, at + PIECE_BYTES));
    const manifest = { seq: this.#executed, size: bytes.length, pieces: pieces.map(hashPiece) };
    return { digest: hashManifest(manifest), manifest, pieces };
  }

  /** Takes over the state of a certified snapshot instead of executing what led to it; false when it is none of this application. */
  restore({ manifest, pieces }: Snapshot): boolean {
    const bytes = concatBytes(...pieces);
    const decoded = bytes.length === manifest.size ? decodeWith(stateCodec, bytes) : undefined;
    if (decoded?.ok !== true || !this.#application.restore(decoded.value.application)) return false;
    this.clients.restore(decoded.value.clients);
    this.#executed = manifest.seq;
    return true;
  }

  /** Drops decisions up to and with `seq`; their sequence numbers. */
  forget(seq: number): number[] {
    const gone = [...this.#decided.keys()].filter((each) => each <= seq);
    for (const each of gone) this.#decided.delete(each);
    return gone;
  }
}
