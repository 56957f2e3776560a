/** Broadcasts at one peer: what is sent, named, asked for, remembered, and what each neighbour may cost. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import type { PeerId } from '../../../src/kernel/ids.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import { Broadcast } from '../../../src/overlay/broadcast.ts';
import { Outbox, type OverlayEffect } from '../../../src/overlay/commands.ts';
import { Directory } from '../../../src/overlay/directory.ts';
import {
  CACHED_MS,
  IHAVE_DELAY_MS,
  IHAVE_JITTER_MS,
  MAX_CACHED,
  MAX_CACHED_BYTES,
  MAX_EAGER_BYTES,
  MAX_GOSSIP_BYTES,
  MAX_GRAFT_MS,
  MAX_HOPS,
  MAX_IHAVES_PER_MESSAGE,
  MAX_MISSING_PER_NEIGHBOUR,
  MAX_SEEN,
  MIN_GRAFT_MS,
  MAX_RETOLD_BYTES,
  RETOLD_MS,
  SEEN_MS,
} from '../../../src/overlay/limits.ts';
import { MessageCache, type CachedMessage } from '../../../src/overlay/message-cache.ts';
import { gossipId, originOf, type MessageOf, type OverlayMessage } from '../../../src/overlay/messages.ts';
import { Missing } from '../../../src/overlay/missing.ts';
import { Topology } from '../../../src/overlay/topology.ts';
import { Trees } from '../../../src/overlay/trees.ts';
import { announcement, events, peer, SELF, sends, sent } from './overlay-fixture.ts';

const [A, B, C, FAR] = [peer(1), peer(2), peer(3), peer(50)] as const;
const TOLD_MS = IHAVE_DELAY_MS + IHAVE_JITTER_MS + 1;

interface Stage {
  readonly broadcast: Broadcast;
  readonly links: Set<PeerId>;
  readonly verdicts: (readonly [PeerId, string])[];
  readonly directory: Directory;
  readonly do: (act: (broadcast: Broadcast, out: Outbox) => void) => readonly OverlayEffect[];
}

/** Three neighbours without links among each other; FAR is behind A. */
function stage(patienceMs = 0): Stage {
  const directory = new Directory(SELF);
  const links = new Set<PeerId>([A, B, C]);
  directory.heard(announcement(A, 1, [SELF, FAR]), A, 0);
  directory.heard(announcement(FAR, 1, [A]), A, 0);
  for (const each of [B, C]) directory.heard(announcement(each, 1, [SELF]), each, 0);
  const verdicts: (readonly [PeerId, string])[] = [];
  const broadcast = new Broadcast({
    self: SELF,
    links,
    trees: new Trees(directory, new Topology(SELF, directory, links), () => false),
    random: randomFrom('broadcast'),
    patienceMs: () => patienceMs,
    judged: (by, verdict) => verdicts.push([by, verdict]),
  });
  return {
    broadcast,
    links,
    verdicts,
    directory,
    do: (act) => {
      const out = new Outbox();
      act(broadcast, out);
      return out.effects;
    },
  };
}

function gossip(payload: Bytes, origin = FAR, hops = 2, age = 0): MessageOf<'gossip'> {
  return {
    kind: 'gossip',
    id: gossipId(payload),
    origin: originOf(origin),
    hops,
    age,
    lane: 'journal',
    payload,
  };
}

function mention(payload: Bytes, large = false): MessageOf<'ihave'> {
  return {
    kind: 'ihave',
    mentions: [{ id: gossipId(payload), origin: originOf(FAR), hops: 3, large, age: 0 }],
  };
}

const payload = utf8('payload');
const large = new Uint8Array(MAX_EAGER_BYTES + 1);

