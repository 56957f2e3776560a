/**
 * Entries with valid signatures whose updates were drawn or changed at random, and frames of them: honest replicas take what they like of them,
 * but all the same of it, in any order, and stay whole. Other seeds for every commit; `SIM_SEED=n` repeats one.
 */
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../src/kernel/bytes.ts';
import { randomFrom, shuffled, type Random } from '../../src/kernel/random.ts';
import type { Entry } from '../../src/replication/entry.ts';
import type { HonestReplica } from '../../src/sim/attacks/honest-replica.ts';
import { drawnUpdate, mutatedUpdate } from '../../src/sim/attacks/mutated-update.ts';
import { missingFrom } from '../../src/sim/attacks/plain-board.ts';
import { Writer } from '../../src/sim/attacks/writer.ts';
import { damaged } from '../../src/sim/hostile-life.ts';
import { firstSeed } from '../support/sim-seeds.ts';
import { setStage, type Stage } from './stage.ts';

const ROUNDS = 100;
/** The rounds take 5 to 8 s on one core, several times that where others want it too. */
const FUZZ_TIMEOUT_MS = 300_000;
/** Tabs of the attacker in one round: each claims and writes one entry, then perhaps one on top. */
const TABS = 20;

interface Round {
  readonly stage: Stage;
  readonly claims: readonly Entry[];
  readonly entries: readonly Entry[];
}

/** Every case is the first entry of a tab of its own, so that no two of them are for one place. */
function drawRound(random: Random): Round {
  const stage = setStage();
  const { keys, identities, target, heads } = stage.scene;
  const claims: Entry[] = [];
  const entries: Entry[] = [];
  for (let i = 0; i < TABS; i++) {
    const tab = new Writer(keys, identities, 'mallory', `fuzz ${i}`);
    claims.push(tab.claim(heads));
    const mine = { ...target, me: tab.clientId };
    const drawn = drawnUpdate(random, mine);
    const update = random.below(3) === 0 ? mutatedUpdate(random, drawn) : drawn;
    entries.push(tab.write('update', update, heads));
    if (random.below(4) === 0) entries.push(tab.write('update', drawnUpdate(random, mine)));
  }
  return { stage, claims, entries };
}

/** Lets a replica hear everything, and answers what became of it. */
function hearAll(replica: HonestReplica, all: readonly Bytes[]): Set<string> {
  const told = new Set<string>();
  for (const bytes of all) {
    for (const verdict of replica.hear(bytes)) told.add(verdict);
    expect(replica.isPending).toBe(false);
  }
  return told;
}

/** Runs `check`; a failure says how to repeat it. */
function repeatably(seed: number, check: () => void): void {
  try {
    check();
  } catch (error) {
    const replay = `SIM_SEED=${seed} npx vitest run --project node test/hostile/fuzz.test.ts`;
    throw new Error(`round of seed ${seed}; replay: ${replay}\n${String(error)}`, { cause: error });
  }
}

describe('signed entries with mutated updates', () => {
  it(
    `[REP-70, REP-28] never throw, never wait inside, and mean the same to all: ${ROUNDS} rounds from ${firstSeed()}`,
    () => {
      const tally = new Map<string, number>();
      for (let seed = firstSeed(); seed < firstSeed() + ROUNDS; seed++) {
        repeatably(seed, () => {
          const random = randomFrom(`signed mutations ${seed}`);
          const { stage, claims, entries } = drawRound(random);
          const honest = [...stage.before, ...stage.after];
          const all = [...honest, ...claims, ...entries].map(({ bytes }) => bytes);
          const orders = [all, shuffled(random, all), [...all].reverse()];
          const replicas = orders.map((order) => {
            const replica = stage.replica();
            for (const verdict of hearAll(replica, order)) tally.set(verdict, (tally.get(verdict) ?? 0) + 1);
            for (const { hash } of stage.honest) expect(replica.journals.has(hash)).toBe(true);
            return replica;
          });
          const [first, ...others] = replicas;
          for (const other of others) {
            expect(other.state).toEqual(first?.state);
            expect(other.journals.frontierDigest()).toBe(first?.journals.frontierDigest());
          }
        });
      }
      // Neither outcome may be missing, or the test would say nothing.
      const seen = ['applied', 'updateMalformed', 'updateMisplaced', 'updateDangling', 'updateForeignDelete'];
      expect(seen.filter((verdict) => !tally.has(verdict))).toEqual([]);
    },
    FUZZ_TIMEOUT_MS,
  );

  it(
    `[REP-1, REP-70] whose bytes were changed afterwards are nobody's: from ${firstSeed()}`,
    () => {
      repeatably(firstSeed(), () => {
        const random = randomFrom(`damaged entries ${firstSeed()}`);
        const stage = setStage();
        const all = [...stage.before, ...stage.after].map(({ bytes }) => bytes);
        const untouched = stage.replica();
        hearAll(untouched, all);
        const replica = stage.replica();
        const told = new Set<string>();
        for (let i = 0; i < 2_000; i++) {
          const entry = all[random.below(all.length)];
          if (entry !== undefined)
            for (const verdict of replica.hear(damaged(entry, random))) told.add(verdict);
        }
        expect(told.has('badSignature')).toBe(true);
        expect([...told].filter((verdict) => ['applied', 'fork', 'waits'].includes(verdict))).toEqual([]);
        hearAll(replica, all);
        expect(replica.state).toEqual(untouched.state);
        expect(missingFrom(replica.document.doc)).toEqual([]);
      });
    },
    FUZZ_TIMEOUT_MS,
  );
});
