import { afterEach, describe, expect, it } from 'vitest';
import { toBase64Url, utf8 } from '../../../src/kernel/bytes.ts';
import { digest } from '../../../src/kernel/hash.ts';
import type { PeerId } from '../../../src/kernel/ids.ts';
import { UNANSWERED_MS } from '../../../src/transport/attempts.ts';
import { CHANNEL_BYTES } from '../../../src/transport/connection.ts';
import { MAX_NEW_PER_MINUTE } from '../../../src/transport/connection-budget.ts';
import { MAX_FRAME_BYTES } from '../../../src/transport/frames.ts';
import { peerTopic, roomTopic } from '../../../src/transport/introductions.ts';
import { LINGER_MS } from '../../../src/transport/link.ts';
import { HEARTBEAT_MS, SILENT_MS } from '../../../src/transport/link-protocol.ts';
import type { LinkOwner } from '../../support/link-network.ts';
import { encodeSignal } from '../../../src/transport/signals.ts';
import { standInSealer, TOPIC, VirtualLinkNetwork, type VirtualPeer } from '../../support/virtual-links.ts';

const networks: VirtualLinkNetwork[] = [];

function networkOf(seed: string): VirtualLinkNetwork {
  const network = new VirtualLinkNetwork(seed);
  networks.push(network);
  return network;
}

afterEach(async () => {
  for (const network of networks.splice(0)) await network.stop();
});

async function linked(network: VirtualLinkNetwork, profile?: string): Promise<[VirtualPeer, VirtualPeer]> {
  const options = profile === undefined ? {} : { profile };
  const a = await network.addPeer(options);
  const b = await network.addPeer(options);
  a.port.dial(b.id);
  await network.until('the link', () => a.isUpWith(b.id) && b.isUpWith(a.id));
  return [a, b];
}

function codes(network: VirtualLinkNetwork, kind: 'signalDropped' | 'signalUnsent' | 'linkEnded'): unknown[] {
  return network.trace.flatMap(({ event }) => (event.kind === kind ? [event.code] : []));
}

describe('liveness', () => {
  it('[LNK-21] ends a link whose other side was killed after 10 s without a sign of it', async () => {
    const network = networkOf('killed');
    const [a, b] = await linked(network);
    await network.time.advance(2000);
    network.vanish(b);
    const from = network.time.now();
    await network.until('the end', () => a.of('down').length > 0);
    expect(a.of('down')[0]).toMatchObject({ reason: 'silent' });
    expect(network.time.now() - from).toBeGreaterThan(SILENT_MS - HEARTBEAT_MS - 100);
    expect(network.time.now() - from).toBeLessThanOrEqual(SILENT_MS + 600);
  });

  it('[LNK-20] keeps a quiet link up', async () => {
    const network = networkOf('quiet');
    const [a, b] = await linked(network);
    await network.time.advance(120_000);
    expect([a.isUpWith(b.id), b.isUpWith(a.id)]).toEqual([true, true]);
    expect(a.port.stats(b.id)?.rttMs).toBeGreaterThan(8);
  });

  it('[LNK-21] suspects nobody after a sleep of its own', async () => {
    const network = networkOf('sleep');
    const [a, b] = await linked(network);
    network.time.sleep(3_600_000);
    await network.time.advance(10_000);
    expect([a.isUpWith(b.id), b.isUpWith(a.id)]).toEqual([true, true]);
    expect(network.trace.some(({ event }) => event.kind === 'lag' && event.ms > 3_000_000)).toBe(true);
  });
});

describe('hanging up', () => {
  it('[LNK-22] ends what is reported at once, messages of the same frame included', async () => {
    const network = networkOf('hang up');
    const [a, b] = await linked(network);
    const note = b.received.bind(b);
    b.received = (peer, message, lane) => {
      note(peer, message, lane);
      b.call((port) => {
        port.hangUp(a.id, 'replaced');
      });
    };
    for (let i = 0; i < 3; i++) a.port.send(b.id, Uint8Array.of(i), 'control');
    await network.until('the goodbye', () => a.of('down').length > 0);
    expect(b.of('received')).toHaveLength(1);
    expect(b.of('down')).toEqual([]);
  });
});

