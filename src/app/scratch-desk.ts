/**
 * The scratch boards of this tab: their list, the one that is open, and what the application asks of it. What meets others is loaded when a
 * scratch board is opened for the first time; whoever has only full boards never loads y-webrtc.
 */
import type { CommandOutcome } from '../board/command.ts';
import type { BoardContent } from '../board/content.ts';
import type { BoardSnapshot } from '../board/snapshot.ts';
import type { TemplateName } from '../board/template-names.ts';
import type { BoardId } from '../kernel/ids.ts';
import type { StoreFailure } from '../kernel/machine.ts';
import type { ClockPort, StorePort } from '../kernel/ports.ts';
import type { Random } from '../kernel/random.ts';
import type { Result } from '../kernel/result.ts';
import { CodedError } from '../runtime/coded-error.ts';
import { randomBytes } from '../runtime/crypto.ts';
import { storageCode } from '../runtime/storage-code.ts';
import {
  parseScratchLink,
  scratchFragment,
  scratchId,
  SCRATCH_KEY_BYTES,
  type ScratchKeys,
} from '../scratch/scratch-link.ts';
import type { ScratchAction, ScratchSession } from '../scratch/scratch-session.ts';
import { MAX_SCRATCH_BOARDS, type ScratchRecord, type ScratchShelf } from '../scratch/scratch-shelf.ts';
import type { BoardSummary } from '../ui/ports.ts';
import type { ServerConfig } from './server-config.ts';

export type ScratchEvent = 'board' | 'status' | 'boards' | 'open';

export interface ScratchDeskOptions {
  readonly shelf: ScratchShelf;
  readonly store: StorePort;
  readonly clock: ClockPort;
  readonly random: Random;
  readonly server: ServerConfig;
  /** This member's id and current name. */
  readonly self: () => { readonly memberId: string; readonly name: string };
  readonly onEvent: (event: ScratchEvent, detail?: unknown) => void;
  /** A board was erased from this device. */
  readonly onErased: (boardId: string) => void;
}

/** Delay before a changed summary (title, count) is written for Home. As for full boards. */
const RECORD_DELAY_MS = 1000;
/** Random bytes that tell this run's keys on disk from those of every other. */
const RUN_BYTES = 8;

export class ScratchDesk {
  readonly #options: ScratchDeskOptions;
  #session: ScratchSession | undefined;
  #cancelRecord: (() => void) | undefined;
  /** Openings and closings happen one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ScratchDeskOptions) {
    this.#options = options;
  }

  /** The open scratch board. */
  get session(): ScratchSession | undefined {
    return this.#session;
  }

  /** The record of the open scratch board. */
  get record(): ScratchRecord | undefined {
    return this.#session === undefined ? undefined : this.#options.shelf.get(this.#session.boardId);
  }

  has(boardId: string): boolean {
    return this.#options.shelf.get(boardId) !== undefined;
  }

