/** What the ends of a connection sign. Rules of docs/spec/identity.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/kernel/bytes.ts';
import { peerIdFrom } from '../../../src/kernel/ids.ts';
import { linkProofToSign, type LinkProofBody } from '../../../src/identity/link-proof.ts';
import { bytesOf } from '../kernel/arbitrary-bytes.ts';
import { ADA_TAB, BEA_TAB, LINK_PROOF } from './sample-records.ts';

const signed = (body: LinkProofBody): string => toHex(linkProofToSign(body));

describe('a link proof', () => {
  it('[IDN-9] covers every field, and which of two fields a value stands in', () => {
    const changes: readonly Partial<LinkProofBody>[] = [
      { topic: '0e'.repeat(16) },
      { attempt: new Uint8Array(8) },
      { initiator: BEA_TAB },
      { responder: ADA_TAB },
      { initiator: BEA_TAB, responder: ADA_TAB },
      { initiatorFingerprint: 'SHA-256 AA:BC' },
      { responderFingerprint: 'SHA-256 CC:DE' },
      { initiatorFingerprint: 'SHA-256 CC:DD', responderFingerprint: 'SHA-256 AA:BB' },
      { initiatorFingerprint: 'SHA-256 AA:BBSHA-256 ', responderFingerprint: 'CC:DD' },
      { initiatorFingerprint: '', responderFingerprint: 'SHA-256 AA:BBSHA-256 CC:DD' },
      { byInitiator: false },
    ];
    const bodies = changes.map((change) => signed({ ...LINK_PROOF, ...change }));
    expect(new Set([signed(LINK_PROOF), ...bodies]).size).toBe(changes.length + 1);
    expect(signed({ ...LINK_PROOF })).toBe(signed(LINK_PROOF));
  });

  it('[IDN-9] two different proofs are never signed alike', () => {
    const hex = bytesOf(0, 2).map(toHex);
    const peer = fc.constantFrom(0, 1).map((byte) => peerIdFrom(new Uint8Array(32).fill(byte)));
    const proof: fc.Arbitrary<LinkProofBody> = fc.record({
      topic: hex,
      attempt: fc.constantFrom(0, 1).map((byte) => new Uint8Array(8).fill(byte)),
      initiator: peer,
      responder: peer,
      initiatorFingerprint: hex,
      responderFingerprint: hex,
      byInitiator: fc.boolean(),
    });
    const text = (body: LinkProofBody): string => JSON.stringify({ ...body, attempt: toHex(body.attempt) });
    const property = fc.property(proof, proof, (a, b) => {
      expect(signed(a) === signed(b)).toBe(text(a) === text(b));
    });
    fc.assert(property, { seed: 107, numRuns: 1_000 });
  });

  it('[IDN-9] cannot be made for a topic, an attempt or a fingerprint of the wrong size', () => {
    const wrong: readonly Partial<LinkProofBody>[] = [
      { topic: 'a'.repeat(65) },
      { attempt: new Uint8Array(7) },
      { initiatorFingerprint: 'A'.repeat(257) },
      { responderFingerprint: 'A'.repeat(257) },
    ];
    for (const change of wrong) expect(() => signed({ ...LINK_PROOF, ...change })).toThrow();
  });
});
