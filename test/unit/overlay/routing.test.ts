/** What goes to one peer, linked with us or not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/kernel/bytes.ts';
import type { PeerId } from '../../../src/kernel/ids.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import { Directory } from '../../../src/overlay/directory.ts';
import {
  MAX_INTRODUCTION_BYTES,
  MAX_ROUTED_BYTES,
  MAX_ROUTED_NUMBERS,
  MAX_ROUTED_PER_WINDOW,
  MAX_ROUTED_SENDERS,
  MAX_UNICAST_TRIES,
  MAX_UNICASTS,
  ROUTE_TTL,
  ROUTED_WINDOW_MS,
  UNICAST_RETRY_MS,
} from '../../../src/overlay/limits.ts';
import type { MessageOf, OverlayMessage } from '../../../src/overlay/messages.ts';
import { NumbersSeen } from '../../../src/overlay/numbers-seen.ts';
import { Routing } from '../../../src/overlay/routing.ts';
import {
  adjacency,
  announcement,
  connectedGraphs,
  effectsOf,
  events,
  peer,
  SELF,
  sends,
  sent,
} from './overlay-fixture.ts';

const [A, B, C, GOAL, STRANGER] = [peer(1), peer(2), peer(3), peer(5), peer(7)] as const;
const sealed = utf8('sealed');
const payload = utf8('payload');

interface Bench {
  readonly directory: Directory;
  readonly links: Set<PeerId>;
  readonly routing: Routing;
  readonly receive: (from: PeerId, message: OverlayMessage, now?: number) => ReturnType<typeof effectsOf>;
  readonly unicast: (to: PeerId, now?: number, token?: string) => ReturnType<typeof effectsOf>;
  readonly elapsed: (now: number) => ReturnType<typeof effectsOf>;
}

/** GOAL is linked with A and B; its latest announcement came through B. C leads nowhere. */
function bench(): Bench {
  const directory = new Directory(SELF);
  const links = new Set([A, B, C]);
  directory.heard(announcement(A, 1, [SELF, GOAL]), A, 0);
  directory.heard(announcement(B, 1, [SELF, GOAL]), B, 0);
  directory.heard(announcement(GOAL, 1, [A, B]), B, 0);
  directory.walk(links, 0);
  const routing = new Routing(SELF, directory, links, randomFrom('routing'));
  routing.start(1_000);
  return {
    directory,
    links,
    routing,
    receive: (from, message, now = 0) =>
      effectsOf((out) => {
        if (message.kind === 'introduction' || message.kind === 'routed' || message.kind === 'arrived')
          routing.received(from, message, now, out);
      }),
    unicast: (to, now = 0, token = 'token') =>
      effectsOf((out) => {
        routing.unicast({ to, payload, lane: 'bulk', token }, now, out);
      }),
    elapsed: (now) =>
      effectsOf((out) => {
        routing.elapsed(now, out);
      }),
  };
}

const routed = (number: number, rest: Partial<MessageOf<'routed'>> = {}): MessageOf<'routed'> => ({
  ...{ kind: 'routed', from: GOAL, to: SELF, number, ttl: 3, lane: 'bulk', payload },
  ...rest,
});

describe('the next hop', () => {
  it('[OVL-36] is the goal itself, else who brought its latest announcement first, else a shortest path, else nobody', () => {
    const { routing, links } = bench();
    expect(routing.nextHop(A)).toBe(A);
    expect(routing.nextHop(GOAL)).toBe(B);
    expect(routing.nextHop(GOAL, new Set([B]))).toBe(A);
    links.delete(B);
    expect(routing.nextHop(GOAL)).toBe(A);
    expect(routing.nextHop(STRANGER)).toBeUndefined();
  });
});

