import { describe, expect, it } from 'vitest';
import { decodeWith, encodeWith, whole } from '../../../src/kernel/codec.ts';
import type { PeerId } from '../../../src/kernel/ids.ts';
import { ACK_DELAY_MS, ACK_GAP_MS, MAX_UNSAVED_ENTRIES } from '../../../src/replication/limits.ts';
import { replicationMessageCodec } from '../../../src/replication/messages.ts';
import { BOARD, openAuthor } from './author.ts';
import { openAuthority } from './holder.ts';
import { join, part, Replica, type ReplicaWorld } from './replicas.ts';
import { SmallWorld } from './small-world.ts';

/** Two devices; `mine` has a second tab on the first one. */
function devices(): { world: ReplicaWorld; mine: Replica; second: Replica; theirs: Replica } {
  const world: ReplicaWorld = new SmallWorld();
  const ours: PeerId[] = [];
  const authority = openAuthority();
  const here = {
    ...authority,
    isOurs: (peer: PeerId) => ours.includes(peer),
    isElsewhere: (peer: PeerId) => !ours.includes(peer),
  };
  const mine = new Replica(world, 'mine', { authority: here });
  const second = new Replica(world, 'second', { authority: here });
  ours.push(mine.peer, second.peer);
  return { world, mine, second, theirs: new Replica(world, 'theirs') };
}

describe('acknowledgements', () => {
  it('[REP-39] come within 250 ms of the first durable entry and then every 1.5 s, however long the stream', () => {
    const { world, mine, theirs } = devices();
    mine.claim();
    world.run(100);
    join(world, mine, theirs);
    world.run(3000);
    const before = theirs.sent('ack').length;
    for (let i = 0; i < 40; i++) {
      mine.set('key', i);
      world.run(10);
      const newest = mine.events('broadcast').at(-1);
      if (newest !== undefined) theirs.command({ type: 'delivered', entry: newest.entry, from: mine.peer });
      world.run(40);
    }
    const acks = theirs.sent('ack').slice(before);
    expect(acks.length).toBe(2); // 2,000 ms of edits every 50 ms
    world.run(ACK_GAP_MS + 20);
    expect(theirs.sent('ack').at(-1)?.held).toEqual([
      { author: mine.peer, seq: mine.replication.journals.seqOf(mine.peer) },
    ]);
  });

  it('[REP-40] count what no other device holds: unsaved, undelivered, delivered', () => {
    const { world, mine, theirs } = devices();
    mine.claim();
    mine.set('a', 1);
    expect(mine.replication.unacknowledgedCount).toBe(2);
    world.run(100);
    expect(mine.replication.unacknowledgedCount).toBe(2);
    join(world, mine, theirs);
    world.run(5000);
    expect(mine.replication.unacknowledgedCount).toBe(0);
    expect(mine.replication.neighboursInStep()).toEqual([theirs.peer]);
    mine.set('b', 1);
    world.run(20);
    expect(mine.replication.unacknowledgedCount).toBe(1);
    expect(mine.replication.neighboursInStep()).toEqual([]);
    mine.flush(theirs);
    world.run(ACK_DELAY_MS + 150);
    expect(mine.replication.unacknowledgedCount).toBe(0);
    part(world, mine, theirs);
    mine.set('c', 1);
    world.run(5000);
    expect(mine.replication.unacknowledgedCount).toBe(1);
  });

  it('[REP-40] do not count another tab of this device as another device', () => {
    const { world, mine, second, theirs } = devices();
    mine.claim();
    mine.set('a', 1);
    world.run(100);
    join(world, mine, second);
    world.run(5000);
    expect(mine.replication.unacknowledgedCount).toBe(2);
    expect(second.replication.unacknowledgedCount).toBe(2);
    join(world, second, theirs);
    world.run(10_000);
    expect(second.replication.unacknowledgedCount).toBe(0);
  });

  it('[REP-40] claim nothing beyond what we hold ourselves', () => {
    const { world, mine, theirs } = devices();
    mine.claim();
    world.run(100);
    join(world, mine, theirs);
    const lie = encodeWith(replicationMessageCodec, {
      kind: 'ack',
      held: [{ author: mine.peer, seq: 1_000_000 }],
    });
    world.inject(theirs.peer, mine.tenant, lie);
    mine.set('later', 1);
    world.run(10);
    expect(mine.replication.unacknowledgedCount).toBe(1);
  });

  it('[REP-40] are remembered on disk', () => {
    const { world, mine, theirs } = devices();
    mine.claim();
    mine.set('a', 1);
    world.run(100);
    join(world, mine, theirs);
    world.run(5000);
    const stored = mine.tenant.disk.get(`outgoing/${BOARD}/${mine.peer}`);
    const seq = stored === undefined ? undefined : decodeWith(whole(), stored);
    expect(seq).toEqual({ ok: true, value: 2 });
    const again = new Replica(new SmallWorld(), 'mine', { disk: mine.tenant.disk });
    expect(again.replication.unacknowledgedCount).toBe(2);
    again.command({ type: 'restoreAcks', acked: [{ author: mine.peer, seq: 2 }] });
    expect(again.replication.unacknowledgedCount).toBe(0);
  });

  it('[REP-39, REP-40] are heard from neighbours only', () => {
    const { world, mine } = devices();
    mine.claim();
    world.run(100);
    const stranger = openAuthor('stranger').peer;
    const ack = encodeWith(replicationMessageCodec, { kind: 'ack', held: [{ author: mine.peer, seq: 1 }] });
    world.inject(stranger, mine.tenant, ack);
    expect(mine.replication.unacknowledgedCount).toBe(1);
  });

  it('[REP-8] keep count of what waits for the disk, up to a bound', () => {
    const { world, mine } = devices();
    mine.tenant.diskFailure = 'unavailable';
    mine.claim();
    world.run(100);
    for (let i = 1; i < MAX_UNSAVED_ENTRIES; i++) mine.append('part', new Uint8Array(1));
    expect(mine.replication.isFull).toBe(true);
  });
});
