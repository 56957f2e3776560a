/** Follows a join from the first announcement to the complete copy, for the progress on screen and the promise that waits for it. */
import type { ClockPort } from '../kernel/ports.ts';
import type { JoinState } from '../node/status.ts';
import { CodedError } from './coded-error.ts';

export type JoinProgress =
  | { readonly phase: 'finding' }
  | { readonly phase: 'connecting'; readonly peers: number }
  | { readonly phase: 'copying'; readonly receivedBytes: number; readonly totalBytes: number }
  | { readonly phase: 'waiting' }
  | { readonly phase: 'done' }
  | { readonly phase: 'failed'; readonly code: string };

/** Nobody heard of for this long: say that we wait for somebody to come online. Origin: guess; a peer answers an announcement within a second. */
const WAITING_AFTER_MS = 6000;

/** Refusals that another member would give too. The others (`notReady`) only mean "ask somebody else". */
const FINAL_REFUSALS: ReadonlySet<string> = new Set([
  'notMember',
  'protocolMismatch',
  'inviteWrongBoard',
  'inviteUnknownIssuer',
  'inviteRoleNotAllowed',
  'inviteExpired',
  'inviteUsedUp',
  'inviteRevoked',
  'evicted',
]);

export class JoinWatch {
  readonly finished: Promise<void>;
  #progress: JoinProgress = { phase: 'finding' };
  readonly #onChange: () => void;
  readonly #cancelTimer: () => void;
  #resolve: () => void = () => undefined;
  #reject: (error: CodedError) => void = () => undefined;
  #aloneForLong = false;

  constructor(clock: ClockPort, onChange: () => void) {
    this.#onChange = onChange;
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#cancelTimer = clock.after(WAITING_AFTER_MS, () => {
      this.#aloneForLong = true;
      if (this.#progress.phase === 'finding') this.#set({ phase: 'waiting' });
    });
  }

  get progress(): JoinProgress {
    return this.#progress;
  }

  get isOver(): boolean {
    return this.#progress.phase === 'done' || this.#progress.phase === 'failed';
  }

  /** Something changed in the node or its links. */
  look(state: JoinState, knownPeers: number): void {
    if (this.isOver) return;
    if (state.phase === 'joined') this.#end({ phase: 'done' });
    else if (state.phase === 'copying') this.#set(state);
    else if (knownPeers > 0) this.#set({ phase: 'connecting', peers: knownPeers });
    else this.#set({ phase: this.#aloneForLong ? 'waiting' : 'finding' });
  }

  turnedAway(code: string): void {
    if (FINAL_REFUSALS.has(code)) this.fail(code);
  }

  fail(code: string): void {
    if (!this.isOver) this.#end({ phase: 'failed', code });
  }

  #end(progress: JoinProgress): void {
    this.#cancelTimer();
    this.#set(progress);
    if (progress.phase === 'failed') this.#reject(new CodedError(progress.code));
    else this.#resolve();
  }

  #set(progress: JoinProgress): void {
    this.#progress = progress;
    this.#onChange();
  }
}
