/** Everything that a board's group decided, in the one order, and who sits when by it: what the judge of whole nodes with their committee compares with. */
import { toHex } from '../kernel/bytes.ts';
import type { BoardId, MemberId, PeerId } from '../kernel/ids.ts';
import { CommitteeModel } from './committee-model.ts';
import type { ReadDecision, ReadRequest } from './committee-reader.ts';
import { openEpoch, type JudgedAnnals, type JudgedEpoch } from './consensus-annals.ts';

/** As every founding says (docs/spec/node.md, NOD-50), and how far back a client's number may lie (CON-7). */
const CHECKPOINT_EVERY = 16;
const WINDOW = 64;
const CLIENT_WINDOW = 32;
/** 3 minutes (GOV-14). */
const LEASE_MS = 180_000;

export interface Beginning {
  readonly board: BoardId;
  readonly creator: MemberId;
  readonly firstTab: PeerId;
  readonly isOneEach: boolean;
}

/** A request with its place in the batch, from 1. */
export interface PlacedRequest extends ReadRequest {
  readonly place: number;
}

export class CommitteeAnnals implements JudgedAnnals {
  readonly model: CommitteeModel;
  readonly history: string[] = [];
  readonly #board: BoardId;
  readonly #epochs: JudgedEpoch[] = [];
  /** Keys and leases of the newest epoch. */
  #seating = '';
  /** Numbers that were executed, of each client. */
  readonly #executed = new Map<PeerId, Set<number>>();
  /** Decisions that came before the one they follow on, by place. */
  readonly #early = new Map<number, ReadDecision>();
  readonly #kept = new Map<number, readonly PlacedRequest[]>();
  #seq = 0;
  #time = 0;

  constructor({ board, creator, firstTab, isOneEach }: Beginning) {
    this.#board = board;
    this.model = new CommitteeModel(creator, firstTab, isOneEach);
    this.#turn();
  }

  /** Begins the next epoch if other seats are wanted than the newest has. */
  #turn(): void {
    const seats = this.model.seats.map(({ key, isDurable }) => ({ key, leaseMs: isDurable ? 0 : LEASE_MS }));
    const seating = seats.map(({ key, leaseMs }) => `${key} ${leaseMs}`).join();
    if (seating === this.#seating) return;
    this.#seating = seating;
    const pace = { board: this.#board, checkpointEvery: CHECKPOINT_EVERY, window: WINDOW };
    this.#epochs.push(openEpoch(pace, seats, this.#seq, this.#epochs.at(-1), false));
  }

  /** The highest place up to which everything is known. */
  get last(): number {
    return this.#seq;
  }

  /** What a decision comes to of which somebody told; the entries that it adds, as the oracle of consensus has them. */
  take(decision: ReadDecision, append: (entry: string) => void): void {
    if (decision.seq <= this.#seq || this.#early.has(decision.seq)) return;
    this.#early.set(decision.seq, decision);
    for (;;) {
      const next = this.#early.get(this.#seq + 1);
      if (next === undefined) return;
      this.#early.delete(next.seq);
      this.#execute(next, append);
    }
  }

  #execute({ seq, time, requests }: ReadDecision, append: (entry: string) => void): void {
    this.#seq = seq;
    this.#time = Math.max(this.#time, time);
    let mayReseat = false;
    const kept: PlacedRequest[] = [];
    for (const [at, request] of requests.entries()) {
      const { client, number, operation } = request;
      if (this.#wasExecuted(client, number) || !this.model.admits(client)) continue;
      this.#executed.set(client, (this.#executed.get(client) ?? new Set()).add(number));
      append(`${client}/${number}/${toHex(operation)}/${seq}/${this.#time}`);
      if (this.model.execute(request, this.#time)) mayReseat = true;
      kept.push({ ...request, place: at + 1 });
    }
    this.#kept.set(seq, kept);
    if (mayReseat) this.#turn();
  }

  #wasExecuted(client: PeerId, number: number): boolean {
    const executed = this.#executed.get(client);
    if (executed === undefined) return false;
    return executed.has(number) || number <= Math.max(...executed) - CLIENT_WINDOW;
  }

  append(entry: string): void {
    this.history.push(entry);
  }

  /** A decision's requests that are executed: undefined while what comes before it is not known. */
  executedAt(seq: number): readonly PlacedRequest[] | undefined {
    return this.#kept.get(seq);
  }

  isExecuted(client: PeerId, number: number): boolean {
    return this.#executed.get(client)?.has(number) === true;
  }

  /** Nobody begins anew here. */
  replaced(): undefined {
    return undefined;
  }

  epoch(number: number): JudgedEpoch | undefined {
    return this.#epochs[number];
  }

  get newest(): JudgedEpoch {
    return this.#epochs.at(-1) as JudgedEpoch;
  }

  /** Whoever may not ask is left out before it gets this far. */
  isGone(): boolean {
    return false;
  }
}
