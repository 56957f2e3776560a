/** Quorum arithmetic against its definition. Rules of docs/spec/consensus.md. */
import { describe, expect, it } from 'vitest';
import { quorumsOf } from '../../../src/consensus/quorum.ts';

const SIZES = Array.from({ length: 200 }, (_, index) => index + 1);

describe('quorums', () => {
  it('[CON-1] of every size up to 200 meet in an honest seat, and the honest ones suffice', () => {
    for (const seats of SIZES) {
      const { faults, quorum, weakQuorum } = quorumsOf(seats);
      expect(3 * faults).toBeLessThan(seats);
      expect(3 * (faults + 1)).toBeGreaterThanOrEqual(seats);
      expect(2 * quorum - seats).toBeGreaterThan(faults);
      expect(quorum).toBeLessThanOrEqual(seats - faults);
      expect(weakQuorum).toBe(faults + 1);
    }
  });

  it('[CON-1] are the smallest that do', () => {
    for (const seats of SIZES) {
      const { faults, quorum } = quorumsOf(seats);
      expect(2 * (quorum - 1) - seats).toBeLessThanOrEqual(faults);
    }
  });

  it('[CON-1] are those of the paper where it has any, and above 2f + 1 elsewhere', () => {
    for (let faults = 1; faults <= 10; faults++)
      expect(quorumsOf(3 * faults + 1).quorum).toBe(2 * faults + 1);
    for (const seats of [5, 6, 8, 9, 12]) {
      const { faults, quorum } = quorumsOf(seats);
      expect(quorum).toBeGreaterThan(2 * faults + 1);
    }
  });

  it('[CON-1] up to 3 seats bear no fault, and say so', () => {
    expect(SIZES.filter((seats) => !quorumsOf(seats).isFaultTolerant)).toEqual([1, 2, 3]);
    expect([1, 2, 3].map((seats) => quorumsOf(seats).quorum)).toEqual([1, 2, 2]);
  });
});
