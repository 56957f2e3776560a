/** What one simulated link has brought and the machine has not seen yet: checked one after the other, in arrival order. */
import type { PeerId } from '../kernel/ids.ts';
import type { Input, Protocol, SignatureCheck } from '../kernel/machine.ts';
import { cargoBytes, Value, type Cargo } from './cargo.ts';

/** As MAX_LINK_BACKLOG_BYTES and BACKLOG_ITEM_BYTES of src/runtime/driver-inbox.ts; DRV-16 holds both drivers to them. */
const MAX_BACKLOG_BYTES = 32 * 1024 * 1024;
const ITEM_BYTES = 256;

type LinkInput<Message> = Input<Message, never>;

export interface SimInboxHost<Message> {
  verify(checks: readonly SignatureCheck[], done: (hold: boolean) => void): void;
  deliver(input: LinkInput<Message>): void;
}

export class SimInbox<Message> {
  readonly #peer: PeerId;
  readonly #protocol: Protocol<Message>;
  readonly #host: SimInboxHost<Message>;
  readonly #waiting: (Cargo<Message> | LinkInput<Message>)[] = [];
  #backlogBytes = 0;
  #isChecking = false;
  open = false;
  /** The machine has hung up: whatever came before is void. */
  discarded = false;

  constructor(peer: PeerId, protocol: Protocol<Message>, host: SimInboxHost<Message>) {
    this.#peer = peer;
    this.#protocol = protocol;
    this.#host = host;
  }

  /** Inputs handed over that the machine has not stepped yet. */
  delivered = 0;

  /** Whether nothing needs it any more. */
  get idle(): boolean {
    return !this.open && this.#waiting.length === 0 && !this.#isChecking && this.delivered === 0;
  }

  addEvent(input: LinkInput<Message>): void {
    this.#waiting.push(input);
    this.#advance();
  }

  /** false: it does not fit under the cap. */
  addCargo(cargo: Cargo<Message>): boolean {
    const bytes = cargoBytes(cargo) + ITEM_BYTES;
    if (this.#backlogBytes + bytes > MAX_BACKLOG_BYTES) return false;
    this.#backlogBytes += bytes;
    this.#waiting.push(cargo);
    this.#advance();
    return true;
  }

  discard(): void {
    this.discarded = true;
    this.open = false;
    this.#waiting.length = 0;
  }

  #advance(): void {
    while (!this.#isChecking && !this.discarded) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      if (next instanceof Uint8Array || next instanceof Value) this.#check(next);
      else this.#host.deliver(next);
    }
  }

  #check(cargo: Cargo<Message>): void {
    const decoded =
      cargo instanceof Value ? ({ ok: true, value: cargo.message } as const) : this.#protocol.decode(cargo);
    const checks = decoded.ok ? this.#protocol.checks(decoded.value) : [];
    const finish = (hold: boolean): void => {
      this.#isChecking = false;
      this.#backlogBytes -= cargoBytes(cargo) + ITEM_BYTES;
      if (this.discarded) return;
      if (decoded.ok && hold) {
        this.#host.deliver({ kind: 'received', from: this.#peer, message: decoded.value });
      } else {
        const code = decoded.ok ? 'badSignature' : decoded.code;
        this.#host.deliver({ kind: 'refused', from: this.#peer, code });
      }
      this.#advance();
    };
    this.#isChecking = true;
    if (checks.length === 0) finish(true);
    else this.#host.verify(checks, finish);
  }
}