  boards(): readonly BoardSummary[] {
    return this.#options.shelf.all().map(([boardId, { title, updatedAt, cardCount }]) => ({
      boardId,
      title,
      role: 'editor',
      updatedAt,
      cardCount,
      unacknowledged: 0,
      scratch: true,
    }));
  }

  async reload(): Promise<void> {
    stored(await this.#options.shelf.reload());
    this.#options.onEvent('boards');
  }

  create(title: string, template: TemplateName): Promise<{ boardId: string }> {
    return this.#inTurn(async () => {
      const keys = { room: randomBytes(SCRATCH_KEY_BYTES), secret: randomBytes(SCRATCH_KEY_BYTES) };
      const boardId = await this.#keep(keys, title);
      const session = await this.#open(boardId);
      done(await session.act({ kind: 'template', name: template, title }));
      return { boardId };
    });
  }

  /** Opens the board of a link, which is kept on this device from now on. Its content comes when somebody who has it is met. */
  join(link: string): Promise<{ boardId: string }> {
    return this.#inTurn(async () => {
      const keys = parseScratchLink(link);
      if (!keys.ok) throw new CodedError(keys.code);
      const boardId = scratchId(keys.value);
      if (!this.has(boardId)) await this.#keep(keys.value, '');
      await this.#open(boardId);
      return { boardId };
    });
  }

  open(boardId: string): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.has(boardId)) stored(await this.#options.shelf.reload());
      await this.#open(boardId);
    });
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#close());
  }

  /** Closes the open board; without `keepCopy` it is erased from this device. */
  leave(keepCopy: boolean): Promise<void> {
    return this.#inTurn(async () => {
      const boardId = this.#session?.boardId;
      if (boardId === undefined) throw new CodedError('noBoard');
      await this.#close();
      if (keepCopy) return;
      stored(await this.#options.shelf.erase(boardId));
      this.#options.onErased(boardId);
      this.#options.onEvent('boards');
    });
  }

  /** Another tab of this profile has erased a board. */
  erasedElsewhere(boardId: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#session?.boardId === boardId) {
        await this.#close();
        // What this tab wrote after the other one had cleared the disk.
        stored(await this.#options.shelf.erase(boardId));
      }
      await this.reload();
    });
  }

  async act(action: ScratchAction): Promise<CommandOutcome> {
    if (this.#session === undefined) throw new CodedError('noBoard');
    return done(await this.#session.act(action));
  }

  /** The link of the open board; `base` is the application's address without a fragment. */
  link(base: string): string {
    const { record } = this;
    if (record === undefined) throw new CodedError('noBoard');
    return base + scratchFragment(record);
  }

  snapshot(): BoardSnapshot | null {
    return this.#session?.snapshot() ?? null;
  }

  /** What the open board holds, for a full board. */
  content(): BoardContent {
    const content = this.#session?.content();
    if (content === undefined) throw new CodedError('noBoard');
    if (!content.ok) throw new CodedError(content.code);
    return content.value;
  }

  /** Remembers which full board was made of `boardId`. */
  async becameFull(boardId: string, fullBoard: BoardId): Promise<void> {
    const record = this.#options.shelf.get(boardId);
    if (record === undefined) return;
    stored(await this.#options.shelf.put({ ...record, fullBoard }));
    this.#options.onEvent('boards');
  }

  renamed(): void {
    this.#session?.rename(this.#options.self().name);
  }

  /** The page goes away. */
  stop(): void {
    this.#cancelRecord?.();
    void this.#session?.close();
    this.#session = undefined;
  }

  async #keep(keys: ScratchKeys, title: string): Promise<string> {
    const { shelf, clock } = this.#options;
    if (shelf.size >= MAX_SCRATCH_BOARDS) throw new CodedError('tooManyBoards');
    const updatedAt = clock.wallMs();
    const { room, secret } = keys;
    stored(await shelf.put({ room, secret, title, updatedAt, cardCount: 0, fullBoard: undefined }));
    this.#options.onEvent('boards');
    return scratchId(keys);
  }

  async #open(boardId: string): Promise<ScratchSession> {
    if (this.#session?.boardId === boardId) return this.#session;
    const { shelf, store, clock, random, server, self, onEvent } = this.#options;
    const keys = shelf.get(boardId);
    if (keys === undefined) throw new CodedError('unknownBoard');
    await this.#close();
    const Session = await loadSession();
    const run = randomBytes(RUN_BYTES);
    const session = await Session.open({
      keys,
      store,
      clock,
      random: random.fork(boardId).fork(run.join()),
      run,
      self: self(),
      signalingUrl: server.signalingUrl,
      iceServers: server.iceServers,
      onBoard: () => {
        this.#rememberSoon();
        onEvent('board');
      },
      onStatus: () => {
        onEvent('status');
      },
    });
    this.#session = stored(session);
    onEvent('open', boardId);
    onEvent('board');
    return this.#session;
  }

  async #close(): Promise<void> {
    this.#cancelRecord?.();
    this.#cancelRecord = undefined;
    const session = this.#session;
    if (session === undefined) return;
    await this.#writeRecord(session);
    this.#session = undefined;
    await session.close();
    this.#options.onEvent('open', null);
  }

  #rememberSoon(): void {
    this.#cancelRecord ??= this.#options.clock.after(RECORD_DELAY_MS, () => {
      this.#cancelRecord = undefined;
      if (this.#session !== undefined) void this.#writeRecord(this.#session);
    });
  }

  /** Best effort: a summary that is not kept is made again. */
  async #writeRecord(session: ScratchSession): Promise<void> {
    const { shelf, clock } = this.#options;
    const record = shelf.get(session.boardId);
    if (record === undefined) return;
    const { title, columns } = session.snapshot();
    const cardCount = columns.reduce((sum, { cards }) => sum + cards.length, 0);
    if (title === record.title && cardCount === record.cardCount) return;
    await shelf.put({ ...record, title, cardCount, updatedAt: clock.wallMs() });
    this.#options.onEvent('boards');
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

async function loadSession(): Promise<typeof ScratchSession> {
  try {
    return (await import('../scratch/scratch-session.ts')).ScratchSession;
  } catch (error) {
    throw new CodedError('scratchUnavailable', error);
  }
}

function stored<T>(result: Result<T, StoreFailure>): T {
  if (!result.ok) throw new CodedError(storageCode(result.code));
  return result.value;
}

const STORE_FAILURES: ReadonlySet<string> = new Set(['quota', 'unavailable', 'failed']);

function done<T>(result: Result<T, string>): T {
  if (result.ok) return result.value;
  throw new CodedError(
    STORE_FAILURES.has(result.code) ? storageCode(result.code as StoreFailure) : result.code,
  );
}
