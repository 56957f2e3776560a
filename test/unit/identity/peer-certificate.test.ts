/** A member's word for one of its tabs. Rules of docs/spec/identity.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeWith, encodeWith } from '../../../src/kernel/codec.ts';
import { MAX_NAME_BYTES, MAX_SLOT, peerCertificateCodec } from '../../../src/identity/peer-certificate.ts';
import { anyCertificate, CERTIFICATE } from './sample-records.ts';

describe('a peer certificate', () => {
  it('[IDN-3] is read as it was written', () => {
    const property = fc.property(anyCertificate, (certificate) => {
      const bytes = encodeWith(peerCertificateCodec, certificate);
      expect(decodeWith(peerCertificateCodec, bytes)).toEqual({ ok: true, value: certificate });
    });
    fc.assert(property, { seed: 103, numRuns: 200 });
  });

  it('[IDN-3] has no slot above the last and no name above its bound', () => {
    const largest = { ...CERTIFICATE, slot: MAX_SLOT, name: 'x'.repeat(MAX_NAME_BYTES) };
    expect(decodeWith(peerCertificateCodec, encodeWith(peerCertificateCodec, largest)).ok).toBe(true);
    for (const wrong of [{ slot: MAX_SLOT + 1 }, { name: 'x'.repeat(MAX_NAME_BYTES + 1) }])
      expect(() => encodeWith(peerCertificateCodec, { ...CERTIFICATE, ...wrong })).toThrow();
    const bytes = encodeWith(peerCertificateCodec, { ...CERTIFICATE, slot: MAX_SLOT });
    bytes[65] = 0x20; // the slot's second group: 4095 is ff 1f
    expect(decodeWith(peerCertificateCodec, bytes)).toEqual({ ok: false, code: 'badValue' });
  });
});
