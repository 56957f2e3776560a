/** A page has 500 connections, and closed ones count until they are collected: they must be garbage, in a real browser too. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { reportFigure } from '../support/report-figure.ts';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import { inviteFrom, join, statusOf, untilStatus } from '../support/tab.ts';

const ROUNDS = 4;

let swarm: Swarm;

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 2 });
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
});

/** Connections that the page holds after a collection, open or closed. */
async function heldConnections(page: Page): Promise<number> {
  const devTools = await page.context().newCDPSession(page);
  const prototype = await devTools.send('Runtime.evaluate', { expression: 'RTCPeerConnection.prototype' });
  const { objectId } = prototype.result;
  if (objectId === undefined) throw new Error('no RTCPeerConnection in this page');
  const { objects } = await devTools.send('Runtime.queryObjects', { prototypeObjectId: objectId });
  const found = await devTools.send('Runtime.callFunctionOn', {
    objectId: objects.objectId ?? '',
    functionDeclaration: 'function () { return this.length; }',
    returnByValue: true,
  });
  await devTools.detach();
  return Number(found.result.value);
}

describe('connections that are closed', () => {
  it('[LNK-53] are not held by the page that opened and closed them', async () => {
    const owner = await swarm.open(0);
    const url = await inviteFrom(owner);
    const other = await swarm.open(1, '/#/');
    const boardId = await join(other, url, 'Other');
    await untilStatus(owner, 'the link', ({ links }) => links.length === 1);
    for (let round = 0; round < ROUNDS; round++) {
      await other.evaluate(() => tabswarm.leave({ keepCopy: true }));
      await untilStatus(owner, 'the end of the link', ({ links }) => links.length === 0);
      await other.evaluate((id) => tabswarm.openBoard(id), boardId);
      await untilStatus(owner, 'the link again', ({ links }) => links.length === 1);
    }
    for (const page of [owner, other]) {
      const held = await heldConnections(page);
      reportFigure(
        `connections held after ${ROUNDS + 1} were opened and ${ROUNDS} closed`,
        held,
        'connections',
      );
      // The last closed one may still wait for its goodbye to go out.
      expect(held).toBeLessThanOrEqual((await statusOf(page)).links.length + 1);
    }
  });
});
