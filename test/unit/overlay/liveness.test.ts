/** Heartbeats, and the judgement that a neighbour is silent. */
import { describe, expect, it } from 'vitest';
import type { PeerId } from '../../../src/kernel/ids.ts';
import { Outbox } from '../../../src/overlay/commands.ts';
import { FailureDetector } from '../../../src/overlay/failure-detector.ts';
import { Heartbeats } from '../../../src/overlay/heartbeats.ts';
import {
  HEARTBEAT_MS,
  HEARTBEAT_SLACK_MS,
  LAG_FACTOR,
  MAX_LAG_ALLOWANCE_MS,
  MAX_PROBE_MS,
  MIN_PROBE_MS,
  SUSPECT_MS,
  SUSPECT_TOO_MS,
} from '../../../src/overlay/limits.ts';
import type { MessageOf } from '../../../src/overlay/messages.ts';
import {
  announcement,
  effectsOf,
  events,
  peer,
  SELF,
  sent,
  started,
  type Driven,
} from './overlay-fixture.ts';

const [A, B] = [peer(1), peer(2)] as const;

/** What `from` sends at `now`. */
function beatsOf(heartbeats: Heartbeats, now: number): MessageOf<'heartbeat'>[] {
  const out = new Outbox();
  heartbeats.maintain(now, out);
  return sent(out.effects, 'heartbeat').map(({ message }) => message);
}

function beat(rest: Partial<MessageOf<'heartbeat'>> = {}): MessageOf<'heartbeat'> {
  return { kind: 'heartbeat', count: 1, echo: 0, heldMs: 0, isProbe: false, ...rest };
}

describe('heartbeats', () => {
  it('[OVL-40] go out when a link comes up, and when it has carried nothing of ours for a second', () => {
    const heartbeats = new Heartbeats();
    heartbeats.up(A, 0);
    expect(beatsOf(heartbeats, 0)).toEqual([beat()]);
    expect(heartbeats.deadline()).toBe(HEARTBEAT_MS);
    expect(beatsOf(heartbeats, HEARTBEAT_MS - HEARTBEAT_SLACK_MS - 1)).toEqual([]);
    heartbeats.sent(A, 500);
    expect(beatsOf(heartbeats, HEARTBEAT_MS)).toEqual([]);
    expect(beatsOf(heartbeats, 500 + HEARTBEAT_MS)).toHaveLength(1);
    heartbeats.down(A);
    expect(beatsOf(heartbeats, 99_999)).toEqual([]);
    expect(heartbeats.deadline()).toBeUndefined();
  });

  it('[OVL-41] measure round trips without answers: each echoes the latest of the other side, and how long it was held', () => {
    const [ours, theirs] = [new Heartbeats(), new Heartbeats()];
    ours.up(B, 0);
    theirs.up(A, 0);
    const clockOfB = 7_000_000; // clocks are local: only differences travel
    let now = 0;
    for (let round = 0; round < 40; round++) {
      for (const each of beatsOf(ours, now)) theirs.received(A, each, clockOfB + now + 30, new Outbox());
      for (const each of beatsOf(theirs, clockOfB + now + 430))
        ours.received(B, each, now + 430 + 30, new Outbox());
      now += HEARTBEAT_MS;
    }
    expect(ours.rttMs(B)).toBeCloseTo(60, 0);
    expect(ours.slowestRttMs()).toBeGreaterThanOrEqual(60);
    expect(ours.slowestRttMs()).toBeLessThan(70);
  });

  it('[OVL-41] an echo of nothing, an old one, a repeated one and an impossible one measure nothing or zero', () => {
    const heartbeats = new Heartbeats();
    heartbeats.up(A, 0);
    heartbeats.received(A, beat({ echo: 5 }), 10, new Outbox());
    expect(heartbeats.rttMs(A)).toBeUndefined();
    beatsOf(heartbeats, 0);
    heartbeats.received(A, beat({ echo: 1, heldMs: Number.MAX_SAFE_INTEGER }), 100, new Outbox());
    expect(heartbeats.rttMs(A)).toBe(0);
    heartbeats.received(A, beat({ echo: 1 }), 5_000, new Outbox());
    expect(heartbeats.rttMs(A)).toBe(0);
    for (let now = HEARTBEAT_MS; now < 20 * HEARTBEAT_MS; now += HEARTBEAT_MS) beatsOf(heartbeats, now);
    heartbeats.received(A, beat({ echo: 2 }), 20_000, new Outbox());
    expect(heartbeats.rttMs(A)).toBe(0);
  });

  it('[OVL-42] a probe is answered at once, without a timer; anything else is not', () => {
    const heartbeats = new Heartbeats();
    heartbeats.up(A, 0);
    const answer = (isProbe: boolean) =>
      effectsOf((out) => heartbeats.received(A, beat({ isProbe, count: 9 }), 300, out));
    expect(answer(false)).toEqual([]);
    expect(sent(answer(true), 'heartbeat')).toMatchObject([{ to: A, message: { echo: 9, isProbe: false } }]);
  });

  it('[OVL-42] who takes us for a neighbour before it is one of ours gets answers, and nothing else', () => {
    const heartbeats = new Heartbeats();
    const answers = [true, false].map((isProbe) =>
      sent(
        effectsOf((out) => heartbeats.received(B, beat({ isProbe, count: 9 }), 0, out)),
        'heartbeat',
      ),
    );
    expect(answers).toEqual([[{ to: B, message: beat({ count: 0 }) }], []]);
    expect(heartbeats.deadline()).toBeUndefined();
  });
});

