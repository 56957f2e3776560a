/** When a failure is certain: statements of the neighbours that a peer itself had announced. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerId } from '../../../src/kernel/ids.ts';
import { Outbox, type OverlayEffect } from '../../../src/overlay/commands.ts';
import { Directory } from '../../../src/overlay/directory.ts';
import { MAX_PLACES, MAX_STATEMENTS_PER_MESSAGE, MAX_SUSPECTS } from '../../../src/overlay/limits.ts';
import type { SignedSilence } from '../../../src/overlay/messages.ts';
import { SILENCE_TAG, Witnesses } from '../../../src/overlay/witnesses.ts';
import { announcement, BOARD, peer, SELF, sent, SIGNATURE, started } from './overlay-fixture.ts';

const SUSPECT = peer(1);
const [A, B, C, D] = [peer(2), peer(3), peer(4), peer(5)] as const;
const LINKS = new Set([peer(20), peer(21)]);

function silence(witness: PeerId, counter = 10, suspect = SUSPECT): SignedSilence {
  return { suspect, counter, witness, signature: SIGNATURE };
}

interface Bench {
  readonly directory: Directory;
  readonly witnesses: Witnesses;
  readonly hear: (...silences: readonly SignedSilence[]) => {
    dead: readonly PeerId[];
    effects: readonly OverlayEffect[];
  };
}

/** SUSPECT has announced these neighbours, under counter 10. */
function bench(...neighbours: readonly PeerId[]): Bench {
  const directory = new Directory(SELF);
  directory.heard(announcement(SUSPECT, 10, neighbours), peer(20), 0);
  for (const each of neighbours)
    if (each !== SELF) directory.heard(announcement(each, 1, [SUSPECT]), each, 0);
  const announced = () => announcement(SELF, 3, [A]);
  const witnesses = new Witnesses({ self: SELF, board: BOARD, directory, links: LINKS, announced });
  return {
    directory,
    witnesses,
    hear: (...silences) => {
      const out = new Outbox();
      const { dead } = witnesses.received(peer(20), { kind: 'silences', silences }, 0, out);
      return { dead, effects: out.effects };
    },
  };
}

