/**
 * The outgoing half of a link: three lanes, packed into frames. Control goes before journal and journal before bulk, but a lane that has
 * been passed over for a while leads one frame, so that nothing starves. The queue is bounded in bytes, bookkeeping included.
 */
import type { Bytes } from '../kernel/bytes.ts';
import { invariant } from '../kernel/invariant.ts';
import type { Lane } from '../kernel/machine.ts';
import {
  encodeFrame,
  FRAME_OVERHEAD,
  LANES,
  MAX_FRAME_BYTES,
  MAX_FRAME_PARTS,
  MAX_MESSAGE_BYTES,
  PIECE_OVERHEAD,
  WHOLE_OVERHEAD,
  type LinkPart,
  type Part,
} from './frames.ts';
import { MIN_CUT_BYTES } from './reassembly.ts';

/** Bytes of control, journal and the channel's own buffer above which the journal lane takes no further message (DESIGN section 6). */
export const HIGH_WATER_BYTES = 1024 * 1024;
/** What the control lane may use beyond that, so that one large journal message never makes a heartbeat overflow (guess). */
export const CONTROL_RESERVE_BYTES = MAX_MESSAGE_BYTES + 256 * 1024;
/** Bytes of the bulk lane above which it takes no further message (guess: two seconds at the 4 MB/s measured between two tabs). */
export const MAX_BULK_BYTES = 8 * 1024 * 1024;
/** Counted on top of each message's bytes, so that empty messages are bounded too (guess: an array element and an object). */
export const MESSAGE_COST = 64;
/** Frames in a row that may pass a waiting lane over: journal gets at least every 4th frame, bulk every 8th (guess). */
const MAX_PASSED_OVER = { journal: 3, bulk: 7 } as const;
/** A rest of a frame smaller than this is left empty rather than filled with a piece (guess). */
const MIN_PIECE_BYTES = 512;

/** One lane: a queue whose head may be partly sent. */
class LaneQueue {
  readonly lane: Lane;
  #messages: (Bytes | undefined)[] = [];
  #head = 0;
  #offset = 0;
  #cutId = 0;
  passedOver = 0;
  cost = 0;

  constructor(lane: Lane) {
    this.lane = lane;
  }

  get waiting(): boolean {
    return this.#head < this.#messages.length;
  }

  push(message: Bytes): void {
    this.#messages.push(message);
    this.cost += message.length + MESSAGE_COST;
  }

  /** The next part of at most `space` bytes with its headers, or undefined when nothing suitable fits. */
  take(space: number): { readonly part: Part; readonly size: number } | undefined {
    const message = this.#messages[this.#head];
    if (message === undefined) return undefined;
    const { lane } = this;
    if (this.#offset === 0 && message.length + WHOLE_OVERHEAD <= space) {
      this.#pop(message);
      return { part: { kind: 'whole', lane, message }, size: message.length + WHOLE_OVERHEAD };
    }
    if (this.#offset === 0 && message.length < MIN_CUT_BYTES) return undefined;
    const rest = message.length - this.#offset;
    const length = Math.min(rest, space - PIECE_OVERHEAD);
    if (length < Math.min(rest, MIN_PIECE_BYTES)) return undefined;
    const bytes = message.subarray(this.#offset, this.#offset + length);
    const part: Part = {
      kind: 'piece',
      lane,
      id: this.#cutId,
      total: message.length,
      offset: this.#offset,
      bytes,
    };
    this.#offset += length;
    this.cost -= length;
    if (this.#offset === message.length) {
      this.cost += message.length;
      this.#cutId += 1;
      this.#pop(message);
    }
    return { part, size: length + PIECE_OVERHEAD };
  }

  clear(): void {
    this.#messages = [];
    this.#head = 0;
    this.#offset = 0;
    this.cost = 0;
  }

  #pop(message: Bytes): void {
    this.cost -= message.length + MESSAGE_COST;
    this.#messages[this.#head] = undefined;
    this.#head += 1;
    this.#offset = 0;
    if (this.#head * 2 > this.#messages.length) {
      this.#messages = this.#messages.slice(this.#head);
      this.#head = 0;
    }
  }
}

export class SendQueue {
  readonly #lanes: Readonly<Record<Lane, LaneQueue>> = {
    control: new LaneQueue('control'),
    journal: new LaneQueue('journal'),
    bulk: new LaneQueue('bulk'),
  };
  #linkParts: LinkPart[] = [];
  #sequence = 0;

