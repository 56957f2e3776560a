/** Whom we dial, in which order, and when we stop. */
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/kernel/bytes.ts';
import type { PeerId } from '../../../src/kernel/ids.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import { Outbox } from '../../../src/overlay/commands.ts';
import { Dialling } from '../../../src/overlay/dialling.ts';
import {
  ADOPT_AFTER_MS,
  ADOPT_JITTER_MS,
  ATTEMPT_MS,
  DISCOVERY_MS,
  FAILURE_BACKOFF_MS,
  FIRST_DIALS_MS,
  MAX_BRIDGES_ALONE,
  FULL_BRIDGE_WAIT_MS,
  HOPELESS_DIAL_MS,
  MAX_ADOPT_FAILURES,
  MAX_BACKOFF_MS,
  MAX_BRIDGE_JITTER_MS,
  MAX_OPTIONAL_FAILURES,
  MAX_STALE_DIALS,
  MAX_STALE_DIALS_AT_ONCE,
  MAX_URGENT_BACKOFF_MS,
  PATIENCE_MS,
  SETTLE_MS,
  SOON_MS,
} from '../../../src/overlay/limits.ts';
import {
  announcement,
  dialled,
  effectsOf,
  peer,
  SELF,
  started,
  views,
  type Views,
} from './overlay-fixture.ts';

const [A, B, C, D, E] = [peer(1), peer(2), peer(3), peer(4), peer(5)] as const;

interface Bench extends Views {
  readonly dialling: Dialling;
  /** Whom it dials at `now`. */
  readonly at: (now: number) => readonly PeerId[];
  /** What it does at `now`. */
  readonly effectsAt: (now: number) => ReturnType<typeof effectsOf>;
  /** Candidates that were heard of through A, each with so many links. */
  readonly reachable: (degrees: ReadonlyMap<PeerId, number>) => void;
}

function bench(groupOf?: (peer: PeerId) => string | undefined): Bench {
  const made = views(groupOf);
  const { view, passive, directory, reputation } = made;
  const dialling = new Dialling({
    view,
    passive,
    directory,
    reputation,
    random: randomFrom('dialling'),
    lagMs: () => 0,
  });
  const effectsAt = (now: number) =>
    effectsOf((out) => {
      dialling.maintain(now, out);
    });
  return {
    ...made,
    dialling,
    effectsAt,
    at: (now) => dialled(effectsAt(now)),
    reachable: (degrees) => {
      made.hear(A, announcement(A, 1, [SELF, ...degrees.keys()]));
      for (const [each, degree] of degrees) {
        const others = Array.from({ length: degree - 1 }, (_, i) => peer(900 + i));
        made.hear(A, announcement(each, 1, [A, ...others]));
        passive.add(each, 0);
      }
    },
  };
}

/** A discovery outside the mesh at `now`. */
function discover(made: Bench, who: PeerId, now: number): void {
  made.passive.add(who, now);
  const entry = made.directory.get(who);
  if (entry !== undefined) entry.discoveredAt = now;
}

