/** The simulated world itself: links, cuts, silence, sleep, disks, clocks, introductions, and what a failure says. */
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/kernel/bytes.ts';
import { SimulationFailure } from '../../src/sim/failure.ts';
import {
  addScripted,
  createPair,
  createScriptedWorld,
  order,
  PLAIN,
  say,
  seen,
} from '../support/sim-scripted.ts';

describe('links', () => {
  it('open after introduction, question, answer and connection, at both ends', () => {
    const { world, a, b } = createPair();
    expect(world.neighbours(a)).toEqual([b]);
    expect(world.neighbours(b)).toEqual([a]);
    expect(seen(world, a, 'linkUp')).toHaveLength(1);
    expect(seen(world, b, 'asked')).toHaveLength(1);
    expect(seen(world, b, 'linkUp')).toHaveLength(1);
  });

  it('deliver each lane in order, however much the delays vary and whatever the sizes', () => {
    const { world, a, b } = createPair({ ...PLAIN, jitterMs: [0, 500], bytesPerMs: 100 });
    const bulk = 'x'.repeat(20_000);
    for (let i = 0; i < 40; i++) {
      say(world, a, b, `j${i}`, 'journal');
      say(world, a, b, `b${i}${bulk}`, 'bulk');
      world.run(10);
    }
    world.run(60_000);
    const heard = seen(world, b, 'received').map((text) => text.replace(bulk, '').trim());
    expect(heard.filter((text) => text.startsWith('j'))).toEqual(
      Array.from({ length: 40 }, (_, i) => `j${i}`),
    );
    expect(heard.filter((text) => text.startsWith('b'))).toEqual(
      Array.from({ length: 40 }, (_, i) => `b${i}`),
    );
    expect(heard.indexOf('j39')).toBeLessThan(heard.indexOf('b39'));
  });

  it('tell the other end why they were hung up', () => {
    const { world, a, b } = createPair();
    order(world, a, { kind: 'hangUp', peer: b, reason: 'replaced' });
    world.run(100);
    expect(world.node(b).seen.at(-1)).toMatch(/^linkDown . replaced$/);
    expect(world.node(a).seen.filter((text) => text.startsWith('linkDown'))).toEqual([]);
    expect([world.neighbours(a), world.neighbours(b)]).toEqual([[], []]);
  });

  it('make one attempt of two that cross', () => {
    const world = createScriptedWorld();
    const a = addScripted(world, { name: 'a' });
    const b = addScripted(world, { name: 'b' });
    order(world, a, { kind: 'dial', peer: b });
    order(world, b, { kind: 'dial', peer: a });
    world.run(15_000);
    for (const peer of [a, b]) {
      expect(seen(world, peer, 'asked')).toEqual([]);
      expect(seen(world, peer, 'linkUp')).toHaveLength(1);
      expect(seen(world, peer, 'dialFailed')).toEqual([]);
    }
  });

  it('end as overloaded when too much is waiting', () => {
    const { world, a, b } = createPair({ ...PLAIN, maxQueuedBytes: 1_000, bytesPerMs: 1 });
    for (let i = 0; i < 5; i++) say(world, a, b, 'x'.repeat(300));
    world.run(10_000);
    expect(world.node(a).seen.at(-1)).toMatch(/linkDown . overloaded/);
    expect(world.node(b).seen.at(-1)).toMatch(/linkDown . overloaded/);
  });

  it('cannot open for a pair without a path, and say so to both', () => {
    const world = createScriptedWorld();
    const a = addScripted(world, { name: 'a' });
    const b = addScripted(world, { name: 'b' });
    world.neverConnects(a, b);
    order(world, a, { kind: 'dial', peer: b });
    world.run(20_000);
    expect(seen(world, a, 'dialFailed').map((text) => text.trim())).toEqual(['iceFailed']);
    expect(seen(world, b, 'dialFailed').map((text) => text.trim())).toEqual(['iceFailed']);
  });
});