  /** Bytes that wait here, bookkeeping included. */
  get queuedBytes(): number {
    return LANES.reduce((sum, lane) => sum + this.#lanes[lane].cost, 0);
  }

  get waiting(): boolean {
    return this.#linkParts.length > 0 || LANES.some((lane) => this.#lanes[lane].waiting);
  }

  /** Queues a message (whose bytes nobody changes any more); false when its lane is full. `inChannel` is what the channel has not sent yet, in bytes. */
  push(lane: Lane, message: Bytes, inChannel: number): boolean {
    invariant(message.length <= MAX_MESSAGE_BYTES, `a message has at most ${MAX_MESSAGE_BYTES} bytes`);
    if (this.#isFull(lane, inChannel)) return false;
    this.#lanes[lane].push(message);
    return true;
  }

  /** Queues a part of the link layer itself, ahead of all lanes. The protocol never has more than a few waiting. */
  pushLinkPart(part: LinkPart): void {
    this.#linkParts.push(part);
  }

  /** The next frame, or undefined when nothing waits. */
  nextFrame(): Bytes | undefined {
    if (!this.waiting) return undefined;
    const parts: Part[] = this.#linkParts;
    this.#linkParts = [];
    let space = MAX_FRAME_BYTES - FRAME_OVERHEAD - parts.length * 80; // 80: the largest link part is a 64-byte signature
    for (const queue of this.#order()) {
      const before = parts.length;
      const waited = queue.waiting;
      space = this.#fill(queue, parts, space);
      queue.passedOver = waited && parts.length === before ? queue.passedOver + 1 : 0;
    }
    return this.#frame(parts);
  }

  /**
   * The last frames of a link: what the control lane still holds, as far as it fits into `maxFrames`, then the goodbye. The
   * other lanes are dropped.
   */
  lastFrames(goodbye: LinkPart, maxFrames: number): readonly Bytes[] {
    this.#lanes.journal.clear();
    this.#lanes.bulk.clear();
    this.#linkParts = [];
    const frames: Bytes[] = [];
    while (frames.length < maxFrames - 1 && this.#lanes.control.waiting) {
      const frame = this.nextFrame();
      if (frame !== undefined) frames.push(frame);
    }
    this.#lanes.control.clear();
    frames.push(this.#frame([goodbye]));
    return frames;
  }

  #isFull(lane: Lane, inChannel: number): boolean {
    const { control, journal, bulk } = this.#lanes;
    if (lane === 'bulk') return bulk.cost >= MAX_BULK_BYTES;
    const urgent = control.cost + journal.cost + inChannel;
    return urgent >= HIGH_WATER_BYTES + (lane === 'control' ? CONTROL_RESERVE_BYTES : 0);
  }

  /** Lanes by urgency, except that one passed over for too long leads. */
  #order(): readonly LaneQueue[] {
    const { control, journal, bulk } = this.#lanes;
    if (bulk.waiting && bulk.passedOver >= MAX_PASSED_OVER.bulk) return [bulk, control, journal];
    if (journal.waiting && journal.passedOver >= MAX_PASSED_OVER.journal) return [journal, control, bulk];
    return [control, journal, bulk];
  }

  #fill(queue: LaneQueue, parts: Part[], space: number): number {
    let left = space;
    while (parts.length < MAX_FRAME_PARTS) {
      const taken = queue.take(left);
      if (taken === undefined) break;
      parts.push(taken.part);
      left -= taken.size;
    }
    return left;
  }

  #frame(parts: readonly Part[]): Bytes {
    const frame = encodeFrame(this.#sequence, parts);
    this.#sequence += 1;
    return frame;
  }
}