describe('broadcast', () => {
  it('[OVL-21] our own goes to every neighbour, counted as one hop, in its lane', () => {
    const effects = stage().do((each, out) => each.broadcast(payload, 'bulk', 0, out));
    expect(sent(effects, 'gossip').map(({ to }) => to)).toEqual([A, B, C]);
    expect(sent(effects, 'gossip')[0]?.message).toMatchObject({
      origin: originOf(SELF),
      hops: 1,
      lane: 'bulk',
    });
  });

  it('[OVL-21, OVL-25] the first copy is delivered and goes to our children, later copies go nowhere', () => {
    const { broadcast, do: run, verdicts } = stage();
    const first = run((each, out) => each.received(A, gossip(payload), 0, out));
    expect(events(first, 'delivered')).toEqual([{ type: 'delivered', payload, from: A, hops: 2 }]);
    expect(sent(first, 'gossip').map(({ to, message }) => [to, message.hops])).toEqual([
      [B, 3],
      [C, 3],
    ]);
    const second = run((each, out) => each.received(B, gossip(payload), 1, out));
    expect(second.every((effect) => effect.kind === 'send' && effect.message.kind === 'prune')).toBe(true);
    expect(broadcast.hasSeen(gossipId(payload))).toBe(true);
    expect(verdicts).toEqual([[A, 'useful']]);
  });

  it('[OVL-25] one object is sent to all children, so that it is encoded once', () => {
    const copies = sent(
      stage().do((each, out) => each.received(A, gossip(payload), 0, out)),
      'gossip',
    ).map(({ message }) => message);
    expect(copies[0]).toBe(copies[1]);
  });

  it('[OVL-23] whoever brings a second copy is pruned once', () => {
    const { do: run } = stage();
    const prunes = [1, 2, 3].flatMap((n) => {
      const each = utf8(`${n}`);
      run((broadcast, out) => broadcast.received(A, gossip(each), n, out));
      return sent(
        run((broadcast, out) => broadcast.received(B, gossip(each), n, out)),
        'prune',
      );
    });
    expect(prunes).toEqual([{ to: B, message: { kind: 'prune', origin: originOf(FAR) } }]);
  });

  it('[OVL-23, OVL-27] who pruned us is told the name only, and gets the payload when it asks', () => {
    const { do: run } = stage();
    run((each) => each.pruned(B, { kind: 'prune', origin: originOf(FAR) }, 0));
    const first = run((each, out) => each.received(A, gossip(payload), 0, out));
    expect(sent(first, 'gossip').map(({ to }) => to)).toEqual([C]);
    const told = run((each, out) => each.elapsed(TOLD_MS, out));
    expect(sent(told, 'ihave')).toMatchObject([
      { to: B, message: { mentions: [{ id: gossipId(payload), hops: 3 }] } },
    ]);
    const graft = { kind: 'graft', id: gossipId(payload), origin: originOf(FAR), branch: true } as const;
    const answered = run((each, out) => each.grafted(B, graft, 400, out));
    expect(sent(answered, 'gossip').map(({ to }) => to)).toEqual([B]);
    const next = run((each, out) => each.received(A, gossip(utf8('next')), 500, out));
    expect(sent(next, 'gossip').map(({ to }) => to)).toEqual([C, B].sort());
  });

  it('[OVL-27] a name is not told to whoever has named or brought the same meanwhile', () => {
    const { do: run } = stage();
    for (const each of [B, C])
      run((broadcast) => broadcast.pruned(each, { kind: 'prune', origin: originOf(FAR) }, 0));
    run((each, out) => each.received(A, gossip(payload), 0, out));
    run((each, out) => each.mentioned(B, mention(payload), 10, out));
    run((each, out) => each.received(C, gossip(payload), 20, out));
    expect(sends(run((each, out) => each.elapsed(TOLD_MS, out)))).toEqual([]);
  });

  it('[OVL-27] what was named and does not come is asked for after the patience, at one source after the other', () => {
    for (const [roundTrips, patience] of [
      [0, MIN_GRAFT_MS],
      [400, 400],
      [1e9, MAX_GRAFT_MS],
    ] as const) {
      const { broadcast, do: run } = stage(roundTrips);
      expect(run((each, out) => each.mentioned(A, mention(payload), 0, out))).toEqual([]);
      run((each, out) => each.mentioned(B, mention(payload), 1, out));
      expect(broadcast.deadline()).toBe(patience);
      const first = run((each, out) => each.elapsed(patience, out));
      expect(sent(first, 'graft')).toMatchObject([
        { to: A, message: { id: gossipId(payload), branch: true } },
      ]);
      expect(broadcast.deadline()).toBe(3 * patience);
      const second = run((each, out) => each.elapsed(3 * patience, out));
      expect(sent(second, 'graft').map(({ to }) => to)).toEqual([B]);
      run((each, out) => each.received(B, gossip(payload), 3 * patience, out));
      expect(broadcast.deadline()).toBe(undefined);
    }
  });

  it('[OVL-27, OVL-28] who names and never sends is asked twice, held to account, and forgotten', () => {
    const { broadcast, do: run, verdicts } = stage();
    run((each, out) => each.mentioned(A, mention(payload), 0, out));
    let asked = 0;
    for (let now = 0; now < 5_000; now += 50)
      asked += sent(
        run((each, out) => each.elapsed(now, out)),
        'graft',
      ).length;
    expect(asked).toBe(2);
    expect(verdicts).toEqual([[A, 'broken']]);
    expect(broadcast.deadline()).toBe(undefined);
    expect(broadcast.hasSeen(gossipId(payload))).toBe(false);
  });

  it('[OVL-24] large payloads are only named, at once, and sent on request without changing a tree', () => {
    const { do: run } = stage();
    const effects = run((each, out) => each.broadcast(large, 'bulk', 0, out));
    expect(sent(effects, 'gossip')).toEqual([]);
    expect(sent(effects, 'ihave').map(({ to, message }) => [to, message.mentions[0]?.large])).toEqual([
      [A, true],
      [B, true],
      [C, true],
    ]);
    const graft = { kind: 'graft', id: gossipId(large), origin: originOf(SELF), branch: false } as const;
    expect(
      sent(
        run((each, out) => each.grafted(B, graft, 1, out)),
        'gossip',
      ).map(({ to }) => to),
    ).toEqual([B]);
    const other = stage();
    const asked = other.do((each, out) => each.mentioned(A, mention(large, true), 0, out));
    expect(sent(asked, 'graft')).toMatchObject([{ to: A, message: { branch: false } }]);
  });

  it('[OVL-26] a new neighbour hears the names of what was broadcast lately', () => {
    const { do: run, links } = stage();
    const late = peer(60);
    run((each, out) => each.broadcast(utf8('old'), 'journal', 0, out));
    run((each, out) => each.broadcast(utf8('young'), 'journal', RETOLD_MS - 1, out));
    links.add(late);
    run((each) => each.neighbourUp(late, RETOLD_MS));
    const told = run((each, out) => each.elapsed(RETOLD_MS + TOLD_MS, out));
    expect(sent(told, 'ihave').map(({ to, message }) => [to, message.mentions.map(({ id }) => id)])).toEqual([
      [late, [gossipId(utf8('young'))]],
    ]);
  });

  it('[OVL-26] the age of a broadcast goes with it, so that those who come and go do not keep it for ever', () => {
    const messages: MessageOf<'gossip'>[] = [];
    const STAY_MS = 30_000;
    let now = 0;
    let told: MessageOf<'ihave'> | undefined;
    // Each is told of it by the one before, asks for it, and tells the one after it, half a minute later.
    for (let tab = 0; tab < 40; tab++) {
      const { do: run, links } = stage();
      if (tab === 0) run((each, out) => each.broadcast(payload, 'journal', now, out));
      else if (told !== undefined) {
        const { mentions } = told;
        run((each, out) => each.mentioned(A, { kind: 'ihave', mentions }, now, out));
        const got = messages.at(-1) ?? gossip(payload);
        run((each, out) => each.received(A, got, now, out));
      }
      now += STAY_MS;
      links.add(peer(60));
      run((each) => each.neighbourUp(peer(60), now));
      [told] = sent(
        run((each, out) => each.elapsed(now + TOLD_MS, out)),
        'ihave',
      )
        .filter(({ to }) => to === peer(60))
        .map(({ message }) => message);
      if (told === undefined) {
        expect(tab).toBe(RETOLD_MS / STAY_MS - 1);
        expect(messages.map(({ age }) => age)).toEqual([30, 60]);
        return;
      }
      const asked: MessageOf<'graft'> = {
        kind: 'graft',
        id: gossipId(payload),
        origin: originOf(SELF),
        branch: false,
      };
      messages.push(
        ...sent(
          run((each, out) => each.grafted(peer(60), asked, now, out)),
          'gossip',
        ).map(({ message }) => message),
      );
    }
    expect.unreachable('it is told for ever');
  });

  it('[OVL-29] what has crossed its last link is neither named nor sent on request', () => {
    const { do: run, links } = stage();
    run((each, out) => each.received(A, gossip(payload, FAR, MAX_HOPS), 0, out));
    links.add(peer(60));
    run((each) => each.neighbourUp(peer(60), 1));
    expect(run((each, out) => each.elapsed(1 + TOLD_MS, out))).toEqual([]);
    const graft: MessageOf<'graft'> = {
      kind: 'graft',
      id: gossipId(payload),
      origin: originOf(FAR),
      branch: false,
    };
    expect(run((each, out) => each.grafted(B, graft, 2, out))).toEqual([]);
  });

  it('[OVL-27] who named a broadcast is not sent it', () => {
    const { do: run } = stage();
    run((each, out) => each.mentioned(A, mention(payload), 0, out));
    run((each, out) => each.mentioned(B, mention(payload), 0, out));
    const handedOn = run((each, out) => each.received(A, gossip(payload), 1, out));
    expect(sent(handedOn, 'gossip').map(({ to }) => to)).toEqual([C]);
  });

  it('[OVL-26] it hears of no more than its link can carry at once, the newest first', () => {
    const { do: run, links } = stage();
    const late = peer(60);
    const large = Array.from({ length: 9 }, (_, i) => new Uint8Array(MAX_RETOLD_BYTES / 4).fill(i));
    for (const each of large) run((broadcast, out) => broadcast.broadcast(each, 'journal', 0, out));
    links.add(late);
    run((each) => each.neighbourUp(late, 1));
    const told = run((each, out) => each.elapsed(1 + TOLD_MS, out));
    const names = sent(told, 'ihave').flatMap(({ to, message }) => (to === late ? message.mentions : []));
    expect(names.map(({ id }) => id)).toEqual(large.slice(-4).reverse().map(gossipId));
  });

  it('[OVL-26] what a neighbour had over its old link it hears again over the new one', () => {
    const { do: run } = stage();
    run((each, out) => each.broadcast(payload, 'journal', 0, out));
    run((each) => {
      each.neighbourDown(A);
      each.neighbourUp(A, 100);
    });
    const told = run((each, out) => each.elapsed(100 + TOLD_MS, out));
    expect(sent(told, 'ihave').map(({ to }) => to)).toEqual([A]);
  });

  it('[OVL-27] a neighbour that is gone is not asked; others that named the same are', () => {
    const { do: run, links } = stage();
    run((each, out) => each.mentioned(A, mention(payload), 0, out));
    run((each, out) => each.mentioned(B, mention(payload), 0, out));
    links.delete(A);
    run((each) => each.neighbourDown(A));
    const asked = run((each, out) => each.elapsed(MIN_GRAFT_MS, out));
    expect(sent(asked, 'graft').map(({ to }) => to)).toEqual([B]);
  });

  it('[OVL-29] a wrong id is a misdeed and does not stand in the way of the right payload', () => {
    const { do: run } = stage();
    const forged = run((each, out) =>
      each.received(A, { ...gossip(payload), payload: utf8('false') }, 0, out),
    );
    expect(forged).toEqual([{ kind: 'emit', event: { type: 'misbehaved', peer: A, misdeed: 'gossipId' } }]);
    const right = run((each, out) => each.received(B, gossip(payload), 1, out));
    expect(events(right, 'delivered')).toHaveLength(1);
  });

  it('[OVL-29] after the last hop a payload is delivered and goes no further; no hop at all is a misdeed', () => {
    const last = stage().do((each, out) => each.received(A, gossip(payload, FAR, MAX_HOPS), 0, out));
    expect(last.map((effect) => effect.kind)).toEqual(['emit']);
    const none = stage().do((each, out) => each.received(A, gossip(payload, FAR, 0), 0, out));
    expect(events(none, 'misbehaved')).toHaveLength(1);
  });

  it('[OVL-29] our own payloads have a largest size, and equal ones are one broadcast', () => {
    const { do: run } = stage();
    expect(() =>
      run((each, out) => each.broadcast(new Uint8Array(MAX_GOSSIP_BYTES + 1), 'bulk', 0, out)),
    ).toThrow('MAX_GOSSIP_BYTES');
    run((each, out) => each.broadcast(payload, 'journal', 0, out));
    expect(run((each, out) => each.broadcast(payload, 'journal', 1, out))).toEqual([]);
  });

  it('[OVL-28, OVL-70] names beyond the bound are as if they had not been said, and nobody is blamed', () => {
    const { do: run } = stage();
    const name = (n: number) => mention(utf8(`${n}`));
    const all = Array.from({ length: MAX_MISSING_PER_NEIGHBOUR + 1 }, (_, n) => name(n));
    expect(all.flatMap((each) => run((one, out) => one.mentioned(A, each, 0, out)))).toEqual([]);
    const asked = sent(
      run((each, out) => each.elapsed(MAX_GRAFT_MS, out)),
      'graft',
    ).map(({ message }) => message);
    const [first, last] = [name(0), name(MAX_MISSING_PER_NEIGHBOUR)].map(({ mentions }) => mentions[0]?.id);
    expect(asked).toHaveLength(MAX_MISSING_PER_NEIGHBOUR);
    expect(asked).toContainEqual(expect.objectContaining({ kind: 'graft', id: first }));
    expect(asked).not.toContainEqual(expect.objectContaining({ id: last }));
    // Whoever else names it is asked.
    run((each, out) => each.mentioned(B, name(MAX_MISSING_PER_NEIGHBOUR), MAX_GRAFT_MS, out));
    const later = sent(
      run((each, out) => each.elapsed(2 * MAX_GRAFT_MS, out)),
      'graft',
    );
    expect(later).toContainEqual(
      expect.objectContaining({ to: B, message: expect.objectContaining({ id: last }) as unknown }),
    );
  });

  it('[OVL-26] of more than may wait for a new neighbour it is told the newest', () => {
    const { do: run } = stage();
    const payloads = Array.from({ length: MAX_IHAVES_PER_MESSAGE + 50 }, (_, n) => utf8(`said ${n}`));
    for (const each of payloads) run((one, out) => one.broadcast(each, 'journal', 0, out));
    run((each, out) => each.elapsed(MAX_GRAFT_MS, out));
    run((each) => each.neighbourUp(peer(9), MAX_GRAFT_MS));
    const told = sent(
      run((each, out) => each.elapsed(2 * MAX_GRAFT_MS, out)),
      'ihave',
    )
      .filter(({ to }) => to === peer(9))
      .flatMap(({ message }) => message.mentions.map(({ id }) => id));
    expect(told).toEqual(payloads.slice(-MAX_IHAVES_PER_MESSAGE).reverse().map(gossipId));
  });

  it('[OVL-28] names that wait for one neighbour are bounded, the oldest go first', () => {
    const { do: run } = stage();
    run((each) => each.pruned(B, { kind: 'prune', origin: originOf(FAR) }, 0));
    for (let n = 0; n <= MAX_IHAVES_PER_MESSAGE; n++)
      run((each, out) => each.received(A, gossip(utf8(`${n}`)), 0, out));
    const [told] = sent(
      run((each, out) => each.elapsed(TOLD_MS, out)),
      'ihave',
    );
    expect(told?.message.mentions).toHaveLength(MAX_IHAVES_PER_MESSAGE);
    expect(told?.message.mentions[0]?.id).toBe(gossipId(utf8('1')));
  });

  it('[OVL-25, OVL-28, OVL-29] whatever neighbours send, nothing is delivered twice and nothing is thrown', () => {
    const texts = fc.nat(12).map((n) => utf8(`text ${n}`));
    const from = fc.constantFrom(A, B, C);
    const origins = fc.constantFrom(A, B, FAR, SELF, peer(77));
    const input = fc.oneof(
      fc.record({ from, message: fc.tuple(texts, origins, fc.nat(MAX_HOPS)).map((each) => gossip(...each)) }),
      fc.record({ from, message: fc.tuple(texts, fc.boolean()).map((each) => mention(...each)) }),
      fc.record({
        from,
        message: fc.tuple(texts, origins, fc.boolean()).map(([each, origin, branch]): OverlayMessage => ({
          kind: 'graft',
          id: gossipId(each),
          origin: originOf(origin),
          branch,
        })),
      }),
      fc.record({
        from,
        message: origins.map((origin): OverlayMessage => ({ kind: 'prune', origin: originOf(origin) })),
      }),
    );
    const property = fc.property(fc.array(fc.tuple(input, fc.nat(300)), { maxLength: 60 }), (inputs) => {
      const { do: run } = stage();
      const delivered = new Set<string>();
      let now = 0;
      for (const [{ from: by, message }, wait] of inputs) {
        now += wait;
        const effects = run((each, out) => {
          if (message.kind === 'gossip') each.received(by, message, now, out);
          if (message.kind === 'ihave') each.mentioned(by, message, now, out);
          if (message.kind === 'graft') each.grafted(by, message, now, out);
          if (message.kind === 'prune') each.pruned(by, message, now);
          each.elapsed(now, out);
        });
        for (const event of events(effects, 'delivered')) {
          const id = gossipId(event.payload);
          expect(delivered.has(id)).toBe(false);
          delivered.add(id);
        }
        for (const { to } of sent(effects, 'gossip'))
          expect(to).not.toBe(message.kind === 'gossip' ? by : '');
      }
    });
    fc.assert(property, { seed: 5, numRuns: 200 });
  });
});

