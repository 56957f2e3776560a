/** What is dropped before its signatures are checked, and which signatures are left to check. Rules of docs/spec/consensus.md. */
import { describe, expect, it } from 'vitest';
import { checksLeft, isNeeded } from '../../../src/consensus/needed.ts';
import { hashBatch, NULL_BATCH } from '../../../src/consensus/requests.ts';
import type { Vote } from '../../../src/consensus/statements.ts';
import { batchOf, Council, requestBy, signedBy, statementOf } from './council.ts';

describe('messages that can change nothing', () => {
  it('[CON-3] are votes beyond a quorum for the same, and known ones; never those that contradict', () => {
    const council = new Council(4);
    council.passes = ({ message }, to) =>
      to !== 1 || message.kind !== 'statement' || message.signed.seat !== 3;
    council.submit(0, 'one');
    const parts = council.parts(1);
    const digest = hashBatch(batchOf(requestBy(council.committee, 0, 1, 'one')));
    const needs = (seat: number, vote: Vote): boolean =>
      isNeeded(parts, statementOf(signedBy(council.committee, seat, vote)));
    const other = NULL_BATCH;
    for (const kind of ['prepare', 'commit'] as const) {
      expect(needs(3, { kind, view: 0, seq: 1, digest })).toBe(false);
      expect(needs(3, { kind, view: 0, seq: 1, digest: other })).toBe(true);
      expect(needs(2, { kind, view: 0, seq: 1, digest: other })).toBe(true);
      expect(needs(3, { kind, view: 0, seq: 2, digest })).toBe(true);
      expect(needs(3, { kind, view: 0, seq: 1_000, digest })).toBe(false);
    }
    // Prepared again in a later view it has to be voted on again; decided it is in every view.
    expect(needs(3, { kind: 'prepare', view: 2, seq: 1, digest })).toBe(true);
    expect(needs(3, { kind: 'commit', view: 2, seq: 1, digest })).toBe(false);
    expect(needs(0, { kind: 'prePrepare', view: 0, seq: 1, digest })).toBe(false);
    expect(needs(0, { kind: 'prePrepare', view: 0, seq: 1, digest: other })).toBe(true);
  });

  it('[CON-3] a request is checked once, and again when anything about it is different', () => {
    const council = new Council(4);
    council.passes = ({ message }) => message.kind === 'request';
    council.stop(0);
    council.submit(1, 'one');
    const parts = council.parts(2);
    const request = requestBy(council.committee, 1, 1, 'one');
    expect(isNeeded(parts, { kind: 'request', request })).toBe(false);
    const left = (requests: readonly (typeof request)[]): number =>
      checksLeft(parts, { kind: 'batch', batch: batchOf(...requests) }).length;
    expect(left([request])).toBe(0);
    expect(left([request, requestBy(council.committee, 1, 2)])).toBe(1);
    expect(left([{ ...request, signature: new Uint8Array(64) }])).toBe(1);
    expect(left([{ ...request, operation: new Uint8Array(1) }])).toBe(1);
    const digest = hashBatch(batchOf(request));
    const signed = signedBy(council.committee, 0, { kind: 'prePrepare', view: 0, seq: 1, digest });
    expect(checksLeft(parts, { kind: 'statement', epoch: 0, signed, batch: batchOf(request) })).toHaveLength(
      1,
    );
  });

  it('[CON-21] are all messages, once a replica has stopped', () => {
    const council = new Council(4);
    const parts = council.parts(2);
    const request = requestBy(council.committee, 1, 1);
    expect(isNeeded(parts, { kind: 'request', request })).toBe(true);
    parts.isHalted = true;
    expect(isNeeded(parts, { kind: 'request', request })).toBe(false);
  });
});
