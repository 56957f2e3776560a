/**
 * The application behind screens and scripts: one participant, and the shapes that the outside sees. The only place where a tab's
 * layers meet; main.ts builds it.
 */
import type { BoardCommand, CommandOutcome } from '../board/command.ts';
import { decodeFirstLook } from '../board/first-look.ts';
import type { BoardSnapshot } from '../board/snapshot.ts';
import { isTemplateName } from '../board/template-names.ts';
import type { Electorate } from '../identity/genesis.ts';
import type { Bytes } from '../kernel/bytes.ts';
import { isIdText, type BoardId, type PeerId } from '../kernel/ids.ts';
import type { VerifierPort } from '../kernel/ports.ts';
import type { Result } from '../kernel/result.ts';
import { CodedError } from '../runtime/coded-error.ts';
import type { Participant } from '../runtime/participant.ts';
import type { ParticipantEvent } from '../runtime/participant-event.ts';
import type { Session } from '../runtime/session.ts';
import type { Storage, StorageEstimate } from '../storage/open-storage.ts';
import { isScratchId, isScratchLink, parseScratchLink, scratchId } from '../scratch/scratch-link.ts';
import type { PairingPort } from '../transport/pairing-desk.ts';
import type {
  AppEvent,
  AppPort,
  BoardPreview,
  BoardSummary,
  CardDelivery,
  InviteOptions,
  InvitePreview,
  JoinProgress,
  LinkStatus,
  PresenceSaid,
  PresenceStatus,
  RecordingStatus,
  Status,
  StorageStatus,
} from '../ui/ports.ts';
import type { ScratchAction } from '../scratch/scratch-session.ts';
import type { PlacedDecision } from './council-port.ts';
import { DecidingLater } from './deciding-later.ts';
import { decidingHost } from './deciding-host.ts';
import type { EngineLoader } from './engine-loader.ts';
import { ReturnedDesk } from './returned-desk.ts';
import type { ScratchDesk } from './scratch-desk.ts';
import { Governing } from './governing.ts';
import { scratchStatus } from './scratch-status.ts';

/** `status()` as scripts see it: what screens see, and the digests by which two peers can be compared. */
export interface FullStatus extends Status {
  readonly frontierDigest: string | null;
  readonly boardDigest: string | null;
}

export interface CreateOptions {
  readonly title: string;
  readonly template?: string;
  readonly electorate?: Electorate;
  readonly scratch?: boolean;
}

/** An invite admits one member within a day unless told otherwise (research/board.md section 2.4). */
const DEFAULT_USES = 1;
const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_LISTENERS = 1000;
const NOBODY: readonly PresenceStatus[] = [];
/** Title of a full board whose scratch board had none. */
const UNNAMED = 'Scratch board';

export class Application implements AppPort {
  readonly #participant: Participant;
  readonly #scratch: ScratchDesk;
  readonly #storage: Storage;
  readonly #baseUrl: () => string;
  readonly #pairing: () => PairingPort | undefined;
  readonly #listeners = new Map<AppEvent, Set<(detail: unknown) => void>>();
  #estimate: StorageEstimate = { persistent: false, usedBytes: null, quotaBytes: null };
  #persistenceAsked = false;
  #turn: Promise<unknown> = Promise.resolve();
  /** Events of this turn of the event loop, told once each at its end. */
  readonly #due = new Map<AppEvent, unknown>();
  /** Each decision of this turn. */
  #decided: PlacedDecision[] = [];

  readonly govern: Governing;
  readonly decide: DecidingLater;

  /** `pairing` is that of the open board. */
  constructor(
    participant: Participant,
    scratch: ScratchDesk,
    storage: Storage,
    verifier: VerifierPort,
    engine: EngineLoader,
    page: { readonly baseUrl: () => string; readonly pairing: () => PairingPort | undefined },
  ) {
    this.#participant = participant;
    this.#scratch = scratch;
    this.govern = new Governing(participant, verifier, engine, () => scratch.session !== undefined);
    this.decide = new DecidingLater(
      engine,
      () => decidingHost(participant, scratch.session === undefined ? participant.session : undefined),
      verifier,
    );
    this.#storage = storage;
    this.#baseUrl = page.baseUrl;
    this.#pairing = page.pairing;
    void this.#refreshEstimate();
  }

