/**
 * The council of a test: real governance without any consensus. What is asked for is executed at once while a quorum of the seats is reached, and
 * waits otherwise, as in a tab.
 */
import type { LieProof } from '../../src/consensus/lies.ts';
import { CodedError } from '../../src/runtime/coded-error.ts';
import type { CouncilPort, PlacedDecision, Submitted } from '../../src/app/council-port.ts';
import type { DecisionEvidence, NewBeginning } from '../../src/node/council-view.ts';
import type { CommitteeStatus } from '../../src/node/council-view.ts';
import { quorumsOf } from '../../src/consensus/quorum.ts';
import { Governance } from '../../src/governance/governance.ts';
import { encodeOperation, type Operation } from '../../src/governance/operations.ts';
import type { Decision } from '../../src/governance/outcomes.ts';
import type { Founding, GovernanceState } from '../../src/governance/state.ts';
import type { PeerId } from '../../src/kernel/ids.ts';

interface Waiting {
  readonly number: number;
  readonly operation: Operation;
  readonly settle: (decision: Decision) => void;
}

export interface SittingOptions {
  readonly founding: Founding;
  readonly self: PeerId;
  readonly seats: readonly PeerId[];
  /** ms since 1970. */
  readonly now: () => number;
  /** Something has changed; `decision`: it was decided. */
  readonly changed?: (decision: PlacedDecision | undefined) => void;
}

export class SittingCouncil implements CouncilPort {
  readonly #options: SittingOptions;
  readonly #governance: Governance;
  readonly #decisions: PlacedDecision[] = [];
  readonly #numbers = new Map<PeerId, number>();
  readonly #beginnings: NewBeginning[] = [];
  /** For how long no quorum has been reached, ms, while none is. */
  lostMs = 0;
  /** Why our key has no say. */
  muted: CommitteeStatus['muted'] = null;
  /** Proofs that the group has not decided on. */
  proofs: readonly LieProof[] = [];
  #reached: ReadonlySet<PeerId>;
  #waiting: Waiting[] = [];
  #seq = 0;
  /** The files that prove decisions, by their places in the order. */
  readonly files = new Map<number, string>();

