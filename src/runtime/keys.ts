/**
 * Who this tab is: the member key of the profile and the peer key of the tab's slot. A peer key and the record of what it has signed
 * share fate (DESIGN section 5): a key without its birth note has lost that record, or never signed; either way it is burnt, because
 * signing a second entry for one journal position looks like fraud to everybody else.
 */
import type { MemberId, PeerId } from '../kernel/ids.ts';
import type { StoreFailure } from '../kernel/machine.ts';
import type { SignerPort, StorePort } from '../kernel/ports.ts';
import { ok, type Result } from '../kernel/result.ts';
import { generateKeyPair, memberSignerFrom, signerFrom, type MemberSigner } from './crypto.ts';
import { takeSlot, withLock, type Slot, type SlotOptions } from './slots.ts';

/** Where key pairs are kept by name. `storage/key-store.ts` implements it; the edges do not import one another. */
export interface KeyPort {
  /** Whether a key that was put is still there after a restart. */
  readonly isDurable: boolean;
  get(name: string): Promise<Result<CryptoKeyPair | undefined, StoreFailure>>;
  put(name: string, pair: CryptoKeyPair): Promise<Result<undefined, StoreFailure>>;
  delete(name: string): Promise<Result<undefined, StoreFailure>>;
}

export interface IdentityOptions extends Omit<SlotOptions, 'prefix'> {
  readonly keys: KeyPort;
  readonly store: Pick<StorePort, 'read' | 'write'>;
}

export interface Identity {
  readonly memberId: MemberId;
  readonly memberSigner: MemberSigner;
  readonly peerId: PeerId;
  readonly peerSigner: SignerPort;
  /** The tab's slot, or undefined when it has none. */
  readonly slot: Slot | undefined;
  /** The peer key, or the member key with it, ends with this tab. */
  readonly isEphemeral: boolean;
  /** Why something could not be kept or read, for the trace and the screen. */
  readonly failure: StoreFailure | undefined;
}

const SLOT_PREFIX = 'tabswarm/slot/';
const MEMBER_LOCK = 'tabswarm/member-key';
const MEMBER_KEY = 'member';
const META = 'meta';
const MARK = new Uint8Array([1]);

const peerKeyName = (slot: number): string => `peer/${slot}`;
const bornKey = (peer: PeerId): string => `born/${peer}`;
const burntKey = (peer: PeerId): string => `burnt/${peer}`;

/** A key and whether it will be there after a restart. */
interface Kept<Signer> {
  readonly signer: Signer;
  readonly failure: StoreFailure | undefined;
}

/** Takes a slot and its keys, and makes those that are missing. The slot is held until its `release`, or the end of the tab. */
export async function loadIdentity(options: IdentityOptions): Promise<Identity> {
  const { keys } = options;
  const taken = await takeSlot({ ...options, prefix: SLOT_PREFIX });
  const slot = taken.ok ? taken.value : undefined;
  const locks = taken.ok || taken.code === 'allTaken' ? options.locks : undefined;
  const member = await withLock(locks, MEMBER_LOCK, () => loadMember(keys));
  const peer = slot === undefined ? await ephemeralPeer() : await loadPeer(options, slot.slot);
  const failure = member.failure ?? peer.failure;
  return {
    memberId: member.signer.memberId,
    memberSigner: member.signer,
    peerId: peer.signer.peerId,
    peerSigner: peer.signer,
    slot,
    isEphemeral: slot === undefined || failure !== undefined || !keys.isDurable,
    failure,
  };
}

/**
 * Marks a peer key as never to be used again: what it signed may be lost, or somebody has proved that it was used twice. The slot
 * gets a new key at the next {@link loadIdentity}; this tab must stop signing now.
 */
export function burnPeerKey(
  store: Pick<StorePort, 'write'>,
  peer: PeerId,
): Promise<Result<undefined, StoreFailure>> {
  return store.write([{ op: 'put', store: META, key: burntKey(peer), value: MARK }]);
}

/** The identity with whatever peer key its slot has now: another one once the old key was burnt ({@link burnPeerKey}). */
export async function renewPeer(options: IdentityOptions, identity: Identity): Promise<Identity> {
  const { slot } = identity;
  const peer = slot === undefined ? await ephemeralPeer() : await loadPeer(options, slot.slot);
  return {
    ...identity,
    peerId: peer.signer.peerId,
    peerSigner: peer.signer,
    isEphemeral: identity.isEphemeral || peer.failure !== undefined,
    failure: identity.failure ?? peer.failure,
  };
}

/** Called under a lock, so that two tabs opened at once become one member. */
async function loadMember(keys: KeyPort): Promise<Kept<MemberSigner>> {
  const found = await keys.get(MEMBER_KEY);
  if (found.ok && found.value !== undefined)
    return { signer: await memberSignerFrom(found.value), failure: undefined };
  const pair = await generateKeyPair();
  // A key that cannot be read may still be there: it is not overwritten.
  const kept = found.ok ? await keys.put(MEMBER_KEY, pair) : found;
  return { signer: await memberSignerFrom(pair), failure: kept.ok ? undefined : kept.code };
}

async function ephemeralPeer(): Promise<Kept<SignerPort>> {
  return { signer: await signerFrom(await generateKeyPair()), failure: undefined };
}

/** The slot's lock makes this tab the only one that reads or writes this key. */
async function loadPeer(options: IdentityOptions, slot: number): Promise<Kept<SignerPort>> {
  const found = await options.keys.get(peerKeyName(slot));
  if (!found.ok) return { ...(await ephemeralPeer()), failure: found.code };
  const signer = found.value === undefined ? undefined : await signerFrom(found.value);
  if (signer === undefined) return makePeer(options, slot, undefined);
  const usable = await isUsable(options.store, signer.peerId);
  if (!usable.ok) return { ...(await ephemeralPeer()), failure: usable.code };
  return usable.value ? { signer, failure: undefined } : makePeer(options, slot, signer.peerId);
}

async function isUsable(
  store: Pick<StorePort, 'read'>,
  peer: PeerId,
): Promise<Result<boolean, StoreFailure>> {
  const [born, burnt] = await Promise.all([
    store.read(META, bornKey(peer)),
    store.read(META, burntKey(peer)),
  ]);
  if (!born.ok) return born;
  if (!burnt.ok) return burnt;
  return ok(born.value !== undefined && burnt.value === undefined);
}

/**
 * Makes the slot's key, in place of `replaced` if there was one. The key is written before its birth note: a crash between the two
 * leaves a key that never signed anything and is replaced the next time.
 */
async function makePeer(
  options: IdentityOptions,
  slot: number,
  replaced: PeerId | undefined,
): Promise<Kept<SignerPort>> {
  const { keys, store } = options;
  const pair = await generateKeyPair();
  const signer = await signerFrom(pair);
  const put = await keys.put(peerKeyName(slot), pair);
  if (!put.ok) return { signer, failure: put.code };
  const born = await store.write([
    { op: 'put', store: META, key: bornKey(signer.peerId), value: MARK },
    // The old key is gone by now, so its notes guard nothing any more.
    ...(replaced === undefined ? [] : [bornKey(replaced), burntKey(replaced)]).map(
      (key) => ({ op: 'delete', store: META, key }) as const,
    ),
  ]);
  return { signer, failure: born.ok ? undefined : born.code };
}
