/** The contract of `LinkPort` (src/kernel/ports.ts), for any network that carries links. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Bytes } from '../../src/kernel/bytes.ts';
import { randomFrom } from '../../src/kernel/random.ts';
import type { Result } from '../../src/kernel/result.ts';
import type { LinkNetwork, LinkOwner } from '../support/link-network.ts';

const KIB = 1024;

function bytesOf(length: number, seed: string): Bytes {
  const random = randomFrom(seed);
  const start = random.below(256);
  return Uint8Array.from({ length }, (_, i) => (start + i * 31 + (i >> 8)) & 255);
}

/** Two peers, the one with the lower id first. */
async function twoPeers(network: LinkNetwork, profile?: string): Promise<[low: LinkOwner, high: LinkOwner]> {
  const options = profile === undefined ? {} : { profile };
  const a = await network.addPeer(options);
  const b = await network.addPeer(options);
  return a.id < b.id ? [a, b] : [b, a];
}

async function untilLinked(network: LinkNetwork, a: LinkOwner, b: LinkOwner): Promise<void> {
  await network.until('the link', () => a.isUpWith(b.id) && b.isUpWith(a.id));
}

async function linkedPeers(network: LinkNetwork): Promise<[low: LinkOwner, high: LinkOwner]> {
  const [low, high] = await twoPeers(network);
  low.call((port) => port.dial(high.id));
  await untilLinked(network, low, high);
  return [low, high];
}

function describeIntroduction(make: () => Promise<LinkNetwork>): void {
  it('[LNK-31] makes peers of one room known to each other', async () => {
    const network = await make();
    const [low, high] = await twoPeers(network);
    await network.until('discovery on both sides', () =>
      [low, high].every((owner) => owner.of('discovered').length > 0),
    );
    expect(low.of('discovered')[0]).toMatchObject({ peer: high.id, via: 'signaling' });
    expect(high.of('discovered')[0]).toMatchObject({ peer: low.id, via: 'signaling' });
  });

  it.each([
    ['lower', 'higher', 0],
    ['higher', 'lower', 1],
  ] as const)('[LNK-41] links when the %s peer id dials the %s', async (_dialer, _dialed, index) => {
    const network = await make();
    const pair = await twoPeers(network);
    const [dialer, dialed] = index === 0 ? pair : [pair[1], pair[0]];
    dialer.call((port) => port.dial(dialed.id));
    await untilLinked(network, dialer, dialed);
    expect(dialed.of('asked')).toEqual([{ kind: 'asked', peer: dialer.id }]);
    expect(dialer.of('asked')).toEqual([]);
    expect(dialer.of('up')).toEqual([{ kind: 'up', peer: dialed.id, facts: { browserLocal: false } }]);
    expect([...dialer.of('dialFailed'), ...dialed.of('dialFailed')]).toEqual([]);
    expect([...dialer.reentrant, ...dialed.reentrant]).toEqual([]);
  });

  it('[LNK-43] makes one link of two dials that cross, and asks nobody', async () => {
    const network = await make();
    const [low, high] = await twoPeers(network);
    high.call((port) => port.dial(low.id));
    low.call((port) => port.dial(high.id));
    await untilLinked(network, low, high);
    for (const owner of [low, high]) {
      expect(owner.of('up')).toHaveLength(1);
      expect(owner.of('down')).toEqual([]);
      expect(owner.of('dialFailed')).toEqual([]);
    }
  });

  it.each([0, 1])('[LNK-42] tells a dialer that there is no place (dialer %i)', async (index) => {
    const network = await make();
    const pair = await twoPeers(network);
    const [dialer, dialed] = index === 0 ? pair : [pair[1], pair[0]];
    dialed.accepts = false;
    dialer.call((port) => port.dial(dialed.id));
    await network.until('the refusal', () => dialer.of('dialFailed').length > 0);
    expect(dialer.of('dialFailed')).toEqual([{ kind: 'dialFailed', peer: dialed.id, reason: 'busy' }]);
    expect([...dialer.of('up'), ...dialed.of('up')]).toEqual([]);
  });

  it.each([0, 1])('[LNK-51] tells a dialer whom to ask instead (dialer %i)', async (index) => {
    const network = await make();
    const pair = await twoPeers(network);
    const third = await network.addPeer();
    const [dialer, dialed] = index === 0 ? pair : [pair[1], pair[0]];
    dialed.accepts = false;
    dialed.contacts = [third.id];
    dialer.call((port) => port.dial(dialed.id));
    await network.until('the refusal', () => dialer.of('dialFailed').length > 0);
    const refusal = { kind: 'dialFailed', peer: dialed.id, reason: 'busy', contacts: [third.id] };
    expect(dialer.of('dialFailed')).toEqual([refusal]);
  });

  it('[LNK-39] makes known which component a peer is in', async () => {
    const network = await make();
    const first = await network.addPeer();
    first.call((port) => port.belong(bytesOf(16, 'component')));
    const second = await network.addPeer();
    await network.until('discovery', () => second.of('discovered').length > 0);
    expect(second.of('discovered')[0]).toMatchObject({ peer: first.id, component: bytesOf(16, 'component') });
  });

  it('[LNK-34] links tabs of one browser without a server, and says so', async () => {
    const network = await make();
    await network.useSignaling(false);
    const [low, high] = await twoPeers(network, 'profile');
    await network.until('discovery', () => low.of('discovered').length > 0);
    expect(low.of('discovered')[0]).toMatchObject({ peer: high.id, via: 'browser' });
    low.call((port) => port.dial(high.id));
    await untilLinked(network, low, high);
    expect(low.of('up')[0]?.facts).toEqual({ browserLocal: true });
    expect(high.of('up')[0]?.facts).toEqual({ browserLocal: true });
  });

  it('[LNK-35] introduces through the mesh while the server is down', async () => {
    const network = await make();
    const [low, high] = await twoPeers(network);
    await network.useSignaling(false);
    network.useMesh(true);
    high.call((port) => port.dial(low.id));
    await untilLinked(network, low, high);
    expect(low.of('up')[0]?.facts).toEqual({ browserLocal: false });
  });
}

