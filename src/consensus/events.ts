/** What the machine is told to do, and what it tells. */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Epoch, Link } from './chain.ts';
import type { CommitteeRecord, Seating } from './committee.ts';
import type { GuardRefusal } from './guard.ts';
import type { LieProof } from './lies.ts';
import type { ConsensusMessage } from './messages.ts';
import type { Batch, Request } from './requests.ts';
import type { DecidedCertificate, Statement } from './statements.ts';

export type ConsensusCommand =
  /** Begins, or goes on after a crash: everything signed and undecided is said again. */
  | { readonly type: 'start' }
  /** Has an operation ordered. `token` comes back with `submitted`, and never leaves this machine. */
  | { readonly type: 'submit'; readonly operation: Bytes; readonly token: string }
  /** Peers that the mesh reaches now. Patience runs only while a quorum's seats are among them and us. */
  | { readonly type: 'reachable'; readonly peers: readonly PeerId[] }
  /** Tells one peer where we stand, so that it sends what we lack: a new neighbour. */
  | { readonly type: 'greet'; readonly peer: PeerId }
  /** The wall clock, ms since 1970: said at the start, and whenever it was set or the machine slept. */
  | { readonly type: 'clock'; readonly time: number }
  /** Asks all seats whether they are there; `rolled` says how many are. */
  | { readonly type: 'callRoll' }
  /** Prepares an owner's new beginning with these seats; `resetDrafted` says what the owner has to sign. */
  | { readonly type: 'draftReset'; readonly seating: Seating; readonly token: string }
  /** Takes in links whose signatures hold, as from an owner here: as if somebody had sent them. */
  | { readonly type: 'adopt'; readonly links: readonly Link[] };

/** Why an owner's new beginning is not followed (docs/spec/consensus.md, CON-31). */
export type ResetRefusal =
  | 'committeeLives' // a quorum answered when the roll was called
  | 'behind' // it takes back what was decided here
  | 'otherState'; // its state is not ours at the same place

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
      /** The epoch whose committee certifies it. */
      readonly epoch: number;
      readonly certificate: DecidedCertificate;
      readonly batch: Batch;
      /** Those of the requests that were executed: the others had been before. */
      readonly executed: readonly Request[];
    }
  /** An epoch began here, and that is durable. `seat`: ours, if we have one. */
  | { readonly type: 'epoch'; readonly committee: CommitteeRecord; readonly seat: number | undefined }
  /** A quorum of the new epoch's seats has spoken in it: those of the one before are no longer needed. */
  | { readonly type: 'relieved'; readonly epoch: number }
  /** What came of a call of the roll: whether a quorum is there, ourselves included, and which other seats are. */
  | { readonly type: 'rolled'; readonly isAlive: boolean; readonly present: readonly PeerId[] }
  | {
      readonly type: 'resetDrafted';
      readonly token: string;
      /** To be signed with `ownerToSign`; undefined when no committee can be like that, or a decision whose batch is not here would be taken back. */
      readonly draft: Omit<Link, 'proof'> | undefined;
    }
  | { readonly type: 'resetRefused'; readonly epoch: Epoch; readonly code: ResetRefusal }
  /** Two proofs for one epoch: an owner began anew twice or in vain, or more seats lie than can be borne. */
  | { readonly type: 'forked'; readonly held: Link; readonly other: Link }
  /** The state was taken over from others up to and with `seq`, instead of being executed. */
  | { readonly type: 'caughtUp'; readonly seq: number }
  | { readonly type: 'view'; readonly view: number; readonly isActive: boolean }
  /** A seat contradicted itself, by what was heard here or by a proof of others. Once for each key, when the proof is durable. */
  | { readonly type: 'evidence'; readonly proof: LieProof }
  /** The guard did not let something be signed: a mistake of ours, and nothing left. */
  | { readonly type: 'notSigned'; readonly statement: Statement; readonly code: GuardRefusal }
  | { readonly type: 'halted'; readonly reason: HaltReason };