describe('death and silence', () => {
  it('a kill is noticed after 5 s, a goodbye at once', () => {
    const { world, a, b } = createPair();
    world.crash(a);
    world.run(4_900);
    expect(seen(world, b, 'linkDown')).toEqual([]);
    world.run(200);
    expect(world.node(b).seen.at(-1)).toMatch(/linkDown . silent/);

    const other = createPair();
    other.world.leave(other.a);
    other.world.run(100);
    expect(other.world.node(other.b).seen.at(-1)).toMatch(/linkDown . goodbye/);
  });

  it('a restarted participant is not taken for its former self', () => {
    const { world, a, b } = createPair();
    world.crash(a);
    world.run(500);
    world.restart(a);
    order(world, a, { kind: 'dial', peer: b });
    world.run(1_000);
    const links = world.node(b).seen.filter((text) => /^link|^asked/.test(text));
    expect(links.map((text) => text.replace(/ . ?/, ' ').trim())).toEqual([
      'asked',
      'linkUp',
      'linkDown closed',
      'asked',
      'linkUp',
    ]);
    world.run(20_000);
    expect(world.neighbours(b)).toEqual([a]);
  });

  it('nothing that was under way reaches a participant that crashed', () => {
    const { world, a, b } = createPair();
    order(world, b, { kind: 'arm', timer: 't', afterMs: 50 });
    say(world, a, b, 'to the dead');
    world.crash(b);
    world.restart(b);
    world.run(1_000);
    expect(world.node(b).seen.filter((text) => /elapsed|received/.test(text))).toEqual([]);
  });

  it('a short cut holds messages back, a long one ends the link', () => {
    const { world, a, b } = createPair();
    say(world, a, b, 'before');
    world.partition([[a], [b]]);
    say(world, a, b, 'during');
    world.run(4_000);
    expect(seen(world, b, 'received')).toEqual([]);
    world.heal();
    say(world, a, b, 'after');
    world.run(100);
    expect(seen(world, b, 'received').map((text) => text.trim())).toEqual(['before', 'during', 'after']);
    world.run(10_000);
    expect(seen(world, b, 'linkDown')).toEqual([]);
    world.partition([[a], [b]]);
    world.run(5_100);
    expect(world.node(a).seen.at(-1)).toMatch(/linkDown . silent/);
    expect(world.node(b).seen.at(-1)).toMatch(/linkDown . silent/);
  });

  it('a one-way cut is noticed by the deaf end, which tells the other', () => {
    const { world, a, b } = createPair();
    world.cut(a, b);
    say(world, b, a, 'still heard');
    world.run(5_050);
    expect(seen(world, a, 'received').map((text) => text.trim())).toEqual(['still heard']);
    expect(world.node(b).seen.at(-1)).toMatch(/linkDown . silent/);
    expect(world.node(a).seen.at(-1)).toMatch(/linkDown . silent/);
  });
});

describe('sleep', () => {
  it('puts everything off, then lets it happen at once, and says how long it was', () => {
    const { world, a, b } = createPair();
    order(world, b, { kind: 'arm', timer: 't', afterMs: 1_000 });
    world.sleep(b, 4_600);
    world.run(2_000);
    say(world, a, b, 'are you there');
    world.run(2_500);
    expect(world.node(b).seen.some((text) => /elapsed|received/.test(text))).toBe(false);
    expect(order(world, b)).toBe(false);
    world.run(200);
    expect(world.node(b).seen.slice(-2)).toEqual([
      'elapsed t',
      expect.stringMatching(/^received . are you there$/),
    ]);
    expect(world.node(b).gaps).toEqual([]); // less than 4 s late: its beat was due 1 s after it fell asleep
    world.run(10_000);
    expect(seen(world, a, 'linkDown')).toEqual([]);
  });

  it('of more than 5 s is silence to the others and a gap to the sleeper, who suspects nobody', () => {
    const { world, a, b } = createPair();
    world.sleep(b, 30_000);
    world.run(5_100);
    expect(world.node(a).seen.at(-1)).toMatch(/linkDown . silent/);
    world.run(25_000);
    expect(world.node(b).gaps).toHaveLength(1);
    expect(world.node(b).gaps[0]).toBeGreaterThan(28_000);
    expect(seen(world, b, 'linkDown').map((text) => text.trim())).toEqual(['silent']); // the other's word, put off
  });
});

