/** Goal: people decide together by mouse and by keyboard alone, know what it means beforehand, and see on what it stands. Rules of docs/spec/decisions.md. */
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { sampleFile } from '../unit/verify/certificates.ts';
import { ADA } from './fake-board.ts';
import { axeProblems, BOARD_HASH, PHONE, spoken, useUiPages } from './ui-page.ts';

const pages = useUiPages();
const DECISIONS = `${BOARD_HASH}/decisions`;

const proposal = (page: Page, title: string): Locator =>
  page.locator('ts-proposal').filter({ hasText: title });
const group = (page: Page, name: string): Locator =>
  page.locator('section.group').filter({ has: page.getByRole('heading', { name }) });
const titles = (within: Locator): Promise<string[]> =>
  within.getByRole('heading', { level: 3 }).allTextContents();
const hasFocus = (element: Locator): Promise<boolean> => element.evaluate((one) => one.matches(':focus'));

/** What others do in the group. */
const cast = (
  page: Page,
  tab: 'ada' | 'bo' | 'chidi',
  title: string,
  choice: 'approve' | 'reject',
): Promise<void> =>
  page.evaluate(
    ([by, named, said]) => {
      const { council } = globalThis.fakeApp.group;
      const found = council?.state.proposals.rows().find((one) => one.title === named);
      const key = { ada: '22', bo: '33', chidi: '55' }[by].repeat(32);
      if (found !== undefined)
        council?.ask(key as never, { kind: 'castBallot', proposal: found.id, choice: said, reason: '' });
    },
    [tab, title, choice] as const,
  );

/** Time goes on for the group, and what is due is closed. */
const pass = (page: Page, ms: number): Promise<void> =>
  page.evaluate((given) => {
    const { group: fake } = globalThis.fakeApp;
    fake.pass(given);
    for (const { closing, closesAt, id } of fake.council?.state.proposals.rows() ?? [])
      if (closing === undefined && closesAt <= (fake.council?.time ?? 0))
        fake.council?.ask('22'.repeat(32) as never, { kind: 'close', proposal: id });
  }, ms);

describe('the list', () => {
  it('[DEC-4] is reached from the board, which counts what needs a vote, and has that first', async () => {
    const page = await pages.open(`?group=busy${BOARD_HASH}`);
    await page.getByRole('link', { name: 'Decisions: 3 need your vote' }).click();
    await group(page, 'Needs your vote').waitFor();
    expect(await titles(group(page, 'Needs your vote'))).toEqual([
      'Remove Chidi from this board',
      'Meet in the library from December on',
      'Decide by three quarters from now on',
    ]);
    expect(await titles(group(page, 'Open'))).toEqual(['Remove the column “Ideas”']);
    expect(await titles(group(page, 'Decided'))).toHaveLength(5);
    await page.getByRole('link', { name: 'Back to the board' }).click();
    await page.locator('ts-column').first().waitFor();
  });

  it('[DEC-5] shows how each proposal stands, with the place that yes has to reach, and who is missing', async () => {
    const page = await pages.open(`?group=busy${DECISIONS}`);
    const room = proposal(page, 'Meet in the library');
    await room
      .getByRole('img', { name: '1 agrees, 1 disagrees, 0 abstain, 2 have not voted. Needs 3 of 4.' })
      .waitFor();
    await room.getByText('needs 3 of 4').waitFor();
    await room.getByText('2 more yes would pass it. Not yet: Mira Holt (you) and Ada Okafor.').waitFor();
    await room.getByText('20 hours left').waitFor();
    expect(await room.getByText('Whoever cannot come on Tuesdays').isVisible()).toBe(true);
    await room.getByRole('button', { name: 'Show all of it' }).click();
    await room.getByText('Who voted (2 of 4)').click();
    await room.getByText('I cannot come on Tuesdays.').waitFor();
    await proposal(page, 'Remove Chidi').getByText('Closing soon').waitFor();
    await proposal(page, 'Meet on Mondays').getByText('Rejected').waitFor();
    await proposal(page, 'Make Bo Lindqvist a viewer').getByText('Carried out.').waitFor();
    await proposal(page, 'Shall we print').getByText('Too few votes').waitFor();
    await proposal(page, 'Move everything').getByText('Withdrawn').waitFor();
    await proposal(page, 'Decide by three quarters').getByText('Votes here are final.').waitFor();
  });

  it('[DEC-12] says what was decided and waits for an owner', async () => {
    const page = await pages.open(`?group=busy&role=editor${DECISIONS}`);
    await proposal(page, 'Remove the column “Done”')
      .getByText('It waits for an owner to open the board')
      .waitFor();
  });

  it('[DEC-6] says in words what each would do before anybody votes', async () => {
    const page = await pages.open(`?group=busy${DECISIONS}`);
    const evict = proposal(page, 'Remove Chidi');
    await evict.getByText('Chidi is removed from this board for good. What they wrote stays.').waitFor();
    await evict.getByText('The committee then has 4 seats and bears 1 tab that fails or lies.').waitFor();
    await proposal(page, '“Ideas”').getByText('The column “Ideas” is removed.').waitFor();
  });

  it('[DEC-4] is empty, or says that the board has no committee, in words', async () => {
    const empty = await pages.open(`?group=empty${DECISIONS}`);
    await empty.getByText('Nothing has been proposed yet').waitFor();
    const none = await pages.open(DECISIONS);
    await none.getByText('This board was made without a committee').waitFor();
    expect(await none.getByRole('button', { name: 'New proposal' }).count()).toBe(0);
    const viewer = await pages.open(`?group=busy&role=viewer${DECISIONS}`);
    await proposal(viewer, 'Remove Chidi').getByText('You do not vote on this').waitFor();
    expect(await viewer.getByRole('button', { name: 'New proposal' }).count()).toBe(0);
    expect(await viewer.getByRole('radio').count()).toBe(0);
  });
});

