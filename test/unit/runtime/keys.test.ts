import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/kernel/bytes.ts';
import type { StoreFailure } from '../../../src/kernel/machine.ts';
import { ok, refuse } from '../../../src/kernel/result.ts';
import { createVerifier, generateKeyPair } from '../../../src/runtime/crypto.ts';
import {
  burnPeerKey,
  loadIdentity,
  renewPeer,
  type Identity,
  type IdentityOptions,
  type KeyPort,
} from '../../../src/runtime/keys.ts';
import type { Locks } from '../../../src/runtime/slots.ts';
import { MemoryKeyStore, type KeyStore } from '../../../src/storage/key-store.ts';
import { MemoryStore } from '../../../src/storage/memory-store.ts';
import { FakeLockWorld, FakeSession, FakeTimers } from './fake-locks.ts';

/** A profile whose disk survives its tabs. */
class Profile {
  readonly world = new FakeLockWorld();
  readonly store: MemoryStore;
  readonly memory = new MemoryKeyStore();
  /** Written as the storage type, read as the runtime's port: the two shapes must stay one. */
  readonly durable: KeyStore = {
    isDurable: true,
    get: (name) => this.memory.get(name),
    put: (name, pair) => this.memory.put(name, pair),
    delete: (name) => this.memory.delete(name),
  };
  readonly keys: KeyPort = this.durable;
  failWrites: StoreFailure | undefined;
  failReads: StoreFailure | undefined;

  constructor() {
    this.store = new MemoryStore({ onWrite: () => this.failWrites, onRead: () => this.failReads });
  }

  /** A page of this profile; `end` closes it. */
  async open(
    session = new FakeSession(),
    keys: KeyPort = this.keys,
  ): Promise<{ identity: Identity; end: () => void }> {
    const locks = this.world.page();
    const identity = await this.load(locks, session, keys);
    return {
      identity,
      end: () => {
        locks.end();
      },
    };
  }

  load(locks: Locks | undefined, session = new FakeSession(), keys: KeyPort = this.keys): Promise<Identity> {
    return loadIdentity(this.options(locks, session, keys));
  }

  options(locks: Locks | undefined, session = new FakeSession(), keys: KeyPort = this.keys): IdentityOptions {
    return { keys, store: this.store, locks, session, isReload: false, clock: new FakeTimers() };
  }
}

