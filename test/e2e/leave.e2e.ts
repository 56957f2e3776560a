/** Leaving a board: what goes, what stays, and that no key begins a journal twice. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { untilAgreed } from '../support/agreement.ts';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import { apply, firstColumn, inviteFrom, join, statusOf, untilStatus } from '../support/tab.ts';

let swarm: Swarm;

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 2 });
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
});

describe('leaving a board', () => {
  it('erases it from all tabs of the profile, which write under new keys when they join again', async () => {
    const owner = await swarm.open(0);
    const url = await inviteFrom(owner, { uses: 5 });
    const tab = await swarm.open(1, '/#/');
    const boardId = await join(tab, url, 'Lea');
    const twin = await swarm.open(1, `/#/b/${boardId}`);
    await apply(tab, { type: 'addCard', columnId: await firstColumn(tab), title: 'before leaving' });
    await apply(twin, { type: 'addCard', columnId: await firstColumn(twin), title: 'of the twin' });
    await untilAgreed([owner, tab, twin], ['before leaving', 'of the twin']);
    const before = [(await statusOf(tab)).peerId, (await statusOf(twin)).peerId];

    await tab.evaluate(() => tabswarm.leave({ keepCopy: false }));
    await untilStatus(twin, 'the twin has let go of the board', (status) => status.boardId === null);
    await twin.waitForFunction((id) => !tabswarm.boards().some((board) => board.boardId === id), boardId);
    expect((await tab.evaluate(() => tabswarm.boards())).map((board) => board.boardId)).not.toContain(
      boardId,
    );

    await join(tab, url, 'Lea');
    await twin.evaluate((id) => tabswarm.openBoard(id), boardId);
    const after = [(await statusOf(tab)).peerId, (await statusOf(twin)).peerId];
    expect(new Set([...before, ...after]).size).toBe(4);
    await apply(tab, { type: 'addCard', columnId: await firstColumn(tab), title: 'back again' });
    await untilAgreed([owner, tab, twin], ['before leaving', 'of the twin', 'back again']);
  });

  it('keeps the copy when asked to', async () => {
    const owner = await swarm.open(0);
    const { boardId, peerId } = await statusOf(owner);
    await owner.evaluate(() => tabswarm.leave());
    expect((await statusOf(owner)).boardId).toBe(null);
    await owner.evaluate((id) => tabswarm.openBoard(id), String(boardId));
    expect((await statusOf(owner)).peerId).toBe(peerId);
  });
});