describe('a vote', () => {
  it('[DEC-7] is cast and changed by keyboard alone, with a reason, and the focus goes to the next one', async () => {
    const page = await pages.open(`?group=busy${DECISIONS}`);
    const room = proposal(page, 'Meet in the library');
    await room.getByRole('radio', { name: 'Agree', exact: true }).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Tuesdays are fine.');
    await page.keyboard.press('Enter');
    await spoken(page).filter({ hasText: 'Your vote is on its way.' }).waitFor({ state: 'attached' });
    const inOpen = group(page, 'Open').locator('ts-proposal').filter({ hasText: 'Meet in the library' });
    await inOpen.getByText('You agree').waitFor();
    await inOpen.locator('.own').getByText('Tuesdays are fine.').waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement !== document.body)).toBe(true);
    await inOpen.getByRole('button', { name: 'Change your vote on Meet in the library' }).focus();
    await page.keyboard.press('Enter');
    const agree = inOpen.getByRole('radio', { name: 'Agree', exact: true });
    await expect.poll(() => hasFocus(agree)).toBe(true);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await inOpen.getByRole('radio', { name: 'Abstain' }).isChecked()).toBe(true);
    await inOpen.getByRole('button', { name: 'Vote', exact: true }).click();
    await inOpen.getByText('You abstain').waitFor();
    await inOpen
      .getByRole('img', { name: '1 agrees, 1 disagrees, 1 abstains, 1 has not voted. Needs 3 of 3.' })
      .waitFor();
  });

  it('[DEC-7] that is final cannot be changed, and the proposal ends as soon as the result is certain', async () => {
    const page = await pages.open(`?group=busy${DECISIONS}`);
    const title = 'Decide by three quarters from now on';
    await proposal(page, title).getByRole('radio', { name: 'Agree', exact: true }).check();
    await proposal(page, title).getByRole('button', { name: 'Vote', exact: true }).click();
    await proposal(page, title).getByText('You agree').waitFor();
    expect(
      await proposal(page, title)
        .getByRole('button', { name: /^Change your vote/ })
        .count(),
    ).toBe(0);
    await cast(page, 'ada', title, 'approve');
    await cast(page, 'bo', title, 'approve');
    await proposal(page, title).getByText('This passes, whatever else comes.').waitFor();
  });

  it('[DEC-5, DEC-13] that turns the result late gives more time, and one that comes too late is told so', async () => {
    const page = await pages.open(`?group=busy${DECISIONS}`);
    const title = 'Remove Chidi from this board';
    await proposal(page, title).getByRole('radio', { name: 'Agree', exact: true }).check();
    await cast(page, 'bo', title, 'approve');
    await proposal(page, title).getByText('Open a little longer').waitFor();
    // What was chosen is still chosen.
    expect(await proposal(page, title).getByRole('radio', { name: 'Agree', exact: true }).isChecked()).toBe(
      true,
    );
    await page.evaluate(() => {
      globalThis.fakeApp.group.pass(3_600_000);
    });
    await proposal(page, title).getByText('Being counted').waitFor();
    expect(await proposal(page, title).getByRole('radio').count()).toBe(0);
    await pass(page, 0);
    await group(page, 'Decided').getByText(title).waitFor();
    await proposal(page, title).getByText('Passed').waitFor();
  });

  it('[DEC-7] is refused with the reason, and what was chosen stays', async () => {
    const page = await pages.open(`?group=busy${DECISIONS}`);
    const room = proposal(page, 'Meet in the library');
    await room.getByRole('radio', { name: 'Disagree' }).check();
    await room.getByLabel('Reason, if you like').evaluate((field) => {
      (field as HTMLInputElement).maxLength = 2000;
    });
    await room.getByLabel('Reason, if you like').fill('é'.repeat(1000));
    await room.getByRole('button', { name: 'Vote', exact: true }).click();
    await room.getByRole('alert').filter({ hasText: 'That text is too long.' }).waitFor();
    expect(await room.getByRole('radio', { name: 'Disagree' }).isChecked()).toBe(true);
  });
});

