/**
 * The last things a node did, for the person who has to find out why it stopped. A ring of short records: message kinds,
 * sizes and abbreviated peer ids, never contents, so that it can be shown and copied without giving a board away.
 */
import type { PeerId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/machine.ts';

/** Records kept. Origin: guess; at 10 to 50 records per second of a busy board it covers the last 10 to 50 seconds. */
export const TRACE_RECORDS = 500;
/** Characters of one record's detail; the rest is cut. Origin: guess, one line on a screen. */
export const TRACE_DETAIL_CHARACTERS = 120;
/** Hex digits that stand for a peer id; 32 bits tell the at most a few thousand peers of a board apart. */
const PEER_DIGITS = 8;

interface TraceRecord {
  readonly at: Instant;
  readonly what: string;
  readonly peer: PeerId | undefined;
  readonly detail: string;
}

/** A bounded ring of records. Recording keeps four references; text is made only when somebody reads. */
export class Trace {
  readonly #records: TraceRecord[] = [];
  #next = 0;

  /** `what` names an input, an effect or an edge's event; `detail` is a kind, a code or a count. */
  record(at: Instant, what: string, peer?: PeerId, detail = ''): void {
    const short = detail.length > TRACE_DETAIL_CHARACTERS ? detail.slice(0, TRACE_DETAIL_CHARACTERS) : detail;
    this.#records[this.#next] = { at, what, peer, detail: short };
    this.#next = (this.#next + 1) % TRACE_RECORDS;
  }

  /** The records as lines, oldest first: milliseconds, what, peer, detail. */
  lines(): string[] {
    const oldestFirst = [...this.#records.slice(this.#next), ...this.#records.slice(0, this.#next)];
    return oldestFirst.map(({ at, what, peer, detail }) =>
      [at.toFixed(1), what, peer?.slice(0, PEER_DIGITS) ?? '', detail]
        .filter((part) => part !== '')
        .join(' '),
    );
  }
}

/** The `kind` of a message, command or event when it has one: all that a trace may say about it. */
export function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  if ('kind' in value && typeof value.kind === 'string') return value.kind;
  return 'type' in value && typeof value.type === 'string' ? value.type : 'object';
}