describe('failures', () => {
  it('[LNK-52] a dial that nobody hears is repeated once and fails after 3 s', async () => {
    const network = networkOf('nobody');
    const a = await network.addPeer();
    const b = await network.addPeer();
    network.vanish(b);
    const from = network.time.now();
    a.port.dial(b.id);
    await network.until('the failure', () => a.of('dialFailed').length > 0);
    expect(a.of('dialFailed')).toEqual([{ kind: 'dialFailed', peer: b.id, reason: 'timeout' }]);
    expect(network.time.now() - from).toBeGreaterThanOrEqual(UNANSWERED_MS);
    expect(network.time.now() - from).toBeLessThanOrEqual(UNANSWERED_MS + 600);
    const sent = network.trace.filter(({ peer, event }) => peer === a.id && event.kind === 'signalSent');
    const dials = sent.filter(({ event }) => 'signal' in event && ['ask', 'offer'].includes(event.signal));
    expect(dials).toHaveLength(2);
    await network.time.advance(2000);
    expect(network.connections.live).toBe(0);
  });

  it('[LNK-52] a dial fails at once when the server is down and there is no other way', async () => {
    const network = networkOf('no way');
    const a = await network.addPeer();
    const b = await network.addPeer();
    await network.useSignaling(false);
    await network.until('the state', () => a.of('signaling').at(-1)?.state === 'down');
    a.call((port) => port.dial(b.id));
    await network.time.advance(1);
    expect(a.of('dialFailed')).toEqual([{ kind: 'dialFailed', peer: b.id, reason: 'closed' }]);
  });

  it('[LNK-52] does not count the time that we slept', async () => {
    const network = networkOf('slept while dialling');
    const a = await network.addPeer();
    const b = await network.addPeer();
    network.connections.unreachable.add([a.id, b.id].sort().join(' ')); // so that no link comes of it meanwhile
    await network.time.advance(100);
    a.port.dial(b.id);
    await network.time.advance(5);
    network.time.sleep(60_000);
    await network.time.advance(2000);
    expect(a.of('dialFailed')).toEqual([]);
  });

  it('[LNK-49] two that find no path are told so, on both sides', async () => {
    const network = networkOf('no path');
    const a = await network.addPeer();
    const b = await network.addPeer();
    network.connections.unreachable.add([a.id, b.id].sort().join(' '));
    a.port.dial(b.id);
    await network.until('the failure', () => a.of('dialFailed').length + b.of('dialFailed').length === 2);
    expect([a.of('dialFailed')[0]?.reason, b.of('dialFailed')[0]?.reason]).toEqual([
      'iceFailed',
      'iceFailed',
    ]);
  });

  it('[LNK-38] a way that brought no answer is not tried first again', async () => {
    const network = networkOf('other way');
    const a = await network.addPeer({ profile: 'p' });
    const b = await network.addPeer({ profile: 'p' });
    await network.time.advance(100);
    network.breakChannels(); // b is still on the server
    a.port.dial(b.id);
    await network.until('the failure', () => a.of('dialFailed').length > 0);
    a.port.dial(b.id);
    await network.until('the link', () => a.isUpWith(b.id));
    expect(a.of('up')[0]?.facts.browserLocal).toBe(false);
  });

  it('[LNK-2] a peer that sends garbage loses its link with a code, and nobody else does', async () => {
    const network = networkOf('garbage');
    const [a, b] = await linked(network);
    const c = await network.addPeer();
    c.port.dial(a.id);
    await network.until('the third link', () => c.isUpWith(a.id) && a.isUpWith(c.id));
    network.connections.tamper = (frame, from) => (from === b.id ? [Uint8Array.of(9, 9)] : [frame]);
    b.port.send(a.id, utf8('hello'), 'journal');
    await network.until('the end', () => a.of('down').length > 0 && b.of('down').length > 0);
    expect(a.of('down')).toEqual([{ kind: 'down', peer: b.id, reason: 'protocolError' }]);
    expect(b.of('down')).toEqual([{ kind: 'down', peer: a.id, reason: 'protocolError' }]);
    expect(codes(network, 'linkEnded')).toContain('version');
    expect([a.of('received'), a.isUpWith(c.id)]).toEqual([[], true]);
  });

  it('[LNK-3] a frame sent twice ends the link', async () => {
    const network = networkOf('replay');
    const [a, b] = await linked(network);
    network.connections.tamper = (frame) => [frame, frame];
    b.port.send(a.id, utf8('once'), 'journal');
    await network.until('the end', () => a.of('down').length > 0);
    expect(a.of('received')).toHaveLength(1);
    expect(codes(network, 'linkEnded')).toContain('replayed');
  });

  it('[LNK-3] frames that overtake one another are put right', async () => {
    const network = networkOf('reorder');
    const [a, b] = await linked(network);
    await network.time.advance(100);
    let kept: Uint8Array<ArrayBuffer> | undefined;
    network.connections.tamper = (frame, from) => {
      if (from !== b.id) return [frame];
      const pair = kept === undefined ? [] : [frame, kept];
      kept = kept === undefined ? frame : undefined;
      return pair;
    };
    for (let i = 0; i < 6; i++) {
      b.port.send(a.id, Uint8Array.of(i), 'journal');
      await network.time.advance(1);
    }
    await network.until('all', () => a.of('received').length === 6);
    expect(a.of('received').map(({ message }) => message[0])).toEqual([0, 1, 2, 3, 4, 5]);
    expect(a.of('down')).toEqual([]);
  });
});

