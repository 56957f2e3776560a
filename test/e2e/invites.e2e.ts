/** Invite links, good and bad: each bad one ends in its coded error, and no board learns of it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import type { FullStatus } from '../../src/app/application.ts';
import {
  INVITE_PREFIX,
  inviteFragment,
  parseInviteLink,
  type Invite,
} from '../../src/identity/invite-link.ts';
import { untilAgreed } from '../support/agreement.ts';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import {
  apply,
  applyCode,
  boardOf,
  firstColumn,
  inviteFrom,
  join,
  joinCode,
  PATIENCE_MS,
  ready,
  statusOf,
} from '../support/tab.ts';

let swarm: Swarm;
let owner: Page;
/** A stranger's tab on Home. */
let stranger: Page;

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 7 });
  owner = await swarm.open(0);
  stranger = await swarm.open(1, '/#/');
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
});

/** Reads a genuine link, lets `change` forge it, and writes it again with check bytes that fit. */
function forged(url: string, change: (invite: Invite) => Omit<Invite, 'version'>): string {
  const parsed = parseInviteLink(url);
  if (!parsed.ok) throw new Error(`the link to start from is ${parsed.code}`);
  const base = url.slice(0, url.indexOf(INVITE_PREFIX));
  const { boardSecret, inviteSeed, capability } = change(parsed.value);
  return base + inviteFragment({ boardSecret, inviteSeed, capability });
}

function flipped(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  copy[7] = (copy[7] ?? 0) ^ 1;
  return copy;
}

/** What must be the same before and after a bad link was tried. */
const untouched = ({ boardDigest, frontierDigest, members }: FullStatus): unknown => ({
  boardDigest,
  frontierDigest,
  members: members.map(({ memberId }) => memberId),
});

async function expectUntouched(attack: () => Promise<void>): Promise<void> {
  const before = untouched(await statusOf(owner));
  await attack();
  expect(untouched(await statusOf(owner))).toEqual(before);
  expect(await stranger.evaluate(() => tabswarm.boards())).toEqual([]);
}

/** Opens `url` in a tab of the stranger's; resolves with the words and the code of the error on screen. */
async function errorOnScreen(url: string): Promise<string> {
  const page = await swarm.open(1, url);
  const alert = page.getByRole('alert').filter({ hasText: 'Code:' });
  await alert.waitFor({ timeout: PATIENCE_MS });
  const text = await alert.innerText();
  await page.close();
  return text;
}

describe('a link that was tampered with', () => {
  it('with a wrong signature is refused before anything is sent', async () => {
    const url = await inviteFrom(owner);
    await expectUntouched(async () => {
      const bad = forged(url, (invite) => ({
        ...invite,
        capability: { ...invite.capability, signature: flipped(invite.capability.signature) },
      }));
      expect(await joinCode(stranger, bad)).toBe('inviteBadSignature');
      expect(await errorOnScreen(bad)).toMatch(/changed after it was made[^]*Code: inviteBadSignature/);
    });
  });

  it('to give a higher role or more uses is refused the same way', async () => {
    const url = await inviteFrom(owner, { role: 'viewer' });
    await expectUntouched(async () => {
      for (const change of [{ role: 'editor' }, { uses: 1000 }, { expiresAt: undefined }] as const) {
        const bad = forged(url, (invite) => ({
          ...invite,
          capability: { ...invite.capability, ...change },
        }));
        expect(await joinCode(stranger, bad)).toBe('inviteBadSignature');
      }
    });
  });

  it('with another key than the one that was signed is refused the same way', async () => {
    const url = await inviteFrom(owner);
    await expectUntouched(async () => {
      const bad = forged(url, (invite) => ({ ...invite, inviteSeed: flipped(invite.inviteSeed) }));
      expect(await joinCode(stranger, bad)).toBe('inviteBadSignature');
    });
  });
});

describe('a link that was cut or is none', () => {
  it('pasted half says that a piece is missing', async () => {
    const url = await inviteFrom(owner);
    await expectUntouched(async () => {
      const start = url.indexOf(INVITE_PREFIX) + INVITE_PREFIX.length;
      for (const length of [0, 1, 40, Math.floor((url.length - start) / 2), url.length - start - 1])
        expect(await joinCode(stranger, url.slice(0, start + length))).toBe('inviteTruncated');
      const half = url.slice(0, Math.floor((start + url.length) / 2));
      expect(await errorOnScreen(half)).toMatch(/piece of this link is missing[^]*Code: inviteTruncated/);
    });
  });

  it('that is something else altogether says so, in the field where it was pasted', async () => {
    await expectUntouched(async () => {
      for (const text of ['', 'hello', 'https://example.com/#/b/0', `${swarm.server.url}/`])
        expect(await joinCode(stranger, text)).toBe('inviteMalformed');
      await stranger.getByRole('textbox', { name: 'Invite link' }).fill('https://example.com/');
      await stranger.getByRole('button', { name: 'Look at it' }).click();
      await stranger.getByRole('alert').filter({ hasText: 'not an invite link' }).waitFor();
    });
  });
});

