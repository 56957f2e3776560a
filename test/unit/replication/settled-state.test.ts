/** The document of a checkpoint: what stays of it, and under which names. Rules REP-55, REP-48. */
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import { renameState } from '../../../src/replication/rename.ts';
import { settledState } from '../../../src/replication/settled-state.ts';

/** What two clients wrote, partly at once, with texts that were changed. */
function written(): Y.Doc {
  const [one, other] = [new Y.Doc({ gc: false }), new Y.Doc({ gc: false })];
  one.clientID = 4096;
  other.clientID = 8192;
  const exchange = (): void => {
    Y.applyUpdate(one, Y.encodeStateAsUpdate(other, Y.encodeStateVector(one)));
    Y.applyUpdate(other, Y.encodeStateAsUpdate(one, Y.encodeStateVector(other)));
  };
  for (let i = 0; i < 4; i++) one.getMap('board').set('title', `title ${i}`);
  one.getMap('cards').set('text', new Y.Text('hello there'));
  exchange();
  one.getMap('board').set('due', 'mine');
  other.getMap('board').set('due', 'theirs');
  (one.getMap('cards').get('text') as Y.Text).delete(0, 6);
  (other.getMap('cards').get('text') as Y.Text).insert(5, ', you');
  other.getMap('cards').set('gone', new Y.Map([['title', 'nested']]));
  exchange();
  other.getMap('cards').delete('gone');
  exchange();
  return one;
}

function shown(doc: Y.Doc): unknown {
  return [doc.getMap('board').toJSON(), doc.getMap('cards').toJSON(), [...Y.snapshot(doc).sv].sort()];
}

describe('the state of a checkpoint', () => {
  it('[REP-55] shows the same and has every element in its place, without what was deleted', () => {
    const doc = written();
    const before = shown(doc);
    const places = [...doc.store.clients].map(([client, structs]) => [client, structs.at(-1)?.id.clock]);
    const state = settledState(doc);
    const reader = new Y.Doc({ gc: false });
    Y.applyUpdateV2(reader, state);
    expect(shown(reader)).toEqual(before);
    expect(shown(doc)).toEqual(before);
    const text = new TextDecoder().decode(state);
    for (const lost of ['title 2', 'hello', 'nested']) expect(text).not.toContain(lost);
    for (const kept of ['title 3', 'there', 'mine', 'theirs']) expect(text).toContain(kept);
    expect(places.every(([client]) => reader.store.clients.has(client ?? 0))).toBe(true);
    for (const structs of reader.store.clients.values())
      for (const struct of structs) expect(struct).toBeInstanceOf(Y.Item);
  });

  it('[REP-55] is the same for whoever applies it and makes it again', () => {
    const state = settledState(written());
    const reader = new Y.Doc({ gc: false });
    Y.applyUpdateV2(reader, state);
    expect(settledState(reader)).toEqual(state);
    expect(settledState(written())).toEqual(state);
  });

  it('[REP-48] can be read under other client ids, with all that it refers to', () => {
    const state = settledState(written());
    const [plain, renamed] = [new Y.Doc({ gc: false }), new Y.Doc({ gc: false })];
    Y.applyUpdate(plain, renameState(state, new Map()));
    Y.applyUpdate(renamed, renameState(state, new Map([[8192, 8193]])));
    expect(renamed.store.pendingStructs).toBeNull();
    expect(renamed.getMap('board').toJSON()).toEqual(plain.getMap('board').toJSON());
    expect(renamed.getMap('cards').toJSON()).toEqual(plain.getMap('cards').toJSON());
    expect([...renamed.store.clients.keys()].sort()).toEqual([4096, 8193]);
    const back = renameState(settledState(renamed), new Map([[8193, 8192]]));
    const again = new Y.Doc({ gc: false });
    Y.applyUpdate(again, back);
    expect(settledState(again)).toEqual(state satisfies Bytes);
  });
});
