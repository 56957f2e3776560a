/** What can go wrong in the simulated world: loss, NATs, one-way dials, lost signals, throttled timers, drifting clocks, warned sleep. */
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/kernel/bytes.ts';
import type { PeerId } from '../../src/kernel/ids.ts';
import type { NatClass } from '../../src/sim/paths.ts';
import {
  addScripted,
  createPair,
  createScriptedWorld,
  order,
  PLAIN,
  say,
  seen,
  type ScriptedWorld,
} from '../support/sim-scripted.ts';

const trimmed = (texts: readonly string[]): string[] => texts.map((text) => text.trim());

function addTwo(
  world: ScriptedWorld,
  nats: readonly [NatClass, NatClass] = ['open', 'open'],
): [PeerId, PeerId] {
  return [addScripted(world, { name: 'a', nat: nats[0] }), addScripted(world, { name: 'b', nat: nats[1] })];
}

describe('messages', () => {
  it('that are lost below the channel come late, in order, and hold up those behind them', () => {
    const { world, a, b } = createPair({ ...PLAIN, lossPerMille: 200, resendMs: 400 });
    const texts = Array.from({ length: 200 }, (_, i) => `${i}`);
    const arrivals: number[] = [];
    world.onStep((peer) => {
      if (peer === b) arrivals.push(world.now);
    });
    for (const text of texts) {
      say(world, a, b, text);
      world.run(5);
    }
    world.run(20_000);
    expect(trimmed(seen(world, b, 'received'))).toEqual(texts);
    const late = arrivals.filter((at, i) => at - (arrivals[i - 1] ?? at) >= 300);
    expect(late.length).toBeGreaterThan(1);
  });

  it('that are dropped never come; the others come in order', () => {
    const { world, a, b } = createPair({ ...PLAIN, dropPerMille: 300 });
    for (let i = 0; i < 300; i++) say(world, a, b, `${i}`);
    world.run(10_000);
    const got = seen(world, b, 'received').map(Number);
    expect(got.length).toBeGreaterThan(150);
    expect(got.length).toBeLessThan(270);
    expect([...got].sort((x, y) => x - y)).toEqual(got);
  });

  it('are the same values in the same order when they are not encoded', () => {
    const run = (isEncoded: boolean): string[] => {
      const { world, a, b } = createPair({ ...PLAIN, isEncoded });
      for (let i = 0; i < 50; i++) say(world, i % 2 === 0 ? a : b, i % 2 === 0 ? b : a, `${i}`);
      world.run(1_000);
      return [...seen(world, a, 'received'), ...seen(world, b, 'received')];
    };
    expect(run(false)).toEqual(run(true));
    expect(run(false)).toHaveLength(50);
  });
});

describe('links', () => {
  it('that break are noticed by each end by itself', () => {
    const { world, a, b } = createPair();
    world.breakLink(a, b, 2_000);
    world.run(2_100);
    expect(trimmed(seen(world, a, 'linkDown'))).toEqual(['closed']);
    expect(trimmed(seen(world, b, 'linkDown'))).toEqual(['closed']);
    expect(world.placeCount(a)).toBe(0);
  });

  it.each<[NatClass, NatClass, boolean]>([
    ['open', 'symmetric', true],
    ['symmetric', 'open', true],
    ['restricted', 'restricted', true],
    ['symmetric', 'restricted', true],
    ['restricted', 'symmetric', false],
    ['symmetric', 'symmetric', false],
  ])('behind NATs: %s dials %s, connected: %s', (from, to, isConnected) => {
    const world = createScriptedWorld();
    const [a, b] = addTwo(world, [from, to]);
    order(world, a, { kind: 'dial', peer: b });
    expect(world.placeCount(a)).toBe(1);
    world.run(15_000);
    expect(world.hasLink(a, b)).toBe(isConnected);
    expect(world.paths.canConnect(a, b)).toBe(isConnected);
    expect(trimmed(seen(world, b, 'dialFailed'))).toEqual(isConnected ? [] : ['iceFailed']);
  });

  it('that can be opened from one side only open when that side dials', () => {
    const world = createScriptedWorld();
    const [a, b] = addTwo(world);
    world.neverDials(a, b);
    order(world, a, { kind: 'dial', peer: b });
    world.run(15_000);
    expect(world.hasLink(a, b)).toBe(false);
    order(world, b, { kind: 'dial', peer: a });
    world.run(15_000);
    expect(world.hasLink(a, b)).toBe(true);
  });

  it('are refused with contacts', () => {
    const world = createScriptedWorld();
    const [a, b] = addTwo(world);
    const c = addScripted(world, { name: 'c' });
    const heard: unknown[] = [];
    const inputs = world.node(a);
    inputs.react = (input) => {
      if (input.kind === 'dialFailed') heard.push(input.reason, input.contacts);
      return [];
    };
    world.node(b).react = (input) =>
      input.kind === 'asked' ? [{ kind: 'answer', peer: input.peer, accept: false, contacts: [c] }] : [];
    order(world, a, { kind: 'dial', peer: b });
    world.run(1_000);
    expect(heard).toEqual(['busy', [c]]);
  });

  it('to somebody who is gone are given up after 3 s, and nothing of it comes once it was given up', () => {
    const world = createScriptedWorld();
    const [a, b] = addTwo(world);
    world.run(100);
    world.crash(b);
    order(world, a, { kind: 'dial', peer: b });
    world.run(2_900);
    expect(seen(world, a, 'dialFailed')).toEqual([]);
    world.run(200);
    expect(trimmed(seen(world, a, 'dialFailed'))).toEqual(['timeout']);
    order(world, a, { kind: 'dial', peer: b });
    world.sleep(a, 5_000);
    world.run(4_999);
    order(world, a, { kind: 'hangUp', peer: b, reason: 'timeout' });
    world.run(10_000);
    expect(trimmed(seen(world, a, 'dialFailed'))).toEqual(['timeout', 'timeout']);
  });
});