/** The value of a pairing step that has to succeed. */
function given<Value>(result: Result<Value, string>): Value {
  if (!result.ok) expect.fail(result.code);
  return result.value;
}

function describePairing(make: () => Promise<LinkNetwork>): void {
  it.each([
    ['lower', 'higher', 0],
    ['higher', 'lower', 1],
  ] as const)('[LNK-70] links by two codes when the %s peer id offers to the %s', async (_a, _b, index) => {
    const network = await make();
    await network.useSignaling(false);
    const pair = await twoPeers(network);
    const [member, newcomer] = index === 0 ? pair : [pair[1], pair[0]];
    const offer = given(await network.wait(member.port.pair.offer()));
    const answer = given(await network.wait(newcomer.port.pair.answer(offer)));
    expect([offer.length, answer.length].every((length) => length < 350)).toBe(true);
    expect([...member.of('asked'), ...newcomer.of('asked')]).toEqual([]);
    expect(given(await network.wait(member.port.pair.complete(answer)))).toBe(newcomer.id);
    await untilLinked(network, member, newcomer);
    expect(member.of('asked')).toEqual([{ kind: 'asked', peer: newcomer.id }]);
    expect(newcomer.of('asked')).toEqual([{ kind: 'asked', peer: member.id }]);
    expect([...member.of('dialFailed'), ...newcomer.of('dialFailed')]).toEqual([]);
    expect([...member.reentrant, ...newcomer.reentrant]).toEqual([]);
    expect(newcomer.call((port) => port.send(member.id, bytesOf(40_000, 'news'), 'journal'))).toBe(true);
    await network.until('a message', () => member.of('received').length === 1);
  });

  it.each([0, 1])('[LNK-74] ends on both sides when one owner has no place (side %i)', async (index) => {
    const network = await make();
    await network.useSignaling(false);
    const pair = await twoPeers(network);
    const [member, newcomer] = pair;
    (pair[index] ?? member).accepts = false;
    const offer = given(await network.wait(member.port.pair.offer()));
    const answer = given(await network.wait(newcomer.port.pair.answer(offer)));
    const outcome = await network.wait(member.port.pair.complete(answer));
    expect(outcome).toEqual({ ok: false, code: 'pairBusy' });
    expect([...member.of('up'), ...newcomer.of('up')]).toEqual([]);
    const other = pair[1 - index] ?? newcomer;
    await network.until('the outcome', () => other.of('dialFailed').length === 1);
    expect((pair[index] ?? member).of('dialFailed')).toEqual([]);
  });
}

