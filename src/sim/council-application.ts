/** Governance as the simulated committee executes it, with a list of everything that was executed, so that a judge can count for itself. */
import { fromUtf8, toHex, utf8, type Bytes } from '../kernel/bytes.ts';
import { decodeWith, encodeWith, record, sizedBytes, type Codec } from '../kernel/codec.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import type { CommitteeRecord, Seating } from '../consensus/committee.ts';
import type { Moment } from '../consensus/execution.ts';
import { MAX_STATE_BYTES } from '../consensus/limits.ts';
import type { Request } from '../consensus/requests.ts';
import { Governance } from '../governance/governance.ts';
import type { Founding } from '../governance/state.ts';
import { EPOCH_MS } from './consensus-host.ts';
import type { ShownApplication, Told } from './consensus-ledger.ts';

/** How many times as fast time goes for the group as for its committee, so that deadlines fall into a run of half a minute. */
const SPEED = 7;

/** The group's time so many ms after the run began. */
export function timeAfter(ms: number): number {
  return EPOCH_MS + SPEED * ms;
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
    this.#told = told;
    this.#bug = bug;
    this.#errorMs = bug.clockErrorMs?.(name) ?? 0;
    bug.tamper?.(this.governance);
  }

  /** Of each executed request its place, client, number, operation in hex, and the group's time. */
  get entries(): readonly string[] {
    return this.#entries;
  }

  checksOf(operation: Bytes): readonly SignatureCheck[] | undefined {
    // Noise is ordered as well: what cannot be read does nothing.
    return this.governance.checksOf(operation) ?? [];
  }

  admits(client: PeerId): boolean {
    return this.governance.admits(client);
  }

  mayReseat(operation: Bytes): boolean {
    return this.governance.mayReseat(operation);
  }

  nextSeating(): Seating | undefined {
    return this.governance.nextSeating();
  }

  seated(committee: CommitteeRecord): void {
    this.governance.seated(committee);
  }

  apply(request: Request, { seq, time: agreed }: Moment): void {
    const { client, number, operation } = request;
    // Before anybody has told the time, it is that of the beginning.
    const time = timeAfter(Math.max(0, agreed - EPOCH_MS));
    this.#entries.push(`${seq}/${client}/${number}/${toHex(operation)}/${time}`);
    this.governance.apply(request, { seq, time: time + this.#errorMs });
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
