/** The boards kept on this device: their records in memory and on disk. Damaged records are set aside, never overwritten. */
import { isIdText, type BoardId } from '../kernel/ids.ts';
import type { StoreFailure } from '../kernel/machine.ts';
import type { StorePort } from '../kernel/ports.ts';
import { ok, type Result } from '../kernel/result.ts';
import { councilMarks } from '../node/council-disk.ts';
import { BOARD_STORE, decodeBoardRecord, encodeBoardRecord, type BoardRecord } from './board-record.ts';
import { evidenceKeys } from './evidence-times.ts';
import { lookKey } from './first-looks.ts';
import { inviteKeys } from './invitations.ts';
import { returnedPrefix } from './returned-edits.ts';

/** Boards on one device. Origin: guess; Home lists them all. */
export const MAX_BOARDS = 1000;

export class BoardShelf {
  readonly #store: StorePort;
  readonly #records = new Map<BoardId, BoardRecord>();
  readonly #damaged = new Set<string>();

  private constructor(store: StorePort) {
    this.#store = store;
  }

  static async load(
    store: StorePort,
  ): Promise<{ readonly shelf: BoardShelf; readonly failure: StoreFailure | undefined }> {
    const shelf = new BoardShelf(store);
    const scanned = await shelf.reload();
    return { shelf, failure: scanned.ok ? undefined : scanned.code };
  }

  /** Reads the records again: another tab may have made or left boards. */
  async reload(): Promise<Result<undefined, StoreFailure>> {
    const found = new Map<BoardId, BoardRecord>();
    const scanned = await this.#store.scan(BOARD_STORE, '', (batch) => {
      for (const [key, bytes] of batch) {
        const decoded = isIdText(key) ? decodeBoardRecord(key as BoardId, bytes) : undefined;
        if (decoded?.ok === true) found.set(key as BoardId, decoded.value);
        else this.#damaged.add(key);
      }
    });
    if (!scanned.ok) return scanned;
    this.#records.clear();
    for (const [id, record] of found) this.#records.set(id, record);
    return ok(undefined);
  }

  get size(): number {
    return this.#records.size;
  }

  /** Keys of records that could not be read. */
  get damaged(): readonly string[] {
    return [...this.#damaged];
  }

  get(boardId: BoardId): BoardRecord | undefined {
    return this.#records.get(boardId);
  }

  /** Newest change first. */
  all(): readonly (readonly [BoardId, BoardRecord])[] {
    return [...this.#records].sort(([, a], [, b]) => b.updatedAt - a.updatedAt);
  }

  async put(boardId: BoardId, record: BoardRecord): Promise<Result<undefined, StoreFailure>> {
    this.#records.set(boardId, record);
    return this.#store.write([
      { op: 'put', store: BOARD_STORE, key: boardId, value: encodeBoardRecord(record) },
    ]);
  }

  /** Erases the record and everything of the board on this device. */
  async erase(boardId: BoardId): Promise<Result<undefined, StoreFailure>> {
    this.#records.delete(boardId);
    const gone = await this.#store.write([
      { op: 'delete', store: BOARD_STORE, key: boardId },
      { op: 'delete', store: 'meta', key: lookKey(boardId) },
    ]);
    if (!gone.ok) return gone;
    for (const [collection, prefix] of [
      ...['journal', 'checkpoints', 'outgoing', 'peers', 'consensus'].map(
        (name) => [name, `${boardId}/`] as const,
      ),
      ['meta', councilMarks(boardId)],
      ['meta', inviteKeys(boardId)],
      ['meta', evidenceKeys(boardId)],
      ['meta', returnedPrefix(boardId)],
    ] as const) {
      const cleared = await this.#store.clear(collection, prefix);
      if (!cleared.ok) return cleared;
    }
    return ok(undefined);
  }
}