describe('disks and clocks', () => {
  const put = (key: string) =>
    ({ kind: 'persist', tag: key, writes: [{ op: 'put', store: 's', key, value: utf8(key) }] }) as const;

  it('a crash keeps what was answered and at most the first writes that were under way', () => {
    const kept = new Set<number>();
    for (let seed = 0; seed < 40; seed++) {
      const world = createScriptedWorld(PLAIN, `disk ${seed}`);
      const a = addScripted(world, { name: 'a' });
      order(world, a, put('done'));
      world.run(5);
      expect(seen(world, a, 'durable')).toHaveLength(1);
      order(world, a, put('1'), put('2'), put('3'));
      world.run(2);
      world.crash(a);
      const keys = world
        .disk(a)
        .scan('s')
        .map(([key]) => key);
      expect(['1,done', '1,2,done', '1,2,3,done', 'done']).toContain(keys.join());
      kept.add(keys.length);
      world.restart(a);
      world.run(1_000);
      expect(world.node(a).seen).toEqual([]);
    }
    expect(kept).toEqual(new Set([1, 2, 3, 4]));
  });

  it('a disk that fails says why, and keeps nothing', () => {
    const world = createScriptedWorld();
    const a = addScripted(world, { name: 'a' });
    world.diskFails(a, 'quota');
    order(world, a, put('1'));
    world.run(100);
    world.diskFails(a, undefined);
    order(world, a, put('2'));
    world.run(100);
    expect(world.node(a).seen).toEqual(['command order', 'notDurable 1 quota', 'command order', 'durable 2']);
    expect(
      world
        .disk(a)
        .scan('s')
        .map(([key]) => key),
    ).toEqual(['2']);
  });

  it('wall clocks are off and drift as told', () => {
    const world = createScriptedWorld();
    const walls: (() => number)[] = [];
    const onBirth = (wallMs: () => number) => void walls.push(wallMs);
    addScripted(world, { name: 'a' }, onBirth);
    addScripted(world, { name: 'b', wallOffsetMs: 5_000, wallDriftPpm: 1_000 }, onBirth);
    world.run(100_000);
    const [exact = 0, fast = 0] = walls.map((wall) => wall());
    expect(fast - exact).toBe(5_100);
  });

  it('nobody can sign for another', () => {
    const { world, a, b } = createPair();
    say(world, a, b, 'signed:forged'); // the protocol attaches 64 zero bytes
    world.run(100);
    expect(world.node(b).seen.at(-1)).toMatch(/refused . badSignature/);
    const body = utf8('word');
    const signature = world.keys.sign(a, body);
    expect(world.keys.holds([{ signer: a, body, signature }])).toBe(true);
    expect(world.keys.holds([{ signer: b, body, signature }])).toBe(false);
    expect(world.keys.holds([{ signer: a, body: utf8('ward'), signature }])).toBe(false);
    expect(signature).toHaveLength(64);
  });
});

describe('introductions', () => {
  it('need signaling, a common browser or the mesh', () => {
    const world = createScriptedWorld();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => addScripted(world, { name }));
    const d = addScripted(world, { name: 'd', browser: 'x' });
    const e = addScripted(world, { name: 'e', browser: 'x' });
    if (a === undefined || b === undefined || c === undefined) throw new Error('three were added');
    order(world, a, { kind: 'dial', peer: b });
    order(world, b, { kind: 'dial', peer: c });
    world.run(1_000);
    world.signaling(false);
    order(world, a, { kind: 'dial', peer: c }); // through b
    order(world, d, { kind: 'dial', peer: e }); // in one browser
    order(world, a, { kind: 'dial', peer: d }); // no way
    world.run(1_000);
    expect(world.neighbours(c)).toContain(a);
    expect(world.neighbours(e)).toEqual([d]);
    world.run(10_000);
    expect(seen(world, a, 'dialFailed').map((text) => text.trim())).toEqual(['timeout']);
  });

  it('reach those in the room, again when the server returns, and tabs of one browser always', () => {
    const world = createScriptedWorld();
    world.signaling(false);
    const a = addScripted(world, { name: 'a', browser: 'x' });
    const b = addScripted(world, { name: 'b', browser: 'x' });
    const c = addScripted(world, { name: 'c' });
    world.run(1_000);
    expect(seen(world, a, 'discovered').map((text) => text.trim())).toEqual(['browser']);
    expect(seen(world, b, 'discovered').map((text) => text.trim())).toEqual(['browser']);
    expect(seen(world, c, 'discovered')).toEqual([]);
    world.signaling(true);
    world.run(1_000);
    expect(seen(world, c, 'discovered').length).toBeGreaterThanOrEqual(2);
  });
});

describe('failures', () => {
  const failure = (act: () => void): SimulationFailure => {
    try {
      act();
    } catch (error) {
      if (error instanceof SimulationFailure) return error;
      throw error;
    }
    throw new Error('nothing failed');
  };

  it('tell seed, the last 100 lines and the command that repeats the run', () => {
    const { world, a, b } = createPair();
    for (let i = 0; i < 200; i++) say(world, a, b, `${i}`);
    world.onStep((peer) => {
      if (world.node(peer).seen.at(-1)?.endsWith('199') === true) throw new Error('a check that fails');
    });
    const failed = failure(() => world.run(1_000));
    const lines = failed.message.split('\n');
    expect(lines[0]).toBe('Error: a check that fails');
    expect(lines[1]).toBe('seed: scripted');
    expect(lines.at(-1)).toBe('replay: npx vitest run test/sim/world.test.ts');
    expect(lines).toHaveLength(105);
    expect(failed.message).toMatch(/ms {2}b {2}received {2}a {2}note/);
  });

  it('come from a node that stops, and from waiting in vain', () => {
    const { world, a, b } = createPair();
    const peer = world.node(b);
    peer.react = () => [{ kind: 'arm', timer: 't', afterMs: -1 }];
    say(world, a, b, 'boom');
    expect(failure(() => world.run(100)).message).toMatch(/^InvariantError: timer t needs/);
    const other = createPair().world;
    expect(failure(() => other.runUntil('never', () => false, 500)).message).toMatch(
      /^not within 500 ms: never/,
    );
    expect(other.runUntil('now', () => true, 500)).toBe(0);
  });
});