describe('what is remembered of broadcasts', () => {
  function cached(n: number, at: number, bytes = 1): CachedMessage {
    const common = { origin: originOf(A), hops: 0, lane: 'bulk', knownBy: new Set<PeerId>() } as const;
    return { ...common, id: `${n}`, payload: new Uint8Array(bytes), at, bornAt: at };
  }

  it('[OVL-25] ids: the last 8,192, for two minutes', () => {
    const cache = new MessageCache();
    for (let n = 0; n < MAX_SEEN + 10; n++) cache.add(cached(n, n));
    expect([cache.size, cache.hasSeen('9'), cache.hasSeen('10')]).toEqual([MAX_SEEN, false, true]);
    cache.add(cached(99_999, MAX_SEEN + 10 + SEEN_MS));
    expect(cache.size).toBe(1);
  });

  it('[OVL-26] payloads: bounded in number, bytes and time; their ids stay', () => {
    const cache = new MessageCache();
    for (let n = 0; n <= MAX_CACHED; n++) cache.add(cached(n, 0));
    expect([cache.get('0'), cache.get('1')?.id, cache.hasSeen('0')]).toEqual([undefined, '1', true]);
    cache.add(cached(-1, 1, MAX_CACHED_BYTES));
    expect(cache.bytes).toBe(MAX_CACHED_BYTES);
    cache.expire(1 + CACHED_MS);
    expect([cache.bytes, cache.get('-1'), cache.hasSeen('-1')]).toEqual([0, undefined, true]);
  });

  it('[OVL-28] names of nothing: each neighbour may leave so many open, and gets room when they come or it goes', () => {
    const missing = new Missing();
    const name = (n: number) => ({ id: `${n}`, origin: originOf(A), hops: 1, large: false, age: 0 });
    for (let n = 0; n < MAX_MISSING_PER_NEIGHBOUR; n++) expect(missing.named(name(n), A, 0)).toBe(true);
    expect(missing.named(name(-1), A, 0)).toBe(false);
    expect(missing.named(name(0), A, 0)).toBe(true);
    expect(missing.named(name(0), B, 0)).toBe(true);
    missing.found('0');
    expect(missing.named(name(-1), A, 0)).toBe(true);
    expect(missing.named(name(-2), A, 0)).toBe(false);
    missing.lost(A);
    expect([missing.size, missing.deadline(), missing.named(name(-2), A, 7)]).toEqual([0, undefined, true]);
    expect(missing.deadline()).toBe(7);
  });
});