describe('a link that is past its time', () => {
  it('expired is refused', async () => {
    const url = await inviteFrom(owner, { expiresInMs: 1 });
    await expectUntouched(async () => {
      expect(await joinCode(stranger, url)).toBe('inviteExpired');
      const page = await swarm.open(1, url);
      await page.getByRole('button', { name: 'Join' }).click();
      await page.getByRole('alert').filter({ hasText: 'Code: inviteExpired' }).waitFor();
      await page.close();
    });
  });

  it('used up is refused by the members', async () => {
    const url = await inviteFrom(owner, { uses: 1 });
    const first = await swarm.open(2, '/#/');
    await join(first, url, 'First');
    await untilAgreed([owner, first]);
    await expectUntouched(async () => {
      expect(await joinCode(stranger, url)).toBe('inviteUsedUp');
      const page = await swarm.open(1, url);
      await page.getByRole('button', { name: 'Join' }).click();
      const alert = page.getByRole('alert').filter({ hasText: 'Code: inviteUsedUp' });
      await alert.waitFor({ timeout: PATIENCE_MS });
      expect(await alert.innerText()).toMatch(/used as often as it may be/);
      await page.close();
    });
    await first.close();
  });
});

describe('a link for another board', () => {
  it('with the board swapped in the capability is refused as forged', async () => {
    const url = await inviteFrom(owner);
    const { boardId } = await statusOf(owner);
    const other = await swarm.open(3);
    const foreign = await inviteFrom(other);
    await expectUntouched(async () => {
      const bad = forged(foreign, (invite) => ({
        ...invite,
        capability: { ...invite.capability, board: boardId as Invite['capability']['board'] },
      }));
      expect(await joinCode(stranger, bad)).toBe('inviteBadSignature');
    });
    expect(url).not.toBe(foreign);
    await other.close();
  });

  it('glued to the secret of this one is refused by the members who are met', async () => {
    const url = await inviteFrom(owner);
    const other = await swarm.open(3);
    const foreign = await inviteFrom(other);
    await expectUntouched(async () => {
      const here = parseInviteLink(url);
      if (!here.ok) throw new Error(here.code);
      const bad = forged(foreign, (invite) => ({ ...invite, boardSecret: here.value.boardSecret }));
      expect(await joinCode(stranger, bad)).toBe('inviteWrongBoard');
    });
    await other.close();
  });
});

describe('joining', () => {
  it('scrubs the secret from the address and from the history', async () => {
    const url = await inviteFrom(owner);
    const page = await swarm.open(4, url);
    await page.getByRole('textbox', { name: 'Your name' }).fill('Hana');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.waitForURL(/#\/b\/[0-9a-f]{64}$/, { timeout: PATIENCE_MS });
    const session = await page.context().newCDPSession(page);
    const { entries } = await session.send('Page.getNavigationHistory');
    expect(entries.map((entry) => entry.url).filter((entry) => entry.includes('#/j/'))).toEqual([]);
    await page.reload();
    await ready(page);
    expect((await statusOf(page)).name).toBe('Hana');
    expect((await statusOf(page)).boardId).toBe((await statusOf(owner)).boardId);
    expect(await page.evaluate(() => location.href)).not.toContain('#/j/');
    await page.close();
  });

  it('as a viewer gives a board that can be read and not changed', async () => {
    const url = await inviteFrom(owner, { role: 'viewer' });
    const page = await swarm.open(5, '/#/');
    await join(page, url, 'Vera');
    await untilAgreed([owner, page]);
    await page.getByText('You are a viewer', { exact: false }).first().waitFor();
    expect(await page.getByRole('button', { name: /^Add a card to/ }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /: more$/ }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    const columnId = await firstColumn(page);
    const card = (await boardOf(page)).columns[0]?.cards[0]?.id ?? '';
    const before = untouched(await statusOf(owner));
    for (const command of [
      { type: 'addCard', columnId, title: 'not mine to add' },
      { type: 'removeCard', cardId: card },
      { type: 'renameBoard', title: 'mine' },
    ] as const)
      expect(await applyCode(page, command), command.type).toBe('notAllowed');
    expect(untouched(await statusOf(page))).toEqual(before);
    expect(untouched(await statusOf(owner))).toEqual(before);
    await apply(owner, { type: 'addCard', columnId, title: 'for viewers too' });
    await untilAgreed([owner, page], ['for viewers too']);
    await page.close();
  });

  it('while nobody is online waits, says so, and goes on when somebody comes', async () => {
    const url = await inviteFrom(owner);
    const boardId = (await statusOf(owner)).boardId ?? '';
    await owner.close();
    await stranger.goto('about:blank');
    await stranger.goto(url);
    await stranger.getByRole('textbox', { name: 'Your name' }).fill('Nia');
    await stranger.getByRole('button', { name: 'Join' }).click();
    await stranger
      .getByRole('status')
      .filter({ hasText: 'Waiting for someone from this board to open it.' })
      .waitFor({ timeout: PATIENCE_MS });
    owner = await swarm.open(0, `/#/b/${boardId}`);
    await stranger.waitForURL(/#\/b\/[0-9a-f]{64}$/, { timeout: PATIENCE_MS });
    await untilAgreed([owner, stranger]);
  });
});

describe('a tab that shows an invite while a script joins in it', () => {
  it('goes to the board, and keeps the link in no history', async () => {
    const url = await inviteFrom(owner);
    const page = await swarm.open(6, '/#/');
    await page.goto(url);
    await page.getByRole('textbox', { name: 'Your name' }).waitFor();
    const boardId = await join(page, url, 'Scripted');
    await page.waitForURL(`**/#/b/${boardId}`, { timeout: PATIENCE_MS });
    await page.locator('ts-board-screen').waitFor();
    await page.goBack();
    await page.waitForURL('**/#/');
    await page.close();
  });
});
