import { describe, expect, it } from 'vitest';
import { decodeWith, encodeWith } from '../../../src/kernel/codec.ts';
import type { Hash, PeerId } from '../../../src/kernel/ids.ts';
import {
  OWED_MS,
  PULL_DEADLINE_MS,
  PULL_GRACE_MS,
  PULL_PATIENCE_MS,
  QUIET_ASK_MS,
  QUIET_MS,
} from '../../../src/replication/limits.ts';
import { replicationMessageCodec, type ReplicationMessage } from '../../../src/replication/messages.ts';
import { join, Replica, type ReplicaWorld } from './replicas.ts';
import { SmallWorld } from './small-world.ts';

type Kind = ReplicationMessage['kind'];

/** A member with two neighbours, who hold more than it does. */
function swarm(keeps: (from: PeerId, kind: Kind, liar: PeerId) => boolean): {
  world: ReplicaWorld;
  a: Replica;
  liar: Replica;
  other: Replica;
} {
  const world: ReplicaWorld = new SmallWorld();
  const [a, liar, other] = ['a', 'liar', 'other'].map((name) => new Replica(world, name)) as [
    Replica,
    Replica,
    Replica,
  ];
  a.claim();
  liar.claim();
  other.claim();
  world.run(100);
  world.tamper = (from, _to, bytes) => {
    const decoded = decodeWith(replicationMessageCodec, bytes);
    return decoded.ok && keeps(from, decoded.value.kind, liar.peer) ? undefined : bytes;
  };
  join(world, a, liar);
  join(world, a, other);
  return { world, a, liar, other };
}

/** Of whom `replica` said that they keep back, when first. */
function accused(replica: Replica): ReadonlyMap<PeerId, number> {
  const found = new Map<PeerId, number>();
  for (const { effect, at } of replica.tenant.effects)
    if (effect.kind === 'emit' && effect.event.type === 'keepsBack' && !found.has(effect.event.peer))
      found.set(effect.event.peer, at);
  return found;
}

