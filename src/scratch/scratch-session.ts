/**
 * One open scratch board: the board domain on a Y.Doc that y-webrtc synchronises as it is. Nobody is a member, nothing is signed, and whatever
 * comes from others is taken as it comes; what we show of it is bounded and total.
 */
import * as Y from 'yjs';
import type { BoardCommand, CommandOutcome, CommandRefusal } from '../board/command.ts';
import { readContent, type BoardContent } from '../board/content.ts';
import { boardDigest } from '../board/digest.ts';
import { History } from '../board/history.ts';
import { Projection } from '../board/projection.ts';
import { runCommand } from '../board/run-command.ts';
import type { BoardSnapshot } from '../board/snapshot.ts';
import type { TemplateName } from '../board/template-names.ts';
import { applyTemplate } from '../board/templates.ts';
import type { Bytes } from '../kernel/bytes.ts';
import { isIdText } from '../kernel/ids.ts';
import type { StoreFailure } from '../kernel/machine.ts';
import type { ClockPort, StorePort } from '../kernel/ports.ts';
import type { Random } from '../kernel/random.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { SnapshotBounds, skippedOf, type Skipped } from './bounded-snapshot.ts';
import { MAX_SCRATCH_BYTES, MEASURE_AFTER_BYTES, SENDABLE_BYTES } from './limits.ts';
import {
  Meeting,
  type MeetingOptions,
  type MeetingPort,
  type ScratchPeer,
  type ScratchPerson,
} from './meeting.ts';
import { roomName, roomPassword, scratchId, type ScratchKeys } from './scratch-link.ts';
import { UpdateLog } from './update-log.ts';

/** What a person should know about the document; texts in src/ui/error-texts.ts. */
export type ScratchNotice =
  | 'scratchWaiting' // nothing of it is here yet, nor anybody who may have it
  | 'scratchSkipped' // part of it is not shown
  | 'scratchLarge' // too large for y-webrtc to send it to a newcomer
  | 'scratchTooLarge'; // no longer exchanged with others

export type ScratchAction =
  | { readonly kind: 'run'; readonly command: BoardCommand }
  | { readonly kind: 'template'; readonly name: TemplateName; readonly title: string }
  | { readonly kind: 'undo' }
  | { readonly kind: 'redo' };

export type ScratchRefusal = CommandRefusal | StoreFailure;

export interface ScratchFacts {
  readonly signaling: 'connected' | 'connecting' | 'down';
  readonly peers: readonly ScratchPeer[];
  readonly people: readonly ScratchPerson[];
  readonly skipped: Skipped;
  readonly notices: readonly ScratchNotice[];
  /** Size of the document as one update, as last measured. */
  readonly bytes: number;
  /** Updates on screen but not on disk. */
  readonly unsaved: number;
  readonly storeFailure: StoreFailure | undefined;
}

export interface ScratchSessionOptions {
  readonly keys: ScratchKeys;
  readonly store: StorePort;
  readonly clock: ClockPort;
  readonly random: Random;
  /** 8 random bytes that no other run has. */
  readonly run: Bytes;
  readonly self: { readonly memberId: string; readonly name: string };
  readonly signalingUrl: string;
  readonly iceServers: readonly RTCIceServer[];
  readonly peerOptions?: Readonly<Record<string, unknown>>;
  /** Where others are met; y-webrtc unless given. */
  readonly meet?: (options: MeetingOptions) => MeetingPort;
  readonly onBoard: () => void;
  readonly onStatus: () => void;
}

/** Origin of what was read from disk: it is not written again. */
const STORED = Symbol('stored');

export class ScratchSession {
  readonly boardId: string;
  readonly doc = new Y.Doc();
  readonly #options: ScratchSessionOptions;
  readonly #projection: Projection;
  readonly #history: History;
  readonly #bounds = new SnapshotBounds();
  readonly #log: UpdateLog;
  #meeting: MeetingPort | undefined;
  #saved: Promise<Result<undefined, StoreFailure>> = Promise.resolve(ok(undefined));
  #bytes = 0;
  #unmeasured = 0;
  #isTooLarge = false;
  /** Counted when asked for: what nobody shows changes without the snapshot. */
  #skipped: Skipped | undefined;

  /** Reads the document from disk and goes to its room. */
  static async open(options: ScratchSessionOptions): Promise<Result<ScratchSession, StoreFailure>> {
    const session = new ScratchSession(options);
    const loaded = await session.#load();
    if (!loaded.ok) {
      session.doc.destroy();
      return loaded;
    }
    session.#meet();
    return ok(session);
  }

