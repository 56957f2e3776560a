/** An application port in memory, so that the screens can be tried and tested without a network or a disk. */
import type { BoardCommand, CommandOutcome } from '../../src/board/command.ts';
import type { BoardSnapshot } from '../../src/board/snapshot.ts';
import { Deciding } from '../../src/app/deciding.ts';
import { createVerifier } from '../../src/runtime/crypto.ts';
import { editOf, wordsOf } from '../../src/board/written-edit.ts';
import type {
  AppEvent,
  AppPort,
  BoardPreview,
  BoardSummary,
  CardDelivery,
  InvitePreview,
  JoinProgress,
  PresenceSaid,
  PresenceStatus,
  ReturnedEdit,
  Role,
  ScratchStatus,
  Status,
} from '../../src/ui/ports.ts';
import { ADA, applyCommand, BO, contestedBoard, generatedBoard, SELF } from './fake-board.ts';
import { factsOf, fakeCouncil, type FakeCouncil, type Group } from './fake-council.ts';
import { FakeGoverning, fakeMembers } from './fake-governing.ts';

export const BOARD = 'd4'.repeat(32);
/** Boards that Home lists; what is in them does not matter. */
const OTHER_BOARD = 'e5'.repeat(32);

export interface FakeOptions {
  readonly cards: number;
  readonly role: Role;
  readonly state: 'live' | 'split' | 'alone' | 'offline' | 'notSaved';
  /** People changed the same things at once. */
  readonly contested: boolean;
  /** No boards on this device yet. */
  readonly empty: boolean;
  /** The open board is a scratch board, with notices. */
  readonly scratch: boolean;
  /** A member was evicted, and a tab of another signed two histories. */
  readonly troubled: boolean;
  /** Why nobody accepts what this tab writes. */
  readonly barred: Status['barred'];
  /** The group decided that the board is over. */
  readonly closed: boolean;
  /** Why this tab's key has no say in the group, until it is renewed. */
  readonly muted: 'keyLost' | 'convicted' | null;
  /** What the group decides. */
  readonly group: Group;
}

const SCRATCH: ScratchStatus = {
  fullBoardId: null,
  skipped: { columns: 0, cards: 3, comments: 12 },
  notices: ['scratchSkipped', 'scratchLarge'],
  bytes: 250_000,
};

function initialStatus(options: FakeOptions): Status {
  const isSplit = options.state === 'split';
  const live = options.state === 'live' || isSplit;
  const link = { state: 'up', relayed: false, browserLocal: false } as const;
  return {
    peerId: '11'.repeat(32),
    memberId: SELF,
    name: 'Mira Holt',
    boardId: null,
    role: null,
    barred: options.barred,
    closed: options.closed ? { at: Date.now() - 3_600_000, sequence: 12, title: 'Autumn is over' } : null,
    signaling: options.state === 'offline' ? 'down' : 'connected',
    links: live
      ? [
          { ...link, peerId: '22'.repeat(32), memberId: ADA, rttMs: 24 },
          { ...link, peerId: '33'.repeat(32), memberId: BO, rttMs: null, relayed: true },
          ...(isSplit
            ? []
            : [{ ...link, peerId: '44'.repeat(32), memberId: SELF, rttMs: 1, browserLocal: true }]),
        ]
      : [],
    members: fakeMembers(options.troubled).map((member) => ({
      ...member,
      role: member.self ? options.role : member.role,
      online: member.self || (live && member.online),
    })),
    knownPeers: 4,
    reachablePeers: isSplit ? 2 : live ? 4 : 0,
    partition: isSplit ? 'minority' : 'none',
    missingPeers: isSplit ? 5 : 0,
    pending: {
      unacknowledged: options.scratch ? null : live ? 0 : 7,
      unsaved: options.state === 'notSaved' ? 2 : 0,
      ...{ queuedProposals: 0, queuedBallots: 0, needsVote: 0 },
    },
    committee: null,
    copies: options.scratch ? null : live ? 3 : 1,
    storage: {
      state: options.state === 'notSaved' ? 'quota' : 'ok',
      persistent: true,
      usedBytes: 4_200_000,
      quotaBytes: 2_100_000_000,
    },
    ...(options.scratch ? { scratch: SCRATCH } : {}),
  };
}

