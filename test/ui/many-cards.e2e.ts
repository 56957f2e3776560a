/** Goal: 10,000 cards stay quick: few elements are drawn, and opening, editing, moving and filtering paint within the bar. */
import type { LitElement } from 'lit';
import { describe, expect, it } from 'vitest';
import { BOARD_HASH, focusedCard, titlesIn, useUiPages } from './ui-page.ts';

const pages = useUiPages();

const CARDS = 10_000;
/** Each kind of interaction is repeated this often; the report gives the 95th percentile. */
const ROUNDS = 20;
/** Loose on purpose: a shared test machine must not fail it by noise; the real bar (50 ms) is for the bench. */
const LOOSE_MS = 400;

/** Runs in the page: times `ROUNDS` interactions of each kind from input to the frame after the paint. */
async function measure(rounds: number): Promise<Record<string, number[]>> {
  const painted = (): Promise<void> =>
    new Promise((resolve) => {
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
          resolve();
        };
        channel.port2.postMessage(null);
      });
    });
  const app = globalThis.fakeApp;
  const shell = document.querySelector<LitElement>('ts-app');
  const screen = shell?.shadowRoot?.querySelector('ts-board-screen');
  const header = screen?.shadowRoot?.querySelector('ts-board-header')?.shadowRoot;
  const filter = header?.querySelector('input');
  if (shell === null || screen == null || filter == null) throw new Error('no board on the page');
  const type = (text: string): void => {
    filter.value = text;
    filter.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const kinds: Record<string, (round: number) => void> = {
    edit: (round) => {
      app.remoteEdit({ type: 'updateCard', cardId: 'card-3', changes: { title: `Edited ${round}` } });
    },
    move: (round) => {
      const columnId = round % 2 === 0 ? 'column-1' : 'column-0';
      app.remoteEdit({ type: 'moveCard', cardId: 'card-5', columnId, position: 'top' });
    },
    add: (round) => {
      app.remoteEdit({ type: 'addCard', columnId: 'column-2', title: `New ${round}`, position: 'top' });
    },
    filter: (round) => {
      type(round % 2 === 0 ? 'venue' : 'venue (1');
    },
  };
  const times: Record<string, number[]> = {};
  for (const [kind, act] of Object.entries(kinds)) {
    times[kind] = [];
    for (let round = 0; round < rounds; round += 1) {
      const start = performance.now();
      act(round);
      await shell.updateComplete; // it asks for a frame a little later
      await painted();
      times[kind].push(performance.now() - start);
    }
  }
  type('');
  await painted();
  return times;
}

function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

describe(`${CARDS} cards`, () => {
  it('draws only what is in sight', async () => {
    const page = await pages.open(`?cards=${CARDS}${BOARD_HASH}`);
    expect(await page.locator('ts-card').count()).toBeLessThan(150);
    const heights = await page
      .locator('ts-column .list')
      .evaluateAll((lists) => lists.map((it) => it.scrollHeight));
    expect(Math.min(...heights)).toBeGreaterThan(50_000);
  });

  it('paints edits, moves, new cards and filter keystrokes quickly', async () => {
    const page = await pages.open(`?cards=${CARDS}${BOARD_HASH}`);
    const times = await page.evaluate(measure, ROUNDS);
    const report = Object.entries(times).map(
      ([kind, all]) =>
        `${kind} p50 ${percentile(all, 0.5).toFixed(1)} ms, p95 ${percentile(all, 0.95).toFixed(1)} ms`,
    );
    process.stdout.write(`input to paint at ${CARDS} cards: ${report.join('; ')}\n`);
    for (const all of Object.values(times)) expect(percentile(all, 0.5)).toBeLessThan(LOOSE_MS);
  });

  it('asks for a frame only when an edit has had time for its way to disk and to the others', async () => {
    const page = await pages.open(BOARD_HASH);
    const [atOnce, later] = await page.evaluate(async () => {
      let frames = 0;
      const request = globalThis.requestAnimationFrame;
      globalThis.requestAnimationFrame = (callback) => {
        frames += 1;
        return request(callback);
      };
      const shell = document.querySelector('ts-app') as LitElement;
      await shell.updateComplete;
      frames = 0;
      globalThis.fakeApp.remoteEdit({ type: 'updateCard', cardId: 'card-3', changes: { title: 'Edited' } });
      for (let step = 0; step < 50; step += 1) await Promise.resolve();
      const before = frames;
      await shell.updateComplete;
      return [before, frames];
    });
    expect(atOnce).toBe(0);
    expect(later).toBeGreaterThan(0);
  });

  it('walks to cards that are not drawn yet, by keyboard', async () => {
    const page = await pages.open(`?cards=${CARDS}${BOARD_HASH}`);
    const [first = ''] = await titlesIn(page, 0);
    await page.locator('ts-column').getByRole('button', { name: first, exact: true }).focus();
    for (let step = 1; step <= 25; step += 1) {
      const before = await focusedCard(page);
      await page.keyboard.press('ArrowDown');
      await expect.poll(() => focusedCard(page)).not.toBe(before);
    }
    expect(await focusedCard(page)).toBe('Rename “Misc” to something that means something (25)');
  });
});
