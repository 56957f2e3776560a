/** Governance as the simulated committee executes it, with a list of everything that was executed, so that a judge can count for itself. */
import { fromUtf8, toHex, utf8, type Bytes } from '../kernel/bytes.ts';
import { decodeWith, encodeWith, record, sizedBytes, type Codec } from '../kernel/codec.ts';
import { MAX_STATE_BYTES } from '../consensus/limits.ts';
import type { Request } from '../consensus/requests.ts';
import { Governance } from '../governance/governance.ts';
import type { Founding } from '../governance/state.ts';
import type { ShownApplication, Told } from './consensus-ledger.ts';

/** Agreed time of the first decision, and how much later the next one is, ms: consensus does not agree on a time of its own yet. */
const FOUNDED_MS = 1_764_000_000_000;
const STEP_MS = 1_000;

/** Agreed time of a decision. */
export function timeOf(seq: number): number {
  return FOUNDED_MS + seq * STEP_MS;
}

interface Saved {
  readonly entries: Bytes;
  readonly governance: Bytes;
}

const savedCodec: Codec<Saved> = record<Saved>({
  entries: sizedBytes(MAX_STATE_BYTES),
  governance: sizedBytes(MAX_STATE_BYTES),
});

export interface CouncilBug {
  /** Changes governance before it begins, and whenever it has taken a state over. */
  readonly tamper?: (governance: Governance) => void;
  /** How far a seat's idea of the time is from what was agreed, ms. */
  readonly clockErrorMs?: (name: string) => number;
}

export class CouncilApplication implements ShownApplication {
  readonly governance: Governance;
  readonly #told: Told;
  readonly #bug: CouncilBug;
  readonly #errorMs: number;
  #entries: string[] = [];

  constructor(founding: Founding, name: string, bug: CouncilBug, told: Told) {
    this.governance = new Governance(founding, () => undefined);
    const seats = founding.tabs.map(({ peer }) => ({ key: peer, leaseMs: 0 }));
    this.governance.seated({ epoch: 0, resets: 0, seats, checkpointEvery: 4, window: 8 });
    this.#told = told;
    this.#bug = bug;
    this.#errorMs = bug.clockErrorMs?.(name) ?? 0;
    bug.tamper?.(this.governance);
  }

  /** Of each executed request its place, client, number and operation in hex. */
  get entries(): readonly string[] {
    return this.#entries;
  }

  apply(request: Request, seq: number): void {
    const { client, number, operation } = request;
    this.#entries.push(`${seq}/${client}/${number}/${toHex(operation)}`);
    this.governance.apply(request, { seq, time: timeOf(seq) + this.#errorMs });
    this.#told(this.#entries, false);
  }

  snapshot(): Bytes {
    const entries = utf8(this.#entries.join('\n'));
    return encodeWith(savedCodec, { entries, governance: this.governance.snapshot() });
  }

  restore(snapshot: Bytes): boolean {
    const decoded = decodeWith(savedCodec, snapshot);
    if (!decoded.ok || !this.governance.restore(decoded.value.governance)) return false;
    this.#bug.tamper?.(this.governance);
    const text = fromUtf8(decoded.value.entries);
    this.#entries = text === '' ? [] : text.split('\n');
    this.#told(this.#entries, true);
    return true;
  }
}