describe('failure detector', () => {
  interface Bench {
    readonly heartbeats: Heartbeats;
    readonly detector: FailureDetector;
    readonly at: (now: number) => { silent: readonly PeerId[]; probed: readonly PeerId[] };
  }

  function bench(...links: readonly PeerId[]): Bench {
    const heartbeats = new Heartbeats();
    for (const each of links) heartbeats.up(each, 0);
    const detector = new FailureDetector(heartbeats, new Set(links));
    return {
      heartbeats,
      detector,
      at: (now) => {
        const out = new Outbox();
        const silent = detector.maintain(now, out);
        const probes = sent(out.effects, 'heartbeat').filter(({ message }) => message.isProbe);
        return { silent, probed: probes.map(({ to }) => to) };
      },
    };
  }

  it('[OVL-43] a silent neighbour is probed before it is given up, and an answer of any kind saves it', () => {
    const { at, heartbeats, detector } = bench(A);
    expect(detector.deadline(0)).toBe(SUSPECT_MS);
    expect(at(SUSPECT_MS - 1)).toEqual({ silent: [], probed: [] });
    expect(at(SUSPECT_MS)).toEqual({ silent: [], probed: [A] });
    expect(detector.deadline(SUSPECT_MS)).toBe(SUSPECT_MS + MIN_PROBE_MS);
    expect(at(SUSPECT_MS + MIN_PROBE_MS - 1)).toEqual({ silent: [], probed: [] });
    heartbeats.heard(A, SUSPECT_MS + 100);
    expect(at(SUSPECT_MS + MIN_PROBE_MS)).toEqual({ silent: [], probed: [] });
    expect(at(2 * SUSPECT_MS + 100)).toEqual({ silent: [], probed: [A] });
    expect(at(2 * SUSPECT_MS + 100 + MIN_PROBE_MS)).toEqual({ silent: [A], probed: [] });
  });

  it('[OVL-43] a slow link has four round trips for the answer, within bounds', () => {
    for (const [rttMs, probeMs] of [
      [10, MIN_PROBE_MS],
      [250, 1_000],
      [5_000, MAX_PROBE_MS],
    ] as const) {
      const { at, heartbeats } = bench(A);
      beatsOf(heartbeats, 0);
      heartbeats.received(A, beat({ echo: 1 }), rttMs, new Outbox());
      heartbeats.heard(A, rttMs);
      const probedAt = rttMs + SUSPECT_MS;
      expect(at(probedAt).probed).toEqual([A]);
      expect(at(probedAt + probeMs - 1).silent).toEqual([]);
      expect(at(probedAt + probeMs).silent).toEqual([A]);
    }
  });

  it('[OVL-44] time in which our own timers stood still is nobody’s silence', () => {
    const { at, heartbeats, detector } = bench(A);
    heartbeats.forgive(30_000, 31_000);
    detector.forgive(30_000);
    expect(at(31_000)).toEqual({ silent: [], probed: [] });
    expect(at(30_000 + SUSPECT_MS).probed).toEqual([A]);
    heartbeats.forgive(10_000, 42_000);
    detector.forgive(10_000);
    expect(at(40_000 + SUSPECT_MS + MIN_PROBE_MS - 1)).toEqual({ silent: [], probed: [] });
    expect(at(40_000 + SUSPECT_MS + MIN_PROBE_MS).silent).toEqual([A]);
  });

  it('[OVL-44] who is starved itself gives others more time, within bounds', () => {
    const { at, detector } = bench(A);
    for (let i = 0; i < 200; i++) detector.ticked(100);
    expect(detector.deadline(0)).toBeCloseTo(SUSPECT_MS + LAG_FACTOR * 100, 0);
    for (let i = 0; i < 200; i++) detector.ticked(60_000);
    const suspectMs = SUSPECT_MS + MAX_LAG_ALLOWANCE_MS;
    expect(at(suspectMs - 1)).toEqual({ silent: [], probed: [] });
    expect(at(suspectMs)).toEqual({ silent: [], probed: [A] });
    expect(at(suspectMs + MIN_PROBE_MS + MAX_LAG_ALLOWANCE_MS)).toEqual({ silent: [A], probed: [] });
    for (let i = 0; i < 200; i++) detector.ticked(0);
    expect(detector.deadline(0)).toBeCloseTo(suspectMs + MIN_PROBE_MS, 0);
  });

  it('[OVL-45] a neighbour that somebody else finds silent is probed early, unless we heard it just now', () => {
    const { at, heartbeats, detector } = bench(A, B);
    heartbeats.heard(B, 1_000);
    const now = 1_000 + SUSPECT_TOO_MS - 1;
    const probes = effectsOf((out) => {
      for (const each of [A, B, A, peer(9)]) detector.suspected(each, now, out);
    });
    expect(sent(probes, 'heartbeat').map(({ to }) => to)).toEqual([A]);
    expect(at(now + MIN_PROBE_MS).silent).toEqual([A]);
  });

  it('[OVL-46] after a sleep everybody is asked before anybody is suspected', () => {
    const { at, detector } = bench(A, B);
    expect(at(SUSPECT_MS).probed).toEqual([A, B]);
    const probes = effectsOf((out) => detector.woke(60_000, out));
    expect(sent(probes, 'heartbeat').map(({ to }) => to)).toEqual([A, B]);
    expect(at(60_000).silent).toEqual([]);
  });
});

