/**
 * Judges what becomes of seats that vote twice: what each honest tab heard is put side by side here, by a reading of its own, and nobody is convicted but for two
 * signatures of one key for one place. Rules CON-60 to CON-64 and GOV-40 to GOV-42.
 */
import { toHex } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Statement } from '../consensus/statements.ts';
import type { Said } from '../node/messages.ts';
import type { ReadLie } from './committee-reader.ts';
import type { JudgedEpoch } from './consensus-annals.ts';
import type { SimKeys } from './sim-keys.ts';

/** A tab that lives so long after it heard both has told others, and has the proof on disk: a failed write is made again after 5 s. */
const KEPT_AFTER_MS = 15_000;

/** The second of two that contradict each other came to a tab. */
interface Found {
  readonly liar: PeerId;
  readonly by: PeerId;
  readonly at: number;
}

export class LieJudge {
  /** What each tab heard in its present life: by epoch, key and place. */
  readonly #heard = new Map<PeerId, Map<string, string>>();
  #found: Found[] = [];
  readonly #certain = new Set<PeerId>();

  /** A tab begins a life: what it heard before it has forgotten, and what it found lately may not be on its disk. */
  born(peer: PeerId, now: number): void {
    this.#heard.delete(peer);
    this.#settle(now);
    this.#found = this.#found.filter(({ by }) => by !== peer);
  }

  /** What a tab's disk held is gone. */
  loses(peer: PeerId): void {
    this.#found = this.#found.filter(({ by }) => by !== peer);
  }

  /** A tab whose committee is `epoch` takes something in, whose signature holds. */
  hears(by: PeerId, { committee, message }: Said, epoch: JudgedEpoch | undefined, now: number): void {
    if (message.kind !== 'statement' || epoch === undefined || epoch.digest !== committee) return;
    const { seat, statement } = message.signed;
    const key = epoch.keys[seat];
    const [place, content] = readingOf(statement);
    if (key === undefined || message.epoch !== epoch.number) return;
    const heard = this.#heard.get(by) ?? new Map<string, string>();
    this.#heard.set(by, heard);
    const at = `${epoch.number} ${key} ${place}`;
    const known = heard.get(at) ?? content;
    heard.set(at, known);
    if (known !== content && !this.#found.some(({ liar }) => liar === key))
      this.#found.push({ liar: key, by, at: now });
  }

  #settle(now: number): void {
    for (const { at, liar } of this.#found) if (now - at >= KEPT_AFTER_MS) this.#certain.add(liar);
  }

  /** Keys of which somebody honest has had a proof for long enough, whatever happened since. */
  proven(now: number): ReadonlySet<PeerId> {
    this.#settle(now);
    return this.#certain;
  }
}

/** The place of a statement and what it says there, as docs/spec/consensus.md has it. */
function readingOf(statement: Statement): readonly [place: string, content: string] {
  switch (statement.kind) {
    case 'prePrepare':
    case 'prepare':
    case 'commit':
      return [`${statement.kind} ${statement.view}/${statement.seq}`, statement.digest];
    case 'checkpoint':
      return [`checkpoint ${statement.seq}`, statement.digest];
    case 'close':
      return ['close', `${statement.seq} ${statement.digest} ${statement.next}`];
    case 'viewChange':
    case 'newView':
      return [`${statement.kind} ${statement.view}`, plain(statement)];
  }
}

function plain(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (each instanceof Uint8Array ? [...each] : each));
}

/** Why a conviction is wrong, if it is: the two signatures do not convince, or there is no such seat. */
export function whyNotConvict(
  lie: ReadLie,
  keys: SimKeys,
  epoch: JudgedEpoch | undefined,
): string | undefined {
  if (epoch?.digest !== lie.committee || epoch.keys[lie.seat] !== lie.key) return 'it has no such seat';
  const [one, other] = lie.claims;
  if (one.place !== other.place || toHex(one.body) === toHex(other.body))
    return 'its claims can both be made';
  const isSigned = lie.claims.every(({ body, signature }) =>
    keys.holds([{ signer: lie.key, body, signature }]),
  );
  return isSigned ? undefined : 'it did not sign both';
}