describe('witnesses', () => {
  it('[OVL-47] more than half of the announced neighbours make a failure certain', () => {
    const { hear, directory } = bench(A, B, C, D);
    expect(hear(silence(A)).dead).toEqual([]);
    expect(hear(silence(B)).dead).toEqual([]);
    expect(directory.get(SUSPECT)?.gone).toBeUndefined();
    expect(hear(silence(C)).dead).toEqual([SUSPECT]);
    expect(directory.get(SUSPECT)?.gone).toBe('dead');
    expect(hear(silence(D)).dead).toEqual([]);
  });

  it('[OVL-47] one broken link or one liar convinces nobody, however often it speaks and whatever it adds', () => {
    const strangers = fc.array(fc.integer({ min: 200, max: 400 }).map(peer), { maxLength: 30 });
    const counters = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 10 });
    const property = fc.property(
      fc.integer({ min: 2, max: MAX_PLACES }),
      strangers,
      counters,
      (size, others, said) => {
        const { hear, directory } = bench(...[A, B, C, D, peer(6)].slice(0, size));
        hear(...said.map((counter) => silence(A, counter)), ...others.map((each) => silence(each)));
        hear(...said.map((counter) => silence(A, counter)));
        expect(directory.get(SUSPECT)?.gone).toBeUndefined();
      },
    );
    fc.assert(property, { seed: 6, numRuns: 200 });
  });

  it('[OVL-47] the only neighbour of a peer is believed', () => {
    expect(bench(A).hear(silence(A)).dead).toEqual([SUSPECT]);
  });

  it('[OVL-47] the dead have no vote, and one death can make another certain', () => {
    const { directory, hear } = bench(A, B, C);
    directory.heard(announcement(A, 1, [B, C]), A, 0);
    // Of SUSPECT's three neighbours only B has spoken, but A is dead as well.
    expect(hear(silence(B)).dead).toEqual([]);
    expect(hear(silence(B, 1, A), silence(C, 1, A)).dead).toEqual([A]);
    const again = bench(A, B, C);
    again.directory.heard(announcement(A, 1, [C]), A, 0);
    again.directory.markGone(B, 'left');
    expect(again.hear(silence(C)).dead).toEqual([]);
    expect(again.hear(silence(C, 1, A)).dead).toEqual([A, SUSPECT]);
  });

  it('[OVL-47] what is new is handed on to all but its bringer, what is known to nobody', () => {
    const { hear } = bench(A, B, C);
    expect(sent(hear(silence(A)).effects, 'silences')).toEqual([
      { to: peer(21), message: { kind: 'silences', silences: [silence(A)] } },
    ]);
    expect(hear(silence(A)).effects).toEqual([]);
  });

  it('[OVL-48] a newer announcement voids what was said before, and outdated statements count nothing', () => {
    const { directory, witnesses, hear } = bench(A, B, C);
    hear(silence(A));
    directory.heard(announcement(SUSPECT, 11, [A, B, C]), A, 1);
    witnesses.announced(SUSPECT, 11);
    expect(hear(silence(B), silence(C)).dead).toEqual([]);
    expect(hear(silence(B, 11)).dead).toEqual([]);
    expect(hear(silence(C, 11)).dead).toEqual([SUSPECT]);
  });

  it('[OVL-48] a peer that shows itself lives again', () => {
    const { directory, hear } = bench(A);
    hear(silence(A));
    directory.heard(announcement(SUSPECT, 11, [A]), A, 1);
    expect(directory.get(SUSPECT)?.gone).toBeUndefined();
  });

  it('[OVL-49] only what would count is checked: known suspects, news, and nothing in our own name', () => {
    const { witnesses, hear } = bench(A, B, C);
    const checks = (...silences: readonly SignedSilence[]): number =>
      witnesses.checks({ kind: 'silences', silences }).length;
    expect(checks(silence(A))).toBe(1);
    expect([checks(silence(A, 9)), checks(silence(A, 11)), checks(silence(peer(50)))]).toEqual([0, 0, 0]);
    expect(checks(silence(SELF))).toBe(0);
    expect(checks(silence(A, 10, peer(999)))).toBe(0);
    hear(silence(A));
    expect(checks(silence(A), silence(B))).toBe(1);
    expect(witnesses.checks({ kind: 'silences', silences: [silence(B)] })[0]).toMatchObject({ signer: B });
  });

  it('[OVL-49] what it keeps and sends is bounded', () => {
    const { directory, hear } = bench(A, B, C);
    const suspects = Array.from({ length: MAX_SUSPECTS + 20 }, (_, i) => peer(1_000 + i));
    for (const each of suspects) directory.heard(announcement(each, 1, [A, B]), A, 0);
    const { effects } = hear(...suspects.map((each) => silence(A, 1, each)));
    for (const { message } of sent(effects, 'silences'))
      expect(message.silences.length).toBeLessThanOrEqual(MAX_STATEMENTS_PER_MESSAGE);
    // The first suspects were forgotten, so that the second half of their neighbours is not enough.
    expect(hear(silence(B, 1, suspects[0])).dead).toEqual([]);
    expect(hear(silence(B, 1, suspects.at(-1))).dead).toEqual(suspects.slice(-1));
  });

  it('[OVL-49] statements of others than its neighbours do not push out theirs', () => {
    const { hear, directory } = bench(A, B, C);
    hear(...Array.from({ length: 40 }, (_, i) => silence(peer(3_000 + i))));
    hear(silence(A), silence(B));
    expect(directory.get(SUSPECT)?.gone).toBe('dead');
  });

  it('[OVL-47] we say it ourselves once it is signed, unless it has shown itself by then', () => {
    const links = new Set(LINKS);
    const directory = new Directory(SELF);
    directory.heard(announcement(SUSPECT, 10, [SELF]), SUSPECT, 0);
    const announced = () => undefined;
    const witnesses = new Witnesses({ self: SELF, board: BOARD, directory, links, announced });
    const tag = SILENCE_TAG + SUSPECT;
    const asked = new Outbox();
    witnesses.state(SUSPECT, asked);
    witnesses.state(SUSPECT, asked);
    witnesses.state(peer(77), asked);
    expect(asked.effects.map((effect) => effect.kind === 'sign' && effect.tag)).toEqual([tag]);
    links.add(SUSPECT);
    expect(witnesses.signed(tag, SIGNATURE, 0, asked).dead).toEqual([]);
    links.delete(SUSPECT);
    witnesses.state(SUSPECT, asked);
    const out = new Outbox();
    expect(witnesses.signed(tag, SIGNATURE, 0, out).dead).toEqual([SUSPECT]);
    expect(sent(out.effects, 'silences').map(({ to }) => to)).toEqual([...LINKS]);
    expect(witnesses.signed(tag, SIGNATURE, 0, out).dead).toEqual([]);
  });

  it('[OVL-48] a whole peer that is called silent announces itself at once, if its neighbour says so', () => {
    for (const witness of [A, B]) {
      const driven = started();
      const said = sent(driven.link(A), 'announcements')[0]?.message.announcements[0];
      const silences = [silence(witness, said?.counter, SELF)];
      const effects = driven.receive(A, { kind: 'silences', silences }, 25);
      const signs = effects.flatMap((effect) => (effect.kind === 'sign' ? [effect.tag] : []));
      expect(signs).toEqual(witness === A ? ['overlay/announcement'] : []);
    }
  });
});
