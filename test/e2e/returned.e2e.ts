/** Edits made offline reach a peer once and in order; what nobody takes comes back to its writer with its words. In real tabs and profiles. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { untilAgreed } from '../support/agreement.ts';
import { launchOptions } from '../support/browser.ts';
import { reportFigure } from '../support/report-figure.ts';
import { countSentBytes, sentBytesOf } from '../support/sent-bytes.ts';
import { storedEntries } from '../support/stored-entries.ts';
import { hearTroubles, SERVER_GONE, startSwarm, type Swarm } from '../support/swarm.ts';
import {
  apply,
  applyOne,
  boardOf,
  cardsOf,
  firstColumn,
  inviteFrom,
  join,
  PATIENCE_MS,
  ready,
  statusOf,
  titlesOf,
  untilStatus,
} from '../support/tab.ts';
import { waitUntil } from '../support/wait-until.ts';

declare global {
  /** Keys of journal entries in the order in which this page gave them to the disk. */
  var journalPuts: string[] | undefined;
}

/** Notes of one edit: long enough that sending an edit twice would show in the bytes. */
const NOTE_CHARS = 1500;
/** Edits of each offline visit. */
const EDITS = 40;
const VISITS = 3;

let swarm: Swarm;
let folder: string;
const heard: string[] = [];

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 2 });
  folder = await mkdtemp(joinPath(tmpdir(), 'tabswarm-returned-'));
  await swarm.profile(0).addInitScript(recordPuts);
});

afterAll(async () => {
  await swarm.close();
  await rm(folder, { recursive: true, force: true });
});

afterEach(() => {
  expect(swarm.troubles([SERVER_GONE])).toEqual([]);
  expect(heard).toEqual([]);
});

/** Runs in the page before anything else of it. */
function recordPuts(): void {
  const puts: string[] = [];
  globalThis.journalPuts = puts;
  const text = new TextDecoder();
  /** Of a pack, which is written anew when it grows, those that are new (src/storage/packs.ts). */
  const keysOf = (key: string, value: unknown): readonly string[] => {
    if (!/^[^/]+\/[^/]+\/\d{10}$/.test(key) || !(value instanceof Uint8Array)) return [key];
    let at = 0;
    const next = (): Uint8Array => {
      let length = 0;
      for (let scale = 1; ; scale *= 128) {
        const byte = value[at++] ?? 0;
        length += (byte & 127) * scale;
        if (byte < 128) break;
      }
      at += length;
      return value.subarray(at - length, at);
    };
    const keys: string[] = [];
    while (at < value.length) {
      keys.push(key + text.decode(next()));
      next();
    }
    return keys.filter((one) => !puts.includes(one));
  };
  for (const method of ['put', 'add'] as const) {
    const before = Reflect.get(IDBObjectStore.prototype, method) as IDBObjectStore['put'];
    IDBObjectStore.prototype[method] = function (this: IDBObjectStore, value: unknown, key?: IDBValidKey) {
      if (this.name === 'journal' && typeof key === 'string') puts.push(...keysOf(key, value));
      return before.call(this, value, key);
    };
  }
}

/** A browser with a profile of its own in a folder. */
async function startProfile(name: string): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(joinPath(folder, name), {
    ...(await launchOptions()),
    baseURL: swarm.server.url,
  });
  await hearTroubles(context, heard);
  await context.addInitScript(recordPuts);
  await countSentBytes(context);
  return context;
}

async function openIn(context: BrowserContext, path = '/'): Promise<Page> {
  const page = await context.newPage();
  await page.goto(path);
  await ready(page);
  return page;
}

const alone = (page: Page): Promise<unknown> =>
  untilStatus(page, 'to be alone', ({ links }) => links.length === 0);
const received = (page: Page): Promise<unknown> =>
  untilStatus(page, 'everything received', ({ pending }) => pending.unacknowledged === 0);
