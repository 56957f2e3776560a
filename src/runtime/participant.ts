/**
 * One tab as a participant: its identity, the boards on its device, and the board that is open. Everything that the scripting interface and
 * the screens can do comes down to a method here.
 */
import type { BoardId, PeerId } from '../kernel/ids.ts';
import { ok, type Result } from '../kernel/result.ts';
import { boardIdOf, type Electorate } from '../identity/genesis.ts';
import type { Invite } from '../identity/invite-link.ts';
import type { PeerCertificate } from '../identity/peer-certificate.ts';
import type { BoardAction, BoardContent, CommandOutcome, OwnerDecree, TemplateName } from '../node/events.ts';
import { newBoardRecord, sameSummary, type BoardRecord } from './board-record.ts';
import { MAX_BOARDS, type BoardShelf } from './board-shelf.ts';
import { CodedError, must } from './coded-error.ts';
import {
  createGenesis,
  generateBoardSecret,
  issuePeerCertificate,
  redeemInvite,
} from './identity-service.ts';
import type { Engine } from './engine-port.ts';
import { FirstLooks, type LookSource, type Preview } from './first-looks.ts';
import { Invitations, readInvite, type InviteTerms, type InviteView } from './invitations.ts';
import { JoinWatch, type JoinProgress } from './join-watch.ts';
import { burnPeerKey, type Identity } from './keys.ts';
import type { ParticipantEvent } from './participant-event.ts';
import type { Session, SessionEdges, SessionNotice } from './session.ts';
import { storageCode, stored } from './storage-code.ts';

export interface ParticipantOptions {
  readonly engine: () => Promise<Engine>;
  readonly identity: Identity;
  /** The identity with a fresh peer key, after the old one was burnt. */
  readonly renewIdentity: (identity: Identity) => Promise<Identity>;
  readonly shelf: BoardShelf;
  readonly edges: Omit<SessionEdges, 'signer'>;
  readonly name: string;
  readonly onEvent: (event: ParticipantEvent, detail: unknown) => void;
}

/** Delay before a changed summary (title, counts) is written for Home. Origin: guess; it is only a display. */
const RECORD_DELAY_MS = 1000;
/** Edits that may wait for a board that is being opened. Origin: guess; far above what anybody does in a second. */
const MAX_WAITING_ACTS = 1000;

export class Participant {
  #identity: Identity;
  readonly #options: ParticipantOptions;
  readonly #shelf: BoardShelf;
  #name: string;
  #session: Session | undefined;
  #join: JoinWatch | undefined;
  #cancelRecord: (() => void) | undefined;
  /** The board whose genesis was written down last. */
  #genesisOf: BoardId | undefined;
  readonly #looks: FirstLooks;
  readonly #invitations: Invitations;
  /** The opening under way; edits made meanwhile wait for it. */
  #opening: Promise<unknown> | undefined;
  #waitingActs = 0;
  /** Openings and closings happen one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ParticipantOptions) {
    this.#identity = options.identity;
    this.#options = options;
    this.#shelf = options.shelf;
    this.#name = options.name;
    this.#looks = new FirstLooks(options.edges.store, options.edges.clock);
    this.#invitations = new Invitations(options.edges.store);
  }

  get identity(): Identity {
    return this.#identity;
  }

  get name(): string {
    return this.#name;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** What the disk held to be shown of the board that is being opened. */
  get preview(): Preview | undefined {
    return this.#looks.preview;
  }

  get joinProgress(): JoinProgress | null {
    return this.#join?.progress ?? null;
  }

  boards(): readonly (readonly [BoardId, BoardRecord])[] {
    return this.#shelf.all();
  }

  /** Reads the list again, since other tabs of this profile share it. */
  async refreshBoards(): Promise<void> {
    await this.#shelf.reload();
    this.#tell('boards', undefined);
  }

