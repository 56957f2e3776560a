/** Every attack of the registry on two targets: on plain Yjs it succeeds, on our replication it fails. Introduction: README.md. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ATTACKS } from '../../src/sim/attacks/registry.ts';
import { harmsOf, targetOf } from '../../src/sim/attacks/plain-board.ts';
import { PROJECT_ROOT } from '../support/run-command.ts';
import { expectRepelled } from './stage.ts';

/** The largest update takes 8 s to be written and judged on one core; a busy machine takes three times as long. */
const PATIENCE_MS = 90_000;

const MALLORY = 4_000_000_007;
const ALICE = 1_000_000_009;
const BOB = 2_000_000_011;

describe('the list of attacks', () => {
  it('[REP-70] has all eight of the field study, and no name twice', () => {
    expect(new Set(ATTACKS.flatMap(({ study }) => study ?? []))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]));
    expect(new Set(ATTACKS.map(({ name }) => name)).size).toBe(ATTACKS.length);
  });
});

describe('the threat model', () => {
  it('names every attack', () => {
    const text = readFileSync(`${PROJECT_ROOT}docs/threat-model.md`, 'utf8');
    expect(ATTACKS.filter(({ name }) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});

describe.each(ATTACKS)('$name: $story', (attack) => {
  it(
    attack.harm.length > 0 ? `on plain Yjs ${attack.harm.join(', ')}` : 'does no harm to plain Yjs either',
    () => {
      const target = targetOf(MALLORY, ALICE);
      expect(harmsOf(attack.plain(target), [ALICE, BOB])).toEqual(attack.harm);
    },
  );

  it(
    `[REP-70] here: ${attack.verdicts.join(', ')}`,
    () => {
      expectRepelled(attack);
    },
    PATIENCE_MS,
  );
});