/** Invite links that the fake knows: `#/j/good` joins, anything else names its own refusal. */
function previewOf(url: string): { ok: true; value: InvitePreview } | { ok: false; code: string } {
  if (url.includes('#scratch='))
    return {
      ok: true,
      value: {
        boardId: BOARD,
        title: '',
        inviterName: '',
        role: 'editor',
        expiresAt: null,
        alreadyMember: false,
        begun: false,
        scratch: true,
      },
    };
  const token = url.slice(url.indexOf('#/j/') + 4);
  if (!url.includes('#/j/')) return { ok: false, code: 'inviteMalformed' };
  if (token !== 'good' && token !== 'waiting')
    return { ok: false, code: token === '' ? 'inviteTruncated' : token };
  const value: InvitePreview = {
    boardId: BOARD,
    title: 'Autumn reading group',
    inviterName: 'Ada Okafor',
    role: 'editor',
    expiresAt: Date.UTC(2026, 10, 29, 18),
    alreadyMember: false,
    begun: false,
  };
  return { ok: true, value };
}

export class FakeApp implements AppPort {
  readonly #options: FakeOptions;
  readonly #listeners = new Map<AppEvent, Set<(detail: unknown) => void>>();
  #status: Status;
  #boards: readonly BoardSummary[];
  #snapshot: BoardSnapshot | null = null;
  #undo: BoardSnapshot[] = [];
  #redo: BoardSnapshot[] = [];
  #progress: JoinProgress | null = null;
  #finishJoin: ((done: boolean) => void) | null = null;
  /** Commands received, for assertions. */
  readonly commands: BoardCommand[] = [];
  /** Refuse the next edit or decree with this code. */
  refuseNext: string | null = null;

  constructor(options: FakeOptions) {
    this.#options = options;
    this.#status = initialStatus(options);
    this.#boards = options.empty ? [] : this.#someBoards();
    this.group = fakeCouncil(options.group, options.role, (decision) => {
      this.decide.changed();
      if (decision !== undefined) this.emit('decision', this.decide.told(decision));
      this.emit('council');
      this.emit('status');
    });
    const facts = factsOf(
      () => this.#status.members,
      (id) => this.#snapshot?.columns.find((column) => column.id === id)?.title,
    );
    this.decide = new Deciding(() => this.group.host({ facts }), createVerifier());
    if (this.group.council !== undefined) this.group.council.muted = options.muted;
    this.govern = new FakeGoverning(
      {
        members: () => this.#status.members,
        setMembers: (members) => {
          this.setStatus({ members });
        },
        refusal: () => this.#refusal(),
        renewed: () => {
          if (this.group.council !== undefined) this.group.council.muted = null;
          this.setStatus({ barred: null });
        },
      },
      options.troubled,
    );
  }