  createBoard(options: {
    readonly title: string;
    readonly electorate: Electorate;
    readonly template: TemplateName;
    /** What the board holds instead of its template: a scratch board's content. */
    readonly content?: BoardContent;
  }): Promise<{ boardId: BoardId }> {
    return this.#inTurn(async () => {
      if (this.#shelf.size >= MAX_BOARDS) throw new CodedError('tooManyBoards');
      const wallMs = this.#wallMs();
      const { memberSigner, peerId } = this.identity;
      const genesis = must(await createGenesis(memberSigner, { electorate: options.electorate, wallMs }));
      const boardId = boardIdOf(genesis);
      const { title } = options;
      const fields = { genesis, secret: generateBoardSecret(), ticket: undefined, title, updatedAt: wallMs };
      const { edges, engine } = this.#options;
      await (await engine()).foundCommittee(edges.store, memberSigner, genesis, peerId);
      await this.#keep(boardId, { ...newBoardRecord(fields), role: 'owner' });
      await this.#open(boardId);
      await this.act(
        options.content === undefined
          ? { kind: 'template', name: options.template, title: options.title }
          : { kind: 'fill', content: options.content, at: wallMs },
      );
      return { boardId };
    });
  }

  openBoard(boardId: BoardId): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#session?.boardId === boardId) return;
      if (this.#shelf.get(boardId) === undefined) await this.#shelf.reload();
      await this.#open(boardId);
    });
  }

  closeBoard(): Promise<void> {
    return this.#inTurn(() => this.#close());
  }

  /** Leaves the open board on this tab; without `keepCopy` everything of it is erased from this device. */
  leave(keepCopy: boolean): Promise<void> {
    return this.#inTurn(async () => {
      const session = this.#session;
      if (session === undefined) throw new CodedError('noBoard');
      const authors = session.node.ourAuthors();
      await this.#close();
      if (keepCopy) return;
      await this.#burnKeys(authors);
      stored(await this.#shelf.erase(session.boardId));
      this.#tell('left', session.boardId);
      this.#tell('boards', undefined);
    });
  }

  /** Another tab of this profile has erased a board: what this tab has of it goes too. */
  erasedElsewhere(boardId: BoardId): Promise<void> {
    return this.#inTurn(async () => {
      const session = this.#session;
      if (session?.boardId === boardId) {
        const authors = session.node.ourAuthors();
        this.#looks.drop();
        session.close();
        this.#session = undefined;
        await this.#burnKeys(authors);
        // What this tab wrote after the other one had cleared the disk.
        stored(await this.#shelf.erase(boardId));
        this.#tell('open', null);
      }
      await this.#shelf.reload();
      this.#tell('boards', undefined);
    });
  }

  /** Journals that these keys of ours wrote are about to go: none of them may write another first entry (DESIGN section 5). */
  async #burnKeys(authors: readonly PeerId[]): Promise<void> {
    for (const author of authors) stored(await burnPeerKey(this.#options.edges.store, author));
    if (!authors.includes(this.#identity.peerId)) return;
    this.#identity = await this.#options.renewIdentity(this.#identity);
    this.#tell('status', undefined);
  }

  /** A link that admits others; `base` is the application's address without a fragment. */
  async invite(base: string, terms: InviteTerms): Promise<string> {
    const session = this.#opened();
    const record = this.#shelf.get(session.boardId);
    if (record === undefined) throw new CodedError('noBoard');
    const issuer = { signer: this.identity.memberSigner, name: this.#name, wallMs: this.#wallMs() };
    return base + (await this.#invitations.make(session, record.secret, issuer, terms));
  }

  /** The open board's invites. Rejects with `noBoard`. */
  async invites(): Promise<readonly InviteView[]> {
    const { boardId, node } = this.#opened();
    const isRevoked = (inviteKey: string): boolean => node.isRevoked(inviteKey);
    return this.#invitations.list(boardId, node.invites(), { wallMs: this.#wallMs(), isRevoked });
  }

  /** Writes an owner's decree into the open board. Rejects with the code of its refusal, or `noBoard`. */
  async decree(decree: OwnerDecree): Promise<void> {
    await this.#opened().decree(decree);
  }

  /**
   * Goes on under a fresh peer key, once nobody accepts what the old one signs, or it has no say in the group. Nothing else changes: what has effect
   * stays, and other boards get the new key when they are opened. Rejects with `noBoard`, or with `evicted`: no key helps then.
   */
  renewKey(): Promise<void> {
    return this.#inTurn(async () => {
      const { boardId, node } = this.#opened();
      if (node.barred === 'evicted') throw new CodedError('evicted');
      if (node.barred === undefined && node.council.muted === undefined) return;
      await this.#close();
      await this.#burnKeys([this.#identity.peerId]);
      await this.#open(boardId);
    });
  }

  #opened(): Session {
    if (this.#session === undefined) throw new CodedError('noBoard');
    return this.#session;
  }

  /** Reads a pasted link; says whether it holds together, without telling anybody. */
  async readInvite(
    pasted: string,
  ): Promise<Result<{ readonly invite: Invite; readonly known: boolean; readonly begun: boolean }, string>> {
    const read = await readInvite(this.#options.edges.verifier, pasted);
    if (!read.ok) return read;
    const record = this.#shelf.get(read.value.capability.board);
    const isHere = record !== undefined && record.ticket === undefined;
    return ok({ invite: read.value, known: isHere, begun: record !== undefined && !isHere });
  }

  /** Resolves when the board's content is here. Rejects with the invite's code, or `joinCancelled`. */
  async join(pasted: string, name: string | undefined): Promise<{ boardId: BoardId }> {
    const read = await this.readInvite(pasted);
    if (!read.ok) throw new CodedError(read.code);
    if (name !== undefined) await this.setName(name);
    const { invite, known } = read.value;
    const boardId = invite.capability.board;
    if (known) {
      await this.openBoard(boardId);
      return { boardId };
    }
    const { expiresAt } = invite.capability;
    if (expiresAt !== undefined && this.#wallMs() >= expiresAt) throw new CodedError('inviteExpired');
    const watch = await this.#inTurn(() => this.#startJoin(boardId, invite));
    try {
      await watch.finished;
    } catch (error) {
      await this.#abandonJoin(boardId); // told only once nothing of it is left
      throw error;
    }
    return { boardId };
  }

  cancelJoin(): void {
    this.#join?.fail('joinCancelled');
  }

  async setName(name: string): Promise<void> {
    if (name === this.#name) return;
    this.#name = name;
    const value = new TextEncoder().encode(name);
    stored(await this.#options.edges.store.write([{ op: 'put', store: 'meta', key: NAME_KEY, value }]));
    this.#session?.rename(await this.#certificate());
    this.#tell('status', undefined);
  }

  /** Carries out an action on the open board; on one that is being opened, as soon as it is. */
  async act(action: BoardAction): Promise<CommandOutcome> {
    if (this.#session === undefined && this.#opening !== undefined) {
      if (this.#waitingActs >= MAX_WAITING_ACTS) throw new CodedError('overloaded');
      this.#waitingActs += 1;
      await this.#opening;
      this.#waitingActs -= 1;
    }
    if (this.#session === undefined) throw new CodedError('noBoard');
    return this.#session.act(action);
  }

  /** The page goes away: says goodbye at once. */
  stop(): void {
    this.#cancelRecord?.();
    // It may not reach the disk any more; then the one before is shown.
    if (this.#session !== undefined) this.#looks.flush(this.#lookOf(this.#session));
    this.#session?.close(true);
    this.#session = undefined;
  }

  async #startJoin(boardId: BoardId, invite: Invite): Promise<JoinWatch> {
    const { memberId } = this.identity;
    const ticket = must(await redeemInvite(this.#options.edges.verifier, invite, memberId));
    const { boardSecret: secret, capability } = invite;
    // Kept before anybody is asked: a reload in the middle goes on where it was.
    const record = newBoardRecord({
      genesis: undefined,
      secret,
      ticket,
      title: capability.boardTitle,
      updatedAt: this.#wallMs(),
    });
    await this.#keep(boardId, this.#shelf.get(boardId) ?? record);
    await this.#open(boardId);
    const watch = this.#join;
    if (watch === undefined) throw new CodedError('internalError');
    return watch;
  }

  /** A join that failed for good leaves nothing behind, unless another tab of this profile has completed it. */
  async #abandonJoin(boardId: BoardId): Promise<void> {
    await this.#inTurn(async () => {
      const session = this.#session?.boardId === boardId ? this.#session : undefined;
      const authors = session?.node.ourAuthors() ?? [];
      if (session !== undefined) await this.#close();
      await this.#shelf.reload();
      if (this.#shelf.get(boardId)?.ticket !== undefined) {
        await this.#burnKeys(authors);
        await this.#shelf.erase(boardId);
      }
      this.#tell('boards', undefined);
    });
  }

  async #open(boardId: BoardId): Promise<void> {
    const record = this.#shelf.get(boardId);
    if (record === undefined) throw new CodedError('unknownBoard');
    await this.#close();
    const { clock } = this.#options.edges;
    const watch =
      record.ticket === undefined ? undefined : new JoinWatch(clock, () => this.#tell('join', undefined));
    // Its rejection is handled by whoever asked for the join; a join resumed after a reload has only the screen.
    watch?.finished.catch(() => undefined);
    this.#join = watch;
    const opening = this.#openSession(boardId, record);
    // Settled for those who wait once the session is there, or is known not to come.
    const settled = opening.then(
      (session) => {
        this.#session = session;
      },
      () => undefined,
    );
    this.#opening = settled;
    await settled;
    this.#opening = undefined;
    this.#looks.hide();
    await opening;
    this.#lookAtJoin();
    this.#tell('open', boardId);
    this.#tell('board', undefined);
  }

  /** Shows what the disk remembers of the board at once, and then reads all of it. */
  async #openSession(boardId: BoardId, record: BoardRecord): Promise<Session> {
    const { edges } = this.#options;
    if (record.ticket === undefined) await this.#looks.show(boardId, () => this.#tell('preview', boardId));
    return (await this.#options.engine()).openSession({
      boardId,
      record,
      certificate: await this.#certificate(),
      edges: { ...edges, signer: this.identity.peerSigner },
      onNotice: (notice) => this.#noticed(boardId, notice),
    });
  }

  /** Newcomers have nothing to keep until they have all of it. */
  #lookOf(session: Session): LookSource {
    const { boardId, node } = session;
    return { boardId, look: () => (node.joinState().phase === 'joined' ? node.firstLook() : undefined) };
  }

  #close(): Promise<void> {
    this.#cancelRecord?.();
    this.#cancelRecord = undefined;
    const session = this.#session;
    if (session === undefined) return Promise.resolve();
    const written = this.#writeRecord(session);
    this.#looks.flush(this.#lookOf(session));
    session.close();
    this.#session = undefined;
    this.#join?.fail('joinCancelled');
    this.#tell('open', null);
    return written;
  }

  #noticed(boardId: BoardId, notice: SessionNotice): void {
    // The last words of a session that is being replaced concern nobody.
    if (this.#session !== undefined && this.#session.boardId !== boardId) return;
    switch (notice.type) {
      case 'board':
        if (this.#session !== undefined) this.#looks.changed(this.#lookOf(this.#session));
        this.#rememberSoon();
        this.#tell('board', undefined);
        return;
      case 'status':
        this.#rememberGenesis();
        this.#rememberSoon();
        this.#lookAtJoin();
        this.#tell('status', undefined);
        return;
      case 'presence':
      case 'evidence':
      case 'council':
      case 'decision':
        this.#tell(notice.type, notice.type === 'decision' ? notice.decision : undefined);
        return;
      case 'returned':
        this.#tell('returned', notice.isOurs ? boardId : undefined);
        return;
      case 'joined':
        if (this.#session !== undefined) void this.#writeRecord(this.#session);
        this.#lookAtJoin();
        return;
      case 'turnedAway':
        this.#join?.turnedAway(notice.code);
        if (this.#join === undefined && notice.code === 'protocolMismatch')
          this.#tell('trouble', { code: notice.code });
        return;
      case 'trouble':
        this.#tell('trouble', { code: notice.code, detail: notice.detail });
        return;
    }
  }

  #lookAtJoin(): void {
    // Asked at every change of the status, which takes a walk over all members and peers.
    if (this.#session !== undefined && this.#join?.isOver === false)
      this.#join.look(this.#session.node.joinState(), this.#session.node.status().knownPeers);
  }

  /** At once, before anything that it judges is stored: a reload could read no entry without it. */
  #rememberGenesis(): void {
    const session = this.#session;
    if (session === undefined || this.#genesisOf === session.boardId) return;
    const record = this.#shelf.get(session.boardId);
    if (record?.genesis !== undefined || session.node.genesis === undefined) return;
    this.#genesisOf = session.boardId;
    void this.#writeRecord(session);
  }

  #rememberSoon(): void {
    this.#cancelRecord ??= this.#options.edges.clock.after(RECORD_DELAY_MS, () => {
      this.#cancelRecord = undefined;
      if (this.#session !== undefined) void this.#writeRecord(this.#session);
    });
  }

  /** Brings the board's record up to date with its node. */
  async #writeRecord(session: Session): Promise<void> {
    const record = this.#shelf.get(session.boardId);
    if (record === undefined) return;
    const { node } = session;
    const complete = node.joinState().phase === 'joined';
    const snapshot = node.snapshot();
    const next: BoardRecord = {
      ...record,
      genesis: node.genesis ?? record.genesis,
      ticket: complete ? undefined : record.ticket,
      title: complete && snapshot.title !== '' ? snapshot.title : record.title,
      role: node.role ?? record.role,
      cardCount: snapshot.columns.reduce((sum, { cards }) => sum + cards.length, 0),
      unacknowledged: node.unacknowledged(),
    };
    if (sameSummary(record, next)) return;
    const kept = await this.#shelf.put(session.boardId, { ...next, updatedAt: this.#wallMs() });
    if (!kept.ok) this.#tell('trouble', { code: storageCode(kept.code) });
    this.#tell('boards', undefined);
  }

  async #keep(boardId: BoardId, record: BoardRecord): Promise<void> {
    stored(await this.#shelf.put(boardId, record));
    this.#tell('boards', undefined);
  }

  async #certificate(): Promise<PeerCertificate> {
    const { memberSigner, peerId, slot } = this.identity;
    return must(
      await issuePeerCertificate(memberSigner, { peer: peerId, slot: slot?.slot, name: this.#name }),
    );
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #wallMs(): number {
    return this.#options.edges.clock.wallMs();
  }

  #tell(event: ParticipantEvent, detail: unknown): void {
    this.#options.onEvent(event, detail);
  }
}

export const NAME_KEY = 'name';
