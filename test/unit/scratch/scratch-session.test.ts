import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import type { BoardCommand } from '../../../src/board/command.ts';
import { MAX_COLUMNS, MAX_COMMENTS_PER_CARD } from '../../../src/board/limits.ts';
import { MAX_SCRATCH_BYTES, SENDABLE_BYTES } from '../../../src/scratch/limits.ts';
import type { ScratchSession } from '../../../src/scratch/scratch-session.ts';
import { MemoryStore } from '../../../src/storage/memory-store.ts';
import { openSession, receive } from './sessions.ts';

async function run(session: ScratchSession, command: BoardCommand): Promise<string> {
  const outcome = await session.act({ kind: 'run', command });
  if (!outcome.ok) throw new Error(outcome.code);
  return outcome.value.ids[0] ?? '';
}

describe('a scratch session', () => {
  it('[SCR-3] carries out the commands of every board, with undo and redo, and refuses with their codes', async () => {
    const { session } = await openSession();
    await session.act({ kind: 'template', name: 'blank', title: 'Sketch' });
    const column = session.snapshot().columns[0]?.id ?? '';
    const card = await run(session, { type: 'addCard', columnId: column, title: 'one' });
    await run(session, { type: 'addComment', cardId: card, text: 'why?' });
    expect(session.snapshot().columns[0]?.cards[0]).toMatchObject({
      title: 'one',
      comments: [{ text: 'why?' }],
    });
    await session.act({ kind: 'undo' });
    expect(session.snapshot().columns[0]?.cards[0]?.comments).toEqual([]);
    await session.act({ kind: 'redo' });
    expect(session.snapshot().columns[0]?.cards[0]?.comments).toHaveLength(1);
    expect(
      await session.act({ kind: 'run', command: { type: 'addCard', columnId: 'nowhere', title: 'x' } }),
    ).toEqual({ ok: false, code: 'unknownColumn' });
  });

  it('[SCR-10] has everything again when it is opened the next time, what came from others included', async () => {
    const store = new MemoryStore();
    const first = await openSession(store);
    await first.session.act({ kind: 'template', name: 'team', title: 'Kept' });
    const other = await openSession();
    receive(other.session.doc, Y.encodeStateAsUpdate(first.session.doc));
    await run(other.session, { type: 'addColumn', title: 'From another' });
    receive(first.session.doc, Y.encodeStateAsUpdate(other.session.doc));
    const digest = first.session.digest();
    await first.session.close();
    expect(first.room()?.hasLeft).toBe(true);
    const again = await openSession(store);
    expect(again.session.digest()).toBe(digest);
    expect(again.session.snapshot().columns.at(-1)?.title).toBe('From another');
  });

  it('[SCR-10] says so when an edit did not reach the disk', async () => {
    const { session } = await openSession(new MemoryStore({ onWrite: () => 'quota' }));
    expect(await session.act({ kind: 'template', name: 'blank', title: 'x' })).toEqual({
      ok: false,
      code: 'quota',
    });
    expect(session.facts()).toMatchObject({ storeFailure: 'quota', unsaved: 1 });
  });

  it('[SCR-5] says when nothing of the board has arrived', async () => {
    const { session } = await openSession();
    expect(session.facts().notices).toEqual(['scratchWaiting']);
    await session.act({ kind: 'template', name: 'blank', title: 'x' });
    expect(session.facts().notices).toEqual([]);
  });

  it('[SCR-8] counts what it leaves out, and shows no more columns than a board may have', async () => {
    const { session } = await openSession();
    await session.act({ kind: 'template', name: 'blank', title: 'x' });
    const before = session.snapshot();
    session.doc.getMap('cards').set('not a map', 'text');
    session.doc.getMap('cards').set('c1', ['list']);
    session.doc.getMap('comments').set('r1', new Y.Map([['text', 'on no card']]));
    expect(session.snapshot()).toBe(before);
    expect(session.facts()).toMatchObject({
      notices: ['scratchSkipped'],
      skipped: { columns: 0, cards: 2, comments: 1 },
    });
    session.doc.transact(() => {
      const columns = session.doc.getMap('columns');
      for (let at = 0; at < 1000; at++) columns.set(`x${at}`, new Y.Map([['title', 'flood']]));
    });
    expect(session.snapshot().columns).toHaveLength(MAX_COLUMNS);
    expect(session.facts().skipped.columns).toBe(1003 - MAX_COLUMNS);
  });

  it('[SCR-8] shows no more comments of a card than it may have, and keeps identities while nothing changes', async () => {
    const { session } = await openSession();
    await session.act({ kind: 'template', name: 'blank', title: 'x' });
    const columnId = session.snapshot().columns[0]?.id ?? '';
    const card = await run(session, { type: 'addCard', columnId, title: 'one' });
    session.doc.transact(() => {
      const comments = session.doc.getMap('comments');
      for (let at = 0; at < MAX_COMMENTS_PER_CARD + 5; at++)
        comments.set(
          `r${at}`,
          new Y.Map<unknown>([
            ['card', card],
            ['text', 'flood'],
          ]),
        );
    });
    const shown = session.snapshot();
    expect(shown.columns[0]?.cards[0]?.comments).toHaveLength(MAX_COMMENTS_PER_CARD);
    expect(session.snapshot()).toBe(shown);
    await run(session, { type: 'renameBoard', title: 'y' });
    expect(session.snapshot().columns[0]).toBe(shown.columns[0]);
    expect(session.facts().skipped.comments).toBe(5);
  });

  it('[SCR-9] warns of a document that y-webrtc cannot send, and parts from a room that sends too much', async () => {
    const store = new MemoryStore();
    const { session, room } = await openSession(store);
    await session.act({ kind: 'template', name: 'blank', title: 'x' });
    const grow = (bytes: number): void => {
      session.doc.getMap('cards').set(`big${bytes}`, new Y.Map([['junk', 'j'.repeat(bytes)]]));
    };
    grow(SENDABLE_BYTES);
    expect(session.facts().notices).toEqual(['scratchLarge']);
    expect(room()?.hasLeft).toBe(false);
    grow(MAX_SCRATCH_BYTES);
    expect(session.facts()).toMatchObject({ notices: ['scratchTooLarge'], signaling: 'down', peers: [] });
    expect(room()?.hasLeft).toBe(true);
    await session.close();
    const again = await openSession(store);
    expect(again.session.facts().notices).toEqual(['scratchTooLarge']);
    expect(again.room()).toBeUndefined();
  });
});