describe('liveness of a whole peer', () => {
  /** Fires all timers up to `until`; neighbours answer probes, `beatEveryMs` apart they also beat by themselves. */
  function live(driven: Driven, until: number, alive: readonly PeerId[], beatEveryMs?: number): PeerId[] {
    const lost: PeerId[] = [];
    let nextBeat = beatEveryMs ?? Infinity;
    for (let fired = driven.fire(until); fired !== undefined; fired = driven.fire(until)) {
      for (; fired.now >= nextBeat; nextBeat += beatEveryMs ?? Infinity)
        for (const each of alive) driven.receive(each, beat(), fired.now);
      lost.push(...events(fired.effects, 'neighbourDown').map((event) => event.peer));
      for (const { to, message } of sent(fired.effects, 'heartbeat'))
        if (message.isProbe && alive.includes(to))
          driven.receive(to, beat({ echo: message.count }), fired.now + 20);
    }
    return lost;
  }

  it('[OVL-40, OVL-43] a neighbour that says nothing is gone within 2 to 4 s, one that speaks stays', () => {
    const driven = started();
    driven.link(A);
    driven.link(B);
    expect(live(driven, SUSPECT_MS - 1, [B], HEARTBEAT_MS)).toEqual([]);
    expect(live(driven, 4_000, [B], HEARTBEAT_MS)).toEqual([A]);
    expect(driven.overlay.neighbours()).toEqual([B]);
  });

  it('[OVL-42, OVL-43] a tab whose timers are throttled to once a minute stays alive by its answers', () => {
    const driven = started();
    driven.link(A);
    driven.link(B);
    expect(live(driven, 120_000, [A, B], 60_000)).toEqual([]);
  });

  it('[OVL-42] whatever comes from a neighbour is a sign of life, the overlay’s own or not', () => {
    const driven = started();
    driven.link(A);
    for (let now = 0; now < 10_000; now += 500) {
      driven.overlay.heard(A, now as never);
      expect(live(driven, now, [])).toEqual([]);
    }
    expect(driven.overlay.neighbours()).toEqual([A]);
  });

  it('[OVL-44] a timer that fires 20 s late blames nobody', () => {
    const driven = started();
    driven.link(A);
    driven.step({ kind: 'elapsed', timer: 'overlay/tick' }, 20_000);
    expect(live(driven, 20_500, [])).toEqual([]);
    expect(driven.overlay.neighbours()).toEqual([A]);
  });

  it('[OVL-46] it says that a neighbour is silent only while another neighbour is heard', () => {
    for (const alive of [[B], []]) {
      const driven = started();
      for (const each of [A, B]) {
        driven.link(each);
        const announcements = [announcement(each, 1, [SELF])];
        driven.receive(each, { kind: 'announcements', hops: 1, announcements });
      }
      const tags: string[] = [];
      let nextBeat = 0;
      for (let fired = driven.fire(4_000); fired !== undefined; fired = driven.fire(4_000)) {
        if (fired.now >= nextBeat) {
          for (const each of alive) driven.receive(each, beat(), fired.now);
          nextBeat += 500;
        }
        for (const effect of fired.effects) if (effect.kind === 'sign') tags.push(effect.tag);
      }
      expect(tags.filter((tag) => tag.startsWith('overlay/silence/'))).toEqual(
        alive.length === 0 ? [] : [`overlay/silence/${A}`],
      );
    }
  });
});