describe('without a quorum', () => {
  it('[DEC-8] says how many are needed and who is missing, and keeps votes until they are there', async () => {
    const page = await pages.open(`?group=alone${DECISIONS}`, PHONE);
    await page.getByText('Nothing can be decided now: 2 of 4 needed tabs are online.').waitFor();
    await page.getByText('Missing: Ada Okafor, Chidi, and Bo Lindqvist.').waitFor();
    const room = proposal(page, 'Meet in the library');
    await room.getByRole('radio', { name: 'Disagree' }).check();
    await room.getByRole('button', { name: 'Vote', exact: true }).click();
    await room.getByText('You disagree: waits here until a quorum is reached.').waitFor();
    await page.getByRole('button', { name: 'New proposal' }).click();
    await page.getByLabel('Title').fill('Meet online this week');
    await page.getByRole('button', { name: 'Propose', exact: true }).click();
    const waiting = group(page, 'Waits on this device');
    await waiting.getByText('Meet online this week').waitFor();
    await waiting.getByText('Nobody else sees it yet.').waitFor();
    expect(await page.evaluate(() => globalThis.fakeApp.status().pending)).toMatchObject({
      queuedProposals: 1,
      queuedBallots: 1,
      needsVote: 2,
    });
    await page.evaluate(() => {
      globalThis.fakeApp.group.council?.reach(['11', '22', '33', '55'].map((two) => two.repeat(32) as never));
    });
    await page.getByText('Nothing can be decided now').waitFor({ state: 'detached' });
    await room.getByText('You disagree', { exact: true }).waitFor();
    await waiting.waitFor({ state: 'detached' });
    await proposal(page, 'Meet online this week').getByText('You proposed this').waitFor();
  });

  it('[DEC-8] lets the smaller side of a split read, and says so', async () => {
    const page = await pages.open(`?group=alone&state=split${DECISIONS}`);
    await page.getByText('You are on the smaller side of a split').waitFor();
    expect(await page.locator('ts-proposal').count()).toBe(9);
  });

  it('[DEC-9] warns of up to three seats', async () => {
    const page = await pages.open(`?group=small${DECISIONS}`);
    const pane = page.locator('ts-committee-pane');
    await pane.getByText('3 of 3 tabs are online, and 2 are enough to decide.').waitFor();
    await pane.getByText('Not fault-tolerant').waitFor();
    const larger = await pages.open(`?group=busy${DECISIONS}`);
    await larger.getByText('Decisions stay right if 1 tab fails or lies.').waitFor();
    await larger.getByRole('listitem').filter({ hasText: 'Mira Holt (you), tab 2: online' }).waitFor();
  });
});

