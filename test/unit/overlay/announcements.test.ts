/** Announcements, and the table of known peers that they fill. */
import { describe, expect, it } from 'vitest';
import type { PeerId } from '../../../src/kernel/ids.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import { ANNOUNCEMENT_TAG, Announcements } from '../../../src/overlay/announcements.ts';
import { Outbox, type OverlayEffect } from '../../../src/overlay/commands.ts';
import { Directory } from '../../../src/overlay/directory.ts';
import {
  ANNOUNCEMENT_GAP_MS,
  ANNOUNCEMENT_MAX_MS,
  ANNOUNCEMENT_MIN_MS,
  ANNOUNCEMENT_PER_PEER_MS,
  DISCOVERY_MS,
  LOAD_STEP,
  MAX_ANNOUNCEMENTS_PER_MESSAGE,
  MAX_CAPABILITIES,
  MAX_HOPS,
  MAX_KNOWN_PEERS,
  MAX_LOAD,
  MAX_NOTE_BYTES,
  MAX_RETIRED_COUNTERS,
  NEAR_HOPS,
  ONWARD_GAP_MS,
  UNHEARD_MS,
} from '../../../src/overlay/limits.ts';
import type { SignedAnnouncement } from '../../../src/overlay/messages.ts';
import { announcement, BOARD, effectsOf, events, peer, SELF, sent, SIGNATURE } from './overlay-fixture.ts';

const [A, B, C] = [peer(1), peer(2), peer(3)] as const;

interface Bench {
  readonly directory: Directory;
  readonly announcements: Announcements;
  readonly links: Set<PeerId>;
  readonly heard: PeerId[];
  readonly receive: (
    from: PeerId,
    announcements: readonly SignedAnnouncement[],
    hops?: number,
    now?: number,
  ) => readonly OverlayEffect[];
  /** What we say at `now`, if anything. */
  readonly say: (now: number) => SignedAnnouncement | undefined;
}

function bench(neighbours: readonly PeerId[] = [A, B]): Bench {
  const directory = new Directory(SELF);
  const links = new Set(neighbours);
  const heard: PeerId[] = [];
  const announcements = new Announcements({
    self: SELF,
    board: BOARD,
    version: 2,
    random: randomFrom('announcements'),
    directory,
    links,
    heard: (each) => heard.push(each.peer),
  });
  announcements.start(1_000);
  return {
    directory,
    announcements,
    links,
    heard,
    receive: (from, list, hops = 1, now = 0) =>
      effectsOf((out) => {
        announcements.received(from, { kind: 'announcements', hops, announcements: list }, now, out);
        announcements.handOn(now, out);
      }),
    say: (now) => {
      const out = new Outbox();
      announcements.maintain(now, out);
      if (out.effects.length === 0) return undefined;
      expect(out.effects).toMatchObject([{ kind: 'sign', tag: ANNOUNCEMENT_TAG }]);
      announcements.signed(SIGNATURE, out);
      const [first] = sent(out.effects, 'announcements');
      expect(sent(out.effects, 'announcements').map(({ to }) => to)).toEqual([...links]);
      return first?.message.announcements[0];
    },
  };
}

