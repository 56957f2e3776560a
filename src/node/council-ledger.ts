/** Governance as the application of consensus, with what came of each request kept until its decision is durable. */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import type { CommitteeRecord, Seating } from '../consensus/committee.ts';
import type { Application, Moment } from '../consensus/execution.ts';
import type { Request } from '../consensus/requests.ts';
import { Governance } from '../governance/governance.ts';
import type { Decision } from '../governance/outcomes.ts';
import type { Founding, GovernanceState } from '../governance/state.ts';

/** What came of one request. */
export interface Executed {
  readonly request: Request;
  readonly decision: Decision;
}

export class CouncilLedger implements Application {
  readonly #governance: Governance;
  /** By sequence number; each is taken when its decision is durable, so there are at most as many as may be under way. */
  readonly #executed = new Map<number, Executed[]>();
  #request: Request | undefined;
  /** Where the last request was executed; 0 after a state was taken over, or taken back. */
  #at = 0;

  constructor(founding: Founding) {
    this.#governance = new Governance(founding, (decision) => {
      const request = this.#request;
      if (request === undefined) return;
      const known = this.#executed.get(decision.seq) ?? [];
      this.#executed.set(decision.seq, [...known, { request, decision }]);
    });
  }

  /** To look at only. */
  get state(): GovernanceState {
    return this.#governance.state;
  }

  /** What was executed with this sequence number, once. */
  take(seq: number): readonly Executed[] {
    const executed = this.#executed.get(seq) ?? [];
    for (const at of [...this.#executed.keys()]) if (at <= seq) this.#executed.delete(at);
    return executed;
  }

  apply(request: Request, at: Moment): void {
    // What was executed here or behind it before was taken back: an owner looked how it would be to begin anew.
    if (at.seq !== this.#at)
      for (const seq of [...this.#executed.keys()]) if (seq >= at.seq) this.#executed.delete(seq);
    this.#at = at.seq;
    this.#request = request;
    this.#governance.apply(request, at);
    this.#request = undefined;
  }

  checksOf(operation: Bytes): readonly SignatureCheck[] | undefined {
    return this.#governance.checksOf(operation);
  }

  admits(client: PeerId): boolean {
    return this.#governance.admits(client);
  }

  mayReseat(operation: Bytes): boolean {
    return this.#governance.mayReseat(operation);
  }

  nextSeating(): Seating | undefined {
    return this.#governance.nextSeating();
  }

  seated(committee: CommitteeRecord): void {
    this.#governance.seated(committee);
  }

  snapshot(): Bytes {
    return this.#governance.snapshot();
  }

  restore(snapshot: Bytes): boolean {
    this.#at = 0;
    return this.#governance.restore(snapshot);
  }
}
