/** What the node is told to do and what it reports: the vocabulary between it and the application. */
import type { Bytes } from '../kernel/bytes.ts';
import type { Hash, MemberId, PeerId } from '../kernel/ids.ts';
import type { Effect } from '../kernel/machine.ts';
import type { PeerCertificate } from '../identity/peer-certificate.ts';
import type { BoardCommand, CommandOutcome, CommandRefusal } from '../board/command.ts';
import type { BoardContent } from '../board/content.ts';
import type { TemplateName } from '../board/template-names.ts';
import type { WrittenEdit } from '../board/written-edit.ts';
import type { Decree } from '../identity/decrees.ts';
import type { Operation } from '../governance/operations.ts';
import type { Manifest } from '../replication/checkpoint.ts';
import type { ForkProof } from '../replication/forks.ts';
import type { Refused } from '../replication/outcome.ts';
import type { Presence } from '../replication/presence.ts';
import type { CouncilDecision } from './council-archive.ts';
import type { CouncilDisk } from './council-disk.ts';
import type { FarewellCode, NodeMessage } from './messages.ts';
import type { KnownInvite } from './roster.ts';

/** For the runtime, which speaks to the node only. */
export type { BoardContent, CommandOutcome, KnownInvite, Presence, TemplateName, WrittenEdit };

/** Why a board action changed nothing. */
export type ActionRefusal =
  | CommandRefusal
  | 'notAllowed' // the member's role does not permit it
  | 'notReady' // the board is not copied yet
  | 'evicted' // an owner removed our member
  | 'boardClosed' // the group decided that the board is over
  | 'journalFrozen' // our journal split in two or was cut: nobody accepts what this tab writes
  | 'notSaved'; // too much waits for the disk already

/** Why an owner's decree changed nothing, besides. */
export type DecreeRefusal =
  | 'unknownMember' // nobody of that id is in, or it was evicted already
  | 'memberProtected'; // nobody may restrict the creator, nor anybody but the creator an owner

/** Why an operation could not be asked for. */
export type AskRefusal =
  | 'notReady' // the committee is not known here yet, or the board has none
  | 'evicted'
  | 'keyLost' // what our key signed is gone: it must not sign again
  | 'convicted' // our key voted twice: the group does not hear it any more
  | 'notAllowed' // only whoever made the board begins its committee anew
  | 'committeeLives' // enough seats are there to decide: nothing is lost
  | 'tooLong'
  | 'tooManyOutstanding' // as many as may be wait already
  | 'halted'; // more seats lie than can be borne: nothing is decided any more

/** What went wrong in the committee, for the person to know. */
export type CouncilTrouble =
  | 'keyLost' // our key lost what it signed: this tab follows without a vote until it has a new key
  | 'councilHalted' // two decisions for one place, or two states: more seats lie than can be borne
  | 'councilForked' // two beginnings of one epoch, or one that was refused
  | 'seatLied'; // a seat contradicted itself

export type BoardAction =
  | { readonly kind: 'run'; readonly command: BoardCommand }
  | { readonly kind: 'template'; readonly name: TemplateName; readonly title: string }
  /** Fills a new board with what another one held; `at`: this device's clock, milliseconds since 1970. */
  | { readonly kind: 'fill'; readonly content: BoardContent; readonly at: number }
  | { readonly kind: 'undo' }
  | { readonly kind: 'redo' };

/** As an owner says it; the node knows which entries of the member's journals it has. */
export type OwnerDecree =
  | { readonly kind: 'evict'; readonly member: MemberId }
  | Extract<Decree, { readonly kind: 'role' | 'revoke' }>;

/** What a node has its driver do. */
export type NodeEffect = Effect<NodeMessage, NodeEvent>;

/** What the committee's part of a node is told to do. */
export type CouncilCommand =
  /** What the disk holds of the committee, before `start`. */
  | { readonly type: 'restoreCouncil'; readonly disk: CouncilDisk }
  /** Asks the group for something; answered by `asked` or `refused` with the token, and once it is decided by `decision`. */
  | { readonly type: 'ask'; readonly operation: Operation; readonly token: string }
  /** Begins anew, as the board's maker, when a quorum is lost for good; answered after at most some 12 s by `resetDrafted` or `refused`. */
  | { readonly type: 'beginAnew'; readonly token: string }
  /** The maker's signature under the draft; answered by `begunAnew` or `refused`. */
  | { readonly type: 'signReset'; readonly token: string; readonly signature: Bytes };