const returnedIn = (page: Page) => page.evaluate(() => tabswarm.board.returned.list());
const byId = <Edit extends { readonly id: string }>(edits: readonly Edit[]): readonly Edit[] =>
  [...edits].sort((a, b) => a.id.localeCompare(b.id));

describe('a hundred edits made offline', () => {
  it('[RET-10] survive three closings of the browser and reach a peer once and in order', async () => {
    let context = await startProfile('queue');
    let page = await openIn(context);
    const url = await inviteFrom(page);
    const other = await swarm.open(0, '/#/');
    const boardId = await join(other, url, 'Omar');
    await received(page);
    await other.close();
    await alone(page);
    const columnId = await firstColumn(page);
    const { peerId } = await statusOf(page);

    const titles: string[] = [];
    for (let visit = 0; visit < VISITS; visit++) {
      const cardId = await applyOne(page, { type: 'addCard', columnId, title: `visit ${visit}` });
      titles.push(`visit ${visit}`);
      await page.evaluate(
        async ([id, edits, chars]) => {
          for (let n = 0; n < edits; n++) {
            const notes = `${n} `.padEnd(chars, String(n % 10));
            await tabswarm.board.apply(
              n % 4 === 3
                ? { type: 'addComment', cardId: id, text: notes }
                : { type: 'updateCard', cardId: id, changes: { notes } },
            );
          }
        },
        [cardId, EDITS - 1, NOTE_CHARS] as const,
      );
      await context.close();
      context = await startProfile('queue');
      page = await openIn(context);
    }
    const all = VISITS * EDITS;
    expect((await statusOf(page)).peerId).toBe(peerId);
    expect((await statusOf(page)).pending).toMatchObject({ unacknowledged: all, unsaved: 0 });

    const back = await swarm.open(0, `/#/b/${boardId}`);
    await untilAgreed([page, back], titles);
    await received(page);
    const places = await back.evaluate(
      (author) =>
        (globalThis.journalPuts ?? [])
          .filter((key) => key.includes(`/${author}/`))
          .map((key) => Number(key.split('/')[2])),
      peerId,
    );
    const first = places[0] ?? 0;
    expect(places).toEqual(Array.from({ length: all }, (_, n) => first + n));
    const sent = await sentBytesOf(page);
    const journal = await journalBytes(page, peerId, first);
    reportFigure('bytes sent for each byte written offline', sent / journal, '');
    expect(sent).toBeLessThan(1.5 * journal);
    await Promise.all([context.close(), back.close()]);
  });
});

/** Bytes of an author's entries on this page's disk, from a place on. */
async function journalBytes(page: Page, author: string, from: number): Promise<number> {
  const stored = await storedEntries(page);
  return stored.reduce((sum, [key, { length }]) => {
    const [, of, place] = key.split('/');
    return of === author && Number(place) >= from ? sum + length : sum;
  }, 0);
}