describe('neighbours that keep back what they hold', () => {
  it('[REP-62, REP-64] are asked when they say nothing, and given up when they do not answer', () => {
    const { world, a, liar } = swarm((from, kind, it) => from === it && ['digest', 'batch'].includes(kind));
    world.run(QUIET_ASK_MS);
    expect(accused(a).size).toBe(0);
    world.run(3 * QUIET_MS);
    const questions = a.tenant.sent.filter(({ to, message }) => to === liar.peer && message.kind === 'pull');
    expect(questions.length).toBeGreaterThanOrEqual(2);
    expect([...accused(a).keys()]).toEqual([liar.peer]);
    expect(accused(a).get(liar.peer)).toBeGreaterThanOrEqual(QUIET_MS);
    expect(accused(a).get(liar.peer)).toBeLessThan(2 * QUIET_MS);
  });

  it('[REP-62] are not taken for those whose timers hardly ever fire: these answer when asked', () => {
    const { world, a } = swarm((from, kind, it) => from === it && kind === 'digest');
    world.run(10 * QUIET_MS);
    expect(accused(a).size).toBe(0);
  });

  it('[REP-36, REP-62] answer with a digest where they may not serve', () => {
    const world: ReplicaWorld = new SmallWorld();
    const [a, b] = ['a', 'b'].map((name) => new Replica(world, name)) as [Replica, Replica];
    world.connect(a.tenant, b.tenant, true);
    b.command({ type: 'neighbourUp', peer: a.peer, served: false });
    expect(b.sent('digest').length).toBe(1);
    world.give(b.tenant, { kind: 'received', from: a.peer, message: { kind: 'pull', pull: 1, have: [] } });
    expect(b.sent('digest').length).toBe(2);
    expect(b.sent('batch').length).toBe(0);
  });

  it('[REP-63, REP-64] are given up when they show what they never give', () => {
    const { world, a, liar } = swarm((from, kind, it) => from === it && kind === 'batch');
    world.run(12 * PULL_DEADLINE_MS);
    expect([...accused(a).keys()]).toEqual([liar.peer]);
  });

  it('[REP-64] are given up when they answer no pull, though others give what they show', () => {
    const { world, a, liar, other } = swarm((from, kind, it) => from === it && kind === 'batch');
    world.run(1000);
    for (const entry of liar.stored()) a.command({ type: 'delivered', entry, from: other.peer });
    world.run(2 * OWED_MS);
    expect(a.stored().map(({ author }) => author)).toContain(liar.peer);
    expect([...accused(a).keys()]).toEqual([liar.peer]);
  });

  it('[REP-62, REP-64] are not taken for those whose answer was lost: these are asked again', () => {
    let lost = 0;
    const { world, a, liar, other } = swarm(
      (from, kind, it) => from === it && kind === 'batch' && lost++ === 0,
    );
    world.run(1000);
    expect(lost).toBe(1);
    for (const entry of liar.stored()) a.command({ type: 'delivered', entry, from: other.peer });
    world.run(4 * OWED_MS);
    expect(lost).toBe(2);
    expect(accused(a).size).toBe(0);
  });

  it('[REP-63] are given up when they answer with nothing, though so late that others are asked', () => {
    const { world, a, liar, other } = swarm((_from, kind) => ['batch', 'digest'].includes(kind));
    const say = (from: PeerId, message: ReplicationMessage): void => {
      world.inject(from, a.tenant, encodeWith(replicationMessageCodec, message));
    };
    const show = (from: PeerId): void => {
      say(from, { kind: 'frontier', frontier: [{ author: from, seq: 9, head: 'ab'.repeat(32) as Hash }] });
    };
    for (const each of [liar, other]) show(each.peer);
    world.run(PULL_GRACE_MS);
    let answered = 0;
    for (let i = 0; i < 20; i++) {
      world.run(PULL_PATIENCE_MS + 50);
      const pulls = a.tenant.sent.flatMap(({ to, message }) =>
        message.kind === 'pull' ? [{ to, pull: message.pull }] : [],
      );
      // All but the one under way.
      for (const { to, pull } of pulls.slice(answered, -1)) {
        say(to, { kind: 'batch', pull, entries: [], remainingBytes: 0, more: false });
        show(to);
      }
      answered = Math.max(answered, pulls.length - 1);
    }
    expect(new Set(accused(a).keys())).toEqual(new Set([liar.peer, other.peer]));
  });

  it('[REP-63] are not taken for those whose link is slower than the deadline of a pull', () => {
    const world: ReplicaWorld = new SmallWorld();
    const [a, slow] = ['a', 'slow'].map((name) => new Replica(world, name)) as [Replica, Replica];
    slow.claim();
    for (let i = 0; i < 30; i++) slow.set(`key ${i}`, i);
    world.run(100);
    world.tamper = (_from, _to, bytes) => {
      const decoded = decodeWith(replicationMessageCodec, bytes);
      return decoded.ok && decoded.value.kind === 'batch' ? undefined : bytes;
    };
    join(world, a, slow);
    world.run(PULL_DEADLINE_MS + 1000);
    for (const { bytes } of slow.stored()) {
      const late = { kind: 'batch', pull: 1, entries: [bytes], remainingBytes: 1, more: true } as const;
      world.inject(slow.peer, a.tenant, encodeWith(replicationMessageCodec, late));
      world.run(PULL_DEADLINE_MS / 2);
    }
    expect(a.sent('pull').length).toBeGreaterThan(8);
    expect(accused(a).size).toBe(0);
    expect(a.digest).toBe(slow.digest);
  });

  it.each(Array.from({ length: 8 }, (_, run) => run))(
    '[REP-35] are asked once each before somebody honest is, at most, run %i',
    (run) => {
      const world: ReplicaWorld = new SmallWorld();
      const a = new Replica(world, `a${run}`);
      const liars = ['b', 'c', 'd', 'e'].map((name) => new Replica(world, name));
      const honest = new Replica(world, 'honest');
      for (const each of [...liars, honest]) each.claim();
      world.run(100);
      const peers = liars.map(({ peer }) => peer);
      world.tamper = (from, _to, bytes) => {
        const decoded = decodeWith(replicationMessageCodec, bytes);
        return decoded.ok && decoded.value.kind === 'batch' && peers.includes(from) ? undefined : bytes;
      };
      for (const each of [...liars, honest]) join(world, a, each);
      world.run((liars.length + 1) * PULL_DEADLINE_MS);
      expect(a.stored().map(({ author }) => author)).toContain(honest.peer);
    },
  );

  it('[REP-64] are given up all but one at first, and then that one', () => {
    const { world, a } = swarm(() => false);
    world.tamper = (from, _to, bytes) => (from === a.peer ? bytes : undefined);
    world.run(4 * QUIET_MS);
    const times = [...new Set(accused(a).values())];
    expect(accused(a).size).toBe(2);
    expect(times.length).toBe(2);
  });
});