  #someBoards(): readonly BoardSummary[] {
    const now = Date.now();
    const { role, cards } = this.#options;
    const title = 'Autumn reading group';
    return [
      { boardId: BOARD, title, role, updatedAt: now - 180_000, cardCount: cards, unacknowledged: 0 },
      {
        boardId: OTHER_BOARD,
        title: 'Street festival, booths and permits',
        role: 'editor',
        updatedAt: now - 93_600_000,
        cardCount: 118,
        unacknowledged: 7,
      },
      {
        boardId: 'e6'.repeat(32),
        title: 'بحث ميداني',
        role: 'viewer',
        updatedAt: now - 900_000_000,
        cardCount: 9,
        unacknowledged: 0,
      },
      {
        boardId: 'scratch-demo',
        title: 'Lunch orders',
        role: 'editor',
        updatedAt: now - 950_000_000,
        cardCount: 4,
        unacknowledged: 0,
        scratch: true,
      },
    ];
  }

  readonly board = {
    preview: (): BoardPreview | null => null,
    snapshot: (): BoardSnapshot | null => this.#snapshot,
    deliveries: (): readonly CardDelivery[] => this.#deliveries(),
    apply: async (command: BoardCommand): Promise<CommandOutcome> => this.#apply(command),
    undo: async (): Promise<CommandOutcome> => this.#step(this.#undo, this.#redo),
    redo: async (): Promise<CommandOutcome> => this.#step(this.#redo, this.#undo),
    canUndo: (): boolean => this.#undo.length > 0,
    canRedo: (): boolean => this.#redo.length > 0,
    returned: {
      list: (): readonly ReturnedEdit[] => this.#returned,
      keep: (command: BoardCommand, code: string): boolean => {
        if (this.#snapshot === null) return false;
        const edit = editOf(command, this.#snapshot);
        const text = wordsOf(edit);
        if (text === '') return false;
        const id = `returned-${this.#returned.length}`;
        this.#become([...this.#returned, { id, code, at: Date.now(), ...edit, text }]);
        return true;
      },
      again: async (id: string): Promise<CommandOutcome> => {
        const edit = this.#returned.find((each) => each.id === id);
        const outcomes = edit?.commands.map((command) => this.#apply(command)) ?? [];
        await this.board.returned.dismiss(id);
        return { ids: outcomes.flatMap(({ ids }) => ids) };
      },
      dismiss: async (id: string): Promise<void> => {
        this.#become(this.#returned.filter((each) => each.id !== id));
        return Promise.resolve();
      },
    },
  };
  #returned: readonly ReturnedEdit[] = [];

  #become(list: readonly ReturnedEdit[]): void {
    this.#returned = list;
    this.emit('returned');
  }

  /** Codes of a pairing; `complete` takes only the code that answers, and any other names its own refusal. */
  readonly pair = {
    offer: async (): Promise<string> => `pair:${'AY3k_0fr'.repeat(36)}`,
    answer: async (code: string): Promise<string> => {
      if (!code.startsWith('pair:')) throw Object.assign(new Error(code), { code: 'pairMalformed' });
      return `pair:${'n5Wr-x2Q'.repeat(35)}`;
    },
    complete: async (code: string): Promise<void> => {
      if (!code.startsWith('pair:n5Wr')) throw Object.assign(new Error(code), { code: 'pairWrongKind' });
      return Promise.resolve();
    },
  };

  readonly govern: FakeGoverning;
  /** The real thing, on a group that was made up. */
  readonly decide: Deciding;
  readonly group: FakeCouncil;

  /** What this tab said of itself, for assertions. */
  readonly said: (PresenceSaid | null)[] = [];
  #others: readonly PresenceStatus[] = [];

  readonly recorder = {
    status: () => ({ state: 'running', calls: 3, bytes: 5 }) as const,
    export: () => new TextEncoder().encode('calls'),
  };

  readonly presence = {
    others: (): readonly PresenceStatus[] => this.#others,
    say: (presence: PresenceSaid | null): void => {
      this.said.push(presence);
    },
  };

  /** Test control: what others are at. */
  setOthers(others: readonly PresenceStatus[]): void {
    this.#others = others;
    this.emit('presence');
  }

  /** What was done in this visit waits unless somebody is here; in the generated board the second and third card changed before. */
  #deliveries(): readonly CardDelivery[] {
    const isLive = this.#options.state === 'live';
    const [, second, third] = this.#snapshot?.columns[0]?.cards ?? [];
    const at = Date.now() - 120_000;
    return [second, third].flatMap((card, index) =>
      card === undefined
        ? []
        : [{ cardId: card.id, waiting: isLive ? 0 : 2 - index, copies: isLive ? 3 : 1, at }],
    );
  }

  #apply(command: BoardCommand): CommandOutcome {
    this.commands.push(command);
    const code = this.#refusal();
    if (code !== null) throw Object.assign(new Error(code), { code });
    if (this.#snapshot === null) throw new Error('no board is open');
    const [next, outcome] = applyCommand(this.#snapshot, command);
    this.#undo.push(this.#snapshot);
    this.#redo = [];
    this.#snapshot = next;
    this.emit('board');
    return outcome;
  }

  #refusal(): string | null {
    const code = this.refuseNext;
    this.refuseNext = null;
    return code;
  }

  #step(from: BoardSnapshot[], to: BoardSnapshot[]): CommandOutcome {
    const next = from.pop();
    if (next === undefined || this.#snapshot === null) {
      throw Object.assign(new Error('nothing'), {
        code: from === this.#undo ? 'nothingToUndo' : 'nothingToRedo',
      });
    }
    to.push(this.#snapshot);
    this.#snapshot = next;
    this.emit('board');
    return { ids: [] };
  }

  /** What another peer would do to the board. */
  remoteEdit(command: BoardCommand): void {
    if (this.#snapshot === null) return;
    [this.#snapshot] = applyCommand(this.#snapshot, command);
    this.emit('board');
  }

  boards(): readonly BoardSummary[] {
    return this.#boards;
  }

  async createBoard(options: { readonly title: string }): Promise<{ boardId: string }> {
    const boardId = OTHER_BOARD;
    this.#boards = [
      {
        boardId,
        title: options.title,
        role: 'owner',
        updatedAt: Date.now(),
        cardCount: 0,
        unacknowledged: 0,
      },
      ...this.#boards.filter((board) => board.boardId !== boardId),
    ];
    this.#open(boardId, { title: options.title, conflicts: [], columns: [], archive: [] });
    this.emit('boards');
    return { boardId };
  }

  /** The scratch board stays; another one is open. */
  async makeFullBoard(): Promise<{ boardId: string }> {
    const { scratch: _scratch, ...status } = this.#status;
    this.#status = { ...status, copies: 1 };
    return this.createBoard({ title: this.#snapshot?.title ?? '' });
  }

  async openBoard(boardId: string): Promise<void> {
    const known = this.#boards.find((board) => board.boardId === boardId);
    if (known === undefined) throw Object.assign(new Error('notMember'), { code: 'notMember' });
    const count = boardId === BOARD ? this.#options.cards : 12;
    const board = this.#options.contested ? contestedBoard(count) : generatedBoard(count);
    this.#open(boardId, { ...board, title: known.title });
  }

  #open(boardId: string, snapshot: BoardSnapshot): void {
    this.#snapshot = snapshot;
    const role = this.#status.barred === 'evicted' ? null : this.#options.role;
    this.#status = { ...this.#status, boardId, role };
    this.emit('open');
    this.emit('board');
  }

  async closeBoard(): Promise<void> {
    this.#snapshot = null;
    this.#status = { ...this.#status, boardId: null, role: null };
    this.emit('open');
  }

  async leave(options: { readonly keepCopy?: boolean }): Promise<void> {
    const { boardId } = this.#status;
    if (options.keepCopy !== true) this.#boards = this.#boards.filter((board) => board.boardId !== boardId);
    await this.closeBoard();
    this.emit('boards');
  }

  async invite(): Promise<string> {
    return `https://board.example/#/j/${'Zx81_kLmN0pQrStUv'.repeat(14)}`;
  }

  async previewInvite(
    url: string,
  ): Promise<{ ok: true; value: InvitePreview } | { ok: false; code: string }> {
    return previewOf(url);
  }

  async join(url: string): Promise<{ boardId: string }> {
    this.setProgress(url.endsWith('waiting') ? { phase: 'waiting' } : { phase: 'finding' });
    const done = await new Promise<boolean>((resolve) => {
      this.#finishJoin = resolve;
    });
    if (!done) throw Object.assign(new Error('joinCancelled'), { code: 'joinCancelled' });
    await this.openBoard(BOARD);
    return { boardId: BOARD };
  }

  joinProgress(): JoinProgress | null {
    return this.#progress;
  }

  cancelJoin(): void {
    this.#finishJoin?.(false);
  }

  /** Test control: where the join stands. `done` completes it. */
  setProgress(progress: JoinProgress): void {
    this.#progress = progress;
    this.emit('join');
    if (progress.phase === 'done') this.#finishJoin?.(true);
  }

  async setName(): Promise<void> {
    return Promise.resolve();
  }

  status(): Status {
    const { decide } = this;
    const pending = { ...this.#status.pending, ...decide.pending(), needsVote: decide.needsVote() };
    return { ...this.#status, pending, committee: decide.committee() };
  }

  /** Test control: changes parts of the status. */
  setStatus(changes: Partial<Status>): void {
    this.#status = { ...this.#status, ...changes };
    this.emit('status');
  }

  on(event: AppEvent, listener: (detail: unknown) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  emit(event: AppEvent, detail: unknown = null): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(detail);
  }
}