describe('signaling', () => {
  it('[LNK-60] [LNK-61] survives the server: links stay, and it comes back and announces itself', async () => {
    const network = networkOf('server');
    const [a, b] = await linked(network);
    await network.useSignaling(false);
    await network.time.advance(20_000);
    expect([a.isUpWith(b.id), a.of('signaling').at(-1)?.state]).toEqual([true, 'down']);
    await network.useSignaling(true);
    const known = b.of('discovered').length;
    await network.until('the return', () => a.of('signaling').at(-1)?.state === 'connected');
    await network.until('an announcement', () => b.of('discovered').length > known);
    expect(a.of('down')).toEqual([]);
  });

  it('[LNK-37] [LNK-64] malformed, foreign and misaddressed publications are dropped with a code', async () => {
    const network = networkOf('malformed');
    const [a, b] = await linked(network);
    const before = [a.events.length, b.events.length];
    const publish = (data: unknown): string => JSON.stringify({ type: 'publish', topic: 'x', data });
    for (const data of [7, null, {}, [], '!', 'AAAA', 'A'.repeat(60_000), ''])
      network.server.broadcast(publish(data));
    for (const frame of ['not json', 12, undefined, '{"type":"publish"}']) network.server.broadcast(frame);
    await network.time.advance(100);
    expect([a.events.length, b.events.length]).toEqual(before);
    expect(new Set(codes(network, 'signalDropped'))).toEqual(new Set(['notText', 'unsealable', 'malformed']));
  });

  it('[LNK-37] an announcement to one peer, or anything else to the room, is misaddressed', async () => {
    const network = networkOf('misaddressed');
    const a = await network.addPeer();
    const stranger = digest('test/peer', utf8('stranger')) as string as PeerId;
    const publish = async (kind: 'announce' | 'here', to: PeerId | undefined): Promise<void> => {
      const sealed = await standInSealer.seal(
        encodeSignal({ from: stranger, body: { kind, component: undefined } }),
        to,
      );
      const topic = to === undefined ? roomTopic(TOPIC) : peerTopic(TOPIC, to);
      network.server.broadcast(JSON.stringify({ type: 'publish', topic, data: toBase64Url(sealed) }));
      await network.time.advance(10);
    };
    await publish('announce', a.id);
    await publish('here', undefined);
    expect(a.of('discovered')).toEqual([]);
    expect(codes(network, 'signalDropped')).toEqual(['misaddressed', 'misaddressed']);
    await publish('announce', undefined);
    await publish('here', a.id);
    expect(a.of('discovered')).toHaveLength(2);
  });

  it('[LNK-39] says in announcements and replies what the owner last said of its component', async () => {
    const network = networkOf('component');
    const a = await network.addPeer();
    const component = utf8('sixteen bytes!!!');
    a.call((port) => port.belong(component));
    const b = await network.addPeer();
    await network.time.advance(100);
    expect(b.of('discovered')).toMatchObject([{ peer: a.id, component }]);
    expect(a.of('discovered')).toMatchObject([{ peer: b.id, component: undefined }]);
    b.call((port) => port.belong(utf8('two')));
    await network.time.advance(2000);
    b.call((port) => port.announce());
    await network.time.advance(100);
    expect(a.of('discovered').at(-1)).toMatchObject({ peer: b.id, component: utf8('two') });
    expect(() => a.port.belong(utf8('seventeen bytes!!'))).toThrow('at most 16');
  });

  it('[LNK-31] announces at most once a second, and makes up for the last', async () => {
    const network = networkOf('announce');
    const a = await network.addPeer();
    await network.time.advance(2000);
    const sent = (): number =>
      network.trace.filter(({ event }) => event.kind === 'signalSent' && event.signal === 'announce').length;
    const before = sent();
    for (let i = 0; i < 10; i++) a.port.announce();
    await network.time.advance(900);
    expect(sent()).toBe(before + 1);
    await network.time.advance(200);
    expect(sent()).toBe(before + 2);
    await network.time.advance(5000);
    expect(sent()).toBe(before + 2);
  });

  it('[LNK-33] lets a newcomer to a large room know a few, not all', async () => {
    const network = networkOf('large room');
    for (let i = 0; i < 40; i++) await network.addPeer();
    await network.time.advance(5000);
    const newcomer = await network.addPeer();
    await network.time.advance(2000);
    const known = new Set(newcomer.of('discovered').map(({ peer }) => peer)).size;
    expect(known).toBeGreaterThanOrEqual(1);
    expect(known).toBeLessThanOrEqual(15);
  });

  it('[LNK-32] joins 16 peers at once with less than 150 kB from the server, each with 4 links', async () => {
    const network = networkOf('sixteen');
    const peers: VirtualPeer[] = [];
    for (let i = 0; i < 16; i++) peers.push(await network.addPeer());
    const wants = (owner: LinkOwner): boolean => owner.of('up').length < 4;
    const dialNext = (owner: LinkOwner): void => {
      const known = [...new Set(owner.of('discovered').map(({ peer }) => peer))];
      const next = known.find((peer) => !owner.isUpWith(peer));
      if (next !== undefined && wants(owner)) owner.port.dial(next);
    };
    await network.until('four links each', () => {
      peers.forEach(dialNext);
      return !peers.some(wants);
    });
    expect(network.server.sentBytes).toBeLessThan(150_000);
  });
});

