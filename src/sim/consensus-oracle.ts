/**
 * Judges simulated committees by what left the honest peers, knowing none of the protocol's code: it reads what they sign byte by byte, has a
 * quorum arithmetic of its own, works out from what was executed who sits in which epoch, and compares. docs/spec/consensus.md, CON-19.
 */
import { equalBytes, toHex, utf8, type Bytes } from '../kernel/bytes.ts';
import { Reader } from '../kernel/codec.ts';
import type { BoardId, Hash, PeerId } from '../kernel/ids.ts';
import { statementBytes, type JudgedAnnals, type JudgedEpoch } from './consensus-annals.ts';
import type { SimKeys } from './sim-keys.ts';

/** Kinds of signed statements by their tags on the wire. */
const PRE_PREPARE = 1;
const PREPARE = 2;
const COMMIT = 3;
const CHECKPOINT = 4;
/** As it is signed: its view and a hash of the rest. */
const VIEW_CHANGE = 10;
const NEW_VIEW = 6;
const CLOSE = 9;
const STATEMENT_LABEL = 'tabswarm/statement/1';
const REQUEST_LABEL = 'tabswarm/request/1';
const QUESTION_LABEL = 'tabswarm/question/1';

/** A decision as it was told. */
export interface ToldDecision {
  readonly view: number;
  readonly seq: number;
  readonly digest: Hash;
  readonly signatures: readonly { readonly seat: number; readonly signature: Bytes }[];
}

/** How many requests a client may ask for from its oldest outstanding one on (CON-7). */
const MOST_OUTSTANDING = 32;

export interface OracleOptions {
  readonly annals: JudgedAnnals;
  readonly board: BoardId;
  readonly liars: ReadonlySet<PeerId>;
  readonly keys: SimKeys;
  /** Latest time that anybody honest can take for the present. */
  readonly latest: () => number;
  readonly fail: (what: string) => never;
}

export class ConsensusOracle {
  readonly #options: OracleOptions;
  readonly #annals: JudgedAnnals;
  readonly #fail: (what: string) => never;
  /** What each honest key signed for each place, as the rest of the signed bytes in hex. */
  readonly #signed = new Map<string, string>();
  /** The view that each honest seat left for last, by epoch and key. */
  readonly #left = new Map<string, number>();
  /** The highest epoch in which each honest key signed something, and the last that it closed. */
  readonly #reached = new Map<PeerId, number>();
  readonly #closed = new Set<string>();
  /** Who committed what, by epoch, place and content. */
  readonly #commits = new Map<string, Set<PeerId>>();
  readonly #decided = new Map<number, string>();
  readonly #states = new Map<string, string>();
  readonly #executed = new Set<string>();
  /** Operations that honest clients asked for. */
  readonly #asked = new Set<string>();
  #time = 0;

  constructor(options: OracleOptions) {
    this.#options = options;
    this.#annals = options.annals;
    this.#fail = options.fail;
  }

  /** An honest peer's key signs `body`. */
  signs(key: PeerId, body: Bytes): void {
    const labelled = (label: string): boolean => equalBytes(body.slice(0, label.length), utf8(label));
    if (labelled(STATEMENT_LABEL)) {
      this.#statement(key, new Reader(body.slice(STATEMENT_LABEL.length + 1)));
      return;
    }
    if (labelled(QUESTION_LABEL)) return;
    if (!labelled(REQUEST_LABEL)) this.#fail(`label: ${name(key)} signs something else`);
    const reader = new Reader(body.slice(REQUEST_LABEL.length + 1));
    reader.raw(64);
    this.#once(key, `request ${reader.varint()}`, toHex(body));
  }

  #statement(key: PeerId, reader: Reader): void {
    const isOurs = toHex(reader.raw(32)) === this.#options.board;
    const epoch = this.#annals.epoch(reader.varint());
    const isKnown = toHex(reader.raw(32)) === epoch?.digest;
    const seat = reader.varint();
    if (!isOurs || !isKnown || epoch.keys[seat] !== key)
      return this.#fail(`label: ${name(key)} signs for a committee or seat that is not its own`);
    const tag = reader.varint();
    const reached = this.#reached.get(key) ?? 0;
    const rest = reader.raw(reader.remaining);
    const isNew = this.#place(key, epoch, tag, rest);
    if (isNew && (epoch.number < reached || this.#closed.has(`${key} ${epoch.number}`)))
      this.#fail(`epoch: ${name(key)} goes back to epoch ${epoch.number}, of which it knows that it is over`);
    this.#reached.set(key, Math.max(reached, epoch.number));
    if (tag === CLOSE) this.#close(key, epoch, new Reader(rest));
  }

  /** Whether this was not signed before, as after a crash. */
  #place(key: PeerId, epoch: JudgedEpoch, tag: number, bytes: Bytes): boolean {
    const reader = new Reader(bytes);
    if (tag === CLOSE) return this.#once(key, `end of epoch ${epoch.number}`, toHex(bytes));
    const first = reader.varint();
    if (tag === CHECKPOINT) {
      const state = toHex(reader.raw(32));
      this.#sameState(first, state);
      return this.#once(key, `checkpoint ${epoch.number}/${first}`, state);
    }
    const content = toHex(bytes);
    if (tag === VIEW_CHANGE || tag === NEW_VIEW) {
      const isChange = tag === VIEW_CHANGE;
      const place = `${isChange ? 'view change' : 'new view'} ${epoch.number}/${first}`;
      const isNew = this.#once(key, place, content);
      if (isNew) this.#inOrder(key, epoch.number, first, isChange);
      return isNew;
    }
    const isPrimary = (epoch.number + first) % epoch.keys.length === epoch.keys.indexOf(key);
    if (tag === PREPARE && isPrimary) this.#fail(`role: ${name(key)} prepares in its own view`);
    if (tag === PRE_PREPARE && !isPrimary) this.#fail(`role: ${name(key)} proposes in another's view`);
    const kind = tag === PRE_PREPARE ? 'pre-prepare' : tag === PREPARE ? 'prepare' : 'commit';
    const seq = reader.varint();
    const isNew = this.#once(key, `${kind} ${epoch.number}/${first}/${seq}`, content);
    if (tag === COMMIT) {
      const at = `${epoch.number}/${seq}/${content}`;
      this.#commits.set(at, (this.#commits.get(at) ?? new Set()).add(key));
    }
    if (isNew) this.#inOrder(key, epoch.number, first, false);
    return isNew;
  }

