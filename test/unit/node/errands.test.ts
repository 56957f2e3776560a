/** When a tab asks for what it asks for by itself: crowds together. Rules of docs/spec/node.md. */
import { describe, expect, it } from 'vitest';
import type { Instant } from '../../../src/kernel/machine.ts';
import { CALM_MS, Errands, MOST_CALM_MS, type Errand } from '../../../src/node/errands.ts';
import { admissionOf, capabilityOf, certificateOf } from '../identity/records.ts';
import { Scene } from './council-scene.ts';

describe('errands of a crowd', () => {
  it('[NOD-110] five tabs that come within seconds are seated with at most three changes of the committee', () => {
    const scene = new Scene([]);
    for (const name of ['bo', 'cy', 'di', 'ed', 'fay']) {
      scene.open(name, { ticket: admissionOf(name, capabilityOf('ada')) });
      scene.world.run(500);
    }
    scene.world.run(12_000);
    for (const { node } of scene.tabs) {
      expect(node.council.status()).toMatchObject({ n: 6, seated: true });
      expect(node.council.status()?.epoch).toBeLessThanOrEqual(3);
    }
  });

  it('[NOD-110] waits for calm, and at most ten seconds; a seat waits for those who are being admitted too', () => {
    const at = (ms: number): Instant => ms as Instant;
    const seat: Errand = {
      name: 'takeSeat',
      operation: { kind: 'takeSeat', replaces: undefined },
      isOwn: true,
    };
    const others = Array.from({ length: 12 }, (_, i): Errand => {
      return {
        name: `introduce ${i}`,
        operation: { kind: 'introduce', certificate: certificateOf('bo') },
        isOwn: false,
      };
    });
    const asked = (errands: Errands, wanted: readonly Errand[], ms: number): string[] =>
      errands.due(wanted, 0, 8, at(ms)).operations.map(({ kind }) => kind);
    const calm = new Errands();
    expect(asked(calm, others.slice(0, 1), 0)).toEqual([]);
    expect(asked(calm, others.slice(0, 2), CALM_MS - 1)).toEqual([]);
    expect(asked(calm, others.slice(0, 2), CALM_MS)).toEqual([]);
    expect(asked(calm, others.slice(0, 2), 2 * CALM_MS - 1)).toEqual(['introduce', 'introduce']);
    expect(asked(calm, [seat], 2 * CALM_MS)).toEqual([]);
    expect(asked(calm, [seat], 3 * CALM_MS)).toEqual(['takeSeat']);
    const never = new Errands();
    const times = others.map((_, i) => asked(never, others.slice(0, i + 1), i * 1_000).length);
    expect(times.findIndex((count) => count > 0)).toBe(MOST_CALM_MS / 1_000);
  });
});
