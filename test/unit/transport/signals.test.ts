import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import { digest, digestBytes } from '../../../src/kernel/hash.ts';
import type { PeerId } from '../../../src/kernel/ids.ts';
import { randomBytes } from '../../../src/runtime/crypto.ts';
import {
  fingerprintText,
  MAX_CANDIDATES,
  readCandidate,
  readDescription,
  writeCandidate,
  writeDescription,
} from '../../../src/transport/description.ts';
import { createSealer, MAX_SEALED_BYTES } from '../../../src/transport/sealing.ts';
import { decodeSignal, encodeSignal, type Signal } from '../../../src/transport/signals.ts';

const PRINT = Array.from({ length: 32 }, (_, i) => (i + 16).toString(16).toUpperCase()).join(':');
const peer = (name: string): PeerId => digest('test/peer', utf8(name)) as string as PeerId;
const TOPIC = 'ab'.repeat(16);

/** A Chromium offer, as it is. */
const CHROMIUM = [
  'v=0',
  'o=- 8234578672151269741 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:LvBo',
  'a=ice-pwd:PiSCbsVVGIzdOJJM82f1EKUZ',
  'a=ice-options:trickle',
  `a=fingerprint:sha-256 ${PRINT}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  'a=max-message-size:262144',
  '',
].join('\r\n');

/** A Firefox offer: the fingerprint belongs to the session, and there is more that we do not need. */
const FIREFOX = [
  'v=0',
  'o=mozilla...THIS_IS_SDPARTA-99.0 4580532126152110000 0 IN IP4 0.0.0.0',
  's=-',
  't=0 0',
  `a=fingerprint:sha-256 ${PRINT}`,
  'a=group:BUNDLE 0',
  'a=ice-options:trickle',
  'a=msid-semantic:WMS *',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=sendrecv',
  'a=ice-pwd:0ffe4f2a4ff34a04d1a5ee3b4e2d5ad7',
  'a=ice-ufrag:6c4bd98b',
  'a=mid:0',
  'a=setup:actpass',
  'a=sctp-port:5000',
  'a=max-message-size:1073741823',
  '',
].join('\r\n');

function offerOf(sdp: string): Signal['body'] & { kind: 'offer' } {
  const description = readDescription('offer', sdp);
  if (!description.ok) expect.fail(description.code);
  return { kind: 'offer', attempt: new Uint8Array(8), description: description.value, candidates: [] };
}

describe('descriptions', () => {
  it.each([
    ['Chromium', CHROMIUM],
    ['Firefox', FIREFOX],
  ])('[LNK-36] of %s keep what a data channel needs', (_name, sdp) => {
    const { description } = offerOf(sdp);
    expect(fingerprintText(description)).toBe(`SHA-256 ${PRINT}`);
    const again = readDescription('offer', writeDescription(description));
    expect(again).toEqual({ ok: true, value: description });
  });

  it('[LNK-36] make an offer of less than 130 bytes, sender included, candidates not', () => {
    expect(encodeSignal({ from: peer('a'), body: offerOf(CHROMIUM) }).length).toBeLessThan(130);
  });

  it.each([
    ['no fingerprint', CHROMIUM.replace(/a=fingerprint.*\r\n/, ''), 'incomplete'],
    ['two fingerprints', `${CHROMIUM}a=fingerprint:sha-256 ${PRINT.replace('10', 'FF')}\r\n`, 'ambiguous'],
    ['an unknown hash', CHROMIUM.replace('sha-256', 'md5'), 'incomplete'],
    ['no user fragment', CHROMIUM.replace(/a=ice-ufrag.*\r\n/, ''), 'incomplete'],
    ['nothing at all', '', 'incomplete'],
  ])('[LNK-36] with %s are refused', (_what, sdp, code) => {
    expect(readDescription('offer', sdp)).toEqual({ ok: false, code });
  });

  it('[LNK-36] never write a line that the other side has slipped in', () => {
    const evil = { ...offerOf(CHROMIUM).description, ufrag: 'abcd\r\na=fingerprint:sha-256 AA' };
    const bytes = encodeSignal({ from: peer('a'), body: { ...offerOf(CHROMIUM), description: evil } });
    expect(decodeSignal(bytes)).toEqual({ ok: false, code: 'badValue' });
  });
});

describe('candidates', () => {
  it.each([
    'candidate:1510613869 1 udp 2122063615 127.0.0.1 54936 typ host',
    'candidate:1 1 udp 2122265343 fd00::2 58518 typ host',
    'candidate:7 1 udp 1686052607 203.0.113.9 1024 typ srflx raddr 192.0.2.2 rport 55000',
    'candidate:0 1 udp 2122252543 2608933f-fee7-43ff-9baa-564cf9a74fec.local 50000 typ host',
  ])('[LNK-36] are kept: %s', (line) => {
    const candidate = readCandidate(`${line} generation 0 ufrag LvBo network-id 2`);
    expect(candidate === undefined ? undefined : writeCandidate(candidate)).toBe(line);
  });

  it('[LNK-36] in capitals, as Firefox writes UDP, are kept', () => {
    expect(readCandidate('candidate:0 1 UDP 2122252543 192.0.2.7 50000 typ host')?.address).toBe('192.0.2.7');
  });

  it.each([
    '',
    'nonsense',
    'candidate:1 1 tcp 1518285567 192.0.2.2 9 typ host tcptype active',
    'candidate:1 2 udp 1518285567 192.0.2.2 9 typ host',
    'candidate:1 1 udp 1518285567 example.org 9 typ host',
    'candidate:1 1 udp 9999999999 192.0.2.2 9 typ host',
    'candidate:1 1 udp 1518285567 192.0.2.2 70000 typ host',
  ])('[LNK-36] that we cannot use are left out, and fail nothing: "%s"', (line) => {
    expect(readCandidate(line)).toBeUndefined();
  });
});

describe('signals', () => {
  it('[LNK-37] of foreign bytes yield a code and never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        const signal = decodeSignal(new Uint8Array(noise));
        if (signal.ok) expect(encodeSignal(signal.value)).toEqual(new Uint8Array(noise));
      }),
      { seed: 99, numRuns: 3000 },
    );
    const whole = encodeSignal({ from: peer('a'), body: offerOf(CHROMIUM) });
    for (let i = 0; i < whole.length; i++) {
      expect(decodeSignal(whole.slice(0, i)).ok).toBe(false);
      decodeSignal(whole.map((byte, at) => (at === i ? byte ^ 255 : byte)));
    }
  });

  it('[LNK-37] bound the candidates they carry', () => {
    const candidate = readCandidate('candidate:1 1 udp 1 192.0.2.2 9 typ host') ?? expect.fail();
    const body = (count: number): Signal['body'] => ({
      kind: 'candidates',
      attempt: new Uint8Array(8),
      candidates: Array.from({ length: count }, () => candidate),
    });
    expect(decodeSignal(encodeSignal({ from: peer('a'), body: body(MAX_CANDIDATES) })).ok).toBe(true);
    expect(() => encodeSignal({ from: peer('a'), body: body(MAX_CANDIDATES + 1) })).toThrow();
  });
});

describe('sealing', () => {
  const keyOf = (bytes: Bytes): Promise<CryptoKey> =>
    crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);

  it('[LNK-30] opens only with the key, the topic and the recipient it was made for', async () => {
    const key = await keyOf(digestBytes('test/key', utf8('one')));
    const sealer = createSealer(key, TOPIC, randomBytes);
    const plain = encodeSignal({ from: peer('a'), body: { kind: 'announce', component: undefined } });
    const sealed = await sealer.seal(plain, peer('b'));
    expect(await sealer.open(sealed, peer('b'))).toEqual({ ok: true, value: plain });
    const unsealable = { ok: false, code: 'unsealable' };
    expect(await sealer.open(sealed, peer('c'))).toEqual(unsealable);
    expect(await sealer.open(sealed, undefined)).toEqual(unsealable);
    expect(await createSealer(key, 'cd'.repeat(16), randomBytes).open(sealed, peer('b'))).toEqual(unsealable);
    const otherKey = await keyOf(digestBytes('test/key', utf8('two')));
    expect(await createSealer(otherKey, TOPIC, randomBytes).open(sealed, peer('b'))).toEqual(unsealable);
    expect(Buffer.from(sealed).includes(Buffer.from(peer('a'), 'hex'))).toBe(false);
  });

  it('[LNK-30] refuses what was changed, cut off, too long or of another version, with a code', async () => {
    const sealer = createSealer(await keyOf(digestBytes('test/key', utf8('one'))), TOPIC, randomBytes);
    const sealed = await sealer.seal(utf8('hello'), undefined);
    for (let i = 0; i < sealed.length; i++) {
      const changed = sealed.map((byte, at) => (at === i ? byte ^ 1 : byte));
      const code = i === 0 ? 'sealVersion' : 'unsealable';
      expect(await sealer.open(changed, undefined)).toEqual({ ok: false, code });
    }
    expect(await sealer.open(sealed.slice(0, 20), undefined)).toEqual({ ok: false, code: 'sealSize' });
    expect(await sealer.open(new Uint8Array(MAX_SEALED_BYTES + 1), undefined)).toEqual({
      ok: false,
      code: 'sealSize',
    });
  });
});
