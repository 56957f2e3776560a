/** Goal: what a person is at is told soon, rarely and for a while only. Method: the machine alone, in drawn orders of statements. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import { decodeWith, encodeWith } from '../../../src/kernel/codec.ts';
import { peerIdFrom, type PeerId } from '../../../src/kernel/ids.ts';
import type { Input, Instant } from '../../../src/kernel/machine.ts';
import {
  MAX_PRESENCES,
  PRESENCE_ACTIVE_MS,
  PRESENCE_GAP_MS,
  PRESENCE_TTL_MS,
} from '../../../src/replication/limits.ts';
import {
  DOINGS,
  PRESENCE_SAY_TIMER,
  presenceCodec,
  Presences,
  type Presence,
  type PresenceCommand,
} from '../../../src/replication/presence.ts';

const peer = (n: number): PeerId => peerIdFrom(new Uint8Array(32).fill(n));
const wide = (n: number): PeerId => {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, n);
  return peerIdFrom(bytes);
};
const NOTHING: Bytes = new Uint8Array(0);
const [A, B] = [peer(1), peer(2)] as const;
const open = (cardId: string): Presence => ({ cardId, doing: 'open' });
const noteOf = (presence: Presence): Bytes => encodeWith(presenceCodec, presence);

/** The machine with its timers, in time that only goes on when told to. */
class Bench {
  now = 0;
  readonly machine: Presences;
  readonly notes: { readonly at: number; readonly said: Presence | undefined }[] = [];
  changes = 0;
  readonly #timers = new Map<string, number>();

  constructor(isMember: (peer: PeerId) => boolean = () => true) {
    this.machine = new Presences(isMember);
  }

  command(command: PresenceCommand): void {
    this.#step({ kind: 'command', command });
  }

  say(presence: Presence | undefined): void {
    this.command({ type: 'say', presence });
  }

  hear(from: PeerId, counter: number, presence: Presence | undefined): void {
    const note = presence === undefined ? NOTHING : noteOf(presence);
    this.command({ type: 'heard', peer: from, counter, note });
  }

  others(): (readonly [PeerId, string])[] {
    return this.machine.others(this.now as Instant).map(([who, { cardId }]) => [who, cardId] as const);
  }

  run(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const [timer, at] = [...this.#timers].sort((a, b) => a[1] - b[1])[0] ?? ['', Infinity];
      if (at > end) break;
      this.#timers.delete(timer);
      this.now = Math.max(this.now, at);
      this.#step({ kind: 'elapsed', timer });
    }
    this.now = end;
  }

  isArmed(timer: string): boolean {
    return this.#timers.has(timer);
  }

  #step(input: Input<never, PresenceCommand>): void {
    for (const effect of this.machine.step(input, this.now as Instant)) {
      if (effect.kind === 'arm') this.#timers.set(effect.timer, this.now + effect.afterMs);
      if (effect.kind === 'disarm') this.#timers.delete(effect.timer);
      if (effect.kind !== 'emit') continue;
      if (effect.event.type === 'changed') this.changes += 1;
      else this.notes.push({ at: this.now, said: this.#read(effect.event.note) });
    }
  }

  #read(note: Bytes): Presence | undefined {
    const decoded = note.length === 0 ? undefined : decodeWith(presenceCodec, note);
    if (decoded?.ok === false) throw new Error(decoded.code);
    return decoded?.value;
  }
}

describe('what we say', () => {
  it('[PRE-2] is told at once, and what follows soon together, the last of it always', () => {
    const bench = new Bench();
    bench.run(1000);
    bench.say(open('one'));
    bench.run(100);
    bench.say(open('two'));
    bench.say({ cardId: 'two', doing: 'notes' });
    bench.run(PRESENCE_GAP_MS);
    expect(bench.notes).toEqual([
      { at: 1000, said: open('one') },
      { at: 1000 + PRESENCE_GAP_MS, said: { cardId: 'two', doing: 'notes' } },
    ]);
  });

  it('[PRE-2] costs nothing when it is the same, or is taken back before it was told', () => {
    const bench = new Bench();
    bench.run(1000);
    bench.say(undefined);
    bench.say(open('one'));
    bench.say(open('one'));
    bench.say(undefined);
    bench.say(open('one'));
    bench.run(10_000);
    expect(bench.notes.map(({ said }) => said)).toEqual([open('one')]);
    expect(bench.isArmed(PRESENCE_SAY_TIMER)).toBe(false);
  });

  it('[PRE-2] is never told more than twice a second, and ends with the last word, in any order', () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 900 }),
      presence: fc.option(
        fc.record({ cardId: fc.constantFrom('a', 'b', 'c'), doing: fc.constantFrom(...DOINGS) }),
        { nil: undefined },
      ),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const bench = new Bench();
        for (const { waitMs, presence } of steps) {
          bench.run(waitMs);
          bench.say(presence);
        }
        bench.run(PRESENCE_GAP_MS);
        expect(bench.notes.at(-1)?.said).toEqual(steps.at(-1)?.presence);
        for (const [at, note] of bench.notes.entries())
          expect(note.at - (bench.notes[at - 1]?.at ?? -Infinity)).toBeGreaterThanOrEqual(PRESENCE_GAP_MS);
      }),
    );
  });

  it('[PRE-3] editing and moving that nobody says again are over after a minute; the card stays open', () => {
    const bench = new Bench();
    bench.run(1000);
    bench.say({ cardId: 'one', doing: 'title' });
    bench.run(PRESENCE_ACTIVE_MS - 1);
    bench.say({ cardId: 'one', doing: 'title' });
    bench.run(PRESENCE_ACTIVE_MS - 1);
    expect(bench.notes).toHaveLength(1);
    bench.run(1);
    expect(bench.notes.at(-1)?.said).toEqual(open('one'));
    bench.run(PRESENCE_ACTIVE_MS * 10);
    expect(bench.notes).toHaveLength(2);
  });
});