export type NodeCommand =
  /** First of all commands. `wallMs`: this device's clock, milliseconds since 1970; the node counts on from there. */
  | { readonly type: 'start'; readonly wallMs: number }
  /** Records from the checkpoint store, before all entries. */
  | { readonly type: 'restoreCheckpoint'; readonly records: readonly Bytes[] }
  /** Encoded entries from the journal store, before `start`. */
  | { readonly type: 'restore'; readonly entries: readonly Bytes[] }
  | {
      readonly type: 'restoreAcks';
      readonly acked: readonly { readonly author: PeerId; readonly seq: number }[];
    }
  | { readonly type: 'act'; readonly token: string; readonly action: BoardAction; readonly wallMs: number }
  /** What only owners may: removes a member, gives it another role, or makes an invite void. */
  | {
      readonly type: 'decree';
      readonly token: string;
      readonly decree: OwnerDecree;
      readonly wallMs: number;
    }
  /** The group decided where a journal ends; nobody decides that yet. */
  | { readonly type: 'decideCut'; readonly author: PeerId; readonly seq: number; readonly head: Hash }
  /** Somebody certified a checkpoint whose certificate holds: in worlds that have a stand-in for the committee. */
  | { readonly type: 'certify'; readonly manifest: Manifest; readonly certificate: Bytes }
  | CouncilCommand
  /** Another name for our member: a new certificate of the same peer. */
  | { readonly type: 'rename'; readonly certificate: PeerCertificate; readonly wallMs: number }
  | { readonly type: 'introduce'; readonly to: PeerId; readonly sealed: Bytes }
  | { readonly type: 'remember'; readonly peers: readonly PeerId[] }
  /** What this tab's person is at; undefined: at no card. Told others at most twice a second; said again while it goes on. */
  | { readonly type: 'presence'; readonly presence: Presence | undefined }
  /** What our announcements say of us: `load` 0 (idle) to 100, and words of what we can do. */
  | { readonly type: 'profile'; readonly load: number; readonly capabilities: readonly string[] }
  | { readonly type: 'sleeping' }
  | { readonly type: 'woke'; readonly sleptMs: number }
  | { readonly type: 'leaving' };

export type NodeEvent =
  /** All that was restored has taken effect, and the node runs. */
  | { readonly type: 'started' }
  /** The action is durable on this device. */
  | { readonly type: 'done'; readonly token: string; readonly outcome: CommandOutcome }
  | {
      readonly type: 'refused';
      readonly token: string;
      readonly code: ActionRefusal | DecreeRefusal | AskRefusal;
    }
  /** The snapshot may have changed. */
  | { readonly type: 'board' }
  /** Something in `status()` may have changed. */
  | { readonly type: 'status' }
  /** What other tabs are at has changed. */
  | { readonly type: 'presence' }
  /** We are in the roster and hold a complete copy. */
  | { readonly type: 'joined' }
  | { readonly type: 'turnedAway'; readonly by: PeerId; readonly code: FarewellCode }
  | { readonly type: 'announce' }
  /** What to say of our component wherever others discover us. */
  | { readonly type: 'component'; readonly component: Bytes }
  | { readonly type: 'introduced'; readonly sealed: Bytes }
  /** Somebody signed two entries for one place: what it writes from there on is ignored. */
  | { readonly type: 'fork'; readonly proof: ForkProof }
  /** The operation is signed under this number, and on disk. */
  | { readonly type: 'asked'; readonly token: string; readonly number: number }
  /** What the board's maker has to sign with the member key for a new beginning; no quorum answered. */
  | { readonly type: 'resetDrafted'; readonly token: string; readonly toSign: Bytes }
  /** A new committee has begun. */
  | { readonly type: 'begunAnew'; readonly token: string }
  /** Something was decided and executed; once for each request, in their order. */
  | { readonly type: 'decision'; readonly decision: CouncilDecision }
  /** Something about the committee has changed that is shown. */
  | { readonly type: 'council' }
  | { readonly type: 'councilTrouble'; readonly code: CouncilTrouble; readonly detail: string }
  /** Two checkpoints were certified under one number: more of the group lie than may. */
  | { readonly type: 'checkpointConflict'; readonly number: number }
  | { readonly type: 'entryRefused'; readonly refused: Refused; readonly from: PeerId }
  /** A neighbour kept to itself what it holds, and lost its link. */
  | { readonly type: 'keepsBack'; readonly peer: PeerId };