function describeMessages(make: () => Promise<LinkNetwork>): void {
  it('[LNK-4] delivers messages of all sizes whole and in the order of their lane', async () => {
    const network = await make();
    const [low, high] = await linkedPeers(network);
    const sizes = [0, 1, 17, 4 * KIB, 16 * KIB - 1, 16 * KIB, 300 * KIB, 2, KIB * KIB];
    const messages = sizes.map((size) => bytesOf(size, `message ${size}`));
    for (const message of messages)
      expect(low.call((port) => port.send(high.id, message, 'bulk'))).toBe(true);
    expect(high.call((port) => port.send(low.id, bytesOf(100, 'back'), 'journal'))).toBe(true);
    await network.until('all messages', () => high.of('received').length === sizes.length);
    await network.until('the one back', () => low.of('received').length === 1);
    const received = high.of('received').map(({ message }) => message);
    expect(received.map((message) => message.length)).toEqual(sizes);
    expect(received.every((message, i) => Buffer.compare(message, messages[i] ?? message) === 0)).toBe(true);
    expect(low.of('received')[0]).toMatchObject({ peer: high.id, lane: 'journal' });
    expect(low.port.stats(high.id)).toMatchObject({ sentMessages: sizes.length, receivedMessages: 1 });
    expect(high.port.stats(low.id)).toMatchObject({ receivedMessages: sizes.length, sentMessages: 1 });
  });

  it('[LNK-6] lets control messages overtake bulk', async () => {
    const network = await make();
    const [low, high] = await linkedPeers(network);
    for (let i = 0; i < 6; i++) low.call((port) => port.send(high.id, bytesOf(1024 * KIB, 'bulk'), 'bulk'));
    low.call((port) => port.send(high.id, bytesOf(10, 'urgent'), 'control'));
    await network.until('all messages', () => high.of('received').length === 7);
    const lanes = high.of('received').map(({ lane }) => lane);
    expect(lanes.indexOf('control')).toBeLessThan(2);
  });

  it('[LNK-8] ends a link whose queue overflows, on both sides, and reports nothing as sent that was not', async () => {
    const network = await make();
    const [low, high] = await linkedPeers(network);
    let sent = 0;
    while (sent < 100 && low.call((port) => port.send(high.id, bytesOf(1024 * KIB, 'bulk'), 'bulk'))) sent++;
    expect(sent).toBe(8);
    await network.until('the end', () => low.of('down').length > 0 && high.of('down').length > 0);
    expect(low.of('down')).toEqual([{ kind: 'down', peer: high.id, reason: 'overloaded' }]);
    expect(high.of('down')).toEqual([{ kind: 'down', peer: low.id, reason: 'overloaded' }]);
    expect(low.call((port) => port.send(high.id, bytesOf(1, 'late'), 'control'))).toBe(false);
  });

  it('[LNK-20] knows the round trip time of a link', async () => {
    const network = await make();
    const [low, high] = await linkedPeers(network);
    await network.until('a round trip', () => (low.port.stats(high.id)?.rttMs ?? null) !== null);
    expect(low.port.stats(high.id)?.rttMs).toBeGreaterThanOrEqual(0);
    expect(low.port.stats(high.id)?.rttMs).toBeLessThan(5000);
  });

  it('[LNK-8] refuses to send to a peer without a link', async () => {
    const network = await make();
    const [low, high] = await twoPeers(network);
    expect(low.call((port) => port.send(high.id, bytesOf(1, 'early'), 'control'))).toBe(false);
    expect(low.port.stats(high.id)).toBeUndefined();
  });
}

