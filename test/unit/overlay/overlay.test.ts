/** The overlay as one machine: its life, and whatever its neighbours send. Whole swarms are in test/sim/overlay.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalBytes, utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import { MAX_COMPONENT_BYTES } from '../../../src/kernel/machine.ts';
import { MAX_PLACES } from '../../../src/overlay/limits.ts';
import { gossipId, originOf, type OverlayMessage } from '../../../src/overlay/messages.ts';
import {
  announcement,
  dialled,
  events,
  peer,
  SELF,
  sent,
  SIGNATURE,
  started,
  unstarted,
} from './overlay-fixture.ts';

const [A, B, C] = [peer(1), peer(2), peer(3)] as const;

describe('the life of an overlay', () => {
  it('[OVL-62] before its start it lets nobody in, and remembers whom it is told of', () => {
    const driven = unstarted();
    expect(driven.step({ kind: 'asked', peer: A })).toEqual([{ kind: 'answer', peer: A, accept: false }]);
    expect(driven.step({ kind: 'linkUp', peer: A })).toEqual([
      { kind: 'hangUp', peer: A, reason: 'goodbye' },
    ]);
    expect(driven.step({ kind: 'command', command: { type: 'remember', peers: [B] } })).toEqual([]);
    const begun = driven.step({ kind: 'command', command: { type: 'start', wallMs: 5 } });
    expect(events(begun, 'announce')).toHaveLength(1);
    expect(dialled(driven.run(2_000))).toEqual([B]);
  });

  it('[OVL-62] leaving says goodbye to everybody, stops the timers, and nothing happens afterwards', () => {
    const driven = started();
    driven.link(A);
    driven.step({ kind: 'asked', peer: B });
    const effects = driven.step({ kind: 'command', command: { type: 'leaving' } }, 10);
    expect(effects).toEqual([
      { kind: 'emit', event: { type: 'neighbourDown', peer: A } },
      { kind: 'hangUp', peer: A, reason: 'goodbye' },
      { kind: 'hangUp', peer: B, reason: 'goodbye' },
      { kind: 'disarm', timer: 'overlay/tick' },
      { kind: 'disarm', timer: 'overlay/broadcast' },
      { kind: 'disarm', timer: 'overlay/onward' },
    ]);
    expect(driven.fire(1e9)).toBeUndefined();
    expect(driven.step({ kind: 'asked', peer: C }, 11)).toEqual([{ kind: 'answer', peer: C, accept: false }]);
    expect(driven.receive(A, { kind: 'prune', origin: originOf(B) }, 12)).toEqual([]);
    expect(driven.step({ kind: 'command', command: { type: 'start', wallMs: 9 } }, 13)).toEqual([]);
  });

  it('[OVL-63] a sleep is announced before, and after it nobody is lost and everybody hears from us', () => {
    const driven = started();
    driven.link(A);
    driven.receive(A, { kind: 'announcements', hops: 1, announcements: [announcement(A, 1, [SELF, B])] });
    driven.receive(A, { kind: 'announcements', hops: 1, announcements: [announcement(B, 1, [A])] });
    driven.run(1_000);
    const sleeping = driven.step({ kind: 'command', command: { type: 'sleeping' } }, 1_000);
    expect(sleeping.some((effect) => effect.kind === 'sign')).toBe(true);
    const said = driven.step({ kind: 'signed', tag: 'overlay/announcement', signature: SIGNATURE }, 1_000);
    expect(sent(said, 'announcements')[0]?.message.announcements[0]).toMatchObject({
      peer: SELF,
      asleep: true,
    });
    const woke = driven.step({ kind: 'command', command: { type: 'woke', sleptMs: 600_000 } }, 601_500);
    expect(sent(woke, 'heartbeat')).toMatchObject([{ to: A, message: { isProbe: true } }]);
    expect(driven.overlay.neighbours()).toEqual([A]);
    expect(driven.overlay.summary().reachablePeers).toBe(2);
    driven.receive(A, { kind: 'heartbeat', count: 1, echo: 0, heldMs: 0, isProbe: false }, 601_600);
    expect(events([...woke, ...driven.run(602_600)], 'announce')).toHaveLength(1);
  });

  it('[OVL-63] who said that it sleeps is shown asleep', () => {
    const driven = started();
    driven.link(A);
    const asleep = announcement(B, 1, [A], { asleep: true, load: 40, capabilities: ['x'] });
    driven.receive(
      A,
      { kind: 'announcements', hops: 1, announcements: [announcement(A, 1, [SELF, B]), asleep] },
      1,
    );
    driven.run(500);
    expect(driven.overlay.summary()).toMatchObject({ knownPeers: 2, partition: 'none', missingPeers: 0 });
    expect(driven.overlay.summary().peers).toContainEqual({
      ...{ peer: B, lastHeardAt: 1, degree: 1, asleep: true, reachable: true, relayed: false },
      ...{ load: 40, capabilities: ['x'] },
    });
  });

  it('[OVL-54] the component is told as it changes, and whoever has the same is not dialled as a foreigner', () => {
    const driven = started();
    const names = [...driven.link(A), ...driven.link(B), ...driven.link(C), ...driven.run(300)];
    const [last] = events(names, 'component').slice(-1);
    expect(last?.component.length).toBe(MAX_COMPONENT_BYTES);
    const name = last?.component ?? utf8('');
    const discover = (n: number, component: Bytes): readonly string[] => {
      driven.step({ kind: 'discovered', peer: peer(n), via: 'signaling', component }, 400);
      for (const each of [A, B, C])
        driven.receive(each, { kind: 'heartbeat', count: 1, echo: 0, heldMs: 0, isProbe: false }, 500);
      return dialled(driven.run(2_400));
    };
    expect(discover(60, name)).toEqual([]);
    expect(equalBytes(name, utf8('another'))).toBe(false);
    expect(discover(61, utf8('another'))).toEqual([peer(61)]);
  });
});

describe('whatever neighbours send', () => {
  const who = fc.integer({ min: 0, max: 9 }).map((n) => (n === 0 ? SELF : peer(n)));
  const payload = fc.nat(5).map((n) => utf8(`${n}`));
  const counter = fc.oneof(fc.nat(20), fc.constant(Number.MAX_SAFE_INTEGER));
  const hops = fc.nat(32);
  const ttl = fc.nat(8);
  const origin = who.map(originOf);
  const list = fc.uniqueArray(who, { maxLength: 5 });
  const messages: fc.Arbitrary<OverlayMessage> = fc.oneof(
    fc.tuple(payload, origin, hops).map(([each, from, crossed]): OverlayMessage => ({
      ...{
        kind: 'gossip',
        id: gossipId(each),
        origin: from,
        hops: crossed,
        age: 0,
        lane: 'journal',
        payload: each,
      },
    })),
    fc.tuple(payload, origin, fc.boolean()).map(([each, from, large]): OverlayMessage => ({
      ...{ kind: 'ihave', mentions: [{ id: gossipId(each), origin: from, hops: 1, large, age: 0 }] },
    })),
    fc.tuple(payload, origin, fc.boolean()).map(([each, from, branch]): OverlayMessage => ({
      kind: 'graft',
      id: gossipId(each),
      origin: from,
      branch,
    })),
    origin.map((each): OverlayMessage => ({ kind: 'prune', origin: each })),
    fc
      .tuple(counter, counter, counter, fc.boolean())
      .map(([count, echo, heldMs, isProbe]): OverlayMessage => ({
        kind: 'heartbeat',
        count,
        echo,
        heldMs,
        isProbe,
      })),
    fc
      .tuple(who, counter, list, hops, fc.boolean())
      .map(([of, count, others, crossed, asleep]): OverlayMessage => ({
        ...{
          kind: 'announcements',
          hops: crossed,
          announcements: [announcement(of, count, others, { asleep })],
        },
      })),
    fc.tuple(who, counter, who).map(([suspect, count, witness]): OverlayMessage => ({
      ...{ kind: 'silences', silences: [{ suspect, counter: count, witness, signature: SIGNATURE }] },
    })),
    fc.tuple(who, counter).map(([root, count]): OverlayMessage => ({
      kind: 'pulse',
      root,
      counter: count,
      signature: SIGNATURE,
    })),
    fc.tuple(list, ttl, list).map(([path, left, sample]): OverlayMessage => ({
      kind: 'shuffle',
      path,
      ttl: Math.min(left, 6),
      sample,
    })),
    fc.tuple(list, list).map(([path, sample]): OverlayMessage => ({ kind: 'shuffleReply', path, sample })),
    fc
      .tuple(who, ttl)
      .map(([to, left]): OverlayMessage => ({ kind: 'introduction', to, ttl: left, sealed: utf8('s') })),
    fc.tuple(who, who, counter, ttl, payload).map(([from, to, number, left, each]): OverlayMessage => ({
      ...{ kind: 'routed', from, to, number, ttl: left, lane: 'bulk', payload: each },
    })),
    fc
      .tuple(who, who, counter, ttl)
      .map(([from, to, number, left]): OverlayMessage => ({ kind: 'arrived', from, to, number, ttl: left })),
  );

  it('[OVL-1, OVL-29, OVL-38, OVL-49] nothing is thrown, sent to strangers, delivered twice, or grows beyond its places', () => {
    const input = fc.tuple(fc.constantFrom(1, 2, 3, 4), messages, fc.nat(400));
    const property = fc.property(fc.array(input, { maxLength: 80 }), (inputs) => {
      const driven = started();
      for (const n of [1, 2, 3]) driven.link(peer(n));
      const delivered: string[] = [];
      let now = 0;
      for (const [from, message, wait] of inputs) {
        now += wait;
        const before = new Set(driven.overlay.neighbours());
        driven.overlay.checks(message);
        const effects = [...driven.receive(peer(from), message, now)];
        const fired = driven.fire(now);
        for (const { to } of sent(effects, 'gossip')) expect(before.has(to)).toBe(true);
        if (fired !== undefined) effects.push(...fired.effects);
        delivered.push(...events(effects, 'delivered').map((event) => gossipId(event.payload)));
        expect(driven.overlay.neighbours().length).toBeLessThanOrEqual(MAX_PLACES);
        driven.overlay.summary();
      }
      expect(new Set(delivered).size).toBe(delivered.length);
    });
    fc.assert(property, { seed: 15, numRuns: 150 });
  });
});