describe('announcements', () => {
  it('[OVL-32] say who our neighbours are: the first at once, changes after a short pause, else now and then', () => {
    const { say, links, announcements } = bench();
    expect(say(0)).toMatchObject({
      peer: SELF,
      counter: 1_001,
      neighbours: [A, B],
      asleep: false,
      version: 2,
    });
    links.add(C);
    expect(say(ANNOUNCEMENT_GAP_MS - 1)).toBeUndefined();
    expect(announcements.deadline()).toBe(ANNOUNCEMENT_GAP_MS);
    expect(say(ANNOUNCEMENT_GAP_MS)?.neighbours).toEqual([A, B, C]);
    const again = announcements.deadline() ?? 0;
    expect(again - ANNOUNCEMENT_GAP_MS).toBeGreaterThan(ANNOUNCEMENT_MIN_MS * 0.74);
    expect(again - ANNOUNCEMENT_GAP_MS).toBeLessThanOrEqual(ANNOUNCEMENT_MIN_MS);
    expect(say(again)?.counter).toBe(1_003);
  });

  it('[OVL-32] grow rarer with the number of peers, and nobody announces itself to nobody', () => {
    for (const known of [20, 100]) {
      const { say, directory, announcements } = bench();
      for (let n = 0; n < known; n++) directory.touch(peer(1_000 + n), 0);
      say(0);
      const period = Math.min(known * ANNOUNCEMENT_PER_PEER_MS, ANNOUNCEMENT_MAX_MS);
      expect(announcements.deadline()).toBeGreaterThan(period * 0.74);
      expect(announcements.deadline()).toBeLessThanOrEqual(period);
    }
    expect(bench([]).say(0)).toBeUndefined();
  });

  it('[OVL-32, OVL-63] a sleep and a refutation do not wait for the pause', () => {
    const { say, announcements } = bench();
    say(0);
    announcements.setAsleep(true);
    expect(say(1)?.asleep).toBe(true);
    announcements.refute();
    expect(say(2)?.counter).toBe(1_003);
  });

  it('[OVL-33] carry load and capabilities, bounded and in order; small changes of load wait', () => {
    const { say, announcements } = bench();
    const words = Array.from({ length: MAX_CAPABILITIES + 4 }, (_, i) => `w${i % 18}`).reverse();
    announcements.setProfile({ load: 1e9, capabilities: words });
    const said = say(0);
    expect(said?.load).toBe(MAX_LOAD);
    expect(said?.capabilities).toEqual([...new Set(words)].sort().slice(0, MAX_CAPABILITIES));
    announcements.setProfile({ load: MAX_LOAD - LOAD_STEP + 1, capabilities: words });
    expect(say(ANNOUNCEMENT_GAP_MS)).toBeUndefined();
    announcements.setProfile({ load: MAX_LOAD - LOAD_STEP, capabilities: words });
    expect(say(2 * ANNOUNCEMENT_GAP_MS)?.load).toBe(MAX_LOAD - LOAD_STEP);
  });

  it('[OVL-30] new ones are handed on once, to all but their bringer, and nobody is told about itself', () => {
    const { receive, heard } = bench([A, B, C]);
    const list = [announcement(peer(50), 1, [A]), announcement(B, 1, [SELF])];
    const onward = sent(receive(A, list), 'announcements');
    expect(
      onward.map(({ to, message }) => [to, message.hops, message.announcements.map((each) => each.peer)]),
    ).toEqual([
      [B, 2, [peer(50)]],
      [C, 2, [peer(50), B]],
    ]);
    expect(heard).toEqual([peer(50), B]);
    expect(receive(C, list)).toEqual([]);
  });

  it('[OVL-30] they stop after their hops, earlier in a swarm that is larger than the table', () => {
    const { receive, directory } = bench();
    expect(sent(receive(A, [announcement(peer(50), 1)], MAX_HOPS), 'announcements')).toEqual([]);
    expect(directory.get(peer(50))?.announcement).toBeDefined();
    for (let n = 1_000; directory.size < MAX_KNOWN_PEERS; n++) directory.touch(peer(n), 0);
    expect(receive(A, [announcement(peer(50), 2)], NEAR_HOPS)).toEqual([]);
    expect(sent(receive(A, [announcement(peer(50), 3)], NEAR_HOPS - 1), 'announcements')).toHaveLength(1);
  });

  it('[OVL-30] what comes in crowds is handed on together, the latest of each, at most 50 ms later', () => {
    const { receive, announcements, directory } = bench([A, B, C]);
    expect(sent(receive(A, [announcement(peer(50), 1)]), 'announcements')).toHaveLength(2);
    expect(announcements.onwardAt()).toBeUndefined();
    expect(sent(receive(A, [announcement(peer(50), 2)], 1, 10), 'announcements')).toEqual([]);
    expect(sent(receive(B, [announcement(peer(51), 1)], 4, 20), 'announcements')).toEqual([]);
    expect(sent(receive(B, [announcement(peer(50), 3)], 2, ONWARD_GAP_MS - 1), 'announcements')).toEqual([]);
    expect(announcements.onwardAt()).toBe(ONWARD_GAP_MS);
    const onward = sent(
      effectsOf((out) => {
        announcements.handOn(ONWARD_GAP_MS, out);
      }),
      'announcements',
    );
    const told = onward.map(({ to, message }) => [
      to,
      message.hops,
      message.announcements.map(({ peer: who, counter }) => [who, counter]),
    ]);
    const both = [
      [peer(50), 3],
      [peer(51), 1],
    ];
    expect(told).toEqual([
      [A, 5, both],
      [C, 5, both],
    ]);
    expect(announcements.onwardAt()).toBeUndefined();
    // Where only near ones are told, each keeps its own distance.
    for (let n = 1_000; directory.size < MAX_KNOWN_PEERS; n++) directory.touch(peer(n), 0);
    receive(A, [announcement(peer(50), 4)], 1, 1_000);
    receive(A, [announcement(peer(50), 5)], 1, 1_010);
    receive(A, [announcement(peer(51), 2)], 2, 1_020);
    const near = sent(
      effectsOf((out) => {
        announcements.handOn(2_000, out);
      }),
      'announcements',
    );
    expect(near.map(({ to, message }) => [to, message.hops])).toEqual([
      [B, 2],
      [B, 3],
      [C, 2],
      [C, 3],
    ]);
  });

  it('[OVL-31] only a higher counter is checked and counts', () => {
    const { receive, directory, announcements } = bench();
    receive(A, [announcement(peer(50), 5, [A])]);
    const checks = (counter: number): number =>
      announcements.checks({
        kind: 'announcements',
        hops: 1,
        announcements: [announcement(peer(50), counter)],
      }).length;
    expect([checks(4), checks(5), checks(6)]).toEqual([0, 0, 1]);
    expect(receive(A, [announcement(peer(50), 5, [])])).toEqual([]);
    expect(directory.get(peer(50))?.announcement?.neighbours).toEqual([A]);
  });

  it('[OVL-31] what was not worth a check is ignored, even if it seems to be news by the time of the step', () => {
    const { receive, directory, announcements } = bench();
    directory.heard(announcement(peer(50), 9), A, 0);
    const forged = announcement(peer(50), 9, [B]);
    expect(announcements.checks({ kind: 'announcements', hops: 1, announcements: [forged] })).toEqual([]);
    for (let i = 0; i < MAX_RETIRED_COUNTERS + MAX_KNOWN_PEERS; i++)
      directory.heard(announcement(peer(20_000 + i), 1), A, 1 + i);
    expect(directory.lastCounter(peer(50))).toBe(-1);
    expect(receive(A, [forged])).toEqual([]);
  });

  it('[OVL-31] an author that has fallen behind its own counter is told, and outruns it', () => {
    const { receive } = bench();
    receive(A, [announcement(A, 9, [SELF, B])]);
    expect(sent(receive(A, [announcement(A, 3, [SELF])]), 'announcements')).toMatchObject([
      { to: A, message: { announcements: [{ peer: A, counter: 9 }] } },
    ]);
    expect(receive(B, [announcement(A, 3, [SELF])])).toEqual([]);
    const other = bench();
    other.say(0);
    other.receive(A, [announcement(SELF, 5_000_000, [])]);
    expect(other.say(ANNOUNCEMENT_GAP_MS)?.counter).toBe(5_000_001);
  });

  it('[OVL-33] a neighbour from another component is sent everything fresh, in messages of bounded size', () => {
    const { announcements, directory } = bench();
    for (let n = 0; n < 40; n++)
      directory.heard(announcement(peer(200 + n), 1), A, n === 0 ? -UNHEARD_MS : 0);
    directory.heard(announcement(C, 1), A, 0);
    const told = sent(
      effectsOf((out) => {
        announcements.sendKnown(C, 0, out);
      }),
      'announcements',
    );
    const all = told.flatMap(({ message }) => message.announcements.map((each) => each.peer));
    expect([all.length, all.includes(C), all.includes(peer(200))]).toEqual([39, false, false]);
    for (const { message } of told)
      expect(message.announcements.length).toBeLessThanOrEqual(MAX_ANNOUNCEMENTS_PER_MESSAGE);
  });
});

