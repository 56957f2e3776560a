/** A real tab is recorded from the opening of a board, and does the same again in Node.js, where there is no browser: rules NOD-120 to NOD-123. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { fromBase64Url, toBase64Url, toHex, utf8, type Bytes } from '../../src/kernel/bytes.ts';
import { parseInviteLink } from '../../src/identity/invite-link.ts';
import { replay } from '../../src/sim/replay.ts';
import { untilAgreed } from '../support/agreement.ts';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import { apply, firstColumn, inviteFrom, join, ready, untilStatus } from '../support/tab.ts';

let swarm: Swarm;

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 2 });
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
});

/** The recording of a tab, as the scripting interface gives it. */
async function recordingOf(page: Page): Promise<Bytes> {
  const text = await page.evaluate(() => {
    const bytes = tabswarm.recorder.export() ?? new Uint8Array(0);
    let binary = '';
    for (let at = 0; at < bytes.length; at += 4096)
      binary += String.fromCharCode(...bytes.subarray(at, at + 4096));
    return btoa(binary);
  });
  return new Uint8Array(Buffer.from(text, 'base64'));
}

function expectEqual(recording: Bytes): void {
  const replayed = replay(recording);
  expect(replayed).toMatchObject({
    ok: true,
    value: { difference: undefined, end: { why: 'running', detail: '' } },
  });
  if (replayed.ok) expect(replayed.value.steps).toBeGreaterThan(10);
}

function holds(all: Bytes, part: Bytes): boolean {
  return Buffer.from(all).includes(Buffer.from(part));
}

describe('a recorded tab', () => {
  it('[NOD-120, NOD-121, NOD-123] does the same again in Node.js, and gives no secret away', async () => {
    const ada = await swarm.open(0);
    const bo = await swarm.open(1, '/#/');
    expect(await bo.evaluate(() => tabswarm.recorder.status())).toBeNull();
    expect(await bo.evaluate(() => tabswarm.recorder.export())).toBeNull();
    const link = await inviteFrom(ada, { uses: 2 });
    await join(bo, link, 'Bo');
    const columnId = await firstColumn(ada);
    // A lone surrogate is text to a browser and none to UTF-8.
    await apply(ada, { type: 'addCard', columnId, title: 'of Ada \ud800.' });
    await apply(bo, { type: 'addCard', columnId, title: 'of Bo' });
    await bo.evaluate(() => tabswarm.board.undo());
    await apply(bo, { type: 'addCard', columnId, title: 'again of Bo' });
    await untilStatus(ada, 'all is acknowledged', ({ pending }) => pending.unacknowledged === 0);
    await untilAgreed([ada, bo], ['again of Bo']);

    const recordings = [await recordingOf(ada), await recordingOf(bo)];
    for (const recording of recordings) expectEqual(recording);

    const invite = parseInviteLink(link);
    if (!invite.ok) throw new Error(invite.code);
    for (const secret of [invite.value.boardSecret, invite.value.inviteSeed])
      for (const recording of recordings)
        for (const shape of [secret, utf8(toHex(secret)), utf8(toBase64Url(secret))])
          expect(holds(recording, shape)).toBe(false);
    // What was done is in it, or the search above says nothing.
    for (const recording of recordings) expect(holds(recording, utf8('again of Bo'))).toBe(true);
    expect(fromBase64Url(toBase64Url(invite.value.boardSecret))).toEqual(invite.value.boardSecret);

    // From the disk, with a committee's records.
    await ada.reload();
    await ready(ada);
    await untilStatus(ada, 'Bo is there again', ({ copies }) => copies === 2);
    await untilAgreed([ada, bo], ['again of Bo']);
    expectEqual(await recordingOf(ada));
    expect(await ada.evaluate(() => tabswarm.recorder.status())).toMatchObject({ state: 'running' });
  });
});
