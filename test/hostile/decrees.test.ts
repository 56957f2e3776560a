/** Histories full of decrees and forks: what has effect of them is what a model of the rules says, in whatever order they come. Other seeds for every commit. */
import { describe, expect, it } from 'vitest';
import { randomFrom, shuffled, type Random } from '../../src/kernel/random.ts';
import type { Entry } from '../../src/replication/entry.ts';
import { HonestReplica } from '../../src/sim/attacks/honest-replica.ts';
import { createBoardIdentities } from '../../src/sim/board-identities.ts';
import { EffectModel, type Deed } from '../../src/sim/effect-model.ts';
import { expectedDigest, readDeed } from '../../src/sim/entry-reader.ts';
import { SimKeys } from '../../src/sim/sim-keys.ts';
import { firstSeed } from '../support/sim-seeds.ts';
import { DecreePlot } from './decree-plots.ts';

const HISTORIES = 150;
const ORDERS = 4;
const TIMEOUT_MS = 120_000;

/** The lowest place of each author for which there are two entries. */
function forksAmong(deeds: readonly Deed[]): ReadonlyMap<string, number> {
  const places = new Map<string, string>();
  const forks = new Map<string, number>();
  for (const { author, seq, hash } of deeds) {
    const place = `${author}/${seq}`;
    if ((places.get(place) ?? hash) !== hash) forks.set(author, Math.min(seq, forks.get(author) ?? seq));
    places.set(place, hash);
  }
  return forks;
}

/** All in any order, one by one or in batches of drawn sizes. */
function takeAll(replica: HonestReplica, entries: readonly Entry[], random: Random): void {
  for (let at = 0; at < entries.length;) {
    const size = 1 + random.below(8);
    replica.take(entries.slice(at, at + size));
    at += size;
  }
}

/** How many entries of one history had effect, and how many had none. */
function judgeHistory(seed: number): { readonly effective: number; readonly without: number } {
  const random = randomFrom(`decrees ${seed}`);
  const keys = new SimKeys(random.fork('keys'));
  const identities = createBoardIdentities(keys, 'alice', 1_893_456_000_000);
  const { entries } = new DecreePlot(keys, identities, random.fork('plot'));
  const deeds = entries
    .map(({ bytes }) => readDeed(identities.board, bytes))
    .filter((deed): deed is Deed => deed !== undefined);
  const forks = forksAmong(deeds);
  const effective = new EffectModel(identities.member('alice'), deeds).effective(forks);
  const digest = expectedDigest(deeds, effective, forks);
  const states = Array.from({ length: ORDERS }, (_, order) => {
    const replica = new HonestReplica(keys, identities);
    takeAll(replica, order === 0 ? entries : shuffled(random, entries), random);
    expect(replica.journals.frontierDigest()).toBe(digest);
    expect(replica.isPending).toBe(false);
    return replica.state;
  });
  for (const state of states) expect(state).toEqual(states[0]);
  return { effective: effective.size, without: entries.length - effective.size };
}

describe('histories full of decrees', () => {
  // 6 and 43: an entry was taken whose author knew of an eviction and built on what it took away, if the eviction had come with the same batch. 341 and 449: an
  // admission that a demoted member may write vouches for what it wrote before, which was not found if that was not held any more. 126: decrees that did not
  // count when they came were not looked at again when what was against them did not count any more.
  // 46550962717778: who signed two refused entries for one place before anything of its was on the board was never proven to have forked;
  // 28278 and 48297: nor who signed one of them while its journal had no effect for a while.
  it.each([6, 43, 341, 449, 126, 46550962717778, 28278, 48297])(
    '[REP-49, REP-50, REP-54] history %i, which once came to several things',
    (seed) => {
      expect(judgeHistory(seed).effective).toBeGreaterThan(5);
    },
  );

  it(
    `[REP-53, REP-54, REP-46, REP-49, REP-50] come to what the rules say, in any order: ${HISTORIES} from ${firstSeed()}`,
    () => {
      let [effective, without] = [0, 0];
      for (let seed = firstSeed(); seed < firstSeed() + HISTORIES; seed++) {
        try {
          const judged = judgeHistory(seed);
          [effective, without] = [effective + judged.effective, without + judged.without];
        } catch (error) {
          const replay = `SIM_SEED=${seed} npx vitest run --project node test/hostile/decrees.test.ts`;
          throw new Error(`history of seed ${seed}; replay: ${replay}\n${String(error)}`, { cause: error });
        }
      }
      // A generator whose decrees were all refused, or took everything, would show nothing.
      expect(effective).toBeGreaterThan(10 * HISTORIES);
      expect(without).toBeGreaterThan(2 * HISTORIES);
    },
    TIMEOUT_MS,
  );
});
