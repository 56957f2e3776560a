/**
 * What one peer's link has brought and the machine has not seen yet, in arrival order: messages on their way through decoding
 * and signature checks, and the link's own events between them. One inbox per peer, so that a link whose signatures take long
 * holds up nobody else, and a message that needs no check never overtakes an earlier one that does (DRV-11, DRV-12).
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Input, Protocol, SignatureCheck } from '../kernel/machine.ts';
import { Fifo } from './driver-fifo.ts';

/**
 * Bytes of one link that may wait for decoding, checking and stepping; past it the link ends as `overloaded`.
 * Origin: guess; twice Chromium's 16 MiB send queue (NUMBERS), so that one full queue of an honest neighbour always fits.
 */
export const MAX_LINK_BACKLOG_BYTES = 32 * 1024 * 1024;
/** What every waiting item counts besides its bytes, so that a flood of empty messages meets the same cap. Origin: guess at the objects behind one item. */
export const BACKLOG_ITEM_BYTES = 256;
/**
 * Messages of one link whose signatures are checked at the same time. Origin: guess; where WebCrypto answers from another
 * thread, one at a time would wait for a thread hop per message. (Chromium 156 checks Ed25519 on the thread that asks.)
 */
export const MAX_CHECKING_PER_LINK = 32;

/** Code of a `refused` input whose signature did not hold; the other codes are those of the protocol's decoder. */
export const BAD_SIGNATURE = 'badSignature';

/** An input that came through a link. */
export type LinkInput<Message> = Input<Message, never>;

interface Item<Message> {
  readonly cost: number;
  /** Not decoded yet. */
  bytes: Bytes | undefined;
  /** Ready for the machine. */
  input: LinkInput<Message> | undefined;
}

/** What an inbox needs from its driver. */
export interface InboxHost<Message> {
  readonly protocol: Protocol<Message>;
  readonly verifyAll: (checks: readonly SignatureCheck[]) => Promise<boolean>;
  /** Something became ready outside a call from the driver. */
  readonly onReady: () => void;
  /** A port broke its promise never to reject. */
  readonly onBroken: (cause: unknown) => void;
}

export class LinkInbox<Message> {
  readonly peer: PeerId;
  readonly #host: InboxHost<Message>;
  readonly #items = new Fifo<Item<Message>>();
  #admitted = 0;
  #backlogBytes = 0;
  /** Whether the link layer holds this link up, as of the last event that arrived. Messages of a closed link are ignored. */
  open = false;

  constructor(peer: PeerId, host: InboxHost<Message>) {
    this.peer = peer;
    this.#host = host;
  }

  get empty(): boolean {
    return this.#items.size === 0;
  }

  /** Appends one of the link's own events. */
  pushEvent(input: LinkInput<Message>): void {
    this.#items.push({ cost: 0, bytes: undefined, input });
  }

  /** Appends a message; false when it does not fit under the cap, and then nothing was appended. */
  pushBytes(bytes: Bytes): boolean {
    const cost = bytes.length + BACKLOG_ITEM_BYTES;
    if (this.#backlogBytes + cost > MAX_LINK_BACKLOG_BYTES) return false;
    this.#backlogBytes += cost;
    this.#items.push({ cost, bytes, input: undefined });
    return true;
  }

  /** Forgets everything that waits; answers that are still under way find nobody. */
  clear(): void {
    this.#items.clear();
    this.#admitted = 0;
    this.#backlogBytes = 0;
  }

  get hasWork(): boolean {
    return this.#items.at(0)?.input !== undefined || this.#mayAdmit;
  }

  /** Decodes the next message and starts its checks, if the window has room. */
  admitNext(): void {
    if (!this.#mayAdmit) return;
    const item = this.#items.at(this.#admitted);
    this.#admitted += 1;
    if (item?.bytes === undefined) return; // an event: ready since it came
    const decoded = this.#host.protocol.decode(item.bytes);
    item.bytes = undefined;
    if (!decoded.ok) {
      item.input = { kind: 'refused', from: this.peer, code: decoded.code };
      return;
    }
    const checks = this.#host.protocol.checks(decoded.value);
    const received: LinkInput<Message> = { kind: 'received', from: this.peer, message: decoded.value };
    if (checks.length === 0) item.input = received;
    else this.#check(item, received, checks);
  }

  /** Takes the front input when it is ready. */
  take(): LinkInput<Message> | undefined {
    const item = this.#items.at(0);
    if (item?.input === undefined) return undefined;
    this.#items.shift();
    this.#admitted = Math.max(0, this.#admitted - 1);
    this.#backlogBytes -= item.cost;
    return item.input;
  }

  get #mayAdmit(): boolean {
    return this.#admitted < this.#items.size && this.#admitted < MAX_CHECKING_PER_LINK;
  }

  #check(item: Item<Message>, received: LinkInput<Message>, checks: readonly SignatureCheck[]): void {
    this.#host.verifyAll(checks).then((hold) => {
      item.input = hold ? received : { kind: 'refused', from: this.peer, code: BAD_SIGNATURE };
      this.#host.onReady();
    }, this.#host.onBroken);
  }
}
