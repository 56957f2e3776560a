/**
 * The replicated application of the simulated committees: a list of everything that was executed, so that nothing about it can hide, and who
 * sits. `+key` takes a seat, `+key~ms` a transient one, `-key` gives one up, `=old>new` hands one on, `!key` expires one whose lease is over.
 */
import { fromUtf8, utf8, type Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { CommitteeRecord, SeatRecord, Seating } from '../consensus/committee.ts';
import type { Application, Moment } from '../consensus/execution.ts';
import type { Request } from '../consensus/requests.ts';

/** An application that shows all that it executed, in order. */
export interface ShownApplication extends Application {
  readonly entries: readonly string[];
}

/** Hears all that was executed whenever that has changed, and whether it was taken over from others. */
export type Told = (entries: readonly string[], isTakenOver: boolean) => void;

interface State {
  readonly entries: readonly string[];
  readonly seats: readonly SeatRecord[];
  /** Keys that gave their seat up: they may not ask any more. */
  readonly gone: readonly PeerId[];
  readonly heard: readonly (readonly [key: PeerId, time: number])[];
  readonly pace: readonly [checkpointEvery: number, window: number];
}

export interface LedgerHooks {
  readonly told?: Told;
  /** Whether these keys may be a committee, besides what the ledger itself says. */
  readonly allows?: (keys: readonly PeerId[]) => boolean;
}

export class ConsensusLedger implements ShownApplication {
  readonly #hooks: LedgerHooks;
  #entries: string[] = [];
  #seats: readonly SeatRecord[] = [];
  #gone = new Set<PeerId>();
  #heard = new Map<PeerId, number>();
  #pace: State['pace'] = [1, 2];

  constructor(hooks: LedgerHooks = {}) {
    this.#hooks = hooks;
  }

  get entries(): readonly string[] {
    return this.#entries;
  }

  checksOf(operation: Bytes): readonly [] | undefined {
    return fromUtf8(operation) === 'not an operation' ? undefined : [];
  }

  admits(client: PeerId): boolean {
    return !this.#gone.has(client);
  }

  mayReseat(operation: Bytes): boolean {
    return /^[-+=!]/.test(fromUtf8(operation));
  }

  nextSeating(): Seating {
    const [checkpointEvery, window] = this.#pace;
    return { seats: this.#seats, checkpointEvery, window };
  }

  seated({ seats, checkpointEvery, window }: CommitteeRecord): void {
    this.#seats = seats;
    this.#pace = [checkpointEvery, window];
  }

  apply({ client, number, operation }: Request, { seq, time }: Moment): void {
    const text = fromUtf8(operation);
    this.#heard.set(client, time);
    if (this.mayReseat(operation)) this.#reseat(text, time);
    this.#entries.push(`${client}/${number}/${text}/${seq}/${time}`);
    this.#hooks.told?.(this.#entries, false);
  }

  #reseat(text: string, time: number): void {
    const [first, second] = text.slice(1).split(/[>~]/) as [PeerId, PeerId | undefined];
    const held = this.#seats.find(({ key }) => key === first);
    const isFree = (key: PeerId): boolean =>
      !this.#gone.has(key) && !this.#seats.some((seat) => seat.key === key);
    switch (text.charAt(0)) {
      case '+':
        if (isFree(first)) this.#seat([...this.#seats, { key: first, leaseMs: Number(second ?? 0) }]);
        return;
      case '=':
        if (held !== undefined && second !== undefined && isFree(second))
          this.#seat(this.#seats.map((seat) => (seat === held ? { ...held, key: second } : seat)));
        return;
      case '!': {
        const isOver = held !== undefined && time - (this.#heard.get(first) ?? 0) > held.leaseMs;
        if (isOver && held.leaseMs > 0) this.#seat(this.#seats.filter((seat) => seat !== held));
        return;
      }
      default:
        if (held !== undefined) this.#seat(this.#seats.filter((seat) => seat !== held));
    }
  }

  #seat(seats: readonly SeatRecord[]): void {
    const keys = seats.map(({ key }) => key);
    if (seats.length === 0 || this.#hooks.allows?.(keys) === false) return;
    for (const { key } of this.#seats) if (!keys.includes(key)) this.#gone.add(key);
    this.#seats = seats;
  }

  snapshot(): Bytes {
    const state: State = {
      entries: this.#entries,
      seats: this.#seats.map(({ key, leaseMs }) => ({ key, leaseMs })),
      gone: [...this.#gone].sort(),
      heard: [...this.#heard].sort(([a], [b]) => (a < b ? -1 : 1)),
      pace: this.#pace,
    };
    return utf8(JSON.stringify(state));
  }

  restore(snapshot: Bytes): boolean {
    const state = JSON.parse(fromUtf8(snapshot)) as State;
    this.#entries = [...state.entries];
    this.#seats = state.seats;
    this.#gone = new Set(state.gone);
    this.#heard = new Map(state.heard);
    this.#pace = state.pace;
    this.#hooks.told?.(this.#entries, true);
    return true;
  }
}