describe('directory', () => {
  it('[OVL-34] reachable are neighbours and whom the reachable announce, while announcements are fresh', () => {
    const directory = new Directory(SELF);
    const [joining, silent, behind] = [peer(4), peer(5), peer(6)] as const;
    directory.heard(announcement(silent, 1, [behind]), A, 0);
    directory.heard(announcement(behind, 1, [silent]), A, UNHEARD_MS);
    directory.heard(announcement(A, 1, [joining, silent, B]), A, UNHEARD_MS);
    for (const each of [joining, B]) directory.touch(each, UNHEARD_MS);
    directory.markGone(B, 'left');
    const result = directory.walk(new Set([A]), UNHEARD_MS);
    const reachable = [A, joining, silent, behind, B].map((each) => directory.get(each)?.reachable);
    expect(reachable).toEqual([true, true, false, false, false]);
    expect([directory.reachable, result.changed]).toEqual([2, true]);
    expect(directory.get(joining)?.walkHop).toBe(A);
  });

  it('[OVL-34] a walk says how many were lost without a goodbye', () => {
    const directory = new Directory(SELF);
    for (const each of [A, B, C]) directory.heard(announcement(each, 1, [SELF]), each, 0);
    expect(directory.walk(new Set([A, B, C]), 0)).toEqual({ changed: true, lost: 0, before: 0 });
    directory.markGone(A, 'left');
    expect(directory.walk(new Set([C]), 1)).toEqual({ changed: true, lost: 1, before: 3 });
    expect(directory.walk(new Set([C]), 2)).toEqual({ changed: false, lost: 0, before: 1 });
  });

  it('[OVL-34] whoever would be reached over one-sided claims only is not reached without its link', () => {
    const directory = new Directory(SELF);
    const links = new Set([A, B]);
    directory.heard(announcement(A, 1, [SELF, C]), A, 0);
    directory.heard(announcement(B, 1, [SELF, A]), B, 0);
    expect(directory.reachesWithoutLink(A, links, 0)).toBe(false);
    directory.heard(announcement(A, 2, [SELF, B]), A, 0);
    expect(directory.reachesWithoutLink(A, links, 0)).toBe(true);
  });

  it('[OVL-35] a full table drops the unreachable peer touched longest ago, and its old announcements stay old', () => {
    const directory = new Directory(SELF);
    for (let i = 1; i <= MAX_KNOWN_PEERS; i++) directory.heard(announcement(peer(1_000 + i), 50), A, i);
    directory.walk(new Set([peer(1_001)]), MAX_KNOWN_PEERS);
    directory.touch(peer(9_999), 1_000);
    expect([directory.size, directory.isFull]).toEqual([MAX_KNOWN_PEERS, true]);
    expect(directory.get(peer(1_001))).toBeDefined();
    expect(directory.get(peer(1_002))).toBeUndefined();
    expect(directory.lastCounter(peer(1_002))).toBe(50);
    for (let i = 0; i < MAX_RETIRED_COUNTERS + MAX_KNOWN_PEERS; i++)
      directory.heard(announcement(peer(20_000 + i), 1), A, 2_000 + i);
    expect(directory.lastCounter(peer(1_002))).toBe(-1);
  });

  it('[OVL-35] when all are reachable a stranger’s announcement finds no room, and one that we have to know does', () => {
    const directory = new Directory(SELF);
    const all = Array.from({ length: MAX_KNOWN_PEERS }, (_, i) => peer(1_000 + i));
    for (const each of all) directory.touch(each, 0);
    directory.walk(new Set(all), 0);
    expect(directory.hasRoomFor(peer(9))).toBe(false);
    expect(directory.heard(announcement(peer(9), 1), A, 1)).toBe(false);
    expect(directory.touch(peer(9), 1, true)).toBeDefined();
    expect(directory.size).toBe(MAX_KNOWN_PEERS);
    expect(directory.touch(SELF, 0, true)).toBeUndefined();
  });

  it('[OVL-35] foreign is who showed itself outside the mesh within a minute and is not reachable since', () => {
    const directory = new Directory(SELF);
    const entry = directory.touch(A, 0);
    if (entry === undefined) throw new Error('no entry');
    const isForeign = (now: number): boolean => directory.isForeign(entry, now);
    expect(isForeign(0)).toBe(false);
    entry.discoveredAt = 10;
    expect([isForeign(10), isForeign(10 + DISCOVERY_MS)]).toEqual([true, false]);
    directory.walk(new Set([A]), 20);
    expect(isForeign(20)).toBe(false);
    directory.walk(new Set(), 30);
    expect(isForeign(30)).toBe(false);
    entry.discoveredAt = 40;
    expect(isForeign(40)).toBe(true);
    entry.isOfOurs = true;
    expect(isForeign(40)).toBe(false);
  });

  it('[OVL-63] after a sleep announcements are as old as they were before it, and everybody may be dialled', () => {
    const directory = new Directory(SELF);
    directory.heard(announcement(A, 1, []), A, 0);
    const entry = directory.get(A);
    if (entry === undefined) throw new Error('no entry');
    entry.retryAt = 1e9;
    directory.forgive(10 * UNHEARD_MS, 10 * UNHEARD_MS + 5);
    expect(directory.freshAnnouncement(A, 10 * UNHEARD_MS + 5)).toBeDefined();
    expect(entry.retryAt).toBe(10 * UNHEARD_MS + 5);
  });
});

