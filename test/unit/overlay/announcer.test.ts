/** When the server is told that we are here. */
import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../../src/kernel/random.ts';
import { Announcer } from '../../../src/overlay/announcer.ts';
import { Outbox } from '../../../src/overlay/commands.ts';
import {
  ANNOUNCE_JITTER_MS,
  ANNOUNCE_PERIOD_MS,
  SPLIT_ANNOUNCE_GAP_MS,
  SPLIT_ANNOUNCE_JITTER_MS,
} from '../../../src/overlay/limits.ts';
import { effectsOf, events, peer, started } from './overlay-fixture.ts';

/** When it announces between `from` and `until`, looked at every 50 ms. */
function times(announcer: Announcer, from: number, until: number): number[] {
  const found: number[] = [];
  for (let now = from; now <= until; now += 50)
    if (
      events(
        effectsOf((out) => announcer.maintain(now, out)),
        'announce',
      ).length > 0
    )
      found.push(now);
  return found;
}

function begun(missing: boolean): Announcer {
  const announcer = new Announcer(randomFrom('announcer'));
  announcer.announce(0, new Outbox());
  announcer.setMissing(missing, 0);
  return announcer;
}

describe('announcer', () => {
  it('[OVL-60] alone: after 1, 2, 4, 8, 16 and then every 30 s, a quarter more or less', () => {
    const driven = started();
    const heard = [0];
    for (let fired = driven.fire(200_000); fired !== undefined; fired = driven.fire(200_000))
      if (events(fired.effects, 'announce').length > 0) heard.push(fired.now);
    const waits = heard.slice(1).map((at, i) => (at - (heard[i] ?? 0)) / 1_000);
    [1, 2, 4, 8, 16, 30, 30].forEach((wait, i) => {
      expect(waits[i]).toBeGreaterThanOrEqual(wait * 0.75 - 0.1);
      expect(waits[i]).toBeLessThanOrEqual(wait * 1.25 + 0.1);
    });
  });

  it('[OVL-60] lacking nothing: every 25 to 35 s', () => {
    const found = times(begun(false), 0, 300_000);
    expect(found.length).toBeGreaterThan(7);
    for (const [i, at] of found.entries()) {
      const wait = at - (found[i - 1] ?? 0);
      expect(wait).toBeGreaterThanOrEqual(ANNOUNCE_PERIOD_MS);
      expect(wait).toBeLessThanOrEqual(ANNOUNCE_PERIOD_MS + ANNOUNCE_JITTER_MS + 50);
    }
  });

  it('[OVL-60] when links go missing the mesh has a second to supply them before the server is asked', () => {
    const announcer = begun(false);
    announcer.setMissing(true, 10_000);
    const [first] = times(announcer, 10_000, 20_000);
    expect(first).toBeGreaterThanOrEqual(10_750);
    expect(first).toBeLessThanOrEqual(11_300);
  });

  it('[OVL-61] in a hurry: within a second, and not within three of the last time', () => {
    const announcer = begun(false);
    announcer.hurry(10_000);
    announcer.hurry(10_100);
    const [first, ...more] = times(announcer, 10_000, 20_000);
    expect(first).toBeLessThanOrEqual(10_000 + SPLIT_ANNOUNCE_JITTER_MS + 50);
    expect(more).toEqual([]);
    announcer.hurry((first ?? 0) + 10);
    const [second] = times(announcer, first ?? 0, 30_000);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(SPLIT_ANNOUNCE_GAP_MS);
  });

  it('[OVL-61] the loss of a quarter of the peers at once, at least two, is such a hurry; one closed tab is not', () => {
    for (const [lost, hurries] of [
      [1, false],
      [2, true],
    ] as const) {
      const driven = started();
      for (let n = 1; n <= 4; n++) driven.link(peer(n));
      for (let n = 1; n <= lost; n++)
        driven.step({ kind: 'linkDown', peer: peer(n), reason: 'closed' }, 3_500);
      let announced = 0;
      for (let fired = driven.fire(5_600); fired !== undefined; fired = driven.fire(5_600)) {
        for (let n = lost + 1; n <= 4; n++)
          driven.receive(
            peer(n),
            { kind: 'heartbeat', count: 1, echo: 0, heldMs: 0, isProbe: false },
            fired.now,
          );
        announced += events(fired.effects, 'announce').length;
      }
      expect(announced > 0).toBe(hurries);
    }
  });
});
