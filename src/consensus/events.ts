/** What the machine is told to do, and what it tells. */
import type { Bytes } from '../kernel/bytes.ts';
import type { GuardRefusal, GuardedStatement } from './guard.ts';
import type { ConsensusMessage } from './messages.ts';
import type { Request } from './requests.ts';
import type { DecidedCertificate, Signed } from './statements.ts';

export type ConsensusCommand =
  /** Begins, or goes on after a crash: everything signed and undecided is said again. */
  | { readonly type: 'start' }
  /** Has an operation ordered. `token` comes back with `submitted`, and never leaves this machine. */
  | { readonly type: 'submit'; readonly operation: Bytes; readonly token: string }
  /** Seats that the mesh reaches now, ourselves not among them. Patience runs only while they and we are a quorum. */
  | { readonly type: 'reachable'; readonly seats: readonly number[] };

/** Two statements of one seat of which an honest one makes at most one. Each holds by its own signature, so they convince anybody. */
export interface Evidence {
  readonly first: Signed;
  readonly second: Signed;
}

/** Why a replica takes no further part. More seats than f lie, or the state machine does not do the same everywhere. */
export type HaltReason =
  | 'twoDecisions' // two batches with a certificate each for one sequence number
  | 'otherState'; // a quorum certifies another state than ours

export type ConsensusEvent =
  /** For everybody; the mesh carries it. */
  | { readonly type: 'broadcast'; readonly message: ConsensusMessage }
  /** The operation has its number, and both are durable. */
  | { readonly type: 'submitted'; readonly token: string; readonly number: number }
  /** The operation cannot be taken now: as many as may be outstanding are. */
  | {
      readonly type: 'refused';
      readonly token: string;
      readonly code: 'tooManyOutstanding' | 'tooLong' | 'halted';
    }
  /** A decision was executed, and its certificate is durable. Once for each sequence number, but after a crash perhaps again. */
  | {
      readonly type: 'decided';
      readonly certificate: DecidedCertificate;
      readonly requests: readonly Request[];
      /** Those of the requests that were executed: the others had been before. */
      readonly executed: readonly Request[];
    }
  /** The state was taken over from others up to and with `seq`, instead of being executed. */
  | { readonly type: 'caughtUp'; readonly seq: number }
  | { readonly type: 'view'; readonly view: number; readonly isActive: boolean }
  | { readonly type: 'evidence'; readonly evidence: Evidence }
  /** The guard did not let something be signed: a mistake of ours, and nothing left. */
  | { readonly type: 'notSigned'; readonly statement: GuardedStatement; readonly code: GuardRefusal }
  | { readonly type: 'halted'; readonly reason: HaltReason };