  constructor(options: SittingOptions) {
    this.#options = options;
    this.#reached = new Set(options.seats);
    this.#governance = new Governance(options.founding, (decision) =>
      this.#decisions.push({ ...decision, place: 1 }),
    );
    const seats = options.seats.map((key) => ({ key, leaseMs: 0 }));
    this.#governance.seated({ epoch: 0, resets: 0, seats, checkpointEvery: 4, window: 8 });
  }

  get state(): GovernanceState {
    return this.#governance.state;
  }

  get time(): number {
    return this.#options.now();
  }

  get waiting(): readonly { readonly number: number; readonly operation: Operation }[] {
    return this.#waiting.map(({ number, operation }) => ({ number, operation }));
  }

  status(): CommitteeStatus {
    const { self } = this.#options;
    const seats = this.state.committeeKeys;
    const { faults, quorum } = quorumsOf(seats.length);
    const epoch = this.state.committee?.epoch ?? 0;
    return {
      ...{ epoch, view: 5, n: seats.length, f: faults, quorum, primary: seats[0] ?? self },
      seated: seats.includes(self),
      lastExecuted: this.#seq,
      stableCheckpoint: 0,
      hasQuorum: this.#hasQuorum,
      resets: this.#beginnings.length,
      muted: this.muted,
    };
  }

  lies(): readonly LieProof[] {
    return this.proofs;
  }

  isReachable(seat: PeerId): boolean {
    return this.#reached.has(seat);
  }

  /** Who is reached from now on; what waited is executed if they are enough. */
  reach(seats: readonly PeerId[]): void {
    this.#reached = new Set(seats);
    if (this.#hasQuorum) {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const { number, operation, settle } of waiting)
        settle(this.#execute(this.#options.self, number, operation));
    }
    this.#options.changed?.(undefined);
  }

  /** What another tab asks for, while it is among a quorum. */
  ask(client: PeerId, operation: Operation): PlacedDecision {
    return this.#execute(client, this.#nextNumber(client), operation);
  }

  async submit(operation: Operation): Promise<Submitted> {
    await Promise.resolve();
    const number = this.#nextNumber(this.#options.self);
    if (this.#hasQuorum)
      return { number, decided: Promise.resolve(this.#execute(this.#options.self, number, operation)) };
    const decided = new Promise<Decision>((settle) => {
      this.#waiting.push({ number, operation, settle });
    });
    this.#options.changed?.(undefined);
    return { number, decided };
  }

  decisions(since = 0): readonly PlacedDecision[] {
    return this.#decisions.filter(({ seq }) => seq >= since);
  }

  async certificate(seq: number): Promise<string> {
    await Promise.resolve();
    if (seq > this.#seq) throw new CodedError('unknownDecision');
    const file = this.files.get(seq);
    if (file === undefined) throw new CodedError('certificateGone');
    return file;
  }

  /** Every decision was led and prepared by the first seats that make a quorum. */
  evidence(seq: number): DecisionEvidence | undefined {
    if (seq > this.#seq) return undefined;
    const { n, f, quorum, view, epoch } = this.status();
    const [primary = this.#options.self, ...others] = this.state.committeeKeys.slice(0, quorum);
    return {
      seq,
      epoch,
      view,
      n,
      f,
      quorum,
      primary,
      prepared: [primary, ...others],
      committed: [primary, ...others],
    };
  }

  beginnings(): readonly NewBeginning[] {
    return this.#beginnings;
  }

  lostForMs(): number | undefined {
    return this.#hasQuorum ? undefined : this.lostMs;
  }

  /** With the seats that are reached; nobody signs anything. */
  async beginAnew(): Promise<void> {
    await Promise.resolve();
    const { committee, committeeKeys, founding, members } = this.state;
    if (members.memberOf(this.#options.self) !== founding.creator) throw new CodedError('notAllowed');
    if (this.#hasQuorum || committee === undefined) throw new CodedError('committeeLives');
    const seats = committee.seats.filter(({ key }) => this.#reached.has(key));
    const [epoch, resets] = [committee.epoch + 1, committee.resets + 1];
    const of = { before: committeeKeys.length, seats: seats.length };
    this.#beginnings.push({ epoch, seq: this.#seq, owner: founding.creator, ...of });
    this.#governance.seated({ ...committee, epoch, resets, seats });
    this.reach([...this.#reached]);
  }

  get #hasQuorum(): boolean {
    const seats = this.state.committeeKeys;
    return seats.filter((seat) => this.#reached.has(seat)).length >= quorumsOf(seats.length).quorum;
  }

  #nextNumber(client: PeerId): number {
    const number = (this.#numbers.get(client) ?? 0) + 1;
    this.#numbers.set(client, number);
    return number;
  }

  /** The next committee begins as soon as it is another one. */
  #reseat(): void {
    const { committee, committeeKeys } = this.state;
    const next = this.#governance.nextSeating();
    if (committee === undefined || next === undefined) return;
    if (next.seats.map(({ key }) => key).join() === committeeKeys.join()) return;
    this.#governance.seated({ ...next, epoch: committee.epoch + 1, resets: 0 });
  }

  #execute(client: PeerId, number: number, operation: Operation): PlacedDecision {
    this.#seq += 1;
    const request = { client, number, operation: encodeOperation(operation), signature: new Uint8Array(64) };
    this.#governance.apply(request, { seq: this.#seq, time: this.#options.now() });
    this.#reseat();
    const decision = this.#decisions.at(-1);
    if (decision === undefined) throw new RangeError('nothing was decided');
    this.#options.changed?.(decision);
    return decision;
  }
}
