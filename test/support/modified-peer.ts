/**
 * A tab that is a proven member and lies: its page is patched before it loads, so that a program of ours reads and rewrites what it sends and
 * signs with its key what no honest tab would. The product knows nothing of it.
 */
import type { BrowserContext, Page } from 'playwright-core';
import { fromHex, toHex, type Bytes } from '../../src/kernel/bytes.ts';
import { decodeWith, encodeWith } from '../../src/kernel/codec.ts';
import type { BoardId, Hash, PeerId } from '../../src/kernel/ids.ts';
import { broadcastCodec, nodeMessageCodec, type NodeMessage } from '../../src/node/messages.ts';
import { gossipId, originOf } from '../../src/overlay/messages.ts';
import {
  decodeEntry,
  entryToSign,
  hashEntry,
  NO_HASH,
  sealEntry,
  type Entry,
} from '../../src/replication/entry.ts';
import { decodeFrame, encodeFrame, type Part } from '../../src/transport/frames.ts';
import { storedEntries } from './stored-entries.ts';

/** What the page has to offer, once it is patched. */
interface Patched {
  /** The key with which this tab signs its journal, as soon as it has. */
  entryKey?: CryptoKey;
  isLying?: boolean;
  /** Channels that were used so far, by their number. */
  lyingChannels: RTCDataChannel[];
}

declare global {
  var patched: Patched | undefined;
  /** Bound by the test: takes a frame of a channel, and gives the one to send instead; both in hex. */
  var rewriteFrame: (channel: number, frame: string) => Promise<string>;
}

/** Runs in the page before anything else of it. */
function patchPage(): void {
  const send = Reflect.get(RTCDataChannel.prototype, 'send') as (this: RTCDataChannel, data: unknown) => void;
  const sign: SubtleCrypto['sign'] = Reflect.get(SubtleCrypto.prototype, 'sign');
  const patched: Patched = { lyingChannels: [] };
  globalThis.patched = patched;
  const queues = new Map<RTCDataChannel, Promise<void>>();
  const hex = (bytes: Uint8Array): string =>
    [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const bytes = (text: string): Uint8Array =>
    Uint8Array.from(text.match(/../gu) ?? [], (pair) => Number.parseInt(pair, 16));
  SubtleCrypto.prototype.sign = function (this: SubtleCrypto, ...given: Parameters<SubtleCrypto['sign']>) {
    const [, key, data] = given;
    const label = new TextDecoder().decode(data instanceof Uint8Array ? data.slice(0, 17) : undefined);
    if (label.startsWith('tabswarm/entry/')) patched.entryKey = key;
    return sign.apply(this, given);
  };
  const rewritten = async (channel: RTCDataChannel, frame: Uint8Array): Promise<void> => {
    const number = patched.lyingChannels.indexOf(channel);
    const instead =
      patched.isLying === true ? bytes(await globalThis.rewriteFrame(number, hex(frame))) : frame;
    if (channel.readyState === 'open') send.call(channel, instead);
  };
  RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown): void {
    if (!patched.lyingChannels.includes(this)) patched.lyingChannels.push(this);
    const before = queues.get(this);
    if (!(data instanceof Uint8Array) || (patched.isLying !== true && before === undefined)) {
      send.call(this, data);
      return;
    }
    const frame = new Uint8Array(data);
    queues.set(
      this,
      (before ?? Promise.resolve()).then(() => rewritten(this, frame)),
    );
  };
}

/** A forged entry and the channels that get it: `even`, `odd`, or `all` of them. */
interface Lie {
  readonly entry: Entry;
  readonly to: 'even' | 'odd' | 'all';
}

/** The liar: opens its patched page as usual, and lies from {@link lie} on. */
export class ModifiedPeer {
  #page: Page | undefined;
  #board: BoardId | undefined;
  #self: PeerId | undefined;
  readonly #lies: Lie[] = [];
  /** How many lies each channel was told. */
  readonly #told = new Map<number, number>();
  #toldAt: number | undefined;

  /** Patches every page that `context` opens from now on. Until it lies it behaves. */
  static async patch(context: BrowserContext): Promise<ModifiedPeer> {
    const peer = new ModifiedPeer();
    await context.exposeFunction('rewriteFrame', (channel: number, frame: string) =>
      peer.#rewrite(channel, frame),
    );
    await context.addInitScript(patchPage);
    return peer;
  }

  /** When the first lie left after the last {@link add}, milliseconds since 1970. */
  get toldAt(): number | undefined {
    return this.#toldAt;
  }

  /** From here on the tab says nothing true about its journal, and whatever {@link add} gives it. */
  async lie(page: Page): Promise<void> {
    const { board, self } = await page.evaluate(() => {
      const { boardId, peerId } = tabswarm.status();
      return { board: boardId, self: peerId };
    });
    this.#page = page;
    this.#board = board as BoardId;
    this.#self = self as PeerId;
    await page.evaluate(() => {
      if (globalThis.patched !== undefined) globalThis.patched.isLying = true;
    });
  }

