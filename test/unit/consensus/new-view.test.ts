/** What a new view begins with. Rules of docs/spec/consensus.md. */
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { digest } from '../../../src/kernel/hash.ts';
import { planNewView } from '../../../src/consensus/new-view.ts';
import { NULL_BATCH } from '../../../src/consensus/requests.ts';
import type { PreparedCertificate, ViewChange } from '../../../src/consensus/statements.ts';
import { GENESIS } from './council.ts';

const A = digest('test', utf8('a'));
const B = digest('test', utf8('b'));

const prepared = (view: number, seq: number, of = A): PreparedCertificate => ({
  view,
  seq,
  digest: of,
  proposal: new Uint8Array(64),
  signatures: [],
});
const change = (stable: number, ...certificates: readonly PreparedCertificate[]): ViewChange => ({
  view: 9,
  stable: { seq: stable, digest: GENESIS, signatures: [] },
  prepared: certificates,
});

describe('the plan of a new view', () => {
  it('[CON-10] takes what was prepared in the highest view, whoever shows it', () => {
    const changes = [
      change(0, prepared(1, 1, A)),
      change(0, prepared(3, 1, B)),
      change(0, prepared(2, 1, A)),
    ];
    for (const order of [changes, [...changes].reverse()])
      expect(planNewView(order).order).toEqual(new Map([[1, B]]));
  });

  it('[CON-10] fills what nobody prepared with null batches', () => {
    const plan = planNewView([change(0, prepared(0, 3)), change(0, prepared(0, 1, B))]);
    expect([...plan.order]).toEqual([
      [1, B],
      [2, NULL_BATCH],
      [3, A],
    ]);
    expect(plan.end).toBe(3);
  });

  it('[CON-10] begins behind the highest stable checkpoint', () => {
    const plan = planNewView([change(4, prepared(0, 5)), change(0, prepared(1, 2, B)), change(0)]);
    expect(plan.stable.seq).toBe(4);
    expect([...plan.order]).toEqual([[5, A]]);
    expect(planNewView([change(8), change(4, prepared(0, 6))])).toMatchObject({ end: 8, order: new Map() });
  });
});