describe('signals', () => {
  it('that get lost are sent again, and asked about once however often they arrive', () => {
    const linked = (seed: string, settings: object): { asked: number; linked: boolean } => {
      const world = createScriptedWorld({ ...PLAIN, ...settings }, seed);
      const [a, b] = addTwo(world);
      order(world, a, { kind: 'dial', peer: b });
      world.run(15_000);
      return { asked: seen(world, b, 'asked').length, linked: world.hasLink(a, b) };
    };
    const seeds = Array.from({ length: 40 }, (_, i) => `signals ${i}`);
    const lossy = seeds.map((seed) => linked(seed, { signalLossPerMille: 400 }));
    const share = lossy.filter((one) => one.linked).length;
    expect(share).toBeGreaterThan(10);
    expect(share).toBeLessThan(40);
    const twice = seeds.map((seed) => linked(seed, { signalTwicePerMille: 1_000 }));
    expect(twice.every((one) => one.linked && one.asked === 1)).toBe(true);
  });

  it('reach only those on the same server', () => {
    const world = createScriptedWorld();
    const [a, b] = addTwo(world);
    world.splitServer([[a], [b]]);
    order(world, a, { kind: 'dial', peer: b });
    world.run(5_000);
    expect(trimmed(seen(world, a, 'dialFailed'))).toEqual(['timeout']);
    world.splitServer([]);
    order(world, a, { kind: 'dial', peer: b });
    world.run(5_000);
    expect(world.hasLink(a, b)).toBe(true);
  });

  it('announcements reach so many, a few answer, and both say what the peer last said of its component', () => {
    const world = createScriptedWorld({ ...PLAIN, announceReach: 30, announceReplies: 5 });
    for (let i = 0; i < 100; i++) addScripted(world, { name: `p${i}` });
    world.run(2_000);
    const told: (Uint8Array | undefined)[] = [];
    for (const peer of world.peers())
      world.node(peer).react = (input) => {
        if (input.kind === 'discovered') told.push(input.component);
        return [];
      };
    const births: ((component: ReturnType<typeof utf8>) => void)[] = [];
    const newcomer = addScripted(world, { name: 'new' }, (_wallMs, birth) => {
      births.push(birth.belong);
      birth.belong(utf8('first'));
    });
    world.run(1_000);
    expect(told).toHaveLength(30);
    expect(new Set(told)).toEqual(new Set([utf8('first')]));
    const answers = seen(world, newcomer, 'discovered').length;
    expect(answers).toBeGreaterThan(0);
    expect(answers).toBeLessThan(15);
  });
});

describe('time', () => {
  it('of a throttled participant passes in steps of a second', () => {
    const world = createScriptedWorld();
    const a = addScripted(world, { name: 'a', isThrottled: true });
    const fired: number[] = [];
    world.node(a).react = (input) => {
      if (input.kind === 'elapsed') fired.push(world.now);
      return [];
    };
    for (let i = 0; i < 10; i++) {
      order(world, a, { kind: 'arm', timer: `t${i}`, afterMs: 10 + 300 * i });
    }
    world.run(5_000);
    expect(fired).toHaveLength(10);
    expect(new Set(fired.map((at) => at % 1000)).size).toBe(1);
    world.throttle(a, false);
    order(world, a, { kind: 'arm', timer: 'soon', afterMs: 10 });
    const before = world.now;
    world.run(1_000);
    expect(fired.at(-1)).toBe(before + 10);
  });

  it('drifts, and begins somewhere', () => {
    const world = createScriptedWorld();
    const fast = addScripted(world, { name: 'fast', clockDriftPpm: 100_000, clockStartMs: 5_000 });
    const fired: number[] = [];
    world.node(fast).react = (input) => {
      if (input.kind === 'elapsed') fired.push(world.now);
      return [];
    };
    order(world, fast, { kind: 'arm', timer: 't', afterMs: 11_000 });
    world.run(20_000);
    expect(Math.round(fired[0] ?? 0)).toBe(10_000);
  });

  it('of a frozen page stands still, and the page is told before and after when there is a warning', () => {
    const world = createScriptedWorld();
    const heard: string[] = [];
    const a = addScripted(world, { name: 'a' }, () => {}, {
      onFreeze: () => void heard.push(`freeze ${world.now}`),
      onResume: (sleptMs) => void heard.push(`resume ${sleptMs}`),
    });
    world.run(100);
    world.sleep(a, 2_000, true);
    world.run(3_000);
    world.sleep(a, 2_000);
    world.run(3_000);
    expect(heard).toEqual(['freeze 100', 'resume 2000']);
    expect(world.isAsleep(a)).toBe(false);
  });
});
