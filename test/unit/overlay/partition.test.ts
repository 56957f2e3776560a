/** Splits: which side we seem to be on, and what our component is called. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/kernel/bytes.ts';
import type { PeerId } from '../../../src/kernel/ids.ts';
import { MAX_COMPONENT_BYTES } from '../../../src/kernel/machine.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import { Component, PULSE_TAG } from '../../../src/overlay/component.ts';
import { Outbox } from '../../../src/overlay/commands.ts';
import { Directory } from '../../../src/overlay/directory.ts';
import {
  MAX_KNOWN_PEERS,
  MISSING_AFTER_MS,
  MISSING_MS,
  PULSE_GONE_MS,
  PULSE_MS,
} from '../../../src/overlay/limits.ts';
import type { SignedPulse } from '../../../src/overlay/messages.ts';
import { estimatePartition } from '../../../src/overlay/partition.ts';
import { announcement, BOARD, effectsOf, events, peer, SELF, sent, SIGNATURE } from './overlay-fixture.ts';

/** The directory of a peer that reached `others` at 0, and at 1 only those of `here`. */
function split(self: PeerId, others: readonly PeerId[], here: ReadonlySet<PeerId>): Directory {
  const directory = new Directory(self);
  for (const each of others) directory.heard(announcement(each, 1, [self]), each, 0);
  directory.walk(new Set(others), 0);
  directory.walk(new Set(others.filter((each) => here.has(each))), 1);
  return directory;
}

describe('partition', () => {
  it('[OVL-50] nothing is missing while everybody is here, and nobody before two seconds', () => {
    const others = [peer(1), peer(2), peer(3)];
    expect(estimatePartition(SELF, split(SELF, others, new Set(others)), 9_000)).toEqual({
      partition: 'none',
      missing: 0,
    });
    const alone = split(SELF, others, new Set());
    expect(estimatePartition(SELF, alone, MISSING_AFTER_MS).missing).toBe(0);
    expect(estimatePartition(SELF, alone, MISSING_AFTER_MS + 1)).toEqual({
      partition: 'minority',
      missing: 3,
    });
    expect(estimatePartition(SELF, alone, MISSING_MS + 1).partition).toBe('none');
  });

  it('[OVL-50] who left, died or sleeps, and who was never reachable, is not missing', () => {
    const [left, dead, asleep] = [peer(1), peer(2), peer(3)] as const;
    const directory = split(SELF, [left, dead, asleep], new Set());
    directory.markGone(left, 'left');
    directory.markGone(dead, 'dead');
    directory.heard(announcement(asleep, 2, [], { asleep: true }), asleep, 2);
    directory.touch(peer(4), 0);
    directory.heard(announcement(peer(5), 1, []), peer(1), 0);
    expect(estimatePartition(SELF, directory, 5_000)).toEqual({ partition: 'none', missing: 0 });
  });

  it('[OVL-51] never do both sides of a split count themselves as the larger one, nor both as the smaller', () => {
    const property = fc.property(
      fc.uniqueArray(fc.nat(500), { minLength: 2, maxLength: 24 }),
      fc.integer({ min: 1, max: 23 }),
      (numbers, cut) => {
        const all = numbers.map(peer);
        const [left, right] = [all.slice(0, cut), all.slice(cut)];
        fc.pre(right.length > 0);
        const sideOf = (self: PeerId, side: readonly PeerId[]) =>
          estimatePartition(
            self,
            split(
              self,
              all.filter((each) => each !== self),
              new Set(side),
            ),
            5_000,
          ).partition;
        const [lefts, rights] = [
          new Set(left.map((each) => sideOf(each, left))),
          new Set(right.map((each) => sideOf(each, right))),
        ];
        expect([lefts.size, rights.size]).toEqual([1, 1]);
        expect(new Set([...lefts, ...rights])).toEqual(new Set(['majority', 'minority']));
        if (left.length !== right.length)
          expect([...lefts]).toEqual([left.length > right.length ? 'majority' : 'minority']);
        else
          expect([...lefts]).toEqual([left.includes([...all].sort()[0] ?? SELF) ? 'majority' : 'minority']);
      },
    );
    fc.assert(property, { seed: 7, numRuns: 100 });
  });
});

