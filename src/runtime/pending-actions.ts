/** Promises of board actions that are not durable yet. */
import type { CommandOutcome } from '../node/events.ts';
import { CodedError } from './coded-error.ts';

interface Pending {
  resolve(outcome: CommandOutcome): void;
  reject(error: CodedError): void;
}

export class PendingActions {
  readonly #pending = new Map<string, Pending>();
  #count = 0;

  open(): { readonly token: string; readonly promise: Promise<CommandOutcome> } {
    this.#count += 1;
    const token = `a${this.#count}`;
    const promise = new Promise<CommandOutcome>((resolve, reject) => {
      this.#pending.set(token, { resolve, reject });
    });
    return { token, promise };
  }

  resolve(token: string, outcome: CommandOutcome): void {
    this.#pending.get(token)?.resolve(outcome);
    this.#pending.delete(token);
  }

  fail(token: string, code: string): void {
    this.#pending.get(token)?.reject(new CodedError(code));
    this.#pending.delete(token);
  }

  failAll(code: string): void {
    for (const token of [...this.#pending.keys()]) this.fail(token, code);
  }
}
