/**
 * Judges a simulated committee by what left the honest seats, knowing none of the protocol's code: it reads what they sign byte by byte, has a
 * quorum arithmetic of its own, and compares what they executed. Rules CON-1 to CON-9 of docs/spec/consensus.md.
 */
import { equalBytes, toHex, utf8, type Bytes } from '../kernel/bytes.ts';
import { Reader, Writer } from '../kernel/codec.ts';
import { idBytes, type BoardId, type Hash, type PeerId } from '../kernel/ids.ts';
import type { SimKeys } from './sim-keys.ts';

/** Kinds of signed statements by their tags on the wire. */
const PRE_PREPARE = 1;
const PREPARE = 2;
const COMMIT = 3;
const CHECKPOINT = 4;
const VIEW_CHANGE = 5;
const NEW_VIEW = 6;
const STATEMENT_LABEL = 'tabswarm/statement/1';
const REQUEST_LABEL = 'tabswarm/request/1';

/** What the judge needs to know of the committee. */
export interface JudgedCommittee {
  readonly board: BoardId;
  readonly epoch: number;
  readonly digest: Hash;
  readonly seats: readonly PeerId[];
}

/** A decision as it was told. */
export interface ToldDecision {
  readonly view: number;
  readonly seq: number;
  readonly digest: Hash;
  readonly signatures: readonly { readonly seat: number; readonly signature: Bytes }[];
}

/** Requests that a client may have outstanding (CON-7). */
const MOST_OUTSTANDING = 32;

export class ConsensusOracle {
  readonly #committee: JudgedCommittee;
  readonly #keys: SimKeys;
  readonly #fail: (what: string) => never;
  readonly #quorum: number;
  /** What each honest key signed for each place, as the rest of the signed bytes in hex. */
  readonly #signed = new Map<string, string>();
  /** The view that each honest seat left for last. */
  readonly #left = new Map<number, number>();
  readonly #decided = new Map<number, Hash>();
  readonly #states = new Map<number, string>();
  /** Everything executed, in the one order. */
  readonly #history: string[] = [];
  readonly #executed = new Set<string>();
  /** Operations that honest clients asked for. */
  readonly #asked = new Set<string>();
  readonly #liars: ReadonlySet<PeerId>;
  decisions = 0;

  constructor(
    committee: JudgedCommittee,
    liars: ReadonlySet<PeerId>,
    keys: SimKeys,
    fail: (what: string) => never,
  ) {
    this.#committee = committee;
    this.#liars = liars;
    this.#keys = keys;
    this.#fail = fail;
    this.#quorum = smallestQuorum(committee.seats.length);
  }

  /** An honest seat's key signs `body`. */
  signs(seat: number, body: Bytes): void {
    const label = utf8(STATEMENT_LABEL);
    if (equalBytes(body.slice(0, label.length), label)) {
      this.#statement(seat, new Reader(body.slice(label.length + 1)));
      return;
    }
    const request = utf8(REQUEST_LABEL);
    if (!equalBytes(body.slice(0, request.length), request))
      this.#fail(`label: seat ${seat} signs something else`);
    const reader = new Reader(body.slice(request.length + 1));
    reader.raw(64);
    this.#once(seat, `request ${reader.varint()}`, toHex(body));
  }

  #statement(seat: number, reader: Reader): void {
    const { board, digest, epoch } = this.#committee;
    const isOurs =
      toHex(reader.raw(32)) === board && reader.varint() === epoch && toHex(reader.raw(32)) === digest;
    if (!isOurs || reader.varint() !== seat)
      this.#fail(`label: seat ${seat} signs for another committee or seat`);
    const tag = reader.varint();
    if (tag > NEW_VIEW) return;
    if (tag === CHECKPOINT) {
      const seq = reader.varint();
      const state = toHex(reader.raw(32));
      this.#once(seat, `checkpoint ${seq}`, state);
      if ((this.#states.get(seq) ?? state) !== state)
        this.#fail(`state: two honest seats differ after ${seq}`);
      this.#states.set(seq, state);
      return;
    }
    const view = reader.varint();
    const rest = reader.raw(reader.remaining);
    if (tag === VIEW_CHANGE || tag === NEW_VIEW) {
      const isChange = tag === VIEW_CHANGE;
      const isNew = this.#once(seat, `${isChange ? 'view change' : 'new view'} ${view}`, toHex(rest));
      if (isNew) this.#inOrder(seat, view, isChange);
      return;
    }
    const seq = new Reader(rest).varint();
    const isPrimary = view % this.#committee.seats.length === seat;
    if (tag === PREPARE && isPrimary) this.#fail(`role: seat ${seat} prepares in its own view`);
    if (tag === PRE_PREPARE && !isPrimary) this.#fail(`role: seat ${seat} proposes in another's view`);
    const kind = tag === PRE_PREPARE ? 'pre-prepare' : tag === PREPARE ? 'prepare' : 'commit';
    if (this.#once(seat, `${kind} ${view}/${seq}`, toHex(rest))) this.#inOrder(seat, view, false);
  }

  /** No key signs two things of which an honest one signs at most one. True for what it did not sign before, as after a crash. */
  #once(seat: number, place: string, content: string): boolean {
    const key = `${seat} ${place}`;
    const known = this.#signed.get(key);
    if (known !== undefined && known !== content)
      this.#fail(`conflict: seat ${seat} signed two different things as ${place}`);
    this.#signed.set(key, content);
    return known === undefined;
  }

  /** Whoever left for a view signs nothing new of an earlier one. */
  #inOrder(seat: number, view: number, isChange: boolean): void {
    const left = this.#left.get(seat) ?? 0;
    if (view < left) this.#fail(`view: seat ${seat} goes back to view ${view} after leaving for ${left}`);
    if (isChange) this.#left.set(seat, view);
  }