describe('notes of announcements', () => {
  const note = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

  it('[OVL-68] are announced after the pause, once, and only when they changed', () => {
    const { say, announcements } = bench();
    expect(say(0)?.note).toEqual(new Uint8Array(0));
    announcements.setNote(note('a'));
    announcements.setNote(note('b'));
    expect(say(ANNOUNCEMENT_GAP_MS - 1)).toBeUndefined();
    expect(say(ANNOUNCEMENT_GAP_MS)?.note).toEqual(note('b'));
    announcements.setNote(note('b'));
    expect(say(2 * ANNOUNCEMENT_GAP_MS)).toBeUndefined();
    expect(() => {
      announcements.setNote(new Uint8Array(MAX_NOTE_BYTES + 1));
    }).toThrow();
  });

  it('[OVL-68] of others are told with every announcement that is taken in, and when they end', () => {
    const { receive } = bench();
    const noted = (counter: number, text: string): string[] =>
      events(receive(A, [announcement(B, counter, [A], { note: note(text) })]), 'noted').map(
        (event) => `${event.counter} ${new TextDecoder().decode(event.note)}`,
      );
    expect(noted(1, '')).toEqual(['1 ']);
    expect(noted(2, '')).toEqual([]);
    expect(noted(3, 'x')).toEqual(['3 x']);
    expect(noted(3, 'y')).toEqual([]);
    expect(noted(4, 'x')).toEqual(['4 x']);
    expect(noted(5, '')).toEqual(['5 ']);
    expect(noted(6, '')).toEqual([]);
  });
});