  private constructor(options: ScratchSessionOptions) {
    this.#options = options;
    this.boardId = scratchId(options.keys);
    this.#projection = new Projection(this.doc);
    this.#history = new History(this.doc);
    this.#log = new UpdateLog({
      store: options.store,
      boardId: this.boardId,
      run: options.run,
      encode: () => Y.encodeStateAsUpdate(this.doc) as Bytes,
      onChange: options.onStatus,
    });
  }

  snapshot(): BoardSnapshot {
    return this.#bounds.cut(this.#projection.snapshot());
  }

  /** Equal on two tabs exactly when they show the same. */
  digest(): string {
    return boardDigest(this.snapshot());
  }

  canUndo(): boolean {
    return this.#history.canUndo();
  }

  canRedo(): boolean {
    return this.#history.canRedo();
  }

  /** Carries out an action; resolves when it is on this device's disk, or with why nothing changed or was not kept. */
  async act(action: ScratchAction): Promise<Result<CommandOutcome, ScratchRefusal>> {
    const outcome = this.#run(action);
    if (!outcome.ok) return outcome;
    const saved = await this.#saved;
    return saved.ok ? outcome : refuse(saved.code);
  }

  /** Everything that the board holds, to fill a full board with. */
  content(): Result<BoardContent, 'tooManyItems'> {
    return readContent(this.doc);
  }

  rename(name: string): void {
    this.#meeting?.rename(name);
  }

  facts(): ScratchFacts {
    const meeting = this.#meeting;
    const skipped = this.#countSkipped();
    const peers = meeting?.peers() ?? [];
    const notices: ScratchNotice[] = [];
    if (peers.length === 0 && this.#isEmpty()) notices.push('scratchWaiting');
    if (skipped.columns + skipped.cards + skipped.comments > 0) notices.push('scratchSkipped');
    if (this.#isTooLarge) notices.push('scratchTooLarge');
    else if (this.#bytes > SENDABLE_BYTES) notices.push('scratchLarge');
    return {
      signaling: meeting?.signaling ?? 'down',
      peers,
      people: meeting?.people() ?? [{ ...this.#options.self, isSelf: true }],
      skipped,
      notices,
      bytes: this.#bytes,
      unsaved: this.#log.unsaved,
      storeFailure: this.#log.failure,
    };
  }

  /** Leaves the room and ends; what was handed to the disk is still written. */
  async close(): Promise<void> {
    const meeting = this.#meeting;
    this.#meeting = undefined;
    await meeting?.leave();
    await this.#log.settled();
    this.#history.destroy();
    this.#projection.destroy();
    this.doc.destroy();
  }

  async #load(): Promise<Result<undefined, StoreFailure>> {
    const loaded = await this.#log.load((update) => {
      Y.applyUpdate(this.doc, update, STORED);
    });
    if (!loaded.ok) return loaded;
    this.#measure();
    this.doc.on('update', (update: Uint8Array) => {
      this.#changed(update as Bytes);
    });
    return this.#log.tidy();
  }

  #meet(): void {
    const { keys, signalingUrl, iceServers, clock, random, self, peerOptions, onStatus } = this.#options;
    if (this.#isTooLarge) return;
    const { meet = (given: MeetingOptions): MeetingPort => new Meeting(given) } = this.#options;
    this.#meeting = meet({
      room: roomName(keys),
      password: roomPassword(keys),
      doc: this.doc,
      signalingUrl,
      iceServers,
      clock,
      random: random.fork('meeting'),
      self,
      isMemberId: isIdText,
      onChange: onStatus,
      ...(peerOptions === undefined ? {} : { peerOptions }),
    });
  }

  #run(action: ScratchAction): Result<CommandOutcome, CommandRefusal> {
    const { random, self, clock } = this.#options;
    const context = { random, memberId: self.memberId, wallMs: clock.wallMs() };
    switch (action.kind) {
      case 'run':
        return runCommand(this.doc, action.command, context);
      case 'template':
        return applyTemplate(this.doc, action.name, action.title, context);
      case 'undo':
        return this.#history.undo();
      case 'redo':
        return this.#history.redo();
    }
  }

  #changed(update: Bytes): void {
    this.#saved = this.#log.append(update);
    this.#skipped = undefined;
    this.#unmeasured += update.length;
    if (this.#unmeasured > MEASURE_AFTER_BYTES) this.#measure();
    this.#options.onBoard();
  }

  #measure(): void {
    this.#bytes = Y.encodeStateAsUpdate(this.doc).length;
    this.#unmeasured = 0;
    if (this.#bytes <= MAX_SCRATCH_BYTES || this.#isTooLarge) return;
    this.#isTooLarge = true;
    const meeting = this.#meeting;
    this.#meeting = undefined;
    void meeting?.leave();
    this.#options.onStatus();
  }

  /** Nothing was ever written: a board that was emptied on purpose has been. */
  #isEmpty(): boolean {
    return this.doc.store.clients.size === 0;
  }

  #countSkipped(): Skipped {
    this.#skipped ??= skippedOf(this.doc, this.#projection.snapshot(), this.snapshot());
    return this.#skipped;
  }
}
