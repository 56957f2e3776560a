import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { fromHex, toHex, utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import type { SignatureCheck } from '../../../src/kernel/machine.ts';
import type { SignerPort } from '../../../src/kernel/ports.ts';
import {
  createVerifier,
  deriveBoardKeys,
  generateInviteKey,
  generateKeyPair,
  randomBytes,
  signerFrom,
  signWithSeed,
} from '../../../src/runtime/crypto.ts';

const bytes = (value: Uint8Array): Bytes => Uint8Array.from(value);

async function checkBy(signer: SignerPort, body: Bytes): Promise<SignatureCheck> {
  return { signer: signer.peerId, body, signature: await signer.sign(body) };
}

describe('signing and verifying', () => {
  it('[KEY-10] agrees with RFC 8032, section 7.1, test 3', async () => {
    const seed = fromHex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7');
    const signer = 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025';
    const body = fromHex('af82');
    const signature = await signWithSeed(seed, body);
    expect(toHex(signature)).toBe(
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    );
    expect(await createVerifier().verifyAll([{ signer, body, signature }])).toBe(true);
  });

  it('[KEY-11] any change of the body, the signature or the signer is false', async () => {
    const verifier = createVerifier();
    const [signer, other] = await Promise.all([
      generateKeyPair().then(signerFrom),
      generateKeyPair().then(signerFrom),
    ]);
    const flipped = (value: Bytes, at: number): Bytes => value.map((byte, i) => (i === at ? byte ^ 1 : byte));
    const property = fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.nat(63),
      async (raw, at) => {
        const good = await checkBy(signer, bytes(raw));
        expect(await verifier.verifyAll([good])).toBe(true);
        const bad = [
          { ...good, body: flipped(good.body, at % good.body.length) },
          { ...good, signature: flipped(good.signature, at) },
          { ...good, signer: other.peerId },
        ];
        for (const check of bad) expect(await verifier.verifyAll([good, check])).toBe(false);
      },
    );
    await fc.assert(property, { seed: 11, numRuns: 30 });
  });

  it('[KEY-11] malformed keys and signatures are false, never a rejection', async () => {
    const verifier = createVerifier();
    const signer = await generateKeyPair().then(signerFrom);
    const good = await checkBy(signer, utf8('x'));
    const property = fc.asyncProperty(
      fc.oneof(
        fc.string({ maxLength: 70 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }).map((raw) => toHex(bytes(raw))),
      ),
      fc.uint8Array({ maxLength: 70 }),
      async (key, signature) => {
        expect(await verifier.verifyAll([{ ...good, signer: key }])).toBe(false);
        expect(await verifier.verifyAll([{ ...good, signature: bytes(signature) }])).toBe(false);
      },
    );
    await fc.assert(property, { seed: 12, numRuns: 60 });
    expect(await verifier.verifyAll([good])).toBe(true);
    expect(await verifier.verifyAll([])).toBe(true);
  });

  it.each([
    ['order 4', '00'.repeat(32)],
    ['order 1', `01${'00'.repeat(31)}`],
    ['order 1, signed', `01${'00'.repeat(30)}80`],
    ['order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    ['order 8, signed', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85'],
    ['the other order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
    ['order 2', `ec${'ff'.repeat(30)}7f`],
    ['not reduced: p', `ed${'ff'.repeat(30)}7f`],
    ['not reduced: p + 1', `ee${'ff'.repeat(30)}7f`],
    ['not reduced: 2^255 - 1', `${'ff'.repeat(31)}7f`],
  ])('[KEY-12] a key that engines judge differently is refused: %s', async (_name, signer) => {
    // R = the neutral point and S = 0 satisfy the equation for keys of small order, whatever the body.
    const signature = fromHex(`01${'00'.repeat(63)}`);
    const importKey = vi.spyOn(crypto.subtle, 'importKey');
    expect(await createVerifier().verifyAll([{ signer, body: utf8('anything'), signature }])).toBe(false);
    expect(importKey).not.toHaveBeenCalled();
    importKey.mockRestore();
  });

  it('[KEY-12] the points of the list are of small order, by arithmetic', () => {
    const small = ['00'.repeat(32), '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'];
    small.push('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', `ec${'ff'.repeat(30)}7f`);
    expect(small.map(orderFromY)).toEqual([4, 8, 8, 2]);
  });

  it('[KEY-13] keeps the keys that were used last, and no more than its bound', async () => {
    const verifier = createVerifier(2);
    const signers = await Promise.all([0, 1, 2].map(async () => signerFrom(await generateKeyPair())));
    const checks = await Promise.all(signers.map((signer) => checkBy(signer, utf8('x'))));
    const importKey = vi.spyOn(crypto.subtle, 'importKey');
    const imports: number[] = [];
    for (const index of [0, 1, 0, 2, 0, 1]) {
      const check = checks[index];
      expect(await verifier.verifyAll(check === undefined ? [] : [check])).toBe(true);
      imports.push(importKey.mock.calls.length);
    }
    expect(imports).toEqual([1, 2, 2, 3, 3, 4]);
    importKey.mockRestore();
  });
});

describe('keys from secrets', () => {
  it('[KEY-14] a board secret yields one topic and one key, on every device', async () => {
    const secret = new Uint8Array(32).fill(7);
    const [here, there] = await Promise.all([deriveBoardKeys(secret), deriveBoardKeys(secret.slice())]);
    expect(here.topic).toMatch(/^[0-9a-f]{32}$/);
    expect(there.topic).toBe(here.topic);
    // By another implementation of HKDF; a change would part new builds from old ones.
    expect(here.topic).toBe('450ae8d53d072b61850fa770ea872913');
    const iv = new Uint8Array(12);
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, here.signalKey, utf8('offer'));
    const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, there.signalKey, sealed);
    expect(new Uint8Array(opened)).toEqual(utf8('offer'));
    expect(here.signalKey.extractable).toBe(false);
  });

  it('[KEY-14] other secrets yield other topics and keys', async () => {
    const [a, b] = await Promise.all([deriveBoardKeys(randomBytes(32)), deriveBoardKeys(randomBytes(32))]);
    expect(a.topic).not.toBe(b.topic);
    const iv = new Uint8Array(12);
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, a.signalKey, utf8('offer'));
    await expect(crypto.subtle.decrypt({ name: 'AES-GCM', iv }, b.signalKey, sealed)).rejects.toThrow();
  });

  it('[KEY-15] an invite seed signs for the public key made with it', async () => {
    const { seed, publicKey } = await generateInviteKey();
    expect([seed.length, publicKey.length]).toEqual([32, 32]);
    const body = utf8('words');
    const signature = await signWithSeed(seed, body);
    expect(await createVerifier().verifyAll([{ signer: toHex(publicKey), body, signature }])).toBe(true);
  });
});

/** Order of a point with this y on edwards25519, from the curve equation and the doubling formula, up to 8. */
function orderFromY(encoded: string): number {
  const p = 2n ** 255n - 19n;
  const mod = (value: bigint): bigint => ((value % p) + p) % p;
  const power = (base: bigint, exponent: bigint): bigint => {
    let result = 1n;
    for (let e = exponent, b = mod(base); e > 0n; e >>= 1n, b = mod(b * b))
      if (e & 1n) result = mod(result * b);
    return result;
  };
  const inverse = (value: bigint): bigint => power(value, p - 2n);
  const d = mod(-121665n * inverse(121666n));
  let y = BigInt(`0x${encoded.match(/../g)?.toReversed().join('') ?? ''}`);
  // Doubling needs only x^2 and y, and x^2 follows from y: y' = (y^2 + x^2) / (2 + x^2 - y^2).
  const squareOfX = (): bigint => mod((y * y - 1n) * inverse(d * y * y + 1n));
  for (let order = 1; order <= 8; order *= 2) {
    if (y === 1n) return order;
    y = mod((y * y + squareOfX()) * inverse(2n + squareOfX() - y * y));
  }
  return 0;
}