describe('a proposal', () => {
  it('[DEC-6] to remove somebody is made by keyboard alone, having read what it would do', async () => {
    const page = await pages.open(`?group=busy${DECISIONS}`);
    await page.getByRole('button', { name: 'New proposal' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.locator('ts-propose-dialog dialog[open]');
    await expect.poll(() => hasFocus(dialog.getByRole('radio', { name: 'A question' }))).toBe(true);
    await page.keyboard.press('ArrowDown');
    expect(await dialog.getByRole('radio', { name: 'Remove somebody' }).isChecked()).toBe(true);
    await dialog.getByLabel('Who').selectOption(ADA);
    await dialog.getByText('Ada Okafor is removed from this board for good.').waitFor();
    await dialog.getByText('3 people may vote. It needs 3 yes if all do, and at least 2 votes.').waitFor();
    expect(await dialog.getByLabel('Title').inputValue()).toBe('Remove Ada Okafor from this board');
    await dialog.getByLabel('Open for').selectOption({ label: '3 days' });
    await dialog.getByLabel('Passes with').selectOption({ label: 'Everybody' });
    await dialog.getByLabel('Title').focus();
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Proposed. Everybody sees it now.').waitFor();
    const made = proposal(page, 'Remove Ada Okafor from this board');
    await made.getByText('2 days left').waitFor();
    expect(
      await page.evaluate(
        () =>
          globalThis.fakeApp.decide.view()?.proposals.find(({ title }) => title.startsWith('Remove Ada'))
            ?.tally,
      ),
    ).toMatchObject({ thresholdPercent: 100, voters: 3 });
  });

  it('[DEC-6] that cannot be says why while it is made', async () => {
    const page = await pages.open(`?group=busy${DECISIONS}`);
    await page.getByRole('button', { name: 'New proposal' }).click();
    const dialog = page.locator('ts-propose-dialog dialog[open]');
    await dialog.getByRole('radio', { name: 'Change the rules' }).check();
    await dialog.getByLabel('Yes among yes and no, %').fill('50');
    await dialog.getByText('Those rules cannot be.').waitFor();
    await dialog.getByLabel('Yes among yes and no, %').fill('80');
    await dialog.getByText('The group decides by other rules from then on.').waitFor();
    await dialog.getByRole('radio', { name: 'Remove the board' }).check();
    await dialog.getByText('The board is closed for everybody.').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('[DEC-7] is withdrawn by its author after a question', async () => {
    const page = await pages.open(`?group=busy${DECISIONS}`);
    const own = proposal(page, 'Decide by three quarters');
    await own.getByRole('button', { name: 'Withdraw Decide by three quarters' }).click();
    await own.getByText('Withdraw it for good?').waitFor();
    await own.getByRole('button', { name: 'Withdraw', exact: true }).click();
    await group(page, 'Decided').getByText('Decide by three quarters').waitFor();
    expect(
      await proposal(page, 'Remove Chidi')
        .getByRole('button', { name: /^Withdraw/ })
        .count(),
    ).toBe(0);
  });

  it('[DEC-5] does not move what is around it while its time runs', async () => {
    const page = await pages.open(`?group=busy${DECISIONS}`);
    await proposal(page, 'Remove Chidi').waitFor();
    await page.evaluate(() => {
      const moved = globalThis as { moved?: number };
      moved.moved = 0;
      new PerformanceObserver((entries) => {
        for (const entry of entries.getEntries())
          moved.moved = (moved.moved ?? 0) + (entry as unknown as { value: number }).value;
      }).observe({ type: 'layout-shift' });
    });
    for (let n = 0; n < 3; n++) {
      await page.evaluate(() => {
        globalThis.fakeApp.group.pass(60_000);
      });
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
    }
    expect(await page.evaluate(() => (globalThis as { moved?: number }).moved)).toBe(0);
  });
});

describe('evidence', () => {
  it('[DEC-10] names sequence, epoch, view, n, f, quorum and who prepared and committed, and is saved as a file', async () => {
    const { text } = sampleFile({ kind: 'close', proposal: 'ab'.repeat(32) as never });
    const page = await pages.open(`?group=busy${DECISIONS}`);
    await page.evaluate((file) => {
      const { council } = globalThis.fakeApp.group;
      for (const { seq } of council?.decisions() ?? []) council?.files.set(seq, file);
    }, text);
    await page.getByRole('button', { name: 'Evidence of: Meet on Mondays instead of Thursdays' }).click();
    const dialog = page.locator('ts-evidence-dialog dialog[open]');
    await dialog.getByText('5 seats, bears 1 fault, 4 decide').waitFor();
    const facts = await dialog.locator('dl').innerText();
    expect(facts).toMatch(/Epoch of the committee\s+2/u);
    expect(facts).toMatch(/View\s+5, led by Mira Holt/u);
    expect(facts).toMatch(/Prepared by\s+Mira Holt[^]*Committed by\s+Mira Holt[^]*Chidi/u);
    const download = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Save certificate' }).click();
    const saved = await (await download).path();
    expect(await readFile(saved, 'utf8')).toBe(text);
    await dialog.getByText('Saved. Anybody can check the file').waitFor();
  });

  it('[DEC-10] that is kept here no more is told, and so is every step in order', async () => {
    const page = await pages.open(`?group=busy${DECISIONS}`);
    await page.getByText('Everything in order').click();
    const line = page
      .locator('.record li')
      .filter({ hasText: 'Mira Holt agrees with “Remove the column “Ideas””' });
    await line.getByRole('button', { name: /^Evidence of/ }).click();
    const dialog = page.locator('ts-evidence-dialog dialog[open]');
    await dialog.getByRole('button', { name: 'Save certificate' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'keeps no proof of that decision' }).waitFor();
  });
});

/** A quorum has been gone for so long. */
const lose = (page: Page, ms: number): Promise<void> =>
  page.evaluate((given) => {
    const { group: fake } = globalThis.fakeApp;
    if (fake.council !== undefined) fake.council.lostMs = given;
    fake.pass(0);
  }, ms);

describe('a quorum that is lost', () => {
  it('[DEC-14] for long, whoever made the board can begin anew, after having said that the others never come back', async () => {
    const page = await pages.open(`?group=alone${DECISIONS}`);
    const offer = page.locator('.notice').getByRole('button', { name: 'Start a new committee' });
    await page.getByText('2 of 4 needed tabs are online').first().waitFor();
    await lose(page, 240_000);
    expect(await offer.count()).toBe(0);
    await lose(page, 300_000);
    await offer.focus();
    await page.keyboard.press('Enter');
    const dialog = page.locator('ts-reset-dialog').getByRole('dialog');
    await dialog.getByText('It stays visible for ever').waitFor();
    const begin = dialog.getByRole('button', { name: 'Start a new committee' });
    expect(await begin.isDisabled()).toBe(true);
    expect(await axeProblems(page)).toEqual([]);
    await dialog.getByRole('checkbox', { name: 'The missing tabs are gone for good' }).press('Space');
    await begin.press('Enter');
    await group(page, 'Begun anew').getByText('began the committee anew, with 2 of 5 seats').waitFor();
    expect(await dialog.count()).toBe(0);
    expect(await offer.count()).toBe(0);
  });

  it('[DEC-14] others are told who can do so', async () => {
    const page = await pages.open(`?group=alone&role=editor${DECISIONS}`);
    await lose(page, 300_000);
    await page.getByText('who made this board, can start a new committee.').waitFor();
    expect(await page.getByRole('button', { name: 'Start a new committee' }).count()).toBe(0);
  });
});

describe('a certificate file', () => {
  const choose = (page: Page, name: string, text: string): Promise<void> =>
    page
      .locator('ts-certificate-check input')
      .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });

  it('[DEC-11] is checked here without a board’s committee and without a network, and one altered byte is enough', async () => {
    const { text } = sampleFile({ kind: 'withdraw', proposal: 'ab'.repeat(32) as never });
    const page = await pages.open(DECISIONS);
    await page.getByRole('heading', { name: 'Check a certificate' }).waitFor();
    await page.context().setOffline(true);
    await choose(page, 'good.json', text);
    const check = page.locator('ts-certificate-check');
    await check.getByText('It holds.').waitFor();
    await check.getByText(/withdraws proposal abababab/).waitFor();
    await check.getByText('12, request 2 of 3').waitFor();
    await check.getByText('4 seats, bears 1 fault, 3 decide').waitFor();
    const end = text.lastIndexOf('"') - 10;
    await choose(
      page,
      'bad.json',
      text.slice(0, end) + (text[end] === '0' ? '1' : '0') + text.slice(end + 1),
    );
    await check.getByText('It proves nothing.').waitFor();
    await check.getByText('A signature does not hold').waitFor();
    await choose(page, 'large.json', text + ' '.repeat(8 * 1024 * 1024));
    await check.getByText('This is not the text of a certificate').waitFor();
  });
});
