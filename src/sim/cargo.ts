/** What a simulated link carries: a message as bytes, as between browsers, or as the value itself, which large swarms save time with. */
import type { Bytes } from '../kernel/bytes.ts';

/** Bytes that a message handed over as a value counts as. Origin: guess; only what waits in a link's queue is counted. */
const VALUE_BYTES = 64;

/** A message handed over as it is. Machines never change what they were given, so both ends may hold it. */
export class Value<Message> {
  readonly message: Message;

  constructor(message: Message) {
    this.message = message;
  }
}

export type Cargo<Message> = Bytes | Value<Message>;

export function cargoBytes<Message>(cargo: Cargo<Message>): number {
  return cargo instanceof Uint8Array ? cargo.length : VALUE_BYTES;
}
