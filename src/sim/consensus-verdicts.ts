/** Whether messages are well formed and their signatures hold, by what each receiver knows; worked out once for those who know the same. */
import { messageChecks, refuseMessage, type ConsensusMessage } from '../consensus/messages.ts';
import { judgingOf } from '../consensus/needed.ts';
import type { ConsensusHost } from './consensus-host.ts';
import type { ConsensusPlant } from './consensus-plants.ts';
import type { SimKeys } from './sim-keys.ts';

export class ConsensusVerdicts {
  readonly #keys: SimKeys;
  readonly #isEncoded: boolean;
  readonly #believed: ConsensusPlant['checks'];
  readonly #known = new WeakMap<ConsensusMessage, Map<string, boolean>>();

  /** `isEncoded`: messages are encoded and decoded as on a link. `believed`: what is not checked, for planted bugs. */
  constructor(keys: SimKeys, isEncoded: boolean, believed: ConsensusPlant['checks']) {
    this.#keys = keys;
    this.#isEncoded = isEncoded;
    this.#believed = believed;
  }

  holds(host: ConsensusHost, message: ConsensusMessage): boolean {
    const { parts } = host;
    if (parts === undefined) return false;
    const { chain } = parts;
    const place = `${chain.current} ${chain.tip.committee.digest} ${chain.at(chain.current)?.committee.digest ?? ''}`;
    const verdicts = this.#known.get(message) ?? new Map<string, boolean>();
    this.#known.set(message, verdicts);
    const verdict = verdicts.get(place) ?? this.#judge(host, message);
    verdicts.set(place, verdict);
    return verdict;
  }

  #judge(host: ConsensusHost, message: ConsensusMessage): boolean {
    const { parts, protocol } = host;
    if (parts === undefined || protocol === undefined) return false;
    const judging = judgingOf(parts);
    const isWellFormed = this.#isEncoded
      ? protocol.decode(protocol.encode(message)).ok
      : refuseMessage(judging, message) === undefined;
    if (!isWellFormed) return false;
    const checks = messageChecks(judging, message);
    if (this.#believed === 'none' || (this.#believed === 'notLinks' && message.kind === 'links')) return true;
    return this.#keys.holds(this.#believed === 'own' ? checks.slice(0, 1) : checks);
  }
}