describe('identity of a tab', () => {
  it('[KEY-6] tabs opened at once are one member and different peers', async () => {
    const profile = new Profile();
    const tabs = await Promise.all(Array.from({ length: 4 }, () => profile.open()));
    expect(new Set(tabs.map((tab) => tab.identity.memberId)).size).toBe(1);
    expect(new Set(tabs.map((tab) => tab.identity.peerId)).size).toBe(4);
    expect(tabs.every((tab) => !tab.identity.isEphemeral && tab.identity.failure === undefined)).toBe(true);
  });

  it('[KEY-7] the next tab of a slot has its keys, and they sign', async () => {
    const profile = new Profile();
    const first = await profile.open();
    first.end();
    const second = (await profile.open()).identity;
    expect(second.peerId).toBe(first.identity.peerId);
    expect(second.memberId).toBe(first.identity.memberId);
    expect(second.peerSigner.peerId).toBe(second.peerId);
    const body = utf8('words');
    const checks = [
      { signer: second.peerId, body, signature: await second.peerSigner.sign(body) },
      { signer: second.memberId, body, signature: await second.memberSigner.sign(body) },
    ];
    expect(await createVerifier().verifyAll(checks)).toBe(true);
  });

  it('[KEY-3] a duplicated tab is another peer of the same member', async () => {
    const profile = new Profile();
    const session = new FakeSession();
    const original = (await profile.open(session)).identity;
    const duplicate = (await profile.open(session.copy())).identity;
    expect(duplicate.peerId).not.toBe(original.peerId);
    expect(duplicate.memberId).toBe(original.memberId);
  });

  it('[KEY-8] a burnt key is replaced, once, and only it', async () => {
    const profile = new Profile();
    const [burnt, other] = [await profile.open(), await profile.open()];
    expect(await burnPeerKey(profile.store, burnt.identity.peerId)).toEqual(ok(undefined));
    burnt.end();
    other.end();
    const fresh = await profile.open();
    expect(fresh.identity.peerId).not.toBe(burnt.identity.peerId);
    expect(fresh.identity.memberId).toBe(burnt.identity.memberId);
    expect((await profile.open()).identity.peerId).toBe(other.identity.peerId);
    fresh.end();
    expect((await profile.open()).identity.peerId).toBe(fresh.identity.peerId);
    for (const note of ['born', 'burnt'])
      expect(await profile.store.read('meta', `${note}/${burnt.identity.peerId}`)).toEqual(ok(undefined));
  });

  it('[KEY-8] a key without its birth note is replaced: what it signed may be gone', async () => {
    const profile = new Profile();
    const lost = await profile.open();
    lost.end();
    await profile.store.clear('meta', `born/${lost.identity.peerId}`);
    const fresh = await profile.open();
    expect(fresh.identity.peerId).not.toBe(lost.identity.peerId);
    expect(fresh.identity.isEphemeral).toBe(false);
  });

  it('[KEY-8] a running tab whose key was burnt gets the new key of its slot', async () => {
    const profile = new Profile();
    const locks = profile.world.page();
    const identity = await profile.load(locks);
    const same = await renewPeer(profile.options(locks), identity);
    expect(same.peerId).toBe(identity.peerId);
    await burnPeerKey(profile.store, identity.peerId);
    const renewed = await renewPeer(profile.options(locks), identity);
    expect(renewed.peerId).not.toBe(identity.peerId);
    expect(renewed.peerSigner.peerId).toBe(renewed.peerId);
    expect([renewed.memberId, renewed.slot?.slot, renewed.isEphemeral]).toEqual([
      identity.memberId,
      0,
      false,
    ]);
    locks.end();
    expect((await profile.open()).identity.peerId).toBe(renewed.peerId);
    const loose = await profile.load(undefined);
    expect((await renewPeer(profile.options(undefined), loose)).peerId).not.toBe(loose.peerId);
  });

  it('[KEY-9] without locks the tab has a peer key of its own and says that it is ephemeral', async () => {
    const profile = new Profile();
    const settled = (await profile.open()).identity;
    const loose = await profile.load(undefined);
    expect(loose.slot).toBeUndefined();
    expect(loose.isEphemeral).toBe(true);
    expect(loose.peerId).not.toBe(settled.peerId);
    expect(loose.memberId).toBe(settled.memberId);
    const refusing = { request: () => Promise.reject(new DOMException('opaque', 'SecurityError')) };
    expect((await profile.load(refusing)).isEphemeral).toBe(true);
  });

  it('[KEY-9] keys that end with the tab are ephemeral', async () => {
    const profile = new Profile();
    const { identity } = await profile.open(new FakeSession(), profile.memory);
    expect(identity.isEphemeral).toBe(true);
    expect(identity.failure).toBeUndefined();
  });

  it('[KEY-9] a disk that cannot be read yields an ephemeral peer, with the reason, and nothing is overwritten', async () => {
    const profile = new Profile();
    const before = await profile.open();
    before.end();
    profile.failReads = 'failed';
    const during = await profile.open();
    expect(during.identity.failure).toBe('failed');
    expect(during.identity.isEphemeral).toBe(true);
    expect(during.identity.peerId).not.toBe(before.identity.peerId);
    during.end();
    profile.failReads = undefined;
    expect((await profile.open()).identity.peerId).toBe(before.identity.peerId);
  });

  it('[KEY-9] keys that cannot be read or kept are told, and not overwritten', async () => {
    const profile = new Profile();
    const before = await profile.open();
    before.end();
    const unreadable: KeyPort = { ...profile.durable, get: () => Promise.resolve(refuse('failed')) };
    const during = await profile.open(new FakeSession(), unreadable);
    expect([during.identity.isEphemeral, during.identity.failure]).toEqual([true, 'failed']);
    during.end();
    expect((await profile.open()).identity).toMatchObject({
      memberId: before.identity.memberId,
      peerId: before.identity.peerId,
    });
    const full: KeyPort = { ...new Profile().durable, put: () => Promise.resolve(refuse('quota')) };
    const { identity } = await new Profile().open(new FakeSession(), full);
    expect([identity.isEphemeral, identity.failure]).toEqual([true, 'quota']);
  });

  it('[KEY-8, KEY-9] a birth that could not be noted is not trusted the next time', async () => {
    const profile = new Profile();
    profile.failWrites = 'quota';
    const first = await profile.open();
    expect([first.identity.isEphemeral, first.identity.failure]).toEqual([true, 'quota']);
    first.end();
    profile.failWrites = undefined;
    const second = await profile.open();
    expect(second.identity.peerId).not.toBe(first.identity.peerId);
    expect(second.identity.isEphemeral).toBe(false);
  });

  it('[KEY-10] new keys do not leave WebCrypto', async () => {
    const pair = await generateKeyPair();
    expect(pair.privateKey.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('pkcs8', pair.privateKey)).rejects.toThrow();
  });
});
