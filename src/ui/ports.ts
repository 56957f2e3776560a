/**
 * What the screens need from the application. `app/` implements this; screens know nothing else of it. All shapes are
 * those of the scripting interface (docs/api.md), so what a person sees and what a script reads never differ.
 */
import type { BoardCommand, CommandOutcome } from '../board/command.ts';
import type { BoardSnapshot } from '../board/snapshot.ts';
import type { WrittenEdit } from '../board/written-edit.ts';
import type { ClosedStatus, CommitteeStatus, DecidePort } from './decision-ports.ts';
import type { Role } from './role.ts';

export type { Role } from './role.ts';

/** A board kept on this device. */
export interface BoardSummary {
  readonly boardId: string;
  readonly title: string;
  readonly role: Role;
  /** Local clock of the last change seen here, milliseconds since 1970. */
  readonly updatedAt: number;
  readonly cardCount: number;
  /** Own changes that no other device has acknowledged; 0 on scratch boards, where nobody acknowledges anything. */
  readonly unacknowledged: number;
  /** A scratch board: no members, no roles; whoever has the link can change anything. */
  readonly scratch?: true;
}

/** What a person should know about a scratch board's document, by code (docs/errors.md). */
export type ScratchNotice = 'scratchWaiting' | 'scratchSkipped' | 'scratchLarge' | 'scratchTooLarge';

/** What is known of an open scratch board. */
export interface ScratchStatus {
  /** The full board that was made from it on this device. */
  readonly fullBoardId: string | null;
  /** Things in the document that are not shown, because they are unreadable or too many. */
  readonly skipped: { readonly columns: number; readonly cards: number; readonly comments: number };
  readonly notices: readonly ScratchNotice[];
  /** Size of the document, as last measured. */
  readonly bytes: number;
}

export interface LinkStatus {
  readonly peerId: string;
  /** The member at the other end, once it has proven who it is; screens then show a name instead of a peer id. */
  readonly memberId?: string;
  readonly state: 'connecting' | 'up' | 'closing';
  readonly rttMs: number | null;
  /** No direct connection could be made: everything goes over other peers, and the round trip is not known. */
  readonly relayed: boolean;
  readonly browserLocal: boolean;
}

export interface MemberStatus {
  readonly memberId: string;
  readonly name: string;
  readonly online: boolean;
  readonly asleep: boolean;
  /** Of an evicted member, the last one it had. */
  readonly role: Role;
  /** `frozen`: one of its tabs signed two different histories, and what that tab writes is ignored, until it has a new key. `evicted`: an owner removed it. */
  readonly standing: 'good' | 'frozen' | 'evicted';
  /** Whether it made the board: nobody may restrict it. */
  readonly creator: boolean;
  /** Which member removed it, and when by that one's clock, milliseconds since 1970; null unless it was evicted. */
  readonly eviction: { readonly by: string; readonly at: number } | null;
  /** Open tabs of this member that we can reach, ourselves included. */
  readonly peers: number;
  readonly self: boolean;
}

export interface StorageStatus {
  /** Whether writes are reaching the disk. `unavailable`: no IndexedDB; `quota`: full; `failed`: anything else. */
  readonly state: 'ok' | 'unavailable' | 'quota' | 'failed';
  readonly persistent: boolean;
  readonly usedBytes: number | null;
  readonly quotaBytes: number | null;
}

export interface PendingStatus {
  /** Own entries that no other device has acknowledged; null on scratch boards, where nobody acknowledges anything. */
  readonly unacknowledged: number | null;
  /** Own edits that are on screen but not on disk. */
  readonly unsaved: number;
  /** Own proposals and ballots that are signed and kept here, and that the group has not decided yet. */
  readonly queuedProposals: number;
  readonly queuedBallots: number;
  /** Proposals that wait for our vote. */
  readonly needsVote: number;
}

export interface Status {
  readonly peerId: string;
  readonly memberId: string;
  readonly name: string;
  readonly boardId: string | null;
  readonly role: Role | null;
  /**
   * Why nobody accepts what this tab writes: its member was evicted, its journal forked, or part of what it wrote was cut off because
   * its role had changed meanwhile. null: they do.
   */
  readonly barred: 'evicted' | 'forked' | 'cut' | null;
  readonly signaling: 'connected' | 'connecting' | 'down';
  readonly links: readonly LinkStatus[];
  readonly members: readonly MemberStatus[];
  /** null on scratch boards, as is all else about peers that are not connected. */
  readonly knownPeers: number | null;
  readonly reachablePeers: number;
  /** Whether the swarm seems split, and on which side of it we are. */
  readonly partition: 'none' | 'majority' | 'minority' | null;
  /** Peers that should be here and cannot be reached: those on the other side of a split. */
  readonly missingPeers: number | null;
  readonly pending: PendingStatus;
  /** null where nothing is decided together, and while the committee is not known. */
  readonly committee: CommitteeStatus | null;
  /** null while the board is not over. Then everybody's edits are refused with `boardClosed`. */
  readonly closed: ClosedStatus | null;
  /** Devices (members) known to hold everything we hold, this one included; null on scratch boards. */
  readonly copies: number | null;
  readonly storage: StorageStatus;
  /** Present while a scratch board is open. */
  readonly scratch?: ScratchStatus;
}

