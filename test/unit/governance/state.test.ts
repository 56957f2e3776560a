/** Bytes: operations, and the state that replicas hash and hand on. Rules of docs/spec/governance.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLIENT_WINDOW, MAX_OPERATION_BYTES, MAX_STATE_BYTES } from '../../../src/consensus/limits.ts';
import { Governance } from '../../../src/governance/governance.ts';
import * as limits from '../../../src/governance/limits.ts';
import {
  decodeOperation,
  encodeOperation,
  operationCodec,
  type Operation,
} from '../../../src/governance/operations.ts';
import { DEFAULT_POLICY } from '../../../src/governance/policy.ts';
import { GovernanceState, stateCodec } from '../../../src/governance/state.ts';
import { equalBytes, toHex, type Bytes } from '../../../src/kernel/bytes.ts';
import { decodeWith, encodeWith } from '../../../src/kernel/codec.ts';
import { digestBytes } from '../../../src/kernel/hash.ts';
import type { Hash } from '../../../src/kernel/ids.ts';
import { bytesOf } from '../kernel/arbitrary-bytes.ts';
import {
  admissionOf,
  BOARD,
  capabilityOf,
  certificateOf,
  memberOf,
  NOW,
  peerOf,
} from '../identity/records.ts';
import { Assembly, foundingOf, question } from './assembly.ts';
import { lieOf } from './lies.ts';

const HASH = toHex(digestBytes('some hash')) as Hash;
const SAMPLES: readonly Operation[] = [
  { kind: 'introduce', certificate: certificateOf('bo', 'third') },
  { kind: 'registerInvite', capability: capabilityOf('ada') },
  { kind: 'revokeInvite', inviteKey: capabilityOf('ada').inviteKey },
  { kind: 'admit', admission: admissionOf('ed', capabilityOf('ada')), certificate: certificateOf('ed') },
  { kind: 'changeRole', member: memberOf('bo'), role: 'agent' },
  { kind: 'evict', member: memberOf('cy'), cuts: [{ author: peerOf('cy'), seq: 3, head: HASH }] },
  { kind: 'cut', proof: { board: BOARD, author: peerOf('cy'), seq: 2, first: side('0'), second: side('1') } },
  { kind: 'takeSeat', replaces: undefined },
  { kind: 'takeSeat', replaces: peerOf('bo') },
  { kind: 'leaveSeat' },
  { kind: 'renewSeat' },
  { kind: 'expireSeats', seats: [peerOf('bo')] },
  { kind: 'dropSeat', seat: peerOf('bo') },
  { kind: 'propose', ...question({ body: 'Text', thresholdPercent: 80 }) },
  { kind: 'propose', ...question({ action: { kind: 'evict', member: memberOf('bo'), cuts: [] } }) },
  { kind: 'propose', ...question({ action: { kind: 'removeColumn', columnId: 'c' } }) },
  { kind: 'propose', ...question({ action: { kind: 'policy', policy: DEFAULT_POLICY } }) },
  { kind: 'castBallot', proposal: HASH, choice: 'approve', reason: 'because' },
  { kind: 'withdraw', proposal: HASH },
  { kind: 'close', proposal: HASH },
  { kind: 'setPolicy', policy: DEFAULT_POLICY },
  { kind: 'attest', epoch: 1, number: 4, head: HASH, hash: HASH },
  { kind: 'convict', proof: lieOf('bo') },
];

function side(digit: string): { body: Hash; signature: Bytes } {
  return { body: digit.repeat(64) as Hash, signature: new Uint8Array(64) };
}

const names = ['ada', 'bo', 'cy', 'bo/2', 'nobody'];
const anyOperation = fc.constantFrom(...SAMPLES);
const anyAsking = fc.record({
  tab: fc.constantFrom(...names),
  operation: anyOperation,
  isGarbled: fc.integer({ min: 0, max: 9 }),
  later: fc.integer({ min: 0, max: 100_000 }),
});

/** A group in which a drawn lot of things was asked for, ballots for the last proposal among them. */
function livedThrough(
  askings: readonly { tab: string; operation: Operation; isGarbled: number; later: number }[],
): Assembly {
  const group = new Assembly({ bo: 'editor', cy: 'owner' }).seat('ada', 'bo');
  for (const { tab, operation, isGarbled, later } of askings) {
    group.now += later;
    const last = group.governance.state.proposals.rows().at(-1)?.id ?? HASH;
    const asked = 'proposal' in operation ? { ...operation, proposal: last } : operation;
    group.ask(tab, isGarbled === 0 ? encodeOperation(asked).slice(1) : asked);
  }
  return group;
}

