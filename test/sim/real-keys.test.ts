/** Whole simulated runs with real Ed25519 keys, a few seeds on every commit: whatever is signed has to hold for somebody who has the key and the bytes, and nothing else. */
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, type Bytes } from '../../src/kernel/bytes.ts';
import { ed25519 } from '../../src/sim/ed25519.ts';
import { SimulationFailure } from '../../src/sim/failure.ts';
import type { Scenario, ScenarioReport } from '../../src/sim/scenario.ts';
import { boardScenario } from '../../src/sim/scenarios/board.ts';
import { COMMITTEE_SCENARIOS } from '../../src/sim/scenarios/committee.ts';
import { consensusScenario } from '../../src/sim/scenarios/consensus.ts';
import type { Curve } from '../../src/sim/sim-keys.ts';
import { firstSeed } from '../support/sim-seeds.ts';

const SEATS = 4;
/** Of each scenario; one takes a second or two. */
const SEEDS = 2;
const [committeeScenario = consensusScenario] = COMMITTEE_SCENARIOS;

function run(scenario: Scenario, seed: number, curve: Curve): ScenarioReport {
  const replay = `npm run sim -- --scenario ${scenario.name} --peers ${SEATS} --seeds ${seed}..${seed} --keys ed25519`;
  return scenario.run({ seed: String(seed), peers: SEATS, replay, curve });
}

/** What a run with this curve fails with, or `holds`. */
function complaint(scenario: Scenario, seed: number, curve: Curve): string {
  try {
    run(scenario, seed, curve);
    return 'holds';
  } catch (error) {
    if (!(error instanceof SimulationFailure)) throw error;
    return error.message;
  }
}

/** Signs something else than it was given, from the `first` signature on. */
function mixedUp(first: number): Curve {
  let signed = 0;
  return {
    ...ed25519,
    sign: (seed, body) => {
      signed += 1;
      return ed25519.sign(seed, signed < first ? body : Uint8Array.from([...body, 0]));
    },
  };
}

describe('real keys', () => {
  it('are those of RFC 8032, section 7.1, test 2', () => {
    const seed = fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
    const body: Bytes = Uint8Array.of(0x72);
    const key = toHex(ed25519.publicKey(seed));
    const signature = ed25519.sign(seed, body);
    expect(key).toBe('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
    expect(toHex(signature)).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );
    expect(ed25519.verify({ signer: key, body, signature })).toBe(true);
    expect(ed25519.verify({ signer: key, body: Uint8Array.of(0x73), signature })).toBe(false);
    for (const signer of ['', 'zz', key.slice(2), 'ff'.repeat(32)])
      expect(ed25519.verify({ signer, body, signature })).toBe(false);
    expect(ed25519.verify({ signer: key, body, signature: signature.slice(1) })).toBe(false);
  });

  it.each([boardScenario, consensusScenario, committeeScenario])(
    'hold in whole runs of $name',
    (scenario) => {
      for (let seed = firstSeed(); seed < firstSeed() + SEEDS; seed++) {
        let checked = 0;
        const counting: Curve = {
          ...ed25519,
          verify: (check) => {
            checked += 1;
            return ed25519.verify(check);
          },
        };
        run(scenario, seed, counting);
        expect(checked).toBeGreaterThan(100);
      }
    },
    300_000,
  );

  it.each([boardScenario, consensusScenario])(
    'show in $name that something else was signed than is sent',
    (scenario) => {
      expect(complaint(scenario, 1, ed25519)).toBe('holds');
      expect(complaint(scenario, 1, mixedUp(40))).not.toBe('holds');
    },
    120_000,
  );
});