describe('resources', () => {
  it('[LNK-9] keeps the channel short, so that control is not behind bulk', async () => {
    const network = networkOf('channel');
    const [a, b] = await linked(network);
    for (let i = 0; i < 6; i++) a.port.send(b.id, new Uint8Array(1024 * 1024), 'bulk');
    let most = 0;
    await network.until('all bulk', () => {
      most = Math.max(most, network.connections.mostBuffered);
      return b.of('received').length === 6;
    });
    expect(most).toBeGreaterThan(CHANNEL_BYTES / 2);
    expect(most).toBeLessThan(CHANNEL_BYTES + MAX_FRAME_BYTES);
  });

  it('[LNK-7] sends many small messages of one moment in one frame', async () => {
    const network = networkOf('coalesce');
    const [a, b] = await linked(network);
    await network.time.advance(100);
    let frames = 0;
    network.connections.tamper = (frame, from) => {
      frames += from === a.id ? 1 : 0;
      return [frame];
    };
    for (let i = 0; i < 100; i++) a.port.send(b.id, new Uint8Array(50), 'journal');
    await network.until('all', () => b.of('received').length === 100);
    expect(frames).toBe(1);
  });

  it('[LNK-47] opens no more connections than its budget, and says busy', async () => {
    const network = networkOf('budget');
    const a = await network.addPeer({ name: 'the busy one' });
    const others = await Promise.all(
      Array.from({ length: MAX_NEW_PER_MINUTE + 20 }, () => network.addPeer()),
    );
    for (const other of others) {
      a.port.dial(other.id);
      await network.time.advance(100);
      a.port.hangUp(other.id, 'replaced');
    }
    await network.time.advance(2000);
    const busy = a.of('dialFailed').filter(({ reason }) => reason === 'busy');
    expect(busy.length).toBeGreaterThanOrEqual(20);
    const spent = network.trace.filter(({ peer, event }) => peer === a.id && event.kind === 'budgetSpent');
    expect(spent.map(({ event }) => event)).toEqual(
      busy.map(() => ({ kind: 'budgetSpent', code: 'minute' })),
    );
    expect(network.connections.createdBy(a.id)).toBeLessThanOrEqual(MAX_NEW_PER_MINUTE);
  });

  it('[LNK-23] frees every connection when it stops', async () => {
    const network = networkOf('stop');
    const [a, b] = await linked(network);
    const c = await network.addPeer();
    c.port.dial(b.id);
    await network.time.advance(2); // in the middle of it
    for (const owner of [a, b, c]) owner.port.stop();
    await network.time.advance(LINGER_MS + 100);
    expect(network.connections.live).toBe(0);
  });

  it('[LNK-23] closes no connection before its goodbye was heard', async () => {
    const network = networkOf('goodbye');
    const [a, b] = await linked(network);
    network.connections.losesOnClose = true;
    a.port.stop();
    await network.until('the end', () => b.of('down').length > 0);
    expect(b.of('down')).toEqual([{ kind: 'down', peer: a.id, reason: 'goodbye' }]);
    await network.time.advance(20); // far less than it would wait for somebody who hears nothing
    expect(network.connections.live).toBe(0);
  });

  it.each([
    [false, LINGER_MS],
    [true, 0],
  ])(
    '[LNK-23] waits a second for somebody who hears nothing, unless the page goes away (%s)',
    async (isPageGone, waitMs) => {
      const network = networkOf('deaf');
      const [a, b] = await linked(network);
      network.vanish(b);
      a.port.stop(isPageGone);
      await network.time.advance(Math.max(0, waitMs - 10));
      expect(network.connections.live).toBe(2);
      await network.time.advance(20);
      expect(network.connections.live).toBe(1);
    },
  );
});
