/** The replicated application of the simulated committee: a list of everything that was executed, so that nothing about it can hide. */
import { fromUtf8, utf8, type Bytes } from '../kernel/bytes.ts';
import type { Application } from '../consensus/execution.ts';
import type { Request } from '../consensus/requests.ts';

/** An application that shows all that it executed, in order. */
export interface ShownApplication extends Application {
  readonly entries: readonly string[];
}

/** Hears all that was executed whenever that has changed, and whether it was taken over from others. */
export type Told = (entries: readonly string[], isTakenOver: boolean) => void;

export class ConsensusLedger implements ShownApplication {
  readonly #told: Told;
  #entries: string[] = [];

  constructor(told: Told) {
    this.#told = told;
  }

  get entries(): readonly string[] {
    return this.#entries;
  }

  apply({ client, number, operation }: Request): void {
    this.#entries.push(`${client}/${number}/${fromUtf8(operation)}`);
    this.#told(this.#entries, false);
  }

  snapshot(): Bytes {
    return utf8(this.#entries.join('\n'));
  }

  restore(snapshot: Bytes): boolean {
    const text = fromUtf8(snapshot);
    this.#entries = text === '' ? [] : text.split('\n');
    this.#told(this.#entries, true);
    return true;
  }
}