describe('component', () => {
  interface Bench {
    readonly directory: Directory;
    readonly component: Component;
    readonly nameAt: (now: number) => string;
  }

  function bench(full = false): Bench {
    const directory = new Directory(SELF);
    // Ids above ours, so that we would be the root.
    for (let n = 5_000; full && directory.size < MAX_KNOWN_PEERS; n++) directory.touch(peer(n), 0);
    const links = new Set([peer(200), peer(201)]);
    const component = new Component({ self: SELF, board: BOARD, directory, links, random: randomFrom('c') });
    component.start(1_000);
    return { directory, component, nameAt: (now) => toHex(component.name(now)) };
  }

  const nameOf = (of: PeerId): string => of.slice(0, MAX_COMPONENT_BYTES * 2);
  const pulse = (root: PeerId, counter: number): SignedPulse => ({ root, counter, signature: SIGNATURE });

  it('[OVL-52] is named after its lowest peer, and a new name is told once', () => {
    const { directory, component, nameAt } = bench();
    expect(
      events(
        effectsOf((out) => component.maintain(0, out)),
        'component',
      ),
    ).toHaveLength(1);
    expect(nameAt(0)).toBe(nameOf(SELF));
    directory.heard(announcement(peer(200), 1, [SELF, peer(3)]), peer(200), 0);
    directory.heard(announcement(peer(3), 1, [peer(200)]), peer(200), 0);
    directory.walk(new Set([peer(200)]), 0);
    expect(nameAt(0)).toBe(nameOf(peer(3)));
    const told = events(
      effectsOf((out) => component.maintain(1, out)),
      'component',
    );
    expect(told.map((event) => toHex(event.component))).toEqual([nameOf(peer(3))]);
    expect(effectsOf((out) => component.maintain(2, out))).toEqual([]);
  });

  it('[OVL-53] in a swarm larger than the table the lowest root whose pulse is heard gives the name', () => {
    const { component, nameAt } = bench(true);
    const out = new Outbox();
    component.received(peer(200), pulse(peer(50), 5), 0, out);
    expect(nameAt(0)).toBe(nameOf(peer(50)));
    component.received(peer(200), pulse(peer(60), 9), 10, out);
    expect(nameAt(10)).toBe(nameOf(peer(50)));
    component.received(peer(201), pulse(peer(40), 1), 20, out);
    expect(nameAt(20)).toBe(nameOf(peer(40)));
    expect(sent(out.effects, 'pulse').map(({ to, message }) => [to, message.root])).toEqual([
      [peer(201), peer(50)],
      [peer(200), peer(40)],
    ]);
  });

  it('[OVL-53] a pulse is checked and handed on once; old ones, and those of higher peers, are not', () => {
    const { component } = bench(true);
    const checks = (each: SignedPulse): number => component.checks(each, 0).length;
    expect([checks(pulse(peer(50), 5)), checks(pulse(peer(300), 5))]).toEqual([1, 0]);
    component.received(peer(200), pulse(peer(50), 5), 0, new Outbox());
    expect([checks(pulse(peer(50), 5)), checks(pulse(peer(50), 4)), checks(pulse(peer(50), 6))]).toEqual([
      0, 0, 1,
    ]);
    expect(effectsOf((out) => component.received(peer(201), pulse(peer(50), 5), 1, out))).toEqual([]);
  });

  it('[OVL-53] a root that is silent for 15 s is gone, and whoever hears of nobody lower pulses itself', () => {
    const { component, nameAt } = bench(true);
    component.received(peer(200), pulse(peer(50), 5), 0, new Outbox());
    expect(
      effectsOf((out) => component.maintain(PULSE_GONE_MS - 1, out)).filter(({ kind }) => kind === 'sign'),
    ).toEqual([]);
    expect(nameAt(PULSE_GONE_MS)).toBe(nameOf(SELF));
    const signs: number[] = [];
    for (let now = PULSE_GONE_MS; now < PULSE_GONE_MS + 4 * PULSE_MS; now += 100)
      for (const effect of effectsOf((out) => component.maintain(now, out)))
        if (effect.kind === 'sign') {
          signs.push(now);
          expect(effect.tag).toBe(PULSE_TAG);
          const out = new Outbox();
          component.signed(SIGNATURE, now, out);
          expect(sent(out.effects, 'pulse')).toMatchObject([
            { to: peer(200), message: { root: SELF, counter: 1_000 + signs.length } },
            { to: peer(201) },
          ]);
        }
    expect(signs.length).toBeGreaterThanOrEqual(2);
    expect(signs[0]).toBeGreaterThanOrEqual(PULSE_GONE_MS + PULSE_MS);
    expect(signs[0]).toBeLessThan(PULSE_GONE_MS + 2 * PULSE_MS);
    expect(component.checks(pulse(peer(50), 5), 40_000)).toEqual([]);
  });

  it('[OVL-53] while the table holds everybody nobody pulses', () => {
    const { component } = bench();
    for (let now = 0; now < 60_000; now += 1_000)
      expect(effectsOf((out) => component.maintain(now, out)).filter(({ kind }) => kind === 'sign')).toEqual(
        [],
      );
  });
});
