/** Who sits in a run of the consensus scenario, and how that changes. */
import type { Bytes } from '../kernel/bytes.ts';
import { encodeWith } from '../kernel/codec.ts';
import { digestBytes } from '../kernel/hash.ts';
import { boardIdFrom, type MemberId, type PeerId } from '../kernel/ids.ts';
import { pick, shuffled, type Random } from '../kernel/random.ts';
import { linkCodec, ownerToSign, type Link } from '../consensus/chain.ts';
import { openCommittee, recordOf, type Committee } from '../consensus/committee.ts';
import { firstSnapshot } from '../consensus/execution.ts';
import { MAX_EPOCHS } from '../consensus/limits.ts';
import type { ConsensusAnnals } from './consensus-annals.ts';
import type { ConsensusHost } from './consensus-host.ts';
import { ConsensusLedger } from './consensus-ledger.ts';
import { LIAR_KINDS, type LiarKind } from './consensus-liars.ts';
import type { ConsensusOracle } from './consensus-oracle.ts';
import type { ConsensusPlant } from './consensus-plants.ts';
import type { SimKeys } from './sim-keys.ts';

/** A checkpoint every 4 decisions in a window of 8, so that runs of a minute see many. */
export const PACE = { checkpointEvery: 4, window: 8 };

/** A seat to be taken, given up, or handed on to another tab, as an operation of the ledger. */
function drawChange(
  random: Random,
  everybody: readonly PeerId[],
  annals: ConsensusAnnals,
): string | undefined {
  const seats = annals.newest?.keys ?? [];
  const free = everybody.filter((key) => !seats.includes(key) && !annals.isGone(key));
  const taken = pick(random, seats) ?? '';
  const newcomer = pick(random, free);
  if (newcomer === undefined) return `-${taken}`;
  return pick(random, [`+${newcomer}`, `=${taken}>${newcomer}`, `-${taken}`]);
}

/** Whom a change seats; empty when nobody. */
function newcomerOf(change: string): PeerId {
  const at = Math.max(change.indexOf('+'), change.indexOf('>'));
  return change.slice(at < 0 ? change.length : at + 1) as PeerId;
}

/** Changes of seats that were asked for. */
export class SeatChanges {
  readonly #asked: (readonly [client: PeerId, change: string])[] = [];

  /** One that `client` asks for now. */
  draw(
    client: PeerId,
    random: Random,
    everybody: readonly PeerId[],
    annals: ConsensusAnnals,
  ): string | undefined {
    const change = drawChange(random, everybody, annals);
    if (change !== undefined) this.#asked.push([client, change]);
    return change;
  }

  /** Whether one that was not executed so far seats one of `peers`. */
  maySeat(peers: ReadonlySet<PeerId>, oracle: Pick<ConsensusOracle, 'isExecuted'>): boolean {
    return this.#asked.some(
      ([client, change]) => !oracle.isExecuted(client, change) && peers.has(newcomerOf(change)),
    );
  }
}

/** The first committee of a run. */
export function openFirst(keys: readonly PeerId[]): Committee {
  const opened = openCommittee({
    board: boardIdFrom(digestBytes('consensus scenario')),
    epoch: 0,
    start: 0,
    previous: undefined,
    resets: 0,
    seats: keys.map((key) => ({ key, leaseMs: 0 })),
    ...PACE,
  });
  if (!opened.ok) throw new RangeError(`No committee of ${keys.length} seats.`);
  return opened.value;
}

/** The links that a host holds, as they are on the wire. */
export function linksOf({ parts }: ConsensusHost): Bytes[] {
  return (parts?.chain.links(0, MAX_EPOCHS) ?? []).map((link) => encodeWith(linkCodec, link));
}

/** The link of the first committee, which the owner signs. */
export function foundingOf(keys: SimKeys, owner: MemberId, committee: Committee): Link {
  const { digest: state } = firstSnapshot(new ConsensusLedger(), committee);
  const signature = keys.sign(owner, ownerToSign('founding', committee, state));
  return { committee: recordOf(committee), state, proof: { kind: 'founding', owner, signature } };
}

/** At most f seats, or those of a planted bug. */
export function drawLiars(
  random: Random,
  committee: Committee,
  forced: ConsensusPlant['liars'],
): Map<PeerId, LiarKind> {
  const { faults, keys } = committee;
  if (forced !== undefined)
    return new Map(keys.slice(0, forced.count(committee)).map((key) => [key, forced.kind]));
  const liars = shuffled(random, [...keys]).slice(0, random.below(faults + 1));
  return new Map(liars.map((key) => [key, pick(random, LIAR_KINDS) ?? 'silent']));
}

/** Where a host stands, for people. */
export function placeOf({ options, executed, parts }: ConsensusHost): string {
  const { chain, committee, seat, views } = parts ?? {};
  const epoch = `epoch ${committee?.epoch ?? -1} of ${chain?.tip.committee.epoch ?? -1}`;
  const place = `seat ${seat ?? 'none'} in view ${views?.view ?? -1}${views?.isActive === true ? '' : ' (waiting)'}`;
  return `${options.name} executed ${executed.length}, ${epoch}, ${place}`;
}
