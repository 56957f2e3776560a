/** Goal: two people pair by two codes, each is told what to do next, and what is wrong with a code. */
import { describe, expect, it } from 'vitest';
import { BOARD_HASH, PHONE, useUiPages } from './ui-page.ts';

const pages = useUiPages();

describe('pairing', () => {
  it('shows a member a code and takes the answer', async () => {
    const page = await pages.open(`${BOARD_HASH}/share`);
    await page.getByRole('button', { name: 'Make a code' }).click();
    await page.locator('ts-pairing ts-qr-code svg').waitFor();
    expect(await page.getByRole('textbox', { name: 'Code for the other person' }).inputValue()).toMatch(
      /^pair:/u,
    );
    await page.getByLabel('Their answer').fill('pair:something else');
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByText('This is the other one of the two codes.').waitFor();
    await page.getByLabel('Their answer').fill('pair:n5Wr');
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByText('Connected.', { exact: true }).waitFor();
  });

  it('lets a member answer, and notices the link', async () => {
    const page = await pages.open(`?state=alone${BOARD_HASH}/share`);
    await page.getByRole('button', { name: 'I was given a code' }).click();
    await page.getByLabel('The code that you were given').fill('no code');
    await page.getByRole('button', { name: 'Answer it' }).click();
    await page.getByText('This is not a pairing code.').waitFor();
    await page.getByLabel('The code that you were given').fill('pair:abc');
    await page.getByRole('button', { name: 'Answer it' }).click();
    expect(await page.getByRole('textbox', { name: 'Your answer' }).inputValue()).toMatch(/^pair:n5Wr/u);
    await page.evaluate(() => {
      const peerId = '77'.repeat(32);
      const link = { peerId, state: 'up', rttMs: null, relayed: false, browserLocal: false } as const;
      globalThis.fakeApp.setStatus({ links: [link] });
    });
    await page.getByText('Connected.', { exact: true }).waitFor();
  });

  it('is offered to a newcomer who finds nobody, also on a phone', async () => {
    const page = await pages.open('#/j/waiting', PHONE);
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByRole('button', { name: 'Pair with somebody directly' }).click();
    await page.getByLabel('The code that you were given').fill('pair:abc');
    await page.getByRole('button', { name: 'Answer it' }).click();
    await page.locator('ts-pairing ts-qr-code svg').waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide).toBe(0);
    await page.evaluate(() => {
      globalThis.fakeApp.setProgress({ phase: 'done' });
    });
    await page.locator('ts-board-screen').waitFor();
  });
});

describe('the pill of a split swarm', () => {
  it('says with how many we are, and on which side', async () => {
    const page = await pages.open(`?state=split${BOARD_HASH}`);
    await page.getByText('Split · you are with 3 of 8').waitFor();
    await page.locator('ts-state-pill button.pill').click();
    await page.getByText('You are in the smaller one; 5 tabs are in the other.').waitFor();
    await page.getByText('relayed', { exact: true }).waitFor();
    await page.evaluate(() => {
      globalThis.fakeApp.setStatus({ partition: 'majority', missingPeers: 1 });
    });
    await page.getByText('Split · you are with 3 of 4').waitFor();
    await page.getByText('You are in the larger one; 1 tab is in the other.').waitFor();
  });
});
