/** Who sits when, worked out anew from what was executed: the oracle's own idea of epochs, sharing no code with those that it judges. */
import { utf8, type Bytes } from '../kernel/bytes.ts';
import { Writer } from '../kernel/codec.ts';
import { digest } from '../kernel/hash.ts';
import { idBytes, type BoardId, type Hash, type PeerId } from '../kernel/ids.ts';

export interface JudgedEpoch {
  readonly number: number;
  readonly board: BoardId;
  readonly start: number;
  readonly keys: readonly PeerId[];
  readonly quorum: number;
  readonly resets: number;
  readonly isReset: boolean;
  /** The record of its committee as bytes, and its hash. */
  readonly record: Bytes;
  readonly digest: Hash;
}

/** What all committees of a board share. */
export interface EpochPace {
  readonly board: BoardId;
  readonly checkpointEvery: number;
  readonly window: number;
}

/** What all committees of a run share. */
export interface Pace extends EpochPace {
  /** Whether these keys may be a committee. */
  readonly allows: (keys: readonly PeerId[]) => boolean;
}

/** The oracle's own idea of what was executed, and of who sits when. */
export interface JudgedAnnals {
  /** Everything executed, in the one order. */
  readonly history: readonly string[];
  append(entry: string): void;
  /** `isWhole`: the last batch has been executed, all of it. */
  epoch(number: number, isWhole?: boolean): JudgedEpoch | undefined;
  replaced(number: number): JudgedEpoch | undefined;
  /** Whether nothing that this key asks for may be executed any more. */
  isGone(key: PeerId): boolean;
}

/** The epoch that begins behind `start` with these seats; its record is worked out byte by byte. */
export function openEpoch(
  { board, checkpointEvery, window }: EpochPace,
  seats: readonly { readonly key: PeerId; readonly leaseMs: number }[],
  start: number,
  before: JudgedEpoch | undefined,
  isReset: boolean,
): JudgedEpoch {
  const number = before === undefined ? 0 : before.number + 1;
  const resets = (before?.resets ?? 0) + (isReset ? 1 : 0);
  const writer = new Writer();
  writer.raw(idBytes(board));
  for (const each of [number, start, before === undefined ? 0 : 1]) writer.varint(each);
  if (before !== undefined) writer.raw(idBytes(before.digest));
  for (const each of [resets, seats.length]) writer.varint(each);
  for (const { key, leaseMs } of seats) {
    writer.raw(idBytes(key));
    writer.varint(leaseMs);
  }
  for (const each of [checkpointEvery, window]) writer.varint(each);
  const record = writer.finish();
  const keys = seats.map(({ key }) => key);
  const quorum = smallestQuorum(keys.length);
  const hash = digest('tabswarm/committee/2', record);
  return { number, board, start, keys, quorum, resets, isReset, record, digest: hash };
}

export class ConsensusAnnals implements JudgedAnnals {
  readonly #pace: Pace;
  /** Everything executed, in the one order. */
  readonly history: string[] = [];
  readonly #epochs: JudgedEpoch[];
  readonly #gone = new Set<PeerId>();
  #keys: readonly PeerId[];
  #replaced: JudgedEpoch | undefined;
  /** The sequence number of the last entry, and the seats before it. */
  #seq = 0;

  constructor(pace: Pace, keys: readonly PeerId[]) {
    this.#pace = pace;
    this.#keys = keys;
    this.#epochs = [this.#open(keys, 0, undefined, false)];
  }

  #open(
    keys: readonly PeerId[],
    start: number,
    before: JudgedEpoch | undefined,
    isReset: boolean,
  ): JudgedEpoch {
    const seats = keys.map((key) => ({ key, leaseMs: 0 }));
    return openEpoch(this.#pace, seats, start, before, isReset);
  }

  /** Appends what was executed next. A batch that left other seats than its epoch's ends that epoch. */
  append(entry: string): void {
    const [, , operation = '', seq = ''] = entry.split('/');
    if (Number(seq) !== this.#seq) this.#turn();
    this.#seq = Number(seq);
    this.history.push(entry);
    this.#reseat(operation);
  }

  /** Begins the next epoch if the last batch changed the seats. */
  #turn(): void {
    const last = this.#epochs.at(-1);
    if (last === undefined || last.start >= this.#seq) return;
    const isSame =
      last.keys.length === this.#keys.length && last.keys.every((key, at) => key === this.#keys[at]);
    if (!isSame) this.#epochs.push(this.#open(this.#keys, this.#seq, last, false));
  }

  #reseat(operation: string): void {
    const [first, second] = operation.slice(1).split('>') as [PeerId, PeerId | undefined];
    const keys = this.#keys;
    const isFree = (key: PeerId): boolean => !keys.includes(key) && !this.#gone.has(key);
    let next = keys;
    if (operation.startsWith('+') && isFree(first)) next = [...keys, first];
    if (operation.startsWith('-')) next = keys.filter((key) => key !== first);
    if (operation.startsWith('=') && second !== undefined && isFree(second))
      next = keys.map((key) => (key === first ? second : key));
    if (next.length === 0 || !this.#pace.allows(next)) return;
    for (const key of keys) if (!next.includes(key)) this.#gone.add(key);
    this.#keys = next;
  }

  /** An owner begins anew behind `start` with these seats. */
  reset(number: number, keys: readonly PeerId[], start: number): void {
    this.#turn();
    this.#replaced = this.#epochs[number];
    // Seats that were changed, but whose committee nobody certified, never sat.
    this.#epochs.length = number;
    this.#epochs.push(this.#open(keys, start, this.#epochs.at(-1), true));
    this.#keys = keys;
    this.#seq = start;
  }

  /** The committee that those who did not hear of a new beginning for the epoch of this number take for the next, if the last place before it ended theirs. */
  replaced(number: number): JudgedEpoch | undefined {
    return this.#replaced?.number === number ? this.#replaced : undefined;
  }

  /** `isWhole`: the last batch has been executed, all of it. */
  epoch(number: number, isWhole = false): JudgedEpoch | undefined {
    if (isWhole || number >= this.#epochs.length) this.#turn();
    return this.#epochs[number];
  }

  get newest(): JudgedEpoch | undefined {
    this.#turn();
    return this.#epochs.at(-1);
  }

  isGone(key: PeerId): boolean {
    return this.#gone.has(key);
  }
}

/** The bytes that a seat signs for a statement of some numbers and hashes. */
export function statementBytes(
  { board, digest: committee, number }: JudgedEpoch,
  seat: number,
  numbers: readonly number[],
  hashes: readonly string[],
): Bytes {
  const writer = new Writer();
  writer.raw(utf8('tabswarm/statement/1'));
  writer.varint(0);
  writer.raw(idBytes(board));
  writer.varint(number);
  writer.raw(idBytes(committee));
  for (const each of [seat, ...numbers]) writer.varint(each);
  for (const hash of hashes) writer.raw(idBytes(hash as Hash));
  return writer.finish();
}

/** The least number of which any two sets share more seats than may lie, by trying. */
function smallestQuorum(seats: number): number {
  let liars = 0;
  while (3 * (liars + 1) < seats) liars += 1;
  let quorum = 1;
  while (2 * quorum - seats <= liars) quorum += 1;
  return quorum;
}
