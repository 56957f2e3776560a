import { describe, expect, it } from 'vitest';
import { ok, refuse } from '../../../src/kernel/result.ts';
import { checkPlatform, type PlatformScope } from '../../../src/runtime/platform.ts';

const scope: PlatformScope = {
  isSecureContext: true,
  crypto: globalThis.crypto,
  RTCPeerConnection: EventTarget,
  indexedDB: {},
  navigator: { locks: {} },
};
const without = (name: keyof PlatformScope): PlatformScope => {
  const { [name]: _left, ...rest } = scope;
  return rest;
};

describe('platform', () => {
  it('[KEY-21] a browser that has everything', async () => {
    expect(await checkPlatform(scope)).toEqual(ok({ hasIndexedDb: true, hasLocks: true }));
  });

  it('[KEY-21] names what stands in the way', async () => {
    expect(await checkPlatform({ ...scope, isSecureContext: false })).toEqual(refuse('noSecureContext'));
    expect(await checkPlatform(without('isSecureContext'))).toEqual(refuse('noSecureContext'));
    expect(await checkPlatform(without('crypto'))).toEqual(refuse('noSecureContext'));
    expect(await checkPlatform({ ...scope, crypto: {} })).toEqual(refuse('noSecureContext'));
    const old = { generateKey: () => Promise.reject(new DOMException('unknown', 'NotSupportedError')) };
    const crypto = { subtle: old as unknown as SubtleCrypto };
    expect(await checkPlatform({ ...scope, crypto })).toEqual(refuse('noEd25519'));
    expect(await checkPlatform(without('RTCPeerConnection'))).toEqual(refuse('noWebRtc'));
  });

  it('[KEY-21] tells apart what we can do without', async () => {
    expect(await checkPlatform({ ...without('indexedDB'), navigator: {} })).toEqual(
      ok({ hasIndexedDb: false, hasLocks: false }),
    );
    const denied = Object.defineProperty(without('indexedDB'), 'indexedDB', {
      get: () => {
        throw new DOMException('denied', 'SecurityError');
      },
    });
    expect(await checkPlatform(denied)).toEqual(ok({ hasIndexedDb: false, hasLocks: true }));
  });
});
