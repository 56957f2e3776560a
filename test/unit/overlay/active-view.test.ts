/** Who gets a link, who loses one, and how an end is remembered. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerId } from '../../../src/kernel/ids.ts';
import { MAX_CONTACTS, type LinkFailure } from '../../../src/kernel/machine.ts';
import type { OverlayEffect } from '../../../src/overlay/commands.ts';
import {
  BUSY_BACKOFF_MS,
  FAILURE_BACKOFF_MS,
  MAX_BACKOFF_MS,
  MAX_GROUP_PLACES,
  MAX_PLACES,
  MAX_URGENT_BACKOFF_MS,
  MAX_VAIN_DIALS,
  MIN_LINKS,
  REFUSED_BACKOFF_MS,
  REPLACED_BACKOFF_MS,
} from '../../../src/overlay/limits.ts';
import {
  announcement,
  effectsOf,
  events,
  peer,
  SELF,
  started,
  views,
  type Views,
} from './overlay-fixture.ts';

const [A, B, C, D, E, F] = [peer(1), peer(2), peer(3), peer(4), peer(5), peer(6)] as const;
const ALL = [A, B, C, D, E] as const;

const asked = ({ view }: Views, by: PeerId, now = 0): readonly OverlayEffect[] =>
  effectsOf((out) => {
    view.asked(by, now, out);
  });
const answerIn = (effects: readonly OverlayEffect[]) =>
  effects.flatMap((effect) => (effect.kind === 'answer' ? [effect] : []));
const accepts = (v: Views, by: PeerId, now = 0): boolean =>
  answerIn(asked(v, by, now)).some(({ accept }) => accept);

/** A full view; `neighboursOf` says what each neighbour has announced. */
function full(
  neighboursOf: (of: PeerId, index: number) => readonly PeerId[],
  groupOf?: Parameters<typeof views>[0],
): Views {
  const made = views(groupOf);
  for (const each of ALL) made.link(each);
  for (const [i, each] of ALL.entries())
    made.hear(each, announcement(each, 1, [SELF, ...neighboursOf(each, i)]));
  return made;
}

/** Everybody is linked with everybody: every link is redundant. */
const clique = (of: PeerId): readonly PeerId[] => ALL.filter((other) => other !== of);
/** Each neighbour is the only way to three others. */
const spokes = (_: PeerId, index: number): readonly PeerId[] => [20, 30, 40].map((n) => peer(n + index));