describe('what others say', () => {
  it('[PRE-4] a newer statement replaces an older one, whatever the order they come in', () => {
    const statement = fc.record({
      from: fc.integer({ min: 1, max: 4 }),
      counter: fc.integer({ min: 0, max: 12 }),
    });
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 60 }), (statements) => {
        const bench = new Bench();
        const newest = new Map<PeerId, number>();
        let old = 0;
        for (const { from, counter } of statements) {
          const who = peer(from);
          // Every third statement says that the peer is at no card.
          bench.hear(who, counter, counter % 3 === 0 ? undefined : open(`c${counter}`));
          const before = newest.get(who);
          if (before !== undefined && counter <= before) old += 1;
          // A peer of which nothing is known and that is nowhere is not worth remembering.
          else if (before !== undefined || counter % 3 !== 0) newest.set(who, counter);
        }
        const expected = [...newest].filter(([, counter]) => counter % 3 !== 0);
        expect(new Map(bench.others())).toEqual(new Map(expected.map(([who, n]) => [who, `c${n}`])));
        expect(bench.machine.refusals('presenceOld')).toBe(old);
      }),
    );
  });

  it('[PRE-5] is believed as long as it is refreshed, and is gone after its time without', () => {
    const wait = fc.integer({ min: 1, max: PRESENCE_TTL_MS * 2 });
    fc.assert(
      fc.property(fc.array(wait, { minLength: 1, maxLength: 10 }), (waits) => {
        const bench = new Bench();
        bench.hear(A, 1, open('one'));
        for (const [at, ms] of waits.entries()) {
          bench.run(ms);
          expect(bench.others()).toEqual(ms < PRESENCE_TTL_MS ? [[A, 'one']] : []);
          bench.hear(A, at + 2, open('one'));
        }
        // A change for every time that it came or went, and for no refresh.
        const lapses = waits.filter((ms) => ms >= PRESENCE_TTL_MS).length;
        expect(bench.changes).toBe(1 + 2 * lapses);
      }),
    );
  });

  it('[PRE-6] is refused when it is malformed or a stranger\u2019s, and counted', () => {
    const bench = new Bench((who) => who === A);
    bench.hear(B, 1, open('one'));
    bench.command({ type: 'heard', peer: A, counter: 1, note: new Uint8Array([1, 2, 3]) });
    bench.command({
      type: 'heard',
      peer: A,
      counter: 1,
      note: noteOf({ cardId: 'x', doing: 'open' }).slice(1),
    });
    expect(bench.others()).toEqual([]);
    expect(bench.machine.refusals('presenceStranger')).toBe(1);
    expect(bench.machine.refusals('presenceMalformed')).toBe(2);
    // Whoever was refused is no older for it.
    bench.hear(A, 1, open('one'));
    expect(bench.others()).toEqual([[A, 'one']]);
  });

  it('[PRE-6] is kept of as many peers as the overlay knows, those heard last', () => {
    const bench = new Bench();
    for (let n = 0; n <= MAX_PRESENCES; n++) bench.hear(wide(n), 1, open(`c${n}`));
    expect(bench.others()).toHaveLength(MAX_PRESENCES);
    expect(bench.others()[0]).toEqual([wide(1), 'c1']);
  });
});

describe('a statement', () => {
  it('[PRE-1] is read as it was written, and nothing else is', () => {
    for (const doing of DOINGS) {
      const presence = { cardId: 'k3v9qx0m2b7d', doing };
      expect(decodeWith(presenceCodec, noteOf(presence))).toEqual({ ok: true, value: presence });
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const decoded = decodeWith(presenceCodec, new Uint8Array(bytes));
        if (decoded.ok) expect(noteOf(decoded.value)).toEqual(new Uint8Array(bytes));
      }),
    );
    const longest = noteOf({ cardId: 'x'.repeat(64), doing: 'comment' });
    expect(longest).toHaveLength(66);
    expect(() => noteOf({ cardId: 'x'.repeat(65), doing: 'open' })).toThrow();
  });
});