/** What a person does with a card; the same words as in src/replication/presence.ts. */
export const DOINGS = ['open', 'move', 'title', 'notes', 'labels', 'due', 'assignees', 'comment'] as const;
export type Doing = (typeof DOINGS)[number];

export interface PresenceSaid {
  readonly cardId: string;
  readonly doing: Doing;
}

/** What another tab is at. The card need not exist here. */
export interface PresenceStatus extends PresenceSaid {
  readonly peerId: string;
  readonly memberId: string;
  readonly asleep: boolean;
}

export interface BoardPreview {
  readonly boardId: string;
  readonly snapshot: BoardSnapshot;
}

/** Where a join stands. `copying` counts bytes of the board. */
export type JoinProgress =
  | { readonly phase: 'finding' }
  | { readonly phase: 'connecting'; readonly peers: number }
  | { readonly phase: 'copying'; readonly receivedBytes: number; readonly totalBytes: number }
  | { readonly phase: 'waiting' } // nobody of this board is online
  | { readonly phase: 'done' }
  | { readonly phase: 'failed'; readonly code: string };

/** What an invite link says about itself, read on this device before anything is sent. */
export interface InvitePreview {
  readonly boardId: string;
  readonly title: string;
  readonly inviterName: string;
  readonly role: Role;
  readonly expiresAt: number | null;
  /** Already a member here: opening is enough. */
  readonly alreadyMember: boolean;
  /** A join of this board was begun on this device and is not over, as after a reload: it goes on without being asked for again. */
  readonly begun: boolean;
  /** The link of a scratch board: it says nothing about the board, and title and inviter are empty. */
  readonly scratch?: true;
}

export interface InviteOptions {
  readonly role?: 'editor' | 'viewer' | 'agent';
  /** How many members it may admit, 1 to 1,000. */
  readonly uses?: number;
  readonly expiresInMs?: number;
}

/** An invite of the open board, as far as this device knows it: made here, or used by somebody. */
export interface InviteStatus {
  /** Names the invite; opens nothing. */
  readonly inviteId: string;
  readonly role: Role;
  /** Members that it may admit. */
  readonly uses: number;
  /** Members whom it admitted, evicted ones included. */
  readonly admitted: readonly string[];
  /** Milliseconds since 1970; null for no end. */
  readonly expiresAt: number | null;
  /** Who made it. */
  readonly memberId: string;
  readonly state: 'open' | 'usedUp' | 'expired' | 'revoked';
}

/** A proof that a tab signed two different entries for one place; checkable by anybody (docs/api.md). */
export interface Evidence {
  readonly kind: 'equivocation';
  readonly boardId: string;
  /** Public key of the tab, hex. */
  readonly author: string;
  /** Which of its entries, from 1. */
  readonly place: number;
  readonly statements: readonly {
    readonly body: string;
    readonly signed: string;
    readonly signature: string;
  }[];
  /** Whose tab it is; null while that is not known. */
  readonly memberId: string | null;
  /** '' if not known. */
  readonly name: string;
  /** The member's signed word that the tab is its own. */
  readonly certificate: {
    readonly member: string;
    readonly peer: string;
    readonly slot: number;
    readonly name: string;
    readonly signed: string;
    readonly signature: string;
  } | null;
  /** When this device learned of it, milliseconds since 1970 by its clock; null if that was not kept. */
  readonly foundAt: number | null;
}

/** `reason`: `proofEmpty`, `proofAltered` or `badSignature`; null when it is valid. */
export interface EvidenceVerdict {
  readonly valid: boolean;
  readonly reason: string | null;
}

/** What owners may do to others, and what everybody may know about it. Calls reject with a CodedError. */
export interface GovernPort {
  /** Removes a member for good. Owners only: `notAllowed`, `unknownMember`, `memberProtected`. */
  evict(memberId: string): Promise<void>;
  setRole(memberId: string, role: Role): Promise<void>;
  invites(): Promise<readonly InviteStatus[]>;
  /** Makes an invite void, by its id or its link. */
  revokeInvite(invite: string): Promise<void>;
  /** Every proof held here, sorted by author. */
  evidence(): readonly Evidence[];
  /** Goes on under a new key where nobody accepts what this tab's key signs. Rejects with `evicted` when no key helps. */
  renewKey(): Promise<void>;
}

/** A refusal with a stable code (docs/errors.md) and nothing else that a screen may show. */
export interface CodedError {
  readonly code: string;
}

/**
 * `board`: the snapshot changed. `preview`: there is something to show of a board that is being opened. `status`: anything in `status()` changed. `presence`: what others are at changed. `boards`: the list on this device changed.
 * `council`: proposals, ballots, the committee or what it reaches changed. `decision`: the group decided something, told once for each.
 * `open`: another board is open now (or none). `join`: progress of a join. `evidence`: somebody was found to have lied. `returned`: the list of edits that were not taken over changed. `trouble`: something a person must know, by code.
 */