describe('operations', () => {
  it('[GOV-2] have one encoding each, which fits into a request', () => {
    for (const operation of SAMPLES) {
      const bytes = encodeOperation(operation);
      expect(decodeOperation(BOARD, bytes)).toEqual({ ok: true, value: operation });
      expect(bytes.length).toBeLessThanOrEqual(MAX_OPERATION_BYTES);
    }
    const kinds = new Set(SAMPLES.map(({ kind }) => kind));
    expect(operationCodec.schema.match(/(?<=[{,])\d+=/g)?.length).toBeGreaterThanOrEqual(kinds.size);
  });

  it('[GOV-2] fit into a request at their largest', () => {
    const cut = { author: peerOf('cy'), seq: Number.MAX_SAFE_INTEGER, head: HASH };
    const cuts = Array.from({ length: limits.MAX_DECIDED_CUTS }, () => cut);
    const evict: Operation = { kind: 'evict', member: memberOf('cy'), cuts };
    expect(encodeOperation(evict).length).toBeLessThanOrEqual(MAX_OPERATION_BYTES);
    const long = question({
      title: 'x'.repeat(limits.MAX_PROPOSAL_TITLE_BYTES),
      body: 'x'.repeat(limits.MAX_PROPOSAL_BODY_BYTES),
      action: { kind: 'removeColumn', columnId: 'x'.repeat(limits.MAX_COLUMN_ID_BYTES) },
    });
    expect(encodeOperation({ kind: 'propose', ...long }).length).toBeLessThanOrEqual(MAX_OPERATION_BYTES);
  });

  it('[GOV-2, GOV-3] that are foreign bytes are refused without a throw, and change nothing', () => {
    fc.assert(
      fc.property(bytesOf(0, 200), fc.constantFrom(...SAMPLES), fc.nat(), (noise, sample, at) => {
        const whole = encodeOperation(sample);
        const spliced = Uint8Array.from(whole);
        spliced.set(noise.slice(0, Math.max(0, whole.length - (at % whole.length))), at % whole.length);
        const group = new Assembly({ bo: 'editor' }).seat('ada');
        for (const bytes of [noise, spliced, whole.slice(0, at % whole.length)]) {
          const decoded = decodeOperation(BOARD, bytes);
          if (decoded.ok) expect(encodeOperation(decoded.value)).toEqual(bytes);
          const before = group.governance.snapshot();
          if (group.ask('nobody', bytes) !== 'done')
            expect(equalBytes(withTime(group, before), before)).toBe(true);
          group.governance.mayReseat(bytes);
          group.governance.checksOf(bytes);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** The snapshot with the time of `before`: refused operations still tell the time. */
function withTime(group: Assembly, before: Bytes): Bytes {
  const then = decodeWith(stateCodec, before);
  const now = decodeWith(stateCodec, group.governance.snapshot());
  if (!then.ok || !now.ok) throw new RangeError('not a state');
  return encodeWith(stateCodec, { ...now.value, time: then.value.time });
}

describe('the state', () => {
  it('[GOV-1] is the same wherever the same requests are executed in the same order, step by step', () => {
    fc.assert(
      fc.property(fc.array(anyAsking, { maxLength: 40 }), (askings) => {
        const group = livedThrough(askings);
        const other = new Governance(group.founding, () => undefined);
        const seats = ['ada', 'bo'].map((tab) => ({ key: peerOf(tab), leaseMs: 0 }));
        other.seated({ epoch: 0, resets: 0, seats, checkpointEvery: 4, window: 8 });
        for (const [request, seq, time] of group.requests) other.apply(request, { seq, time });
        expect(equalBytes(other.snapshot(), group.governance.snapshot())).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('[GOV-3] is changed by nothing that was refused, but for the time', () => {
    fc.assert(
      fc.property(fc.array(anyAsking, { maxLength: 30 }), anyAsking, (askings, { tab, operation }) => {
        const group = livedThrough(askings);
        const before = group.governance.snapshot();
        if (group.ask(tab, operation) !== 'done')
          expect(equalBytes(withTime(group, before), before)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('[GOV-32] comes back from its bytes, and goes on as it would have', () => {
    fc.assert(
      fc.property(
        fc.array(anyAsking, { maxLength: 40 }),
        fc.array(anyAsking, { maxLength: 20 }),
        (first, then) => {
          const group = livedThrough(first);
          const copy = new Governance(group.founding, () => undefined);
          expect(copy.restore(group.governance.snapshot())).toBe(true);
          expect(copy.snapshot()).toEqual(group.governance.snapshot());
          for (const { tab, operation } of then) {
            group.ask(tab, operation);
            const [request, seq, time] = group.requests.at(-1) ?? [];
            if (request !== undefined) copy.apply(request, { seq: seq ?? 0, time: time ?? 0 });
          }
          expect(copy.snapshot()).toEqual(group.governance.snapshot());
        },
      ),
      { numRuns: 100 },
    );
  });

  it('[GOV-32] is not taken over from bytes that are none of this board, and then stays as it was', () => {
    const group = livedThrough(
      SAMPLES.map((operation) => ({ tab: 'ada', operation, isGarbled: 1, later: 0 })),
    );
    const whole = group.governance.snapshot();
    const other = new Governance(
      { ...group.founding, board: HASH as unknown as typeof BOARD },
      () => undefined,
    );
    expect(other.restore(whole)).toBe(false);
    fc.assert(
      fc.property(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        bytesOf(0, 100),
        (at, flip, noise) => {
          const changed = whole.map((byte, place) => (place === at ? byte ^ flip : byte));
          for (const bytes of [changed, noise, whole.slice(0, at)]) {
            const before = group.governance.snapshot();
            const isTaken = group.governance.restore(bytes);
            expect(equalBytes(group.governance.snapshot(), isTaken ? bytes : before)).toBe(true);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('[GOV-32] names nobody twice and nobody who is not there', () => {
    const state = new GovernanceState(foundingOf({ bo: 'editor' }));
    const decoded = decodeWith(stateCodec, state.snapshot());
    if (!decoded.ok) throw new RangeError('not a state');
    const { value } = decoded;
    const [ada] = value.members;
    const [tab] = value.tabs;
    if (ada === undefined || tab === undefined) throw new RangeError('nobody is here');
    const convicted = { tab: peerOf('ada'), seq: 1, at: 0, proof: lieOf('ada') };
    const seat = { seat: peerOf('ada'), member: 5, isDurable: true, leaseUntil: 0 };
    for (const wrong of [
      { members: [ada, ada] },
      { tabs: [tab, tab] },
      { tabs: [{ ...tab, member: 2 }] },
      { seats: [seat] },
      { policy: { ...DEFAULT_POLICY, thresholdPercent: 50 } },
      { convictions: [convicted, convicted] },
      { convictions: [{ ...convicted, tab: peerOf('nobody'), proof: undefined }] },
      { convictions: [{ ...convicted, proof: lieOf('bo') }] },
    ])
      expect(state.restore(encodeWith(stateCodec, { ...value, ...wrong }))).toBe(false);
    expect(state.restore(encodeWith(stateCodec, value))).toBe(true);
  });

  it('[GOV-32] fits into what a checkpoint holds, with the clients, at its largest', () => {
    const number = Number.MAX_SAFE_INTEGER;
    const ballot = 2 + 1 + 3 + 3 * 8;
    const proposal =
      32 +
      2 +
      limits.MAX_PROPOSAL_TITLE_BYTES +
      limits.MAX_PROPOSAL_BODY_BYTES +
      limits.MAX_REASONS_BYTES +
      limits.MAX_DECIDED_CUTS * (64 + 8) +
      200 +
      limits.MAX_GOVERNED_MEMBERS * (2 + ballot);
    const proposals = (limits.MAX_OPEN_PROPOSALS + limits.MAX_CLOSED_PROPOSALS) * proposal;
    const lists = limits.MAX_GOVERNED_MEMBERS * 34 + limits.MAX_TABS * 43 + limits.MAX_INVITES * (80 + 41);
    const clients = limits.MAX_TABS * (32 + 8 + 5);
    // CON-61 says how long a proof can be.
    const convictions = limits.MAX_TABS * (32 + 8 + 8 + 1) + limits.MAX_KEPT_PROOFS * 3_000;
    expect(encodeWith(stateCodec, new GovernanceFiller(number).value).length).toBeLessThan(20_000);
    expect(proposals + lists + clients + convictions + 20_000).toBeLessThan(MAX_STATE_BYTES);
    expect(CLIENT_WINDOW).toBeLessThanOrEqual(32);
  });
});

/** Everything in a state that is no long list, at its largest. */
class GovernanceFiller {
  readonly value;

  constructor(number: number) {
    const seats = Array.from({ length: 31 }, (_, at) => peerOf(`seat ${at}`));
    const decoded = decodeWith(stateCodec, new GovernanceState(foundingOf({})).snapshot());
    if (!decoded.ok) throw new RangeError('not a state');
    this.value = {
      ...decoded.value,
      time: number,
      committee: {
        epoch: number,
        resets: number,
        seats: seats.map((key) => ({ key, leaseMs: number })),
        checkpointEvery: 64,
        window: 128,
      },
      seats: seats.map((seat) => ({ seat, member: 0, isDurable: false, leaseUntil: number })),
      history: { number, hash: HASH },
      attestations: seats.map((seat) => ({ seat, number, head: HASH, hash: HASH })),
    };
  }
}

describe('agreed time', () => {
  it('[GOV-24] never goes back', () => {
    const group = new Assembly();
    group.ask('ada', { kind: 'renewSeat' });
    group.now = NOW - 5;
    group.ask('ada', { kind: 'renewSeat' });
    expect(group.governance.state.time).toBe(NOW);
  });
});
