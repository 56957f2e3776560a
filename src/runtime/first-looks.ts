/**
 * Keeps first looks on disk: what a board's screen shows before the journals have been read. Written when a board has been quiet for a
 * while and when it is closed, one per board; losing one costs a moment of waiting. Rules STO-19 to STO-22 of docs/spec/storage.md.
 */
import { equalBytes, type Bytes } from '../kernel/bytes.ts';
import type { BoardId } from '../kernel/ids.ts';
import type { ClockPort, StorePort } from '../kernel/ports.ts';

/** Pause after the first change before a first look is written. Origin: guess; seldom enough to cost nothing, soon enough for most reloads. */
export const LOOK_DELAY_MS = 5000;

/** What the screen gets to draw a first look before the journals are read. Origin: guess, three frames. */
const HEAD_START_MS = 50;

/** A first look, as encoded by src/board/first-look.ts. */
export interface Preview {
  readonly boardId: BoardId;
  readonly bytes: Bytes;
}

const META_STORE = 'meta';
/** Key in the collection `meta`. */
export function lookKey(boardId: BoardId): string {
  return `look/${boardId}`;
}

/** Where first looks come from: the node of the open board. */
export interface LookSource {
  readonly boardId: BoardId;
  /** undefined: nothing worth keeping. */
  look(): Bytes | undefined;
}

export class FirstLooks {
  readonly #store: StorePort;
  readonly #clock: ClockPort;
  #cancel: (() => void) | undefined;
  #preview: Preview | undefined;
  #written: { readonly boardId: BoardId; readonly bytes: Bytes } | undefined;

  constructor(store: StorePort, clock: ClockPort) {
    this.#store = store;
    this.#clock = clock;
  }

  /** What is to be shown of the board that is being opened. */
  get preview(): Preview | undefined {
    return this.#preview;
  }

  /** Reads what was kept of a board; if there is something, `show` is called, and the screen gets the time to draw it. */
  async show(boardId: BoardId, show: () => void): Promise<void> {
    const bytes = await this.read(boardId);
    if (bytes === undefined) return;
    this.#preview = { boardId, bytes };
    show();
    // Reading a large board leaves the screen little time.
    await new Promise<void>((resolve) => void this.#clock.after(HEAD_START_MS, resolve));
  }

  /** The board itself is there. */
  hide(): void {
    this.#preview = undefined;
  }

  /** What was kept of a board; undefined when nothing was, or the store cannot be read. */
  async read(boardId: BoardId): Promise<Bytes | undefined> {
    const read = await this.#store.read(META_STORE, lookKey(boardId));
    const bytes = read.ok ? read.value : undefined;
    if (bytes !== undefined) this.#written = { boardId, bytes };
    return bytes;
  }

  /** The board has changed. */
  changed(source: LookSource): void {
    this.#cancel ??= this.#clock.after(LOOK_DELAY_MS, () => this.flush(source));
  }

  /** Writes now, if something changed since. Best effort: a failed write leaves the one before. */
  flush(source: LookSource): void {
    if (!this.drop()) return;
    const bytes = source.look();
    const { boardId } = source;
    const before = this.#written?.boardId === boardId ? this.#written.bytes : undefined;
    if (bytes === undefined || (before !== undefined && equalBytes(before, bytes))) return;
    this.#written = { boardId, bytes };
    void this.#store.write([{ op: 'put', store: META_STORE, key: lookKey(boardId), value: bytes }]);
  }

  /** Forgets what is waiting to be written; false when nothing was. */
  drop(): boolean {
    const cancel = this.#cancel;
    this.#cancel = undefined;
    cancel?.();
    return cancel !== undefined;
  }
}
