/** Operations that this peer wants ordered. Each has its number on disk before it is signed, so that no number is ever used twice. */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Write } from '../kernel/machine.ts';
import { CLIENT_WINDOW } from './limits.ts';
import { recordName, type Records } from './records.ts';
import type { Request, UnsignedRequest } from './requests.ts';

export class OwnRequests {
  readonly #client: PeerId;
  readonly #records: Records;
  /** Not known to be executed, by number. */
  readonly #outstanding = new Map<
    number,
    { readonly unsigned: UnsignedRequest; signed: Request | undefined }
  >();
  #last = 0;
  /** The last number, if it was executed: its record stays until there is a higher one, so that it is never given again. */
  #executedLast: number | undefined;

  constructor(client: PeerId, records: Records) {
    this.#client = client;
    this.#records = records;
  }

  /** Gives an operation the next number; undefined when as many as may be are outstanding. `highest`: number last executed. */
  create(
    operation: Bytes,
    highest: number,
  ): { readonly request: UnsignedRequest; readonly writes: Write[] } | undefined {
    const number = Math.max(this.#last, highest) + 1;
    const lowest = Math.min(number, ...this.#outstanding.keys());
    if (number - lowest >= CLIENT_WINDOW) return undefined;
    const request = { client: this.#client, number, operation };
    this.restore(request);
    const writes = [this.#records.put(recordName.request(number), { kind: 'request', ...request })];
    if (this.#executedLast !== undefined)
      writes.push(this.#records.remove(recordName.request(this.#executedLast)));
    this.#executedLast = undefined;
    return { request, writes };
  }

  restore(unsigned: UnsignedRequest): void {
    this.#outstanding.set(unsigned.number, { unsigned, signed: undefined });
    this.#last = Math.max(this.#last, unsigned.number);
  }

  signed(request: Request): void {
    const held = this.#outstanding.get(request.number);
    if (held !== undefined) held.signed = request;
  }

  /** Forgets what was executed; the deletions of its records. */
  drop(isOver: (request: UnsignedRequest) => boolean): Write[] {
    const over = [...this.#outstanding.values()].filter(({ unsigned }) => isOver(unsigned));
    return over.flatMap(({ unsigned: { number } }) => {
      this.#outstanding.delete(number);
      if (number !== this.#last) return [this.#records.remove(recordName.request(number))];
      this.#executedLast = number;
      return [];
    });
  }

  /** Those that are not signed yet, as after a restart. */
  unsigned(): UnsignedRequest[] {
    return [...this.#outstanding.values()]
      .filter(({ signed }) => signed === undefined)
      .map(({ unsigned }) => unsigned);
  }

  /** All of them, in the order in which they were made. */
  all(): UnsignedRequest[] {
    return [...this.#outstanding.values()]
      .map(({ unsigned }) => unsigned)
      .sort((a, b) => a.number - b.number);
  }

  /** To be said again. */
  outstanding(): Request[] {
    return [...this.#outstanding.values()].flatMap(({ signed }) => (signed === undefined ? [] : [signed]));
  }
}