export type AppEvent =
  | 'board'
  | 'preview'
  | 'status'
  | 'presence'
  | 'boards'
  | 'open'
  | 'join'
  | 'evidence'
  | 'council'
  | 'decision'
  | 'returned'
  | 'trouble';

/** Linking two tabs of a board without any server, by two codes that people hand over. All reject with a CodedError. */
export interface PairPort {
  /** A code for the other side to answer, good for ten minutes. */
  offer(): Promise<string>;
  /** The code to give back for one that was offered. */
  answer(code: string): Promise<string>;
  /** Resolves when the link is up. */
  complete(code: string): Promise<void>;
}

/** What became of this device's own changes of one card. */
export interface CardDelivery {
  readonly cardId: string;
  /** Own changes that no other device is known to hold. */
  readonly waiting: number;
  /** Devices known to hold the latest own change, this one included. */
  readonly copies: number;
  /** When the latest own change was made, milliseconds since 1970 by this device's clock. */
  readonly at: number;
}

/** An edit of this device's person that was not taken over, and why. Kept until it is done again or dismissed. */
export interface ReturnedEdit extends WrittenEdit {
  readonly id: string;
  /** Why it was not taken over (docs/errors.md). */
  readonly code: string;
  /** When it was made, milliseconds since 1970 by this device's clock. */
  readonly at: number;
  /** The words that it wrote; '' when it wrote none. */
  readonly text: string;
}

/** The list of edits that were not taken over, of the open full board. */
export interface ReturnedPort {
  /** Oldest first; the same array until something changed. */
  list(): readonly ReturnedEdit[];
  /** Keeps what a person wrote in a command that was refused; false when it cannot be kept. */
  keep(command: BoardCommand, code: string): boolean;
  /** Does it again, as an edit of now. Rejects with a CodedError, and then it stays in the list. */
  again(id: string): Promise<CommandOutcome>;
  /** Forgets it for good; resolves when the disk has, too. */
  dismiss(id: string): Promise<void>;
}

/** How much was recorded of the open board since it was opened. */
export interface RecordingStatus {
  /** `running`: it goes on. It ended because it is `full`, because something could not be written down (`broken`), or with the node (`threw`). */
  readonly state: 'running' | 'full' | 'broken' | 'threw';
  /** Calls of the node. */
  readonly calls: number;
  readonly bytes: number;
}

export interface RecorderPort {
  /** null while no full board is open. */
  status(): RecordingStatus | null;
  /** All of it as a file that `npm run replay` reads; it holds what is on the board. null while no full board is open. */
  export(): Uint8Array<ArrayBuffer> | null;
}

export interface AppPort {
  boards(): readonly BoardSummary[];
  createBoard(options: {
    readonly title: string;
    readonly template?: string;
    readonly scratch?: boolean;
  }): Promise<{ boardId: string }>;
  openBoard(boardId: string): Promise<void>;
  /** Closes the open board on this tab; it stays on the device. */
  closeBoard(): Promise<void>;
  leave(options: { readonly keepCopy?: boolean }): Promise<void>;
  /** Rejects with a CodedError. */
  invite(options: InviteOptions): Promise<string>;
  /** Reads a pasted link without joining. */
  previewInvite(url: string): Promise<{ ok: true; value: InvitePreview } | { ok: false; code: string }>;
  join(url: string, options: { readonly name?: string }): Promise<{ boardId: string }>;
  joinProgress(): JoinProgress | null;
  cancelJoin(): void;
  /** The name other people see; 1 to 60 characters. */
  setName(name: string): Promise<void>;
  /** Makes a full board out of the open scratch board, and opens it. */
  makeFullBoard(): Promise<{ boardId: string }>;
  readonly pair: PairPort;
  readonly govern: GovernPort;
  readonly decide: DecidePort;
  readonly board: {
    /** While a board is being opened: what was on screen when it was last open, without most of its texts. To look at only. */
    preview(): BoardPreview | null;
    /** How far this device's own changes have come, card by card; empty while no board is open. */
    deliveries(): readonly CardDelivery[];
    /** null while no board is open. The same object until something changed. */
    snapshot(): BoardSnapshot | null;
    apply(command: BoardCommand): Promise<CommandOutcome>;
    undo(): Promise<CommandOutcome>;
    redo(): Promise<CommandOutcome>;
    canUndo(): boolean;
    canRedo(): boolean;
    readonly returned: ReturnedPort;
  };
  readonly presence: {
    /** What other tabs are at. The same object until something changed. */
    others(): readonly PresenceStatus[];
    /** What this tab's person is at; null: at no card. Say it again while it goes on. */
    say(presence: PresenceSaid | null): void;
  };
  readonly recorder: RecorderPort;
  status(): Status;
  on(event: AppEvent, listener: (detail: unknown) => void): () => void;
}