  #preview: { readonly bytes: Bytes; readonly snapshot: BoardSnapshot | undefined } | undefined;

  readonly board = {
    preview: (): BoardPreview | null => {
      const preview = this.#participant.preview;
      if (preview === undefined) return null;
      const { boardId, bytes } = preview;
      if (this.#preview?.bytes !== bytes) this.#preview = { bytes, snapshot: decodeFirstLook(bytes) };
      const { snapshot } = this.#preview;
      return snapshot === undefined ? null : { boardId, snapshot };
    },
    snapshot: (): BoardSnapshot | null =>
      this.#scratch.snapshot() ?? this.#participant.session?.node.snapshot() ?? null,
    apply: async (command: BoardCommand): Promise<CommandOutcome> => {
      this.#askPersistence();
      return this.#act({ kind: 'run', command });
    },
    undo: (): Promise<CommandOutcome> => this.#act({ kind: 'undo' }),
    redo: (): Promise<CommandOutcome> => this.#act({ kind: 'redo' }),
    deliveries: (): readonly CardDelivery[] => this.#participant.session?.node.deliveries() ?? [],
    canUndo: (): boolean => this.#undoable()?.canUndo() ?? false,
    canRedo: (): boolean => this.#undoable()?.canRedo() ?? false,
    returned: new ReturnedDesk(
      () => (this.#scratch.session === undefined ? this.#participant.session : undefined),
      (command) => this.#act({ kind: 'run', command }),
    ),
  };

  readonly presence = {
    others: (): readonly PresenceStatus[] => this.#participant.session?.node.presence() ?? NOBODY,
    say: (presence: PresenceSaid | null): void => {
      this.#participant.session?.present(presence ?? undefined);
    },
  };

  readonly pair = {
    offer: async (): Promise<string> => codedValue(await this.#openPairing().offer()),
    answer: async (code: string): Promise<string> => codedValue(await this.#openPairing().answer(code)),
    complete: async (code: string): Promise<void> =>
      void codedValue(await this.#openPairing().complete(code)),
  };

  boards(): readonly BoardSummary[] {
    const full = this.#participant.boards().map(([boardId, record]) => ({
      boardId,
      title: record.title,
      role: record.role ?? 'viewer',
      updatedAt: record.updatedAt,
      cardCount: record.cardCount,
      unacknowledged: record.unacknowledged,
    }));
    return [...full, ...this.#scratch.boards()].sort((a, b) => b.updatedAt - a.updatedAt);
  }

  async createBoard(options: CreateOptions): Promise<{ boardId: string }> {
    const template = options.template ?? 'blank';
    if (!isTemplateName(template)) throw new CodedError('unknownTemplate');
    const { title, electorate = 'tab' } = options;
    return this.#inTurn(async () => {
      if (options.scratch === true) {
        await this.#participant.closeBoard();
        return this.#scratch.create(title, template);
      }
      await this.#scratch.close();
      return this.#participant.createBoard({ title, electorate, template });
    });
  }

  async openBoard(boardId: string): Promise<void> {
    if (!isScratchId(boardId) && !isIdText(boardId)) throw new CodedError('unknownBoard');
    await this.#inTurn(async () => {
      if (isScratchId(boardId)) {
        await this.#participant.closeBoard();
        await this.#scratch.open(boardId);
      } else {
        await this.#scratch.close();
        await this.#participant.openBoard(boardId as BoardId);
      }
    });
  }

  closeBoard(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#scratch.close();
      await this.#participant.closeBoard();
    });
  }

  leave(options: { readonly keepCopy?: boolean } = {}): Promise<void> {
    const board = this.#scratch.session === undefined ? this.#participant : this.#scratch;
    return board.leave(options.keepCopy ?? true);
  }

  /** Makes a full board out of the open scratch board, which stays as it is, and opens the new one. Nothing is left of one that fails. */
  makeFullBoard(): Promise<{ boardId: string }> {
    return this.#inTurn(async () => {
      const scratchBoard = this.#scratch.session?.boardId;
      if (scratchBoard === undefined) throw new CodedError('noScratchBoard');
      const read = this.#scratch.content();
      const content = { ...read, title: read.title === '' ? UNNAMED : read.title };
      await this.#scratch.close();
      try {
        const { boardId } = await this.#participant.createBoard({
          title: content.title,
          electorate: 'tab',
          template: 'blank',
          content,
        });
        await this.#scratch.becameFull(scratchBoard, boardId);
        return { boardId };
      } catch (error) {
        // No full board was open before: a scratch board was.
        if (this.#participant.session !== undefined) await this.#participant.leave(false);
        await this.#scratch.open(scratchBoard);
        throw error;
      }
    });
  }

  /** On a scratch board the one link there is; the options are about members and have no meaning there. */
  async invite(options: InviteOptions = {}): Promise<string> {
    if (this.#scratch.session !== undefined) return this.#scratch.link(this.#baseUrl());
    return this.#participant.invite(this.#baseUrl(), {
      role: options.role ?? 'editor',
      uses: options.uses ?? DEFAULT_USES,
      expiresInMs: options.expiresInMs ?? DAY_MS,
    });
  }

  async previewInvite(
    url: string,
  ): Promise<{ ok: true; value: InvitePreview } | { ok: false; code: string }> {
    if (isScratchLink(url)) return this.#previewScratch(url);
    const read = await this.#participant.readInvite(url);
    if (!read.ok) return read;
    const { capability } = read.value.invite;
    return {
      ok: true,
      value: {
        boardId: capability.board,
        title: capability.boardTitle,
        inviterName: capability.issuerName,
        role: capability.role,
        expiresAt: capability.expiresAt ?? null,
        alreadyMember: read.value.known,
        begun: read.value.begun,
      },
    };
  }

  async join(url: string, options: { readonly name?: string } = {}): Promise<{ boardId: string }> {
    if (isScratchLink(url)) {
      if (options.name !== undefined) await this.setName(options.name);
      const read = parseScratchLink(url);
      if (!read.ok) throw new CodedError(read.code);
      return this.#inTurn(async () => {
        await this.#participant.closeBoard();
        return this.#scratch.join(url);
      });
    }
    await this.#inTurn(() => this.#scratch.close());
    return this.#participant.join(url, options.name);
  }

  joinProgress(): JoinProgress | null {
    return this.#participant.joinProgress;
  }

  cancelJoin(): void {
    this.#participant.cancelJoin();
  }

  async setName(name: string): Promise<void> {
    await this.#participant.setName(name);
    this.#scratch.renamed();
  }

  status(): FullStatus {
    const { session, identity, name } = this.#participant;
    const open = this.#scratch.session;
    if (open !== undefined) {
      const own = { peerId: identity.peerId, memberId: identity.memberId, name };
      const storage = { ...this.#estimate, state: this.#storageState(open.facts().storeFailure) };
      return scratchStatus(own, open, this.#scratch.record, storage);
    }
    const node = session?.node.status();
    const split: SplitView = node ?? {};
    return {
      peerId: identity.peerId,
      memberId: identity.memberId,
      name,
      boardId: session?.boardId ?? null,
      role: node?.role ?? null,
      barred: node?.barred ?? null,
      signaling: session?.signaling ?? 'down',
      links: session === undefined ? [] : [...linksOf(session), ...relayedOf(session, split.relayed ?? [])],
      members: node?.members ?? [],
      knownPeers: node?.knownPeers ?? 0,
      reachablePeers: node?.reachablePeers ?? 0,
      partition: split.partition ?? 'none',
      missingPeers: split.missingPeers ?? 0,
      // Computed when read: screens ask for the status at every change and never look at them.
      get frontierDigest() {
        return node?.frontierDigest ?? null;
      },
      get boardDigest() {
        return session?.node.boardDigest() ?? null;
      },
      pending: {
        unacknowledged: node?.unacknowledged ?? 0,
        unsaved: node?.unsaved ?? 0,
        ...this.decide.pending(),
        needsVote: this.decide.needsVote(),
      },
      committee: this.decide.committee(),
      closed: this.decide.closed(),
      copies: node?.copies ?? 0,
      storage: { ...this.#estimate, state: this.#storageState(node?.storeFailure) },
    };
  }

  /** What the node did lately, oldest first; a person can attach it to a report. */
  trace(): readonly string[] {
    return this.#participant.session?.trace() ?? [];
  }

  readonly recorder = {
    status: (): RecordingStatus | null => this.#participant.session?.recorder.status ?? null,
    export: (): Bytes | null => this.#participant.session?.recorder.export() ?? null,
  };

  on(event: AppEvent, listener: (detail: unknown) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    if (listeners.size >= MAX_LISTENERS) throw new CodedError('tooManyListeners');
    this.#listeners.set(event, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Takes an event of the participant; listeners hear of it once, after the current work. */
  heard(event: Exclude<ParticipantEvent, 'left'> | 'storage', detail: unknown): void {
    if (this.#due.size + this.#decided.length === 0) queueMicrotask(() => this.#tellAll());
    if (event === 'council' || event === 'open') this.decide.changed();
    if (event === 'decision') this.#decided.push(detail as PlacedDecision);
    else this.#due.set(event === 'storage' ? 'status' : event, detail);
    // Counts of what waits for a vote, and of votes that wait, are part of the status.
    if (event === 'council') this.#due.set('status', undefined);
    if (event === 'storage') void this.#refreshEstimate();
  }

  /** Changes of what is open happen one after the other, so that never a full and a scratch board are open together. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #act(action: ScratchAction): Promise<CommandOutcome> {
    return this.#scratch.session === undefined ? this.#participant.act(action) : this.#scratch.act(action);
  }

  #undoable(): { canUndo(): boolean; canRedo(): boolean } | undefined {
    return this.#scratch.session ?? this.#participant.session?.node;
  }

  #previewScratch(url: string): { ok: true; value: InvitePreview } | { ok: false; code: string } {
    const read = parseScratchLink(url);
    if (!read.ok) return read;
    const boardId = scratchId(read.value);
    return {
      ok: true,
      value: {
        boardId,
        title: '',
        inviterName: '',
        role: 'editor',
        expiresAt: null,
        alreadyMember: this.#scratch.has(boardId),
        begun: false,
        scratch: true,
      },
    };
  }

  #openPairing(): PairingPort {
    const pairing = this.#participant.session === undefined ? undefined : this.#pairing();
    if (pairing === undefined) throw new CodedError('noBoard');
    return pairing;
  }

  #tellAll(): void {
    const decided = this.#decided.map((decision) => ['decision', this.decide.told(decision)] as const);
    const due = [...this.#due, ...decided];
    this.#due.clear();
    this.#decided = [];
    for (const [event, detail] of due) {
      for (const listener of this.#listeners.get(event) ?? []) {
        try {
          listener(detail);
        } catch (error) {
          // A listener's mistake is its own: the others still hear the event, and the page's error handler hears of the mistake.
          reportError(error);
        }
      }
    }
  }

  #storageState(failure: 'quota' | 'unavailable' | 'failed' | undefined): StorageStatus['state'] {
    if (failure !== undefined) return failure;
    return this.#storage.state === 'ok' ? 'ok' : 'unavailable';
  }

  /** At the first real edit, not at load: some browsers ask the person. */
  #askPersistence(): void {
    if (this.#persistenceAsked) return;
    this.#persistenceAsked = true;
    void this.#storage.requestPersistence().then(() => this.#refreshEstimate());
  }

  async #refreshEstimate(): Promise<void> {
    this.#estimate = await this.#storage.estimate();
  }
}

/** What a node says of the other side of a split, and of peers that it reaches over others only. */
interface SplitView extends Partial<Pick<Status, 'partition' | 'missingPeers' | 'knownPeers'>> {
  readonly relayed?: readonly PeerId[];
}

function relayedOf(session: Session, peers: readonly PeerId[]): readonly LinkStatus[] {
  return peers.map((peer) => ({
    peerId: peer,
    ...memberOf(session, peer),
    state: 'up',
    rttMs: null,
    relayed: true,
    browserLocal: false,
  }));
}

function codedValue<Value>(result: Result<Value, string>): Value {
  if (!result.ok) throw new CodedError(result.code);
  return result.value;
}

function memberOf(session: Session, peer: PeerId): { readonly memberId?: string } {
  const memberId = session.node.memberOf(peer);
  return memberId === undefined ? {} : { memberId };
}

function linksOf(session: Session): readonly LinkStatus[] {
  return session.node.neighbours().map((peer: PeerId) => ({
    peerId: peer,
    ...memberOf(session, peer),
    state: 'up',
    rttMs: session.links.stats(peer)?.rttMs ?? null,
    relayed: false,
    browserLocal: session.browserLocal(peer),
  }));
}
