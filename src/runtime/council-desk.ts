/** An open board's committee for the application: what it decided, and promises for what is asked of it. */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { AskRefusal, NodeCommand, NodeEvent } from '../node/events.ts';
import { beginningsOf } from '../node/council-view.ts';
import type {
  LieProof,
  NewBeginning,
  CommitteeStatus,
  CouncilDecision,
  DecisionEvidence,
  GovernanceState,
  Operation,
} from '../node/council-view.ts';
import type { Node } from '../node/node.ts';
import { CodedError } from './coded-error.ts';

/** An operation that this tab asked for. */
export interface Submitted {
  /** Which of this tab's requests it is. */
  readonly number: number;
  /** Resolves with what came of it, whenever that is; never while no quorum is there, and with nothing once the board is closed. */
  readonly decided: Promise<CouncilDecision>;
}

/** Signs with the member key. */
export type Sign = (toSign: Bytes) => Promise<Bytes>;

interface Open {
  resolve(submitted: Submitted): void;
  reject(error: CodedError): void;
}

export class CouncilDesk {
  readonly #node: Node;
  readonly #self: PeerId;
  readonly #command: (command: NodeCommand) => boolean;
  /** Asked for, not on disk yet, by token. */
  readonly #open = new Map<string, Open>();
  /** Not decided yet, by number. At most as many as one tab may have outstanding. */
  readonly #undecided = new Map<number, (decision: CouncilDecision) => void>();
  /** The new beginning under way, if there is one. */
  #anew:
    | {
        readonly token: string;
        readonly sign: Sign;
        readonly done: Open['reject'];
        readonly begun: () => void;
      }
    | undefined;
  #count = 0;

  constructor(node: Node, self: PeerId, command: (command: NodeCommand) => boolean) {
    this.#node = node;
    this.#self = self;
    this.#command = command;
  }

  /** What has been executed here; undefined until the board's committee is known. To look at only. */
  get state(): GovernanceState | undefined {
    return this.#node.council.state;
  }

  status(): CommitteeStatus | undefined {
    return this.#node.council.status();
  }

  /** Agreed time as far as it can be told now, ms since 1970. */
  get time(): number {
    return this.#node.council.time;
  }

  /** Whether the mesh reaches that tab now, our own included. */
  isReachable(seat: PeerId): boolean {
    return seat === this.#self || this.#node.council.isReachable(seat);
  }

  /** Asks for an operation; resolves once it is signed and on disk here. Rejects with a CodedError: a code of {@link AskRefusal}, `overloaded` or `closed`. */
  submit(operation: Operation): Promise<Submitted> {
    this.#count += 1;
    const token = `c${this.#count}`;
    return new Promise((resolve, reject) => {
      this.#open.set(token, { resolve, reject });
      if (!this.#command({ type: 'ask', operation, token })) this.refused(token, 'overloaded');
    });
  }

  /** Our own operations that are not decided yet, oldest first. */
  get waiting(): readonly { readonly number: number; readonly operation: Operation }[] {
    return this.#node.council.waiting();
  }

  /** Decisions that are kept here from this sequence number on, in their order. */
  decisions(since = 0): readonly CouncilDecision[] {
    return this.#node.council.archive.decisions(since);
  }

  /** The file that proves the request at this place, from 1, of a decision. Rejects with `unknownDecision` or `certificateGone`. */
  certificate(seq: number, place = 1): Promise<string> {
    const { council } = this.#node;
    const file = council.certificate(seq, place);
    if (file !== undefined) return Promise.resolve(file);
    const isPast = seq >= 1 && seq <= (council.status()?.lastExecuted ?? 0) && !council.archive.has(seq);
    return Promise.reject(new CodedError(isPast ? 'certificateGone' : 'unknownDecision'));
  }

  /** Who stands behind a decision. */
  evidence(seq: number): DecisionEvidence | undefined {
    return this.#node.council.evidence(seq);
  }

  /** How often, and behind what, the board's maker began the committee anew: for ever. */
  beginnings(): readonly NewBeginning[] {
    const { parts } = this.#node.council;
    return parts === undefined ? [] : beginningsOf(parts.chain);
  }

  /** Proofs of double votes that the group has not decided on. */
  lies(): readonly LieProof[] {
    return this.#node.council.parts?.lies.all() ?? [];
  }

  /** For how long no quorum has been reached, ms; undefined while one is, and before the committee is known. */
  lostForMs(): number | undefined {
    const { parts } = this.#node.council;
    return parts?.reach.lostForMs(parts.now);
  }

  /**
   * Begins the committee anew with the seats that are there, which takes some 12 s. Rejects with a CodedError: `committeeLives` if enough seats
   * are there to decide, `notAllowed` for anybody but whoever made the board, `notReady`, `keyLost`, `tooManyOutstanding`, `overloaded` or `closed`.
   */
  beginAnew(sign: Sign): Promise<void> {
    if (this.#anew !== undefined) return Promise.reject(new CodedError('tooManyOutstanding'));
    this.#count += 1;
    const token = `c${this.#count}`;
    return new Promise((resolve, reject) => {
      this.#anew = { token, sign, done: reject, begun: resolve };
      if (!this.#command({ type: 'beginAnew', token })) this.refused(token, 'overloaded');
    });
  }

  // What the session tells.

  heardOfReset(event: Extract<NodeEvent, { readonly type: 'resetDrafted' | 'begunAnew' }>): void {
    if (event.type === 'begunAnew') this.#begunAnew(event.token);
    else this.#sign(event.token, event.toSign);
  }

  #sign(token: string, toSign: Bytes): void {
    if (this.#anew?.token !== token) return;
    const answer = (signature: Bytes): void => {
      if (!this.#command({ type: 'signReset', token, signature }) || signature.length === 0)
        this.refused(token, 'internalError');
    };
    this.#anew.sign(toSign).then(answer, () => {
      answer(new Uint8Array(0));
    });
  }

  #begunAnew(token: string): void {
    if (this.#anew?.token !== token) return;
    this.#anew.begun();
    this.#anew = undefined;
  }

  asked(token: string, number: number): void {
    const decided = new Promise<CouncilDecision>((resolve) => this.#undecided.set(number, resolve));
    this.#open.get(token)?.resolve({ number, decided });
    this.#open.delete(token);
  }

  refused(token: string, code: AskRefusal | 'overloaded' | 'closed' | 'internalError'): void {
    if (this.#anew?.token === token) {
      this.#anew.done(new CodedError(code));
      this.#anew = undefined;
    }
    this.#open.get(token)?.reject(new CodedError(code));
    this.#open.delete(token);
  }

  decided(decision: CouncilDecision): void {
    if (decision.author !== this.#self) return;
    this.#undecided.get(decision.number)?.(decision);
    this.#undecided.delete(decision.number);
  }

  close(code: 'closed' | 'internalError'): void {
    if (this.#anew !== undefined) this.refused(this.#anew.token, code);
    for (const token of [...this.#open.keys()]) this.refused(token, code);
    this.#undecided.clear();
  }
}