describe('a browser profile that was copied, and both written in offline', () => {
  it('[RET-1, RET-5, RET-6, RET-8] gives both writers back what they wrote, which they do again', async () => {
    let context = await startProfile('original');
    let page = await openIn(context);
    const columnId = await firstColumn(page);
    const cardId = await applyOne(page, { type: 'addCard', columnId, title: 'Dinner' });
    const url = await inviteFrom(page);
    const other = await swarm.open(1, '/#/');
    const boardId = await join(other, url, 'Omar');
    await received(page);
    await other.close();
    await alone(page);
    await context.close();
    await cp(joinPath(folder, 'original'), joinPath(folder, 'copy'), { recursive: true });

    const write = async (name: string): Promise<void> => {
      const profile = await startProfile(name);
      const tab = await openIn(profile, `/#/b/${boardId}`);
      await apply(tab, { type: 'updateCard', cardId, changes: { notes: `Notes of the ${name}.` } });
      await apply(tab, { type: 'addComment', cardId, text: `Comment of the ${name}` });
      await apply(tab, { type: 'addCard', columnId, title: `Card of the ${name}` });
      await profile.close();
    };
    await write('original');
    await write('copy');

    // Somebody hears the one, then the other, then the first again: the two have one key and never meet.
    const witness = await swarm.open(1, `/#/b/${boardId}`);
    const cameBack = async (tab: Page, name: string): Promise<void> => {
      const words = [`Notes of the ${name}.`, `Comment of the ${name}`, `Card of the ${name}`];
      const edits = await waitUntil(
        async () => {
          const list = await returnedIn(tab);
          return words.every((each) => list.some(({ text }) => text.includes(each))) ? list : undefined;
        },
        { timeoutMs: PATIENCE_MS, what: `what the ${name} wrote to come back` },
      );
      expect(new Set(edits.map(({ code }) => code))).toEqual(new Set(['journalFrozen']));
      expect(new Set(edits.map(({ title }) => title))).toEqual(new Set(['Dinner', `Card of the ${name}`]));
    };
    context = await startProfile('original');
    page = await openIn(context, `/#/b/${boardId}`);
    await untilAgreed([page, witness], ['Card of the original', 'Dinner']);
    await context.close();
    await alone(witness);
    const twin = await startProfile('copy');
    const copy = await openIn(twin, `/#/b/${boardId}`);
    await cameBack(copy, 'copy');
    await copy.close();
    await alone(witness);
    // A tab shuns a peer that forked for a while, and forgets that with a reload.
    await witness.reload();
    await ready(witness);
    context = await startProfile('original');
    page = await openIn(context, `/#/b/${boardId}`);
    await cameBack(page, 'original');

    // It is there after a reload, and under a new key, once the disk has what came back and the proof that took it: a reading of the disk waits for all
    // that was given to it before. Without the proof a tab takes its entries for good ones again, until somebody tells it of the fork.
    const kept = await returnedIn(page);
    await page.evaluate(() => tabswarm.invites());
    await page.reload();
    await ready(page);
    expect((await statusOf(page)).barred).toBe('forked');
    expect(byId(await returnedIn(page))).toEqual(byId(kept));
    await page.evaluate(() => tabswarm.renewKey());
    expect(byId(await returnedIn(page))).toEqual(byId(kept));
    await page.getByText(`${kept.length} changes of yours were not taken over.`).waitFor();
    await page.getByRole('button', { name: 'Look at it' }).click();
    const dialog = page.locator('ts-returned dialog[open]');
    await dialog.getByText('Notes of the original.').waitFor();
    for (let left = kept.length; left > 0; left--) {
      await dialog.getByRole('button', { name: 'Do it again' }).first().click();
      await waitUntil(async () => (await returnedIn(page)).length < left, {
        timeoutMs: PATIENCE_MS,
        what: 'an edit done again to leave the list',
      });
    }
    await dialog.getByText('Nothing is left here.').waitFor();
    await untilAgreed([page, witness], ['Card of the original', 'Dinner']);
    const dinner = cardsOf(await boardOf(witness)).find(({ id }) => id === cardId);
    expect(dinner).toMatchObject({
      notes: 'Notes of the original.',
      comments: [{ text: 'Comment of the original' }],
    });
    expect(titlesOf(await boardOf(witness))).not.toContain('Card of the copy');

    // Dismissed is dismissed for good.
    let again = await openIn(twin, `/#/b/${boardId}`);
    await again.evaluate(async () => {
      for (const { id } of tabswarm.board.returned.list()) await tabswarm.board.returned.dismiss(id);
    });
    await twin.close();
    const third = await startProfile('copy');
    again = await openIn(third, `/#/b/${boardId}`);
    await untilAgreed([page, again, witness], ['Card of the original', 'Dinner']);
    expect(await returnedIn(again)).toEqual([]);
    await Promise.all([context.close(), third.close(), witness.close()]);
  });
});
