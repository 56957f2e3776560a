import { describe, expect, it } from 'vitest';
import {
  admissionChecks,
  admissionCodec,
  admissionToSign,
  capabilityCheck,
  capabilityCodec,
  capabilityToSign,
} from '../../../src/identity/admission.ts';
import { DOMAIN } from '../../../src/identity/domains.ts';
import {
  boardIdOf,
  decodeGenesis,
  encodeGenesis,
  genesisCheck,
  genesisCodec,
  genesisToSign,
} from '../../../src/identity/genesis.ts';
import { linkProofToSign, type LinkProofBody } from '../../../src/identity/link-proof.ts';
import {
  peerCertificateCheck,
  peerCertificateCodec,
  peerCertificateToSign,
} from '../../../src/identity/peer-certificate.ts';
import { domainSeparated } from '../../../src/identity/signing.ts';
import { toHex, utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import { decodeWith, encodeWith, type Codec } from '../../../src/kernel/codec.ts';
import type { SignatureCheck } from '../../../src/kernel/machine.ts';
import {
  admissionOf,
  BOARD,
  capabilityOf,
  certificateOf,
  GENESIS,
  genesisBy,
  KEYS,
  memberOf,
  NOW,
  peerOf,
} from './records.ts';

describe('domains', () => {
  it('[IDN-1] are distinct and contain no zero byte', () => {
    const labels = Object.values(DOMAIN);
    expect(new Set(labels).size).toBe(labels.length);
    for (const label of labels) expect(utf8(label).includes(0)).toBe(false);
  });

  it('[IDN-1] keep what is signed for one purpose apart from every other', () => {
    const body = utf8('the same body');
    const texts = Object.values(DOMAIN).map((domain) => toHex(domainSeparated(domain, body)));
    expect(new Set(texts).size).toBe(texts.length);
    const signed = [
      genesisToSign(GENESIS),
      peerCertificateToSign(certificateOf('ada')),
      capabilityToSign(capabilityOf('ada')),
      admissionToSign(BOARD, memberOf('bo')),
    ];
    const labels = [DOMAIN.genesis, DOMAIN.peerCertificate, DOMAIN.capability, DOMAIN.admission];
    for (const [i, bytes] of signed.entries()) {
      const label = utf8(`${labels[i] ?? ''}\0`);
      expect(bytes.slice(0, label.length)).toEqual(label);
    }
  });
});

describe('the genesis', () => {
  it('[IDN-2] gives the board its id, signature aside', () => {
    const { creator, electorate, createdAt, nonce } = GENESIS;
    const body = { creator, electorate, createdAt, nonce };
    expect(boardIdOf({ ...GENESIS, signature: new Uint8Array(64) } as typeof GENESIS)).toBe(BOARD);
    expect(boardIdOf({ ...body, electorate: 'member' })).not.toBe(BOARD);
    expect(boardIdOf({ ...body, createdAt: createdAt + 1 })).not.toBe(BOARD);
    expect(boardIdOf({ ...body, creator: memberOf('bo') })).not.toBe(BOARD);
    expect(boardIdOf({ ...body, nonce: new Uint8Array(16) })).not.toBe(BOARD);
  });

  it('[IDN-2] is read only for the board that is expected', () => {
    expect(decodeGenesis(encodeGenesis(GENESIS), BOARD)).toEqual({ ok: true, value: GENESIS });
    expect(decodeGenesis(encodeGenesis(genesisBy('bo')), BOARD)).toEqual({ ok: false, code: 'wrongBoard' });
    for (const bytes of [new Uint8Array(), utf8('nonsense'), encodeGenesis(GENESIS).slice(1)])
      expect(decodeGenesis(bytes, BOARD)).toEqual({ ok: false, code: 'malformed' });
  });
});

interface Row<T> {
  readonly name: string;
  readonly codec: Codec<T>;
  readonly value: T;
  readonly checks: (value: T) => readonly SignatureCheck[];
}

const row = <T>(one: Row<T>): Row<unknown> => one as unknown as Row<unknown>;
const ROWS = [
  row({ name: 'genesis', codec: genesisCodec, value: GENESIS, checks: (genesis) => [genesisCheck(genesis)] }),
  row({
    name: 'peer certificate',
    codec: peerCertificateCodec,
    value: certificateOf('ada', 'tab', 'Ada Lovelace ✓'),
    checks: (certificate) => [peerCertificateCheck(certificate)],
  }),
  row({
    name: 'capability',
    codec: capabilityCodec,
    value: capabilityOf('ada', { expiresAt: NOW }),
    checks: (capability) => [capabilityCheck(capability)],
  }),
  row({
    name: 'admission',
    codec: admissionCodec,
    value: admissionOf('bo', capabilityOf('ada')),
    checks: admissionChecks,
  }),
];

describe('every record', () => {
  it.each(ROWS)('[IDN-3] has one encoding: $name', ({ codec, value, checks }) => {
    const bytes = encodeWith(codec, value);
    expect(decodeWith(codec, bytes)).toEqual({ ok: true, value });
    expect(KEYS.holds(checks(value))).toBe(true);
    for (let length = 0; length < bytes.length; length++)
      expect(decodeWith(codec, bytes.slice(0, length)).ok).toBe(false);
    expect(decodeWith(codec, new Uint8Array([...bytes, 0])).ok).toBe(false);
  });

  it.each(ROWS)(
    '[IDN-3] is unreadable or unsigned after any change of a byte: $name',
    ({ codec, value, checks }) => {
      const bytes = encodeWith(codec, value);
      for (let at = 0; at < bytes.length; at++) {
        for (const flip of [1, 0x20, 0x80, 0xff]) {
          const changed: Bytes = bytes.slice();
          changed[at] = (changed[at] ?? 0) ^ flip;
          const decoded = decodeWith(codec, changed);
          if (decoded.ok) expect(KEYS.holds(checks(decoded.value))).toBe(false);
        }
      }
    },
  );

  it.each(ROWS)('[IDN-3] signs its fields and nothing besides: $name', ({ value, checks }) => {
    const more = { ...(value as object), more: 'fields' };
    expect(checks(more)).toEqual(checks(value));
  });
});

describe('link proofs', () => {
  it('[IDN-9] name everything that a proof could be abused for', () => {
    const body: LinkProofBody = {
      topic: 'ab'.repeat(16),
      attempt: new Uint8Array(8),
      initiator: peerOf('a'),
      responder: peerOf('b'),
      initiatorFingerprint: 'SHA-256 AA:BB',
      responderFingerprint: 'SHA-256 CC:DD',
      byInitiator: true,
    };
    const changes: Partial<LinkProofBody>[] = [
      {},
      { topic: 'ac'.repeat(16) },
      { attempt: new Uint8Array(8).fill(1) },
      { initiator: peerOf('c') },
      { responder: peerOf('c') },
      { initiator: body.responder, responder: body.initiator },
      { initiatorFingerprint: body.responderFingerprint },
      { responderFingerprint: body.initiatorFingerprint },
      { byInitiator: false },
    ];
    const texts = changes.map((change) => toHex(linkProofToSign({ ...body, ...change })));
    expect(new Set(texts).size).toBe(changes.length);
  });
});
