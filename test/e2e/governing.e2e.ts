/** Owners' decisions among real tabs: roles, removals, revoked links. All tabs agree; what came before stays, what comes after counts no more. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
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
  statusOf,
  titlesOf,
  untilStatus,
} from '../support/tab.ts';

let swarm: Swarm;
let owner: Page;
/** Ed is going to be a viewer, Eve is going to be removed. */
let ed: Page;
let eve: Page;
let boardId = '';

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 5 });
  owner = await swarm.open(0);
  const url = await inviteFrom(owner, { uses: 2 });
  [ed, eve] = (await Promise.all(
    (['Ed', 'Eve'] as const).map(async (name, index) => {
      const page = await swarm.open(index + 1, '/#/');
      boardId = await join(page, url, name);
      return page;
    }),
  )) as [Page, Page];
  const columnId = await firstColumn(owner);
  await apply(ed, { type: 'addCard', columnId, title: 'written by Ed' });
  await apply(eve, { type: 'addCard', columnId, title: 'written by Eve' });
  await untilAgreed([owner, ed, eve], ['written by Ed', 'written by Eve']);
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
});

const idOf = async (page: Page): Promise<string> => (await statusOf(page)).memberId;

/** The code that a call of the page rejects with, or `done`. */
async function codeOf(
  page: Page,
  call: 'evict' | 'setRole' | 'revokeInvite',
  first: string,
): Promise<string> {
  return page.evaluate(
    async ([name, given]) => {
      try {
        await (name === 'setRole' ? tabswarm.setRole(given, 'editor') : tabswarm[name](given));
        return 'done';
      } catch (error) {
        return String((error as { code?: unknown }).code);
      }
    },
    [call, first] as const,
  );
}

const standingOf = async (page: Page, memberId: string): Promise<unknown> => {
  const { members } = await statusOf(page);
  return members.find((member) => member.memberId === memberId)?.standing;
};