describe('introductions', () => {
  const introduction = (to: PeerId, ttl: number): OverlayMessage => ({
    kind: 'introduction',
    to,
    ttl,
    sealed,
  });

  it('[OVL-37] end at their goal, move on elsewhere but never back, and die after their hops', () => {
    const { receive, links } = bench();
    expect(receive(A, introduction(SELF, 0))).toEqual([
      { kind: 'emit', event: { type: 'introduced', sealed } },
    ]);
    expect(sends(receive(B, introduction(GOAL, 3)))).toMatchObject([{ to: A, message: { ttl: 2 } }]);
    expect(receive(A, introduction(GOAL, 0))).toEqual([]);
    links.clear();
    links.add(A);
    expect(receive(A, introduction(STRANGER, 3))).toEqual([]);
  });

  it('[OVL-37] try a random neighbour when no path is known on the way, and are not sent when none is known at home', () => {
    const { receive, routing } = bench();
    const [onward] = sends(receive(A, introduction(STRANGER, 3)));
    expect([B, C]).toContain(onward?.to);
    const own = (to: PeerId) =>
      sends(
        effectsOf((out) => {
          routing.introduce(to, sealed, out);
        }),
      );
    expect(own(GOAL)).toMatchObject([{ to: B, message: { kind: 'introduction', ttl: ROUTE_TTL - 1 } }]);
    expect(own(STRANGER)).toEqual([]);
  });

  it('[OVL-37, OVL-39] our own are bounded in size', () => {
    const { routing } = bench();
    const out = { send: () => undefined } as never;
    expect(() => {
      routing.introduce(A, new Uint8Array(MAX_INTRODUCTION_BYTES + 1), out);
    }).toThrow();
    expect(() => {
      routing.unicast(
        { to: A, payload: new Uint8Array(MAX_ROUTED_BYTES + 1), lane: 'bulk', token: '' },
        0,
        out,
      );
    }).toThrow();
  });

  it('[OVL-39, OVL-71] beyond so many in ten seconds they are dropped, and nobody is blamed; strangers hand on none', () => {
    const { receive } = bench();
    for (let n = 0; n < MAX_ROUTED_PER_WINDOW; n++)
      expect(events(receive(A, introduction(SELF, 0)), 'introduced')).toHaveLength(1);
    expect(receive(A, introduction(SELF, 0), ROUTED_WINDOW_MS - 1)).toEqual([]);
    expect(events(receive(A, introduction(SELF, 0), ROUTED_WINDOW_MS), 'introduced')).toHaveLength(1);
    expect(events(receive(B, introduction(SELF, 0)), 'introduced')).toHaveLength(1);
    expect(receive(STRANGER, introduction(SELF, 0))).toEqual([]);
  });

  it('[OVL-71] a burst of unicasts and answers is bounded by itself, and leaves introductions their room', () => {
    const { receive } = bench();
    for (let n = 0; n < MAX_ROUTED_PER_WINDOW / 2; n++) {
      expect(events(receive(A, routed(n)), 'routed')).toHaveLength(1);
      receive(A, { kind: 'arrived', from: GOAL, to: SELF, number: n, ttl: 3 });
    }
    expect(receive(A, routed(MAX_ROUTED_PER_WINDOW))).toEqual([]);
    expect(events(receive(A, introduction(SELF, 0)), 'introduced')).toHaveLength(1);
    expect(events(receive(B, routed(MAX_ROUTED_PER_WINDOW)), 'routed')).toHaveLength(1);
  });
});