  /** Sends what the tab really means again. */
  async behave(): Promise<void> {
    await this.#page?.evaluate(() => {
      if (globalThis.patched !== undefined) globalThis.patched.isLying = false;
    });
  }

  /** Everything in the tab's database of its board. */
  async entries(): Promise<readonly Entry[]> {
    const { page, board } = this.#ready();
    const stored = await storedEntries(page, `${board}/`);
    return stored.flatMap(([, bytes]) => {
      const entry = decodeEntry(board, bytes);
      return entry.ok ? [entry.value] : [];
    });
  }

  /** An entry of this tab for the place behind its last one, signed by its key: `model` says what it builds on. */
  async forge(
    model: { readonly last: Entry; readonly heads: readonly Hash[] },
    payload: Bytes,
  ): Promise<Entry> {
    const { board } = this.#ready();
    const { last, heads } = model;
    const header = {
      ...last,
      seq: last.seq + 1,
      previous: last.hash,
      heads: [...heads].sort(),
      kind: 'update' as const,
    };
    const hash = hashEntry(board, header, payload);
    const signature = await this.#sign(entryToSign(hash));
    return sealEntry({ ...header, payload, hash }, signature);
  }

  /** Tells the lie to these neighbours, with whatever is sent to them next (a heartbeat, within a second). */
  add(entry: Entry, to: Lie['to']): void {
    this.#lies.push({ entry, to });
    this.#toldAt = undefined;
  }

  /** How many neighbours have been told everything that was meant for them. */
  get done(): number {
    return [...this.#told.values()].filter((count) => count === this.#lies.length).length;
  }

  async #sign(body: Bytes): Promise<Bytes> {
    const signature = await this.#ready().page.evaluate(
      async (numbers) => {
        const key = globalThis.patched?.entryKey;
        if (key === undefined) throw new Error('this tab has signed no entry yet');
        return [...new Uint8Array(await crypto.subtle.sign('Ed25519', key, new Uint8Array(numbers)))];
      },
      [...body],
    );
    return new Uint8Array(signature);
  }

  #ready(): { readonly page: Page; readonly board: BoardId; readonly self: PeerId } {
    if (this.#page === undefined || this.#board === undefined || this.#self === undefined)
      throw new Error('it does not lie yet');
    return { page: this.#page, board: this.#board, self: this.#self };
  }

  #rewrite(channel: number, frame: string): string {
    const decoded = decodeFrame(fromHex(frame));
    if (!decoded.ok) throw new Error(`a frame of the tab is ${decoded.code}`);
    const parts = decoded.value.parts.map((part) => this.#harmless(part));
    const told = this.#told.get(channel) ?? 0;
    const parity = channel % 2 === 0 ? 'even' : 'odd';
    const due = this.#lies.slice(told).filter(({ to }) => to === 'all' || to === parity);
    this.#told.set(channel, this.#lies.length);
    if (due.length > 0) this.#toldAt ??= Date.now();
    return toHex(
      encodeFrame(decoded.value.sequence, [...parts, ...due.map(({ entry }) => this.#gossip(entry))]),
    );
  }

  /** What the tab says of journals is left out: its neighbours know of them what it tells them by broadcast. */
  #harmless(part: Part): Part {
    if (part.kind !== 'whole') return part;
    const message = decodeWith(nodeMessageCodec, part.message);
    const isTalk = message.ok && (message.value.kind === 'replication' || isGossip(message.value));
    return isTalk ? { ...part, message: encodeWith(nodeMessageCodec, NOTHING) } : part;
  }

  #gossip(entry: Entry): Part {
    const payload = encodeWith(broadcastCodec, { kind: 'entry', bytes: entry.bytes });
    const id = gossipId(payload);
    const origin = originOf(this.#ready().self);
    const body = { kind: 'gossip', id, origin, hops: 1, age: 0, lane: 'journal', payload } as const;
    return {
      kind: 'whole',
      lane: 'journal',
      message: encodeWith(nodeMessageCodec, { kind: 'overlay', body }),
    };
  }
}

const NOTHING: NodeMessage = { kind: 'replication', body: { kind: 'ack', held: [] } };

function isGossip(message: NodeMessage): boolean {
  return message.kind === 'overlay' && ['gossip', 'ihave'].includes(message.body.kind);
}

/** The last entry of `author`, and the newest entries of others that no other builds on. */
export function endsOf(
  entries: readonly Entry[],
  author: PeerId,
): { readonly last: Entry; readonly heads: readonly Hash[] } {
  const last = entries
    .filter((entry) => entry.author === author)
    .reduce<Entry | undefined>(
      (end, entry) => (end === undefined || entry.seq > end.seq ? entry : end),
      undefined,
    );
  if (last === undefined) throw new Error('the liar has written nothing yet');
  const named = new Set(
    entries.flatMap(({ previous, heads }) => [previous, ...heads]).filter((hash) => hash !== NO_HASH),
  );
  const heads = entries
    .filter(({ hash, author: by }) => by !== author && !named.has(hash))
    .map(({ hash }) => hash);
  return { last, heads };
}