  /** An honest seat tells of a decision. */
  decides(seat: number, told: ToldDecision): void {
    this.decisions += 1;
    const known = this.#decided.get(told.seq) ?? told.digest;
    if (known !== told.digest) this.#fail(`agreement: seat ${seat} decided something else for ${told.seq}`);
    this.#decided.set(told.seq, told.digest);
    this.#certificate(seat, told);
  }

  #certificate(seat: number, { view, seq, digest, signatures }: ToldDecision): void {
    const signers = new Set(signatures.map((each) => each.seat));
    if (signers.size < this.#quorum || signers.size !== signatures.length)
      this.#fail(`certificate: seat ${seat} shows ${signers.size} signers for ${seq}`);
    const { board, epoch, digest: committee, seats } = this.#committee;
    for (const { seat: signer, signature } of signatures) {
      const writer = new Writer();
      writer.raw(utf8(STATEMENT_LABEL));
      writer.varint(0);
      writer.raw(idBytes(board));
      writer.varint(epoch);
      writer.raw(idBytes(committee));
      for (const number of [signer, COMMIT, view, seq]) writer.varint(number);
      writer.raw(idBytes(digest));
      const expected = this.#keys.sign(seats[signer] ?? '', writer.finish());
      if (!equalBytes(expected, signature)) this.#fail(`certificate: a signature for ${seq} does not hold`);
    }
  }

  /** An honest client asks for something. */
  asks(client: PeerId, operation: string): void {
    this.#asked.add(`${client}/${operation}`);
  }

  /** It was told that it has too much outstanding, so this is asked by nobody: whether as much as may be really is. */
  refuses(client: PeerId, operation: string): void {
    this.#asked.delete(`${client}/${operation}`);
    const own = (names: readonly string[]): number =>
      names.filter((name) => name.startsWith(`${client}/`)).length;
    const open = own([...this.#asked]) - own(this.#history);
    if (open < MOST_OUTSTANDING)
      this.#fail(`refused: a client with ${open} outstanding cannot ask for anything`);
  }

  /** All that an honest seat has executed. `isTakenOver`: it took a state over, instead of executing one entry more. */
  executes(seat: number, entries: readonly string[], isTakenOver: boolean): void {
    for (let at = isTakenOver ? 0 : entries.length - 1; at < entries.length; at++) {
      const entry = entries[at] ?? '';
      if (at >= this.#history.length) this.#append(seat, entry);
      else if (this.#history[at] !== entry)
        this.#fail(`order: seat ${seat} executed ${entry} in place of ${this.#history[at] ?? ''}`);
    }
  }

  #append(seat: number, entry: string): void {
    const [client = '', number = '', operation = ''] = entry.split('/');
    const name = `${client}/${number}`;
    if (this.#executed.has(name)) this.#fail(`twice: seat ${seat} executed ${name} again`);
    if (!this.#liars.has(client as PeerId) && !this.#asked.has(`${client}/${operation}`))
      this.#fail(`validity: nobody asked for ${entry}`);
    this.#executed.add(name);
    this.#history.push(entry);
  }

  /** Whether an honest client's operation was executed. */
  isExecuted(client: PeerId, operation: string): boolean {
    return this.#history.some((entry) => entry.startsWith(`${client}/`) && entry.endsWith(`/${operation}`));
  }

  get length(): number {
    return this.#history.length;
  }
}

/** The least number of which any two sets share more seats than may lie, by trying. */
function smallestQuorum(seats: number): number {
  let liars = 0;
  while (3 * (liars + 1) < seats) liars += 1;
  let quorum = 1;
  while (2 * quorum - seats <= liars) quorum += 1;
  return quorum;
}
