/** Decisions in their order, the state that they lead to, and its snapshots. */
import { concatBytes, type Bytes } from '../kernel/bytes.ts';
import { decodeWith, encodeWith, record, sizedBytes, whole, type Codec } from '../kernel/codec.ts';
import { digest } from '../kernel/hash.ts';
import type { Hash, PeerId } from '../kernel/ids.ts';
import { invariant } from '../kernel/invariant.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { DOMAIN } from '../identity/domains.ts';
import { ClientTable, clientRowsCodec, type ClientRow } from './client-table.ts';
import type { CommitteeRecord, Seating } from './committee.ts';
import { MAX_STATE_BYTES, PIECE_BYTES } from './limits.ts';
import { manifestCodec, type Manifest } from './messages.ts';
import type { Batch, Request } from './requests.ts';
import type { DecidedCertificate } from './statements.ts';

/** When something is executed: the same everywhere. */
export interface Moment {
  /** Its place in the order; counts on over epochs. */
  readonly seq: number;
  /** The agreed time, ms since 1970. It never goes back; 0 until a primary with a clock proposed something. */
  readonly time: number;
}

/** The replicated state machine. It must do the same everywhere: no clock, no chance, no order of its own. */
export interface Application {
  /** Signatures that an operation needs besides its client's, a function of its bytes alone; undefined when it is none at all. */
  checksOf(operation: Bytes): readonly SignatureCheck[] | undefined;
  /** Whether a key may ask for anything, in the present state. */
  admits(client: PeerId): boolean;
  /** Executes one request; never throws, whatever the operation says. */
  apply(request: Request, at: Moment): void;
  /** Whether an operation can ever change who sits: a function of its bytes alone. */
  mayReseat(operation: Bytes): boolean;
  /** Who sits from now on, asked after a batch with such an operation; undefined, or the present seating: nothing changes. */
  nextSeating(): Seating | undefined;
  /** A committee begins. What it does to the state is part of the state that the epoch begins with. */
  seated(committee: CommitteeRecord): void;
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
  readonly time: number;
  readonly clients: readonly ClientRow[];
  readonly application: Bytes;
}

const stateCodec: Codec<State> = record<State>({
  time: whole(),
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

/** The state that a board's first committee begins with, by an application in its first state. */
export function firstSnapshot(application: Application, committee: CommitteeRecord): Snapshot {
  const execution = new Execution(application);
  execution.seated(committee);
  return execution.snapshot();
}

/** What became of a batch. */
export interface Run {
  /** Requests that were executed: the others had been before, or their clients may not ask. */
  readonly executed: readonly Request[];
  /** Who sits from now on, if one of them may have changed that. */
  readonly seating: Seating | undefined;
}

export class Execution {
  readonly clients = new ClientTable();
  readonly #application: Application;
  readonly #decided = new Map<number, DecidedCertificate>();
  readonly #barriers = new WeakMap<Batch, boolean>();
  #executed = 0;
  #time = 0;

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

  /** The highest sequence number of which a decision is known. */
  get decided(): number {
    return Math.max(this.#executed, ...this.#decided.keys());
  }

  /** The agreed time. */
  get time(): number {
    return this.#time;
  }

  checksOf(operation: Bytes): readonly SignatureCheck[] | undefined {
    return this.#application.checksOf(operation);
  }

  admits(client: PeerId): boolean {
    return this.#application.admits(client);
  }

  /** Whether executing a batch can change who sits. */
  mayReseat(batch: Batch): boolean {
    const known = this.#barriers.get(batch);
    if (known !== undefined) return known;
    const isBarrier = batch.requests.some(({ operation }) => this.#application.mayReseat(operation));
    this.#barriers.set(batch, isBarrier);
    return isBarrier;
  }

  seated(committee: CommitteeRecord): void {
    this.#application.seated(committee);
  }

  /** Executes the requests of the next decision, each at most once. */
  run(batch: Batch): Run {
    this.#executed += 1;
    this.#time = Math.max(this.#time, batch.time);
    const at = { seq: this.#executed, time: this.#time };
    const executed = batch.requests.filter((request) => {
      if (this.clients.has(request) || !this.admits(request.client)) return false;
      if (!this.clients.hasRoom(request.client, (client) => this.admits(client))) return false;
      this.clients.add(request);
      this.#application.apply(request, at);
      return true;
    });
    const isBarrier = executed.some(({ operation }) => this.#application.mayReseat(operation));
    return { executed, seating: isBarrier ? this.#application.nextSeating() : undefined };
  }

  /** The state as it would be when `committee` took over now. */
  preview(committee: CommitteeRecord): Snapshot {
    return this.rehearse(() => {
      this.#application.seated(committee);
      return this.snapshot();
    });
  }

  /** Does something to the state, and takes all of it back. */
  rehearse<Result>(act: () => Result): Result {
    const before = this.snapshot();
    const result = act();
    const isRestored = this.restore(before);
    invariant(isRestored, 'an application restores its own snapshot');
    return result;
  }

  /** The state as it is now. */
  snapshot(): Snapshot {
    const clients = this.clients.rows();
    const state: State = { time: this.#time, clients, application: this.#application.snapshot() };
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
    this.#time = decoded.value.time;
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