describe('unicasts', () => {
  it('[OVL-38] are acknowledged, and then done', () => {
    const { unicast, receive, routing } = bench();
    const [first] = sent(unicast(GOAL), 'routed');
    expect(first).toMatchObject({
      to: B,
      message: { from: SELF, to: GOAL, number: 1_001, ttl: ROUTE_TTL - 1 },
    });
    const arrived = { kind: 'arrived', from: GOAL, to: SELF, number: 1_001, ttl: 1 } as const;
    expect(receive(A, { ...arrived, from: A })).toEqual([]);
    expect(receive(A, { ...arrived, number: 1 })).toEqual([]);
    expect(receive(A, arrived)).toEqual([
      { kind: 'emit', event: { type: 'unicastDone', token: 'token', hasArrived: true } },
    ]);
    expect(receive(A, arrived)).toEqual([]);
    expect(routing.deadline()).toBeUndefined();
  });

  it('[OVL-38] that bring no answer are tried over other neighbours, later each time, and end as not arrived', () => {
    const { unicast, elapsed, routing } = bench();
    const hops = sent(unicast(GOAL), 'routed').map(({ to }) => to);
    const waits: number[] = [];
    let now = 0;
    for (let deadline = routing.deadline(); deadline !== undefined; deadline = routing.deadline()) {
      waits.push(deadline - now);
      now = deadline;
      const effects = elapsed(now);
      hops.push(...sent(effects, 'routed').map(({ to }) => to));
      const done = events(effects, 'unicastDone');
      if (done.length > 0) expect(done).toEqual([{ type: 'unicastDone', token: 'token', hasArrived: false }]);
    }
    expect(hops.slice(0, 3)).toEqual([B, A, C]);
    expect(hops).toHaveLength(MAX_UNICAST_TRIES);
    expect(waits).toEqual([1, 2, 4, 8, 16].map((n) => n * UNICAST_RETRY_MS));
  });

  it('[OVL-38] that went through a neighbour that is lost go over another at once', () => {
    const { unicast, routing, links } = bench();
    unicast(GOAL);
    links.delete(B);
    const effects = effectsOf((out) => {
      routing.neighbourDown(B, 10, out);
    });
    expect(sent(effects, 'routed').map(({ to }) => to)).toEqual([A]);
    const nothing = effectsOf((out) => {
      routing.neighbourDown(C, 20, out);
    });
    expect(nothing).toEqual([]);
  });

  it('[OVL-38] for us are delivered once and answered every time', () => {
    const { receive } = bench();
    const first = receive(A, routed(7));
    expect(events(first, 'routed')).toEqual([{ type: 'routed', from: GOAL, payload }]);
    expect(sent(first, 'arrived')).toMatchObject([{ to: B, message: { from: SELF, to: GOAL, number: 7 } }]);
    const again = receive(B, routed(7));
    expect([events(again, 'routed').length, sent(again, 'arrived').length]).toEqual([0, 1]);
  });

  it('[OVL-38, OVL-39] for others go on in their lane, with one hop less', () => {
    const { receive } = bench();
    const effects = receive(A, routed(7, { from: STRANGER, to: GOAL, ttl: 2 }));
    expect(effects).toMatchObject([
      { kind: 'send', to: B, lane: 'bulk', message: { ttl: 1, from: STRANGER } },
    ]);
    expect(receive(A, routed(7, { from: STRANGER, to: GOAL, ttl: 0 }))).toEqual([]);
  });

  it('[OVL-39] to ourselves, or more than may be open, fail at once', () => {
    const { unicast } = bench();
    expect(events(unicast(SELF), 'unicastDone')).toEqual([
      { type: 'unicastDone', token: 'token', hasArrived: false },
    ]);
    for (let n = 0; n < MAX_UNICASTS; n++) expect(events(unicast(GOAL), 'unicastDone')).toEqual([]);
    expect(events(unicast(GOAL), 'unicastDone')).toHaveLength(1);
  });

  it('[OVL-38] cross any mesh of at most eight hops, while every link of a shortest path works', () => {
    const property = fc.property(connectedGraphs(2, 24), fc.nat(), fc.nat(), ({ size, pairs }, a, b) => {
      const lists = adjacency(size, pairs);
      const [from, to] = [a % size, b % size];
      fc.pre(from !== to);
      const routings = lists.map((list, n) => {
        const directory = new Directory(peer(n));
        const links = new Set(list.map(peer));
        for (const [m, others] of lists.entries()) {
          // As if the way over the neighbour with the lowest number had always been the fastest.
          if (m !== n) directory.heard(announcement(peer(m), 1, others.map(peer)), peer(-1), 0);
        }
        directory.walk(links, 0);
        return new Routing(peer(n), directory, links, randomFrom(`${n}`));
      });
      let hops = 0;
      let at = from;
      let effects = effectsOf((out) =>
        routings[from]?.unicast({ to: peer(to), payload, lane: 'bulk', token: '' }, 0, out),
      );
      for (; at !== to && hops <= ROUTE_TTL; hops++) {
        const [next] = sent(effects, 'routed');
        if (next === undefined) break;
        const hop = lists.findIndex((_, n) => peer(n) === next.to);
        const previous = at;
        effects = effectsOf((out) => routings[hop]?.received(peer(previous), next.message, 0, out));
        at = hop;
      }
      const distance = distanceIn(lists, from, to);
      if (distance <= ROUTE_TTL) expect([at, hops]).toEqual([to, distance]);
      else expect(at).not.toBe(to);
    });
    fc.assert(property, { seed: 13, numRuns: 60 });
  });
});

function distanceIn(lists: readonly (readonly number[])[], from: number, to: number): number {
  const found = new Map([[from, 0]]);
  for (const [at, distance] of found)
    for (const next of lists[at] ?? []) if (!found.has(next)) found.set(next, distance + 1);
  return found.get(to) ?? Infinity;
}

describe('numbers seen', () => {
  it('[OVL-38, OVL-39] no number twice, of bounded memory; very old ones count as seen', () => {
    const seen = new NumbersSeen();
    for (let n = 1; n <= MAX_ROUTED_NUMBERS; n++) expect(seen.add(A, n * 2)).toBe(true);
    expect(seen.add(A, 2)).toBe(false);
    expect(seen.add(A, 1)).toBe(false);
    expect(seen.add(A, 3)).toBe(true);
    expect(seen.add(A, 2)).toBe(false);
    for (let n = 0; n < MAX_ROUTED_SENDERS; n++) seen.add(peer(1_000 + n), 1);
    expect(seen.add(A, 3)).toBe(true);
    const property = fc.property(fc.array(fc.nat(200), { maxLength: 400 }), (numbers) => {
      const one = new NumbersSeen();
      const taken = numbers.filter((n) => one.add(A, n));
      expect(new Set(taken).size).toBe(taken.length);
    });
    fc.assert(property, { seed: 14, numRuns: 50 });
  });
});