describe('dialling', () => {
  it('[OVL-5] without a link one dial at a time for a second, then four', () => {
    const made = bench();
    for (const each of [A, B, C, D, E]) discover(made, each, 0);
    expect(made.at(0)).toHaveLength(1);
    expect(made.at(FIRST_DIALS_MS - 1)).toEqual([]);
    expect(made.dialling.deadline(0)).toBe(FIRST_DIALS_MS);
    expect(made.at(FIRST_DIALS_MS)).toHaveLength(MAX_BRIDGES_ALONE - 1);
  });

  it('[OVL-5] after a link came up there is a pause, so that the mesh makes the next introductions', () => {
    const made = bench();
    made.link(A, 1_000);
    made.reachable(new Map([[B, 2]]));
    expect(made.at(1_000 + SETTLE_MS - 1)).toEqual([]);
    expect(made.at(1_000 + SETTLE_MS)).toEqual([B]);
  });

  it('[OVL-5] once there are links, at most one dial at a time goes to another component', () => {
    const made = bench();
    made.link(A, -SETTLE_MS);
    for (const each of [B, C, D]) discover(made, each, 0);
    expect(made.at(0)).toHaveLength(1);
  });

  it('[OVL-69] who rests dials nobody, and goes on when the rest is over', () => {
    const made = bench();
    made.link(A, -SETTLE_MS);
    made.reachable(new Map([[B, 2]]));
    discover(made, C, 0);
    expect(made.dialling.rest(true)).toBe(true);
    expect(made.dialling.rest(true)).toBe(false);
    for (const now of [0, 60_000, 600_000]) {
      expect(made.at(now)).toEqual([]);
      expect(made.dialling.deadline(now)).toBeUndefined();
    }
    expect(made.dialling.rest(false)).toBe(true);
    expect(made.at(600_001)).toContain(B);
  });

  it('[OVL-9] other components first, then the reachable by their number of links, then the named, then the silent', () => {
    const made = bench();
    made.link(A, -SETTLE_MS);
    const [foreign, few, many, named, stale] = [peer(31), peer(32), peer(33), peer(34), peer(35)] as const;
    made.reachable(
      new Map([
        [many, 4],
        [few, 1],
      ]),
    );
    made.passive.add(stale, 0);
    made.passive.add(named, 0);
    const entry = made.directory.get(named);
    if (entry !== undefined) entry.namedAt = 0;
    discover(made, foreign, 0);
    const order: PeerId[] = [];
    for (let now = FIRST_DIALS_MS; order.length < 5 && now < FIRST_DIALS_MS + 60; now++) {
      for (const each of made.at(now)) {
        order.push(each);
        made.view.dialFailed(each, 'notMember', now); // not again in this test
      }
    }
    expect(order).toEqual([foreign, few, many, named, stale]);
  });

  it('[OVL-9] those of a group that has its share, or of a bad reputation, come after the other reachable ones', () => {
    const crowd = new Map([A, B, C, D].map((each) => [each, 'crowd']));
    const made = bench((each) => crowd.get(each));
    made.link(A, -SETTLE_MS);
    made.reachable(
      new Map([
        [D, 1],
        [E, 4],
      ]),
    );
    made.reputation.note(D, 'failed', 0);
    expect(made.at(0)[0]).toBe(E);
  });

  it('[OVL-9] peers without a sign of life are tried a few times, a few at once, and not in the first second', () => {
    const made = bench();
    for (let n = 1; n <= 20; n++) made.passive.add(peer(n), 0);
    expect(made.at(0)).toEqual([]);
    const tries = new Map<PeerId, number>();
    for (let now = FIRST_DIALS_MS; now < 400_000; now += 500) {
      const dials = made.at(now);
      expect(dials.length).toBeLessThanOrEqual(MAX_STALE_DIALS_AT_ONCE);
      for (const each of dials) {
        tries.set(each, (tries.get(each) ?? 0) + 1);
        made.view.dialFailed(each, 'timeout', now);
      }
    }
    expect(tries.size).toBe(20);
    expect(new Set(tries.values())).toEqual(new Set([MAX_STALE_DIALS]));
  });

  it('[OVL-9] whoever failed before comes after those that were not tried', () => {
    const made = bench();
    made.link(A, -SETTLE_MS);
    made.reachable(
      new Map([
        [B, 1],
        [C, 4],
      ]),
    );
    made.view.dial(B, 'own', 0, { put: () => undefined } as never);
    made.view.dialFailed(B, 'iceFailed', 0);
    expect(made.at(2 * FAILURE_BACKOFF_MS)).toEqual([C, B]);
  });

  it('[OVL-9] the dead are not tried while somebody alive can be dialled again soon', () => {
    const made = bench();
    made.link(A, -SETTLE_MS);
    made.passive.add(peer(40), 0);
    made.reachable(new Map([[B, 2]]));
    const now = FIRST_DIALS_MS;
    const found = [1, 2, 3].map(() => {
      made.view.dial(B, 'own', now, { put: () => undefined } as never);
      made.view.dialFailed(B, 'closed', now);
      return made.at(now);
    });
    // One or two seconds are soon, four are not.
    expect(found).toEqual([[], [], [peer(40)]]);
    expect(made.directory.get(B)?.urgentRetryAt).toBeGreaterThan(now + SOON_MS);
  });

  it('[OVL-9] what was said of a peer before we lost it does not count', () => {
    const made = bench();
    made.link(A, -SETTLE_MS);
    const [before, after] = [peer(41), peer(42)] as const;
    for (const [each, namedAt] of [
      [before, 500],
      [after, 700],
    ] as const) {
      made.passive.add(each, 0);
      const entry = made.directory.get(each);
      if (entry !== undefined) Object.assign(entry, { namedAt, lostAt: 600 });
    }
    expect(made.at(FIRST_DIALS_MS)).toEqual([after, before]);
  });

  it('[OVL-10] while links are missing nobody waits longer than a quarter of a minute', () => {
    const made = bench();
    for (const each of [A, C, D]) made.link(each, -SETTLE_MS);
    made.reachable(new Map([[B, 2]]));
    for (let failures = 0; failures < 8; failures++) {
      made.view.dial(B, 'own', 0, { put: () => undefined } as never);
      made.view.dialFailed(B, 'iceFailed', 0);
    }
    const soon = MAX_URGENT_BACKOFF_MS * 1.25;
    expect(made.at(soon)).toEqual([]);
    made.view.linkDown(D, 'replaced', soon, { emit: () => undefined } as never);
    made.directory.walk(made.view.links, soon);
    expect(made.at(soon)).toEqual([B]);
  });

  it('[OVL-9, OVL-66] nobody dials who is gone, asleep or shunned', () => {
    const made = bench();
    made.link(A, -SETTLE_MS);
    made.reachable(
      new Map([
        [B, 1],
        [C, 1],
        [D, 1],
      ]),
    );
    made.directory.markGone(B, 'left');
    made.hear(A, announcement(C, 2, [A], { asleep: true }));
    made.reputation.note(D, 'equivocation', 0);
    expect(made.at(0)).toEqual([]);
    expect(made.dialling.meshOffers()).toBe(true); // D: reachable, though not for us
    made.directory.markGone(D, 'dead');
    expect(made.dialling.meshOffers()).toBe(false);
  });

  it('[OVL-11] with three links only those who lack links too are dialled, with four nobody is', () => {
    const made = bench();
    for (const each of [A, B, C]) made.link(each, -SETTLE_MS);
    made.reachable(new Map([[D, 4]]));
    expect(made.at(0)).toEqual([]);
    made.hear(A, announcement(D, 2, [A, B, C]));
    expect(made.at(0)).toEqual([D]);
    made.view.linkUp(D, 0, new Outbox());
    made.hear(A, announcement(E, 1, [A]));
    made.passive.add(E, 0);
    expect(made.at(SETTLE_MS)).toEqual([]);
  });

  it('[OVL-11] three dials that failed are enough to one whose link both could use, and two are not', () => {
    const made = bench();
    for (const each of [A, B, C]) made.link(each, -SETTLE_MS);
    made.reachable(new Map([[D, 3]]));
    const dials: number[] = [];
    for (let now = 0; now < 10 * MAX_BACKOFF_MS; now += 500) {
      if (made.at(now).length === 0) continue;
      dials.push(now);
      made.view.dialFailed(D, 'timeout', now + 100);
    }
    expect(dials).toHaveLength(1 + MAX_OPTIONAL_FAILURES);
    // Whoever lacks links itself goes on.
    made.view.linkDown(C, 'replaced', 10 * MAX_BACKOFF_MS, new Outbox());
    made.hear(A, announcement(D, 2, [A]));
    expect(made.at(11 * MAX_BACKOFF_MS)).toContain(D);
  });

  it('[OVL-11] a link that is not needed is not asked for where the peer did worse than not to answer', () => {
    const made = bench();
    for (const each of [A, B, C]) made.link(each, -SETTLE_MS);
    made.reachable(new Map([[D, 3]]));
    made.reputation.note(D, 'broken', 0);
    expect(made.at(0)).toEqual([]);
  });

  it('[OVL-15] another component is bridged to by somebody with enough links, after a wait by lot', () => {
    const made = bench();
    for (const each of [A, B, C]) made.link(each, -SETTLE_MS);
    discover(made, D, 0);
    expect(made.at(0)).toEqual([]);
    const wait = made.dialling.deadline(0) ?? Infinity;
    expect(wait).toBeLessThanOrEqual(MAX_BRIDGE_JITTER_MS);
    expect(made.at(wait)).toEqual([D]);
    discover(made, E, wait);
    expect(made.at(wait + MAX_BRIDGE_JITTER_MS)).toEqual([]);
  });

  it('[OVL-15] who is full waits longer, and trims a link that can be spared', () => {
    const made = bench();
    const all = [A, B, C, D, E];
    for (const each of all) made.link(each, -SETTLE_MS);
    for (const each of all)
      made.hear(each, announcement(each, 1, [SELF, ...all.filter((other) => other !== each)]));
    const stranger = peer(60);
    discover(made, stranger, 0);
    made.at(0);
    const wait = made.dialling.deadline(0) ?? Infinity;
    expect(made.at(wait)).toEqual([]);
    expect(made.at(wait + FULL_BRIDGE_WAIT_MS)).toEqual([stranger]);
    expect(made.view.places).toBe(5);
  });

  it('[OVL-15] nobody bridges to a peer of its own component, nor to one of whom nothing was heard for a minute', () => {
    const made = bench();
    for (const each of [A, B, C]) made.link(each, -SETTLE_MS);
    discover(made, D, 0);
    const entry = made.directory.get(D);
    if (entry !== undefined) entry.isOfOurs = true;
    made.at(0);
    expect(made.at(MAX_BRIDGE_JITTER_MS)).toEqual([]);
    if (entry !== undefined) entry.isOfOurs = false;
    expect(made.at(DISCOVERY_MS)).toEqual([]);
    expect(made.at(DISCOVERY_MS + MAX_BRIDGE_JITTER_MS)).toEqual([]);
  });

  it('[OVL-15] a reachable peer with too few links for four seconds is offered one', () => {
    const made = bench();
    for (const each of [A, B, C, D]) made.link(each, -SETTLE_MS);
    made.reachable(new Map([[E, 1]]));
    made.at(0);
    expect(made.at(ADOPT_AFTER_MS - 1)).toEqual([]);
    made.at(ADOPT_AFTER_MS);
    expect(made.at(ADOPT_AFTER_MS + ADOPT_JITTER_MS)).toEqual([E]);
  });

  it('[OVL-15] dials that failed while it was away do not count: it is offered one when it is reachable again', () => {
    const made = bench();
    for (const each of [A, B, C, D]) made.link(each, -SETTLE_MS);
    made.directory.touch(E, 0);
    const entry = made.directory.get(E);
    if (entry !== undefined) entry.failures = MAX_ADOPT_FAILURES + 1;
    made.reachable(new Map([[E, 1]]));
    made.at(0);
    made.at(ADOPT_AFTER_MS);
    expect(made.at(ADOPT_AFTER_MS + ADOPT_JITTER_MS)).toEqual([E]);
    if (entry !== undefined) entry.failures = MAX_ADOPT_FAILURES + 1;
    made.view.dialFailed(E, 'iceFailed', 2 * ADOPT_AFTER_MS);
    expect(made.at(10 * (ADOPT_AFTER_MS + ADOPT_JITTER_MS))).toEqual([]);
  });

  it('[OVL-16] an attempt that nobody ends frees its place after its deadline', () => {
    const made = bench();
    made.view.asked(A, 0, new Outbox());
    expect(made.effectsAt(ATTEMPT_MS - 1)).toEqual([]);
    expect(made.effectsAt(ATTEMPT_MS)).toContainEqual({ kind: 'hangUp', peer: A, reason: 'timeout' });
    expect(made.view.places).toBe(0);
  });

  it('[OVL-16] a dial whose peer is no longer reachable is given up early', () => {
    const made = bench();
    made.link(A, -SETTLE_MS);
    made.reachable(new Map([[B, 1]]));
    expect(made.at(0)).toEqual([B]);
    made.hear(A, announcement(A, 2, [SELF]));
    expect(made.effectsAt(HOPELESS_DIAL_MS - 1)).toEqual([]);
    expect(made.effectsAt(HOPELESS_DIAL_MS)).toContainEqual({ kind: 'hangUp', peer: B, reason: 'timeout' });
  });

  it('[OVL-16] a slow dial gives way when links are missing and others could be dialled, each time later', () => {
    const made = bench();
    made.link(A, -SETTLE_MS);
    made.reachable(new Map(Array.from({ length: 9 }, (_, n) => [peer(40 + n), 2] as const)));
    made.at(0);
    expect(made.view.places).toBe(4);
    const hangUps = (now: number) => made.effectsAt(now).filter(({ kind }) => kind === 'hangUp').length;
    expect(hangUps(PATIENCE_MS - 1)).toBe(0);
    expect(hangUps(PATIENCE_MS)).toBeGreaterThan(0);
    expect(hangUps(PATIENCE_MS + 1)).toBe(0);
    expect(hangUps(3 * PATIENCE_MS)).toBeGreaterThan(0);
  });

  it('[OVL-54] who says that it is of our own component is not dialled before all others', () => {
    const driven = started();
    const ours = driven.step({ kind: 'discovered', peer: A, via: 'signaling', component: utf8('elsewhere') });
    expect(dialled(ours)).toEqual([A]);
    const other = started();
    for (const each of [A, B]) other.link(each);
    other.run(1_000);
    const told: Uint8Array[] = [];
    for (const effect of other.step({ kind: 'discovered', peer: peer(0), via: 'mesh' }, 1_000))
      if (effect.kind === 'emit' && effect.event.type === 'component') told.push(effect.event.component);
    expect(told).toEqual([]);
  });
});
