/** Goal: the ways in and out of a board: making one, joining one, sharing one, leaving one; and what the pill says meanwhile. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { BOARD_HASH, cardFace, DESK, useUiPages } from './ui-page.ts';

const pages = useUiPages();

describe('home', () => {
  it('makes a board and goes there', async () => {
    const page = await pages.open('?empty#/');
    await page.getByText('No boards on this device yet').waitFor();
    await page.getByLabel('Name').fill('Kitchen rota');
    await page.getByText('Sprint', { exact: true }).click();
    await page.getByRole('button', { name: 'Create board' }).click();
    await page.getByRole('button', { name: 'Kitchen rota' }).waitFor();
    expect(new URL(page.url()).hash).toMatch(/^#\/b\//u);
  });

  it('leaves a board only after asking, and stays on home', async () => {
    const page = await pages.open('#/');
    await page.getByRole('button', { name: 'Leave Street festival, booths and permits' }).click();
    await page.getByText('Nobody else is known to hold your latest changes.').waitFor();
    await page.getByRole('button', { name: 'Leave and erase it here' }).click();
    await page.getByText('You left the board.').waitFor();
    expect(await page.getByRole('link', { name: 'Street festival' }).count()).toBe(0);
    expect(new URL(page.url()).hash).toBe('#/');
  });

  it('says what is wrong with half a link', async () => {
    const page = await pages.open('#/');
    await page.getByLabel('Invite link').fill('https://board.example/#/j/inviteBadSignature');
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByText('This link was changed after it was made.').waitFor();
  });
});

describe('join', () => {
  it('shows the stages and scrubs the link from the address when it is done', async () => {
    const page = await pages.open('#/j/good');
    await page.getByText('Ada Okafor invites you to').waitFor();
    expect(await page.getByLabel('Your name').inputValue()).toBe('Mira Holt');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByText('Finding people').waitFor();
    await page.evaluate(() => {
      globalThis.fakeApp.setProgress({ phase: 'copying', receivedBytes: 4_200_000, totalBytes: 10_300_000 });
    });
    await page.getByText('4.2 MB of 10.3 MB').waitFor();
    await page.evaluate(() => {
      globalThis.fakeApp.setProgress({ phase: 'done' });
    });
    await page.locator('ts-board-screen').waitFor();
    expect(new URL(page.url()).hash).toBe(BOARD_HASH);
    expect(await page.evaluate(() => history.length)).toBe(2);
  });

  it('waits for somebody, and can be stopped', async () => {
    const page = await pages.open('#/j/waiting');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByText('Waiting for someone from this board to open it. Leave this tab open.').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('You stopped joining.').waitFor();
  });

  it.each([
    ['inviteExpired', 'This link has expired.'],
    ['inviteUsedUp', 'This link has been used as often as it may be.'],
    ['inviteWrongBoard', 'This link belongs to another board.'],
    ['somethingNew', 'That did not work (somethingNew).'],
  ])('explains %s', async (code, sentence) => {
    const page = await pages.open(`#/j/${code}`);
    await page.getByText(sentence).waitFor();
  });
});

describe('share', () => {
  it('makes a link, draws it, copies it, and tells who comes', async () => {
    const page = await pages.open(`${BOARD_HASH}/share`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Make link' }).click();
    await page.getByRole('img', { name: 'QR code of the invite link' }).waitFor();
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('#/j/');
    await page.evaluate(() => {
      const { links } = globalThis.fakeApp.status();
      const coming = { state: 'connecting', rttMs: null, relayed: false, browserLocal: false } as const;
      globalThis.fakeApp.setStatus({ links: [...links, { ...coming, peerId: '55'.repeat(32) }] });
    });
    await page.getByText('Somebody is connecting…').waitFor();
  });
});

describe('the state pill', () => {
  it.each([
    ['live', 'Live · 4 peers'],
    ['alone', 'Only you · 7 changes saved here'],
    ['offline', 'Offline · saved on this device'],
    ['notSaved', 'Not saved'],
  ])('says how it stands: %s', async (state, words) => {
    const page = await pages.open(`?state=${state}${BOARD_HASH}`);
    await page.getByRole('status').filter({ hasText: words }).waitFor();
  });

  it.each([
    ['forked', 'so others end every connection with it'],
    ['evicted', 'so nobody connects with this tab any more'],
  ])('says why nobody is there: %s', async (barred, words) => {
    const page = await pages.open(`?state=alone&barred=${barred}${BOARD_HASH}`);
    await page.getByRole('status').filter({ hasText: 'Shut out' }).waitFor();
    expect(await page.getByRole('status').filter({ hasText: 'Only you' }).count()).toBe(0);
    await page.locator('ts-state-pill button.pill').click();
    await page.locator('ts-state-panel').getByText(words).waitFor();
  });

  it('opens onto peers, copies, storage and the meeting point', async () => {
    const page = await pages.open(BOARD_HASH);
    await page.locator('ts-state-pill button.pill').click();
    for (const words of ['On 3 devices', 'direct, 24 ms', 'Saved, 4.2 MB of 2.1 GB used.', 'Reachable']) {
      await page.getByText(words, { exact: true }).waitFor();
    }
  });

  it('hands over what this tab did, and has none of a scratch board', async () => {
    const page = await pages.open(BOARD_HASH);
    await page.locator('ts-state-pill button.pill').click();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the recording' }).click();
    const download = await saved;
    expect(download.suggestedFilename()).toBe('tabswarm.recording');
    expect(await readFile(await download.path(), 'utf8')).toBe('calls');

    const scratch = await pages.open(`?scratch${BOARD_HASH}`);
    await scratch.locator('ts-state-pill button.pill').click();
    await scratch.locator('ts-state-panel').getByText('On this device').waitFor();
    expect(await scratch.getByRole('button', { name: 'Save the recording' }).count()).toBe(0);
  });

  it('says whom one is back with', async () => {
    const page = await pages.open(`?state=offline${BOARD_HASH}`);
    await page.evaluate(() => {
      const status = globalThis.fakeApp.status();
      const members = status.members.map((member) => ({ ...member, online: member.name !== 'Chidi' }));
      globalThis.fakeApp.setStatus({ reachablePeers: 0 });
      globalThis.fakeApp.setStatus({ members, reachablePeers: 2, signaling: 'connected' });
    });
    await page.getByText('Back with Ada Okafor and Bo Lindqvist.').waitFor();
  });
});

describe('appearance', () => {
  it('follows the system until told otherwise, and remembers', async () => {
    const page = await pages.open('#/', { ...DESK, colorScheme: 'dark' });
    const ground = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await page.getByRole('button', { name: 'Light appearance' }).click();
    const light = await ground();
    expect(light).not.toBe(dark);
    await page.reload();
    await page.getByRole('button', { name: 'Dark appearance' }).waitFor();
    expect(await ground()).toBe(light);
  });

  it('keeps cards where they are when a peer joins', async () => {
    const page = await pages.open(`?state=alone${BOARD_HASH}`);
    const card = cardFace(page, 'Ask Bo about the venue');
    const before = await card.boundingBox();
    await page.evaluate(() => {
      globalThis.fakeApp.setStatus({ reachablePeers: 3 });
    });
    await page.getByText('Live · 3 peers').waitFor();
    expect(await card.boundingBox()).toEqual(before);
  });
});
