/** Growth without any server: two people exchange two codes, and the newcomer gets the board. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { untilAgreed } from '../support/agreement.ts';
import { reportFigure } from '../support/report-figure.ts';
import { SERVER_GONE, startSwarm, type Swarm } from '../support/swarm.ts';
import { apply, firstColumn, inviteFrom, statusOf, untilStatus } from '../support/tab.ts';

declare global {
  var joining: Promise<{ boardId: string }>;
}

let swarm: Swarm;

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 2 });
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles([SERVER_GONE])).toEqual([]);
});

describe('two people with a dead server', () => {
  it('[LNK-70] pair by two codes: the newcomer gets the board, and edits flow both ways', async () => {
    const member = await swarm.open(0);
    const url = await inviteFrom(member);
    const columnId = await firstColumn(member);
    await apply(member, { type: 'addCard', columnId, title: 'before they met' });
    const newcomer = await swarm.open(1, '/#/');
    await swarm.server.kill();
    await newcomer.evaluate((link) => void (globalThis.joining = tabswarm.join(link)), url);
    await untilStatus(newcomer, 'an open board', ({ boardId }) => boardId !== null);
    await untilStatus(member, 'the loss of the server', ({ signaling }) => signaling !== 'connected');

    const offer = await member.evaluate(() => tabswarm.pair.offer());
    const answer = await newcomer.evaluate((code) => tabswarm.pair.answer(code), offer);
    reportFigure('the longer of the two codes', Math.max(offer.length, answer.length), 'characters');
    expect(Math.max(offer.length, answer.length)).toBeLessThan(350);
    const at = performance.now();
    await member.evaluate((code) => tabswarm.pair.complete(code), answer);
    await newcomer.evaluate(() => globalThis.joining);
    reportFigure('from the second code to the copied board', performance.now() - at, 'ms');

    await apply(newcomer, { type: 'addCard', columnId, title: 'from the newcomer' });
    await apply(member, { type: 'addCard', columnId, title: 'from the member' });
    await untilAgreed([member, newcomer], ['before they met', 'from the newcomer', 'from the member']);
    const links = (await statusOf(newcomer)).links.map(({ peerId }) => peerId);
    expect(links).toEqual([(await statusOf(member)).peerId]);

    const again = await member.evaluate(async (code) => {
      try {
        await tabswarm.pair.complete(code);
        return 'done';
      } catch (error) {
        return String((error as { code?: unknown }).code);
      }
    }, answer);
    expect(again).toBe('pairAlready');
  });
});
