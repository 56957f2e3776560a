/** The passive view, and the shuffles that keep it mixed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerId } from '../../../src/kernel/ids.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import {
  MAX_PASSIVE,
  SHUFFLE_MAX_MS,
  SHUFFLE_MIN_MS,
  SHUFFLE_SAMPLE,
  SHUFFLE_TTL,
} from '../../../src/overlay/limits.ts';
import type { MessageOf, OverlayMessage } from '../../../src/overlay/messages.ts';
import { Directory } from '../../../src/overlay/directory.ts';
import { PassiveView } from '../../../src/overlay/passive-view.ts';
import { Shuffles } from '../../../src/overlay/shuffle.ts';
import {
  adjacency,
  announcement,
  connectedGraphs,
  effectsOf,
  peer,
  SELF,
  sends,
  started,
  views,
} from './overlay-fixture.ts';

const [A, B, C] = [peer(1), peer(2), peer(3)] as const;
const members = (passive: PassiveView): PeerId[] => [...passive.candidates()].map((entry) => entry.peer);

describe('passive view', () => {
  it('[OVL-12] never more than 30, never ourselves, a neighbour, or a peer twice', () => {
    const additions = fc.array(fc.tuple(fc.nat(80), fc.uniqueArray(fc.nat(80), { maxLength: 8 })), {
      maxLength: 200,
    });
    const property = fc.property(additions, (all) => {
      const { passive, link } = views();
      link(A);
      for (const [n, unneeded] of all) {
        passive.add(n === 80 ? SELF : peer(n), 0, unneeded.map(peer));
        expect(passive.size).toBeLessThanOrEqual(MAX_PASSIVE);
        expect(members(passive)).not.toContain(A);
      }
      passive.add(SELF, 0);
      expect(passive.has(SELF)).toBe(false);
    });
    fc.assert(property, { seed: 11, numRuns: 60 });
  });

  it('[OVL-12] a full one gives up what a shuffle sent away, else one by lot, never the newcomer', () => {
    const { passive } = views();
    for (let n = 0; n < MAX_PASSIVE; n++) passive.add(peer(n), 0);
    passive.add(peer(500), 0, [peer(777), peer(7)]);
    expect([passive.has(peer(7)), passive.has(peer(500)), passive.size]).toEqual([false, true, MAX_PASSIVE]);
    passive.add(peer(501), 0);
    expect([passive.has(peer(501)), passive.size]).toEqual([true, MAX_PASSIVE]);
  });

  it('[OVL-13] who is gone or hopeless is dropped, and reachable peers fill it up', () => {
    const { passive, directory, link, hear } = views();
    link(A);
    for (const each of [B, C]) passive.add(each, 0);
    directory.markGone(B, 'left');
    const entry = directory.get(C);
    if (entry !== undefined) entry.failures = 5;
    const far = Array.from({ length: MAX_PASSIVE + 10 }, (_, i) => peer(300 + i));
    hear(A, announcement(A, 1, [SELF, ...far]));
    for (const each of far) hear(A, announcement(each, 1, [A]));
    passive.maintain();
    expect([passive.has(B), passive.has(C), passive.size]).toEqual([false, false, MAX_PASSIVE]);
    expect(members(passive).every((each) => directory.get(each)?.reachable)).toBe(true);
  });

  it('[OVL-13] discoveries, contacts of a refusal and remembered peers get into it', () => {
    const driven = started();
    driven.step({ kind: 'command', command: { type: 'remember', peers: [A] } });
    driven.step({ kind: 'discovered', peer: B, via: 'signaling' });
    const dials = driven.step({ kind: 'dialFailed', peer: B, reason: 'busy', contacts: [C] }, 1);
    const all = [...dials, ...driven.run(5_000)];
    const dialled = new Set(all.flatMap((effect) => (effect.kind === 'dial' ? [effect.peer] : [])));
    expect(dialled).toEqual(new Set([A, B, C]));
  });
});

describe('shuffles', () => {
  interface Walker {
    readonly links: Set<PeerId>;
    readonly passive: PassiveView;
    readonly shuffles: Shuffles;
  }

  function walker(self: PeerId, neighbours: readonly PeerId[]): Walker {
    const links = new Set(neighbours);
    const passive = new PassiveView(self, new Directory(self), links, randomFrom(`passive ${self}`));
    const shuffles = new Shuffles({ self, links, passive, random: randomFrom(`shuffle ${self}`) });
    shuffles.start(0);
    return { links, passive, shuffles };
  }

  function hand(
    to: Walker,
    from: PeerId,
    message: OverlayMessage,
  ): readonly { to: PeerId; message: OverlayMessage }[] {
    return sends(
      effectsOf((out) => {
        if (message.kind === 'shuffle') to.shuffles.received(from, message, 0, out);
        if (message.kind === 'shuffleReply') to.shuffles.replied(from, message, 0, out);
      }),
    );
  }

  it('[OVL-14] begin every 15 to 30 s with a bounded sample of both views', () => {
    const { shuffles, passive } = walker(SELF, [A, B, C]);
    for (let n = 200; n < 220; n++) passive.add(peer(n), 0);
    const times: number[] = [];
    for (let now = 0; now < 300_000; now += 100)
      for (const { message, to } of sends(effectsOf((out) => shuffles.maintain(now, out)))) {
        times.push(now);
        const { path, ttl, sample } = message as MessageOf<'shuffle'>;
        expect([path, ttl, sample.length]).toEqual([[SELF], SHUFFLE_TTL, SHUFFLE_SAMPLE]);
        expect(sample).not.toContain(to);
        expect(new Set(sample).size).toBe(sample.length);
      }
    for (const [i, at] of times.entries()) {
      expect(at - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(SHUFFLE_MIN_MS);
      expect(at - (times[i - 1] ?? 0)).toBeLessThanOrEqual(SHUFFLE_MAX_MS + 100);
    }
  });

  it('[OVL-14] walk to another peer and back along the same path, and both ends learn of the other’s sample', () => {
    const property = fc.property(connectedGraphs(3, 20), fc.nat(), ({ size, pairs }, from) => {
      const lists = adjacency(size, pairs);
      const walkers = lists.map((list, n) => walker(peer(n), list.map(peer)));
      const numberOf = new Map(walkers.map((_, n) => [peer(n), n]));
      const start = from % size;
      const beginner = walkers[start];
      beginner?.passive.add(peer(700), 0);
      let sending: readonly { to: PeerId; message: OverlayMessage }[] = sends(
        effectsOf((out) => beginner?.shuffles.maintain(SHUFFLE_MAX_MS, out)),
      );
      let at = start;
      let crossed = 0;
      let end = -1;
      while (sending.length > 0) {
        expect(sending).toHaveLength(1);
        const [next] = sending;
        if (next === undefined) break;
        const to = numberOf.get(next.to) ?? -1;
        expect(lists[at]).toContain(to);
        const target = walkers[to];
        if (target === undefined) break;
        if (next.message.kind === 'shuffle') crossed += 1;
        const isTurn = next.message.kind === 'shuffle';
        sending = hand(target, peer(at), next.message);
        if (isTurn && sending[0]?.message.kind === 'shuffleReply') end = to;
        at = to;
      }
      expect(crossed).toBeLessThanOrEqual(SHUFFLE_TTL);
      expect([at, end === -1]).toEqual([start, false]);
      expect(walkers[end]?.passive.has(peer(700))).toBe(true);
    });
    fc.assert(property, { seed: 12, numRuns: 60 });
  });

  it('[OVL-14] false paths and answers to nobody go nowhere', () => {
    const self = walker(SELF, [A, B]);
    const shuffle = (path: readonly PeerId[], ttl = 6): OverlayMessage => ({
      kind: 'shuffle',
      path,
      ttl,
      sample: [C],
    });
    expect(hand(self, A, shuffle([C, B]))).toEqual([]);
    expect(hand(self, A, shuffle([SELF, A]))).toEqual([]);
    expect(hand(self, A, shuffle([]))).toEqual([]);
    expect(hand(self, C, shuffle([C]))).toEqual([]);
    expect(hand(self, A, { kind: 'shuffleReply', path: [C], sample: [] })).toEqual([]);
    expect(hand(self, C, { kind: 'shuffleReply', path: [], sample: [peer(9)] })).toEqual([]);
    expect(self.passive.has(peer(9))).toBe(false);
    expect(hand(self, A, shuffle([A], 0))).toMatchObject([
      { to: A, message: { kind: 'shuffleReply', path: [] } },
    ]);
  });
});