describe('an owner', () => {
  it('[NOD-26] alone decides, with arguments that are checked', async () => {
    const [edId, ownerId] = [await idOf(ed), await idOf(owner)];
    expect(await codeOf(ed, 'evict', ownerId)).toBe('notAllowed');
    expect(await codeOf(ed, 'setRole', edId)).toBe('notAllowed');
    expect(await codeOf(ed, 'revokeInvite', '7'.repeat(64))).toBe('notAllowed');
    expect(await codeOf(owner, 'evict', 'nobody')).toBe('badArgument');
    expect(await codeOf(owner, 'evict', '7'.repeat(64))).toBe('unknownMember');
    expect(await codeOf(owner, 'evict', ownerId)).toBe('memberProtected');
    expect(await codeOf(owner, 'setRole', ownerId)).toBe('memberProtected');
    expect(await codeOf(owner, 'revokeInvite', 'https://example.com/')).toBe('inviteMalformed');
  });

  it('[NOD-25, NOD-40] makes an editor a viewer: it is so on every tab, and the screen says why nothing can be edited', async () => {
    const edId = await idOf(ed);
    await owner.evaluate((id) => tabswarm.setRole(id, 'viewer'), edId);
    for (const page of [owner, ed, eve])
      await untilStatus(page, 'a viewer', ({ members }) =>
        members.some(({ memberId, role }) => memberId === edId && role === 'viewer'),
      );
    expect((await statusOf(ed)).role).toBe('viewer');
    const columnId = await firstColumn(ed);
    expect(await applyCode(ed, { type: 'addCard', columnId, title: 'by a viewer' })).toBe('notAllowed');
    await ed.getByText('You are a viewer', { exact: false }).first().waitFor();
    expect(await ed.getByRole('button', { name: /^Add a card to/u }).count()).toBe(0);
    await untilAgreed([owner, ed, eve], ['written by Ed']);
  });

  it('[NOD-27, NOD-41] removes a member by mouse: what others had stays, what it wrote alone is taken off, and its tab says so', async () => {
    const eveId = await idOf(eve);
    // Eve writes while nobody else is there.
    await Promise.all([owner.close(), ed.close()]);
    const columnId = await firstColumn(eve);
    await apply(eve, { type: 'addCard', columnId, title: 'written alone' });
    await eve.close();
    owner = await swarm.open(0, `/#/b/${boardId}/share`);
    ed = await swarm.open(1, `/#/b/${boardId}`);
    await owner.getByRole('button', { name: 'Manage Eve' }).click();
    await owner.getByRole('button', { name: 'Remove from board…' }).click();
    await owner.getByRole('button', { name: 'Remove Eve' }).click();
    await owner.getByText('Eve was removed. What they wrote stays.').waitFor();
    eve = await swarm.open(2, `/#/b/${boardId}`);
    await untilStatus(eve, 'to be removed', ({ barred }) => barred === 'evicted');
    await eve.getByText('removed you from this board', { exact: false }).first().waitFor();
    await untilAgreed([owner, ed], ['written by Eve', 'written by Ed']);
    for (const page of [owner, ed]) {
      expect(await standingOf(page, eveId)).toBe('evicted');
      expect(titlesOf(await boardOf(page))).not.toContain('written alone');
      await untilStatus(page, 'no link to Eve', ({ links }) =>
        links.every((link) => link.memberId !== eveId),
      );
    }
    expect(titlesOf(await boardOf(eve))).toContain('written by Eve');
    expect(titlesOf(await boardOf(eve))).not.toContain('written alone');
    expect(await applyCode(eve, { type: 'addCard', columnId, title: 'too late' })).toBe('evicted');
    expect(await eve.getByRole('button', { name: /^Add a card to/u }).count()).toBe(0);
    await eve.reload();
    await eve.getByText('removed you from this board', { exact: false }).first().waitFor();
    await apply(owner, { type: 'addCard', columnId, title: 'without Eve' });
    await untilAgreed([owner, ed], ['without Eve']);
    expect(titlesOf(await boardOf(eve))).not.toContain('without Eve');
  });

  it('[NOD-25, NOD-43] revokes a link: nobody joins by it any more, and nobody who did is lost', async () => {
    const used = await inviteFrom(owner, { uses: 5, role: 'viewer' });
    const unused = await inviteFrom(owner, { uses: 5 });
    const vera = await swarm.open(3, '/#/');
    await join(vera, used, 'Vera');
    await untilAgreed([owner, ed, vera]);
    const list = (): Promise<{ state: string; role: string; admitted: number }[]> =>
      owner.evaluate(async () =>
        (await tabswarm.invites()).map(({ state, role, admitted }) => ({
          state,
          role,
          admitted: admitted.length,
        })),
      );
    expect((await list()).filter(({ state }) => state === 'open')).toEqual(
      expect.arrayContaining([
        { state: 'open', role: 'viewer', admitted: 1 },
        { state: 'open', role: 'editor', admitted: 0 },
      ]),
    );
    const viewers = await owner.evaluate(async () =>
      (await tabswarm.invites()).find(({ role, state }) => role === 'viewer' && state === 'open'),
    );
    expect(await codeOf(owner, 'revokeInvite', viewers?.inviteId ?? '')).toBe('done');
    expect(await codeOf(owner, 'revokeInvite', unused)).toBe('done');
    expect((await list()).filter(({ state }) => state === 'open')).toEqual([]);
    await untilAgreed([owner, ed, vera]);
    const stranger = await swarm.open(4, '/#/');
    for (const link of [used, unused]) expect(await joinCode(stranger, link)).toBe('inviteRevoked');
    const page = await swarm.open(4, used);
    await page.getByRole('button', { name: 'Join' }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'Code: inviteRevoked' });
    await alert.waitFor({ timeout: PATIENCE_MS });
    expect(await alert.innerText()).toMatch(/made this link void/u);
    expect((await statusOf(vera)).role).toBe('viewer');
    await untilAgreed([owner, ed, vera]);
  });
});