  #close(key: PeerId, epoch: JudgedEpoch, reader: Reader): void {
    this.#closed.add(`${key} ${epoch.number}`);
    const next = this.#annals.epoch(epoch.number + 1, true);
    const seq = reader.varint();
    const state = toHex(reader.raw(32));
    const named = toHex(reader.raw(32));
    this.#sameState(seq, state);
    const isIt = (each: JudgedEpoch | undefined): boolean => each?.start === seq && each.digest === named;
    if (!isIt(next) && !isIt(this.#annals.replaced(epoch.number + 1)))
      this.#fail(`epoch: ${name(key)} ends epoch ${epoch.number} at ${seq}, which nothing calls for`);
  }

  #sameState(seq: number, state: string): void {
    const known = this.#states.get(String(seq)) ?? state;
    if (known !== state) this.#fail(`state: two honest peers differ after ${seq}`);
    this.#states.set(String(seq), state);
  }

  /** No key signs two things of which an honest one signs at most one. True for what it did not sign before, as after a crash. */
  #once(key: PeerId, place: string, content: string): boolean {
    const at = `${key} ${place}`;
    const known = this.#signed.get(at);
    if (known !== undefined && known !== content)
      this.#fail(`conflict: ${name(key)} signed two different things as ${place}`);
    this.#signed.set(at, content);
    return known === undefined;
  }

  /** Whoever left for a view signs nothing new of an earlier one. */
  #inOrder(key: PeerId, epoch: number, view: number, isChange: boolean): void {
    const at = `${key} ${epoch}`;
    const left = this.#left.get(at) ?? 0;
    if (view < left) this.#fail(`view: ${name(key)} goes back to view ${view} after leaving for ${left}`);
    if (isChange) this.#left.set(at, view);
  }

  /** An honest peer tells of a decision of an epoch. */
  decides(key: PeerId, epoch: number, told: ToldDecision): void {
    const committee = this.#annals.epoch(epoch);
    if (committee === undefined) return this.#fail(`epoch: ${name(key)} decides in epoch ${epoch}`);
    const end = this.#annals.epoch(epoch + 1)?.start ?? told.seq;
    if (told.seq <= committee.start || told.seq > end)
      this.#fail(`epoch: ${name(key)} decides ${told.seq} in epoch ${epoch}, which it does not belong to`);
    const known = this.#decided.get(told.seq) ?? told.digest;
    if (known !== told.digest) this.#fail(`agreement: ${name(key)} decided something else for ${told.seq}`);
    this.#decided.set(told.seq, told.digest);
    this.#certificate(committee, told, `${name(key)} for ${told.seq}`);
  }

  #certificate(epoch: JudgedEpoch, { view, seq, digest, signatures }: ToldDecision, what: string): void {
    this.#quorum(epoch, signatures, what, (seat) =>
      statementBytes(epoch, seat, [COMMIT, view, seq], [digest]),
    );
  }

  #quorum(
    { keys, quorum }: JudgedEpoch,
    signatures: ToldDecision['signatures'],
    what: string,
    bodyOf: (seat: number) => Bytes,
  ): void {
    const signers = new Set(signatures.map((each) => each.seat));
    if (signers.size < quorum || signers.size !== signatures.length)
      this.#fail(`certificate: ${signers.size} signers shown by ${what}`);
    for (const { seat, signature } of signatures)
      if (!equalBytes(this.#options.keys.sign(keys[seat] ?? '', bodyOf(seat)), signature))
        this.#fail(`certificate: a signature does not hold that is shown by ${what}`);
  }

  /** The links that an honest peer holds at the end, as they are on the wire. */
  shows(key: PeerId, links: readonly Bytes[]): void {
    for (const [number, bytes] of links.entries()) {
      const epoch = this.#annals.epoch(number);
      const before = this.#annals.epoch(number - 1);
      const what = `${name(key)} for the link to epoch ${number}`;
      if (epoch === undefined || !equalBytes(bytes.slice(0, epoch.record.length), epoch.record))
        return this.#fail(`chain: another committee shown by ${what}`);
      const reader = new Reader(bytes.slice(epoch.record.length));
      const state = toHex(reader.raw(32));
      const kind = reader.varint();
      if (kind !== (epoch.isReset ? 3 : before === undefined ? 1 : 2))
        this.#fail(`chain: another kind of proof shown by ${what}`);
      if (kind !== 2 || before === undefined) continue;
      this.#sameState(epoch.start, state);
      const signatures = Array.from({ length: reader.varint() }, () => ({
        seat: reader.varint(),
        signature: reader.raw(64),
      }));
      this.#quorum(before, signatures, what, (seat) =>
        statementBytes(before, seat, [CLOSE, epoch.start], [state, epoch.digest]),
      );
    }
  }

  /** Behind the end of an epoch, liars could nowhere make a certificate of what honest seats committed. */
  overruns(): void {
    for (const [at, signers] of this.#commits) {
      const [number, seq] = at.split('/').map(Number);
      const epoch = this.#annals.epoch(number ?? 0);
      const next = this.#annals.epoch((number ?? 0) + 1);
      // An owner's new beginning has no part in what the seats before it were about to decide.
      if (epoch === undefined || next === undefined || next.isReset || (seq ?? 0) <= next.start) continue;
      const liars = epoch.keys.filter((key) => this.#options.liars.has(key)).length;
      if (signers.size + liars >= epoch.quorum)
        this.#fail(
          `overrun: ${signers.size} seats committed ${seq ?? 0} behind the end of epoch ${epoch.number}`,
        );
    }
  }

  /** Whether an honest seat of the epoch committed a place behind `seq`: with that on other disks, seats that come back may decide it. */
  isCommitted(epoch: number, seq: number): boolean {
    return [...this.#commits.keys()].some((at) => {
      const [number, place] = at.split('/').map(Number);
      return number === epoch && (place ?? 0) > seq;
    });
  }

  /** An honest client asks for something. */
  asks(client: PeerId, operation: string): void {
    this.#asked.add(`${client}/${operation}`);
  }

  /** It was told that it has too much outstanding, so this is asked by nobody: whether as much as may be really is. */
  refuses(client: PeerId, operation: string): void {
    this.#asked.delete(`${client}/${operation}`);
    // Numbers are given in the order of asking: what was executed between the oldest that is outstanding and the newest makes no room.
    const own = [...this.#asked].filter((name) => name.startsWith(`${client}/`));
    const executed = new Set(
      this.#annals.history.map((entry) => {
        const [author = '', , done = ''] = entry.split('/');
        return `${author}/${done}`;
      }),
    );
    const oldest = own.findIndex((name) => !executed.has(name));
    const span = oldest < 0 ? 0 : own.length - oldest;
    if (span < MOST_OUTSTANDING)
      this.#fail(
        `refused: a client whose oldest outstanding request is ${span} back cannot ask for anything`,
      );
  }

  /** All that an honest peer has executed. `isTakenOver`: it took a state over, instead of executing one entry more. */
  executes(key: PeerId, entries: readonly string[], isTakenOver: boolean): void {
    const { history } = this.#annals;
    for (let at = isTakenOver ? 0 : entries.length - 1; at < entries.length; at++) {
      const entry = entries[at] ?? '';
      if (at >= history.length) this.#append(key, entry);
      else if (history[at] !== entry)
        this.#fail(`order: ${name(key)} executed ${entry} in place of ${history[at] ?? ''}`);
    }
  }

  #append(key: PeerId, entry: string): void {
    const [client = '', number = '', operation = '', , time = ''] = entry.split('/');
    const request = `${client}/${number}`;
    if (this.#executed.has(request)) this.#fail(`twice: ${name(key)} executed ${request} again`);
    if (!this.#options.liars.has(client as PeerId) && !this.#asked.has(`${client}/${operation}`))
      this.#fail(`validity: nobody asked for ${entry}`);
    if (this.#annals.isGone(client as PeerId))
      this.#fail(`validity: ${name(key)} executed what one asked who is gone: ${entry}`);
    if (Number(time) < this.#time || Number(time) > this.#options.latest())
      this.#fail(`time: ${name(key)} executed ${entry} at a time that cannot be`);
    this.#time = Number(time);
    this.#executed.add(request);
    this.#annals.append(entry);
  }

  /** Whether an honest client's operation was executed. */
  isExecuted(client: PeerId, operation: string): boolean {
    return this.#annals.history.some(
      (entry) => entry.startsWith(`${client}/`) && entry.split('/')[2] === operation,
    );
  }

  get length(): number {
    return this.#annals.history.length;
  }
}

function name(key: PeerId): string {
  return key.slice(0, 8);
}