describe('active view', () => {
  it('[OVL-1] never more than five places, whatever happens in whatever order', () => {
    const reasons = fc.constantFrom<LinkFailure[]>(
      'goodbye',
      'busy',
      'replaced',
      'iceFailed',
      'silent',
      'authFailed',
    );
    const input = fc.record({
      kind: fc.constantFrom('asked', 'linkUp', 'linkDown', 'dialFailed', 'discovered', 'fire', 'announced'),
      peer: fc.integer({ min: 1, max: 12 }).map(peer),
      others: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 5 }),
      reason: reasons,
      wait: fc.nat(2_000),
    });
    const property = fc.property(fc.array(input, { maxLength: 120 }), (inputs) => {
      const driven = started();
      const places = new Set<PeerId>();
      let now = 0;
      let counter = 0;
      const obey = (effects: readonly OverlayEffect[]): void => {
        for (const effect of effects) {
          if (effect.kind === 'dial' || (effect.kind === 'answer' && effect.accept)) places.add(effect.peer);
          if (effect.kind === 'hangUp') places.delete(effect.peer);
          expect(places.size).toBeLessThanOrEqual(MAX_PLACES);
        }
      };
      for (const { kind, peer: who, others, reason, wait } of inputs) {
        now += wait;
        counter += 1;
        if (kind === 'fire') obey(driven.fire(now)?.effects ?? []);
        if (kind === 'asked') obey(driven.step({ kind, peer: who }, now));
        if (kind === 'linkUp' && places.has(who)) obey(driven.step({ kind, peer: who }, now));
        if (kind === 'discovered') obey(driven.step({ kind, peer: who, via: 'signaling' }, now));
        const isUp = driven.overlay.neighbours().includes(who);
        if (kind === 'announced' && isUp) {
          const said = announcement(who, counter, others.map(peer));
          obey(driven.receive(who, { kind: 'announcements', hops: 1, announcements: [said] }, now));
        }
        if ((kind === 'linkDown' && isUp) || (kind === 'dialFailed' && places.has(who) && !isUp)) {
          places.delete(who);
          obey(driven.step({ kind, peer: who, reason }, now));
        }
        expect(driven.overlay.neighbours().length).toBeLessThanOrEqual(MAX_PLACES);
      }
    });
    fc.assert(property, { seed: 9, numRuns: 150 });
  });

  it('[OVL-1] a link that nobody asked for finds no place in a full view', () => {
    const { view } = full(spokes);
    const effects = effectsOf((out) => expect(view.linkUp(F, 0, out)).toBeUndefined());
    expect(effects).toEqual([{ kind: 'hangUp', peer: F, reason: 'busy' }]);
  });

  it('[OVL-6] whoever asks is let in while there are fewer than four links; the fifth place is for the needy', () => {
    const made = views();
    for (const each of [A, B, C, D]) {
      expect(accepts(made, each)).toBe(true);
      made.link(each);
    }
    made.hear(A, announcement(A, 1, [SELF, E]), announcement(E, 1, [A, B, C]));
    expect(accepts(made, E)).toBe(false);
    made.hear(A, announcement(E, 2, [A, B]));
    expect(accepts(made, E)).toBe(true);
    expect(made.view.places).toBe(MAX_PLACES);
  });

  it('[OVL-6] a full view makes room for a needy peer by a link that can be spared', () => {
    const made = full(clique);
    const effects = asked(made, F);
    expect(effects.map((effect) => (effect.kind === 'emit' ? effect.event.type : effect.kind))).toEqual([
      'neighbourDown',
      'hangUp',
      'answer',
    ]);
    expect(effects[1]).toMatchObject({ reason: 'replaced' });
    expect(made.view.links.size).toBe(4);
  });

  it('[OVL-6] no crowd of newcomers forces a full view: a neighbour that would be cut off or left with too few stays', () => {
    const neighboursOf = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 4 }), {
      minLength: 5,
      maxLength: 5,
    });
    const property = fc.property(neighboursOf, fc.integer({ min: 1, max: 60 }), (lists, crowd) => {
      const made = full((_, i) => (lists[i] ?? []).map(peer));
      const degrees = new Map(
        ALL.map((each, i) => [each, new Set([SELF, ...(lists[i] ?? []).map(peer)]).size]),
      );
      for (let n = 0; n < crowd; n++) {
        const before = new Set(made.view.links);
        const reached = new Set(
          [...made.directory.all()].filter(({ reachable }) => reachable).map((entry) => entry.peer),
        );
        asked(made, peer(500 + n), n);
        const trimmed = [...before].filter((each) => !made.view.links.has(each));
        for (const each of trimmed) expect(degrees.get(each)).toBeGreaterThan(MIN_LINKS);
        made.directory.walk(made.view.links, n);
        for (const each of trimmed)
          expect(reached.has(each) && made.directory.get(each)?.reachable).toBe(true);
      }
      // Those who came by force share two places, however many they are.
      expect(made.view.links.size).toBeGreaterThanOrEqual(MIN_LINKS);
    });
    fc.assert(property, { seed: 10, numRuns: 100 });
    expect(accepts(full(spokes), F)).toBe(false);
  });

  it('[OVL-6] for a newcomer goes, if nobody else can be spared, who came the same way and has another link by now', () => {
    const made = full(clique);
    const [first, second, third, fourth] = [peer(51), peer(52), peer(53), peer(54)] as const;
    for (const each of [first, second]) {
      expect(accepts(made, each)).toBe(true);
      made.link(each);
    }
    const stay = [...made.view.links].filter((each) => each !== first && each !== second);
    const [one, two] = stay;
    if (one === undefined || two === undefined) throw new Error('two stay');
    made.hear(one, announcement(one, 2, [SELF, ...stay.filter((each) => each !== one), first]));
    // Neither has another link: a crowd would only replace itself.
    for (const each of [first, second]) made.hear(each, announcement(each, 1, [SELF]));
    expect(accepts(made, third)).toBe(false);
    made.hear(first, announcement(first, 2, [SELF, one]));
    expect(accepts(made, third)).toBe(true);
    expect(made.view.links.has(first)).toBe(false);
    for (const each of stay) expect(made.view.links.has(each)).toBe(true);
    // Who is in reach already has somebody, and does not need this.
    made.link(third);
    made.hear(two, announcement(two, 2, [SELF, ...stay.filter((each) => each !== two), third, fourth]));
    made.hear(third, announcement(third, 1, [SELF, two]));
    made.hear(two, announcement(fourth, 1, [two]));
    expect(accepts(made, fourth)).toBe(false);
  });

  it('[OVL-6] whose dials of it all fail lets in one at a time while it lacks links', () => {
    const made = views();
    for (const [i, each] of [A, B, C].entries()) {
      expect(accepts(made, each)).toBe(true);
      if (i < MAX_VAIN_DIALS - 1) expect(accepts(made, peer(80 + i))).toBe(true);
      made.view.dialFailed(each, 'iceFailed', 0);
      made.view.dialFailed(peer(80 + i), 'goodbye', 0);
    }
    expect(accepts(made, D)).toBe(true);
    expect(accepts(made, E)).toBe(false);
    made.link(D);
    expect(accepts(made, E)).toBe(true);
    expect(accepts(made, F)).toBe(true);
  });

  it('[OVL-6] lets in besides whoever failed less often than those under way, which may be the only one that can dial it', () => {
    const made = views();
    for (let i = 0; i < MAX_VAIN_DIALS; i++) {
      expect(accepts(made, A)).toBe(true);
      made.view.dialFailed(A, 'iceFailed', 0);
    }
    expect(accepts(made, A)).toBe(true);
    expect(accepts(made, B)).toBe(true);
    expect(accepts(made, C)).toBe(false);
    made.view.dialFailed(B, 'iceFailed', 0);
    expect(accepts(made, B)).toBe(true);
    made.view.dialFailed(A, 'iceFailed', 0);
    expect(accepts(made, A)).toBe(false);
  });

  it('[OVL-6] who asks comes before a dial to somebody without any sign of life, while links are missing', () => {
    const made = views();
    for (const each of [A, B]) made.link(each);
    effectsOf((out) => {
      for (const each of [C, D, E]) made.view.dial(each, 'stale', 0, out);
    });
    expect(asked(made, F)).toContainEqual({ kind: 'hangUp', peer: C, reason: 'timeout' });
    expect(made.view.isTaken(F)).toBe(true);
    expect(made.view.places).toBe(5);
    made.link(F);
    expect(accepts(made, peer(70))).toBe(false);
  });

  it('[OVL-6] of those that can be spared the one with the worst reputation goes first', () => {
    const made = full(clique);
    made.reputation.note(C, 'silent', 0);
    expect(asked(made, F)).toContainEqual({ kind: 'hangUp', peer: C, reason: 'replaced' });
  });

  it('[OVL-7] who is refused leaves with contacts: reachable peers, those with free places first', () => {
    const made = full(spokes);
    const free = peer(20);
    made.hear(A, announcement(free, 1, [A]));
    for (const n of [21, 22, 30, 31, 32, 40, 41, 42])
      made.hear(A, announcement(peer(n), 1, [ALL[n % 10] ?? A, peer(900), peer(901), peer(902)]));
    const [answer] = answerIn(asked(made, F));
    expect(answer?.accept).toBe(false);
    expect(answer?.contacts?.[0]).toBe(free);
    expect(answer?.contacts?.length).toBeLessThanOrEqual(MAX_CONTACTS);
    expect(answer?.contacts).not.toContain(F);
    for (const contact of answer?.contacts ?? []) expect(made.directory.get(contact)?.reachable).toBe(true);
  });

  it('[OVL-7] who has nobody to name refuses without contacts', () => {
    const made = views();
    made.reputation.note(A, 'equivocation', 0);
    expect(answerIn(asked(made, A))).toEqual([{ kind: 'answer', peer: A, accept: false }]);
  });

  it('[OVL-7] who is shunned gets neither a link nor contacts', () => {
    const made = views();
    made.link(B);
    made.reputation.note(A, 'misbehaved', 0);
    made.reputation.note(A, 'misbehaved', 0);
    expect(answerIn(asked(made, A))).toEqual([{ kind: 'answer', peer: A, accept: false }]);
  });

  it('[OVL-7] one group has three places at most, while others of another group are known to be there', () => {
    const groups = new Map<PeerId, string>([A, B, C, D].map((each) => [each, 'sybils']));
    const made = views((each) => groups.get(each));
    for (const each of [A, B, C]) made.link(each);
    expect(made.view.placesOfGroup(D)).toBe(MAX_GROUP_PLACES);
    // Alone with one group there is no reason to refuse it.
    expect(accepts(made, D)).toBe(true);
    made.view.dialFailed(D, 'goodbye', 0);
    groups.set(E, 'others');
    made.hear(A, announcement(A, 1, [SELF, E]), announcement(E, 1, [A]));
    expect(accepts(made, D)).toBe(false);
    expect(accepts(made, E)).toBe(true);
    expect(accepts(made, F)).toBe(true);
  });

  it('[OVL-8] a neighbour that asks again has lost its end: it is down and up again', () => {
    const made = full(spokes);
    expect(accepts(made, A)).toBe(true);
    const effects = effectsOf((out) => expect(made.view.linkUp(A, 1, out)).toBe('new'));
    expect(effects).toMatchObject([
      { event: { type: 'neighbourDown', peer: A } },
      { event: { type: 'neighbourUp', peer: A } },
    ]);
    expect(made.view.links.size).toBe(MAX_PLACES);
  });

  it('[OVL-10] each kind of end has its waiting time, doubled per failure up to a minute, or a quarter of that', () => {
    const waits = (
      reason: LinkFailure,
      times: number,
      which: 'retryAt' | 'urgentRetryAt' = 'retryAt',
    ): number[] => {
      const made = views();
      made.directory.touch(A, 0);
      return Array.from({ length: times }, () => {
        made.view.dial(A, 'own', 0, { put: () => undefined } as never);
        made.view.dialFailed(A, reason, 0);
        return made.directory.get(A)?.[which] ?? -1;
      });
    };
    const about = (found: readonly number[], wanted: readonly number[]): void => {
      for (const [i, each] of wanted.entries()) {
        expect(found[i]).toBeGreaterThanOrEqual(each * 0.75 - 1);
        expect(found[i]).toBeLessThanOrEqual(each * 1.25 + 1);
      }
    };
    about(
      waits('iceFailed', 8),
      [1, 2, 4, 8, 16, 32, 60, 60].map((n) => Math.min(n * FAILURE_BACKOFF_MS, MAX_BACKOFF_MS)),
    );
    about(
      waits('iceFailed', 6, 'urgentRetryAt'),
      [1, 2, 4, 8, 15, 15].map((n) => Math.min(n * FAILURE_BACKOFF_MS, MAX_URGENT_BACKOFF_MS)),
    );
    about(waits('notMember', 1, 'urgentRetryAt'), [REFUSED_BACKOFF_MS]);
    about(waits('busy', 3), [BUSY_BACKOFF_MS, 2 * BUSY_BACKOFF_MS, 4 * BUSY_BACKOFF_MS]);
    about(waits('replaced', 2), [REPLACED_BACKOFF_MS, REPLACED_BACKOFF_MS]);
    about(waits('authFailed', 2), [REFUSED_BACKOFF_MS, REFUSED_BACKOFF_MS]);
    about(waits('notMember', 1), [REFUSED_BACKOFF_MS]);
  });

  it('[OVL-10] a goodbye means gone until it shows itself; a request of theirs that fails says nothing of ours', () => {
    const made = views();
    made.link(A);
    made.view.linkDown(A, 'goodbye', 5, { emit: () => undefined } as never);
    expect(made.directory.get(A)?.gone).toBe('left');
    asked(made, A, 6);
    expect(made.directory.get(A)?.gone).toBeUndefined();
    made.view.dialFailed(A, 'iceFailed', 7);
    expect(made.directory.get(A)).toMatchObject({ failures: 0, retryAt: 0 });
    expect(made.reputation.of(A, 7)).toBe(0);
  });

  it('[OVL-62] whoever leaves says goodbye on every link and attempt', () => {
    const made = views();
    made.link(A);
    asked(made, B);
    const effects = effectsOf((out) => {
      made.view.leave(out);
    });
    expect(events(effects, 'neighbourDown')).toEqual([{ type: 'neighbourDown', peer: A }]);
    expect(effects.filter(({ kind }) => kind === 'hangUp')).toEqual([
      { kind: 'hangUp', peer: A, reason: 'goodbye' },
      { kind: 'hangUp', peer: B, reason: 'goodbye' },
    ]);
    expect(made.view.places).toBe(0);
  });
});