function describeEnding(make: () => Promise<LinkNetwork>): void {
  it('[LNK-22] says why it hangs up, after what it had to say', async () => {
    const network = await make();
    const [low, high] = await linkedPeers(network);
    low.call((port) => port.send(high.id, bytesOf(5, 'last words'), 'control'));
    low.call((port) => port.hangUp(high.id, 'replaced'));
    await network.until('the goodbye', () => high.of('down').length > 0);
    expect(high.of('received')).toHaveLength(1);
    expect(high.of('down')).toEqual([{ kind: 'down', peer: low.id, reason: 'replaced' }]);
    expect(low.of('down')).toEqual([]);
    expect(low.port.stats(high.id)).toBeUndefined();
  });

  it('[LNK-45] links the same two again after a hang-up', async () => {
    const network = await make();
    const [low, high] = await linkedPeers(network);
    low.call((port) => port.hangUp(high.id, 'replaced'));
    await network.until('the goodbye', () => high.of('down').length > 0);
    high.call((port) => port.dial(low.id));
    await network.until('the second link', () => low.of('up').length === 2 && high.of('up').length === 2);
    expect(high.call((port) => port.send(low.id, bytesOf(9, 'again'), 'control'))).toBe(true);
    await network.until('a message', () => low.of('received').length === 1);
  });

  it('[LNK-23] says goodbye to all when it stops, and then nothing', async () => {
    const network = await make();
    const [low, high] = await linkedPeers(network);
    const before = low.events.length;
    low.call((port) => port.stop());
    await network.until('the goodbye', () => high.of('down').length > 0);
    expect(high.of('down')).toEqual([{ kind: 'down', peer: low.id, reason: 'goodbye' }]);
    expect(low.events).toHaveLength(before);
  });

  it('[LNK-46] lets a peer that comes back with its key take the place of its old link', async () => {
    const network = await make();
    const first = await network.addPeer({ name: 'reloading' });
    const other = await network.addPeer({ name: 'staying' });
    first.call((port) => port.dial(other.id));
    await untilLinked(network, first, other);
    network.vanish(first);
    const second = await network.addPeer({ name: 'reloading' });
    second.call((port) => port.dial(other.id));
    await network.until('the new link', () => second.isUpWith(other.id) && other.of('up').length === 2);
    expect(other.of('down')).toEqual([{ kind: 'down', peer: first.id, reason: 'replaced' }]);
    expect(other.of('asked')).toHaveLength(1);
    second.call((port) => port.send(other.id, bytesOf(3, 'new'), 'control'));
    await network.until('a message over the new link', () => other.of('received').length === 1);
  });
}

/** Runs the contract against networks of `make`; each test gets its own. */
export function describeLinkPort(name: string, make: () => Promise<LinkNetwork>): void {
  describe(`LinkPort of ${name}`, () => {
    const networks: LinkNetwork[] = [];
    const makeAndKeep = async (): Promise<LinkNetwork> => {
      const network = await make();
      networks.push(network);
      return network;
    };
    afterEach(async () => {
      for (const network of networks.splice(0)) await network.stop();
    });
    describeIntroduction(makeAndKeep);
    describePairing(makeAndKeep);
    describeMessages(makeAndKeep);
    describeEnding(makeAndKeep);
  });
}
