/**
 * From what is said to what leaves: persist, then sign, then send. Records go to disk in the order in which they came, one write at a time
 * with all that waits in it; nothing is signed, and no event is told, before what it stands on is durable. A failed write is kept and tried
 * again, and everything behind it waits.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { Effect, Write } from '../kernel/machine.ts';
import type { BoardId, PeerId } from '../kernel/ids.ts';
import type { Committee } from './committee.ts';
import type { ConsensusEvent } from './events.ts';
import { STORE_RETRY_MS } from './limits.ts';
import type { ConsensusMessage } from './messages.ts';
import { questionToSign, type Question } from './questions.ts';
import { requestToSign, type UnsignedRequest } from './requests.ts';
import { statementToSign, type Statement } from './statements.ts';

export type ConsensusEffect = Effect<ConsensusMessage, ConsensusEvent>;

/** Something to be signed. */
export type Speech =
  /** Of a seat, for everybody. */
  | {
      readonly kind: 'statement';
      readonly committee: Committee;
      readonly seat: number;
      readonly statement: Statement;
    }
  /** For everybody, or for one peer alone. */
  | { readonly kind: 'question'; readonly question: Question; readonly to?: PeerId | undefined }
  | { readonly kind: 'request'; readonly request: UnsignedRequest };

interface Item {
  readonly writes: readonly Write[];
  readonly speech?: Speech | undefined;
  readonly event?: ConsensusEvent | undefined;
}

export class Outbox {
  static readonly retryTimer = 'consensus/retry';
  readonly #board: BoardId;
  readonly #self: PeerId;
  #waiting: Item[] = [];
  #underWay: readonly Item[] | undefined;
  #hasFailed = false;
  readonly #unsigned = new Map<string, Speech>();
  #effects: ConsensusEffect[] = [];
  #persisted = 0;
  #signed = 0;

  constructor(board: BoardId, self: PeerId) {
    this.#board = board;
    this.#self = self;
  }

  /** Makes `item` durable, and then signs and tells what it brings. */
  push(item: Item): void {
    if (item.writes.length > 0 || item.speech !== undefined || item.event !== undefined)
      this.#waiting.push(item);
  }

  /** Signs what needs no record. */
  speakNow(speech: Speech): void {
    const tag = `consensus/sign/${++this.#signed}`;
    this.#unsigned.set(tag, speech);
    this.#effects.push({ kind: 'sign', tag, body: this.#bodyOf(speech) });
  }

  effect(...effects: readonly ConsensusEffect[]): void {
    this.#effects.push(...effects);
  }

  /** Whether `tag` is that of the write under way; if so, what stood behind it goes on. */
  durable(tag: string): void {
    if (this.#underWay === undefined || tag !== this.#persistTag()) return;
    const items = this.#underWay;
    this.#underWay = undefined;
    for (const { speech, event } of items) {
      if (speech !== undefined) this.speakNow(speech);
      if (event !== undefined) this.effect({ kind: 'emit', event });
    }
  }

  notDurable(tag: string): void {
    if (this.#underWay === undefined || tag !== this.#persistTag()) return;
    this.#hasFailed = true;
    this.effect({ kind: 'arm', timer: Outbox.retryTimer, afterMs: STORE_RETRY_MS });
  }

  retry(): void {
    if (this.#underWay === undefined || !this.#hasFailed) return;
    this.#hasFailed = false;
    this.#persist(this.#underWay);
  }

  /** What was asked to be signed under `tag`; undefined when it is not ours. */
  signed(tag: string): Speech | undefined {
    const speech = this.#unsigned.get(tag);
    this.#unsigned.delete(tag);
    return speech;
  }

  /** The effects of this step. */
  flush(): readonly ConsensusEffect[] {
    if (this.#underWay === undefined && this.#waiting.length > 0) {
      this.#underWay = this.#waiting;
      this.#waiting = [];
      this.#persist(this.#underWay);
    }
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #persist(items: readonly Item[]): void {
    this.#persisted += 1;
    const writes = items.flatMap((item) => item.writes);
    this.#effects.push({ kind: 'persist', tag: this.#persistTag(), writes });
  }

  #persistTag(): string {
    return `consensus/persist/${this.#persisted}`;
  }

  #bodyOf(speech: Speech): Bytes {
    switch (speech.kind) {
      case 'statement':
        return statementToSign(speech.committee, speech.seat, speech.statement);
      case 'question':
        return questionToSign(this.#board, this.#self, speech.question);
      case 'request':
        return requestToSign(this.#board, speech.request);
    }
  }
}
