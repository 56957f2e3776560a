/** What we think of peers: bounded, and it fades. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_REPUTATION,
  MAX_REPUTATIONS,
  REPUTATION_HALF_LIFE_MS,
  SHUNNED_REPUTATION,
} from '../../../src/overlay/limits.ts';
import { Reputation, type Deed } from '../../../src/overlay/reputation.ts';
import { peer, started } from './overlay-fixture.ts';

const A = peer(1);
const DEEDS: readonly Deed[] = [
  'useful',
  'failed',
  'silent',
  'broken',
  'refused',
  'misbehaved',
  'equivocation',
];

describe('reputation', () => {
  it('[OVL-65] strangers have none; good deeds raise it, bad ones lower it, within bounds', () => {
    const deeds = fc.array(fc.tuple(fc.constantFrom(...DEEDS), fc.nat(100_000)), { maxLength: 300 });
    const property = fc.property(deeds, (all) => {
      const reputation = new Reputation();
      expect(reputation.of(A, 0)).toBe(0);
      let now = 0;
      for (const [deed, waitMs] of all) {
        now += waitMs;
        const before = reputation.of(A, now);
        reputation.note(A, deed, now);
        const after = reputation.of(A, now);
        expect(Math.abs(after)).toBeLessThanOrEqual(MAX_REPUTATION);
        if (deed === 'useful') expect(after).toBeGreaterThanOrEqual(before);
        else expect(after).toBeLessThanOrEqual(before);
      }
    });
    fc.assert(property, { seed: 8, numRuns: 100 });
  });

  it('[OVL-65] it halves in ten minutes, however often it is looked at', () => {
    for (const looks of [1, 7, 600]) {
      const [good, bad] = [new Reputation(), new Reputation()];
      for (let n = 0; n < 80; n++) good.note(A, 'useful', 0);
      for (let n = 0; n < 3; n++) bad.note(A, 'misbehaved', 0);
      for (let n = 0; n < 10; n++) bad.note(A, 'useful', 0);
      for (let look = 1; look < looks; look++) {
        good.of(A, (REPUTATION_HALF_LIFE_MS / looks) * look);
        bad.of(A, (REPUTATION_HALF_LIFE_MS / looks) * look);
      }
      expect(good.of(A, REPUTATION_HALF_LIFE_MS)).toBeGreaterThanOrEqual(38);
      expect(good.of(A, REPUTATION_HALF_LIFE_MS)).toBeLessThanOrEqual(42);
      expect(bad.of(A, REPUTATION_HALF_LIFE_MS)).toBeGreaterThanOrEqual(-42);
      expect(bad.of(A, REPUTATION_HALF_LIFE_MS)).toBeLessThanOrEqual(-38);
      expect([good.of(A, 1e9), bad.of(A, 1e9)].map(Math.abs)).toEqual([0, 0]);
    }
  });

  it('[OVL-66] one proof of equivocation or two misdeeds are enough to be shunned, bad luck is not', () => {
    const verdict = (...deeds: readonly Deed[]): boolean => {
      const reputation = new Reputation();
      for (const deed of deeds) reputation.note(A, deed, 0);
      return reputation.isShunned(A, 0);
    };
    expect(verdict('equivocation')).toBe(true);
    expect(verdict('misbehaved', 'misbehaved')).toBe(true);
    expect(verdict('misbehaved')).toBe(false);
    expect(verdict('failed', 'failed', 'silent', 'broken', 'silent')).toBe(false);
    const badLuck = Array.from(
      { length: 300 },
      (_, n): Deed => ['failed', 'silent', 'broken'][n % 3] as Deed,
    );
    expect(verdict(...badLuck)).toBe(false);
    expect(verdict(...badLuck, 'misbehaved')).toBe(true);
    expect(verdict('equivocation', ...badLuck)).toBe(true);
  });

  it('[OVL-66] who is shunned is forgiven as time passes', () => {
    const reputation = new Reputation();
    reputation.note(A, 'equivocation', 0);
    expect(reputation.of(A, 0)).toBe(-MAX_REPUTATION);
    expect(-MAX_REPUTATION / 2).toBeLessThan(SHUNNED_REPUTATION);
    expect(reputation.isShunned(A, REPUTATION_HALF_LIFE_MS)).toBe(true);
    expect(reputation.isShunned(A, 2 * REPUTATION_HALF_LIFE_MS)).toBe(false);
  });

  it('[OVL-65] the latest 512 peers have one', () => {
    const reputation = new Reputation();
    for (let n = 0; n <= MAX_REPUTATIONS; n++) reputation.note(peer(n), 'misbehaved', 0);
    expect(reputation.of(peer(0), 0)).toBe(0);
    expect(reputation.of(peer(1), 0)).toBe(-30);
  });

  it('[OVL-67] evidence of the layers above and of the driver counts: who equivocated gets no link', () => {
    const driven = started();
    const answer = (): unknown =>
      driven.step({ kind: 'asked', peer: A }, 1).find((effect) => effect.kind === 'answer');
    driven.step({ kind: 'command', command: { type: 'evidence', peer: A, evidence: 'equivocation' } });
    expect(answer()).toMatchObject({ accept: false });
    const other = started();
    for (let n = 0; n < 2; n++) other.step({ kind: 'refused', from: A, code: 'truncated' });
    expect(other.step({ kind: 'asked', peer: A }, 1)[0]).toMatchObject({ accept: true });
    const third = started();
    for (let n = 0; n < 3; n++) third.step({ kind: 'refused', from: A, code: 'truncated' });
    expect(third.step({ kind: 'asked', peer: A }, 1)[0]).toMatchObject({ accept: false });
    const fourth = started();
    for (let n = 0; n < 3; n++) fourth.step({ kind: 'refused', from: A, code: 'truncated' });
    for (let n = 0; n < 10; n++)
      fourth.step({ kind: 'command', command: { type: 'evidence', peer: A, evidence: 'useful' } });
    expect(fourth.step({ kind: 'asked', peer: A }, 1)[0]).toMatchObject({ accept: true });
  });
});
