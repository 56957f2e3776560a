/**
 * Members whose tabs were modified: one sends updates that no editor writes, all signed for one place of its journal; the other signs two different
 * histories and tells each half of its neighbours another one. Everything is real but the lies (test/support/modified-peer.ts).
 */
import { verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import * as Y from 'yjs';
import { runCommand } from '../../src/board/run-command.ts';
import { fromHex, type Bytes } from '../../src/kernel/bytes.ts';
import type { PeerId } from '../../src/kernel/ids.ts';
import { randomFrom } from '../../src/kernel/random.ts';
import { clientIdOf, type Entry } from '../../src/replication/entry.ts';
import { clockAfter } from '../../src/replication/update-rules.ts';
import type { Target } from '../../src/sim/attacks/attack.ts';
import { UPDATE_ATTACKS } from '../../src/sim/attacks/update-attacks.ts';
import type { Evidence } from '../../src/ui/ports.ts';
import { statusesOf, untilAgreed, untilMeshed } from '../support/agreement.ts';
import { endsOf, ModifiedPeer } from '../support/modified-peer.ts';
import { reportFigure } from '../support/report-figure.ts';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import {
  apply,
  boardOf,
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

/** The last two are liars, with a link to each of the others. */
const TABS = 5;
/** Until every honest tab has frozen it (docs/spec/replication.md and the goals of the project). */
const FROZEN_WITHIN_MS = 5000;

let swarm: Swarm;
/** Signs two histories. */
let liar: ModifiedPeer;
let hostile: Page;
let author: PeerId;
/** Sends what corrupts plain Yjs. */
let vandal: ModifiedPeer;
let vandalPage: Page;
let vandalAuthor: PeerId;
let honest: Page[] = [];

beforeAll(async () => {
  swarm = await startSwarm({ profiles: TABS });
  liar = await ModifiedPeer.patch(swarm.profile(TABS - 1));
  vandal = await ModifiedPeer.patch(swarm.profile(TABS - 2));
  const owner = await swarm.open(0);
  const url = await inviteFrom(owner, { uses: TABS });
  const others = await Promise.all(
    Array.from({ length: TABS - 1 }, async (_, index) => {
      const page = await swarm.open(index + 1, '/#/');
      await join(page, url, ['Mallory', 'Trudy'][TABS - 2 - index] ?? `Peer ${index + 1}`);
      return page;
    }),
  );
  honest = [owner, ...others.slice(0, -2)];
  hostile = others.at(-1) ?? owner;
  vandalPage = others.at(-2) ?? owner;
  const all = [...honest, vandalPage, hostile];
  await untilMeshed(all, TABS - 1);
  const columnId = await firstColumn(owner);
  for (const [index, page] of all.entries())
    await apply(page, { type: 'addCard', columnId, title: `honest work of tab ${index}` });
  await untilAgreed(all, [`honest work of tab ${TABS - 1}`]);
  author = (await statusOf(hostile)).peerId as PeerId;
  vandalAuthor = (await statusOf(vandalPage)).peerId as PeerId;
  for (const page of honest)
    await page.evaluate(() => {
      const heard: string[] = [];
      Object.assign(globalThis, { heard });
      const frozenAt: Record<string, number> = {};
      Object.assign(globalThis, { frozenAt });
      tabswarm.on('evidence', () => {
        for (const proof of tabswarm.evidence()) frozenAt[proof.author] ??= Date.now();
      });
      tabswarm.on('trouble', (detail: unknown) => heard.push((detail as { code: string }).code));
    });
  await liar.lie(hostile);
  await vandal.lie(vandalPage);
});

afterAll(() => swarm.close());

/** Codes that a tab was told of. */
const heardBy = (page: Page): Promise<string[]> =>
  page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard);

/** Milliseconds from the first lie until the last honest tab held a proof against its author. */
async function untilFrozen(by: ModifiedPeer, who: PeerId): Promise<number> {
  const times = await Promise.all(
    honest.map((page) =>
      waitUntil(
        () =>
          page.evaluate(
            (peer) => (globalThis as unknown as { frozenAt: Record<string, number> }).frozenAt[peer],
            who,
          ),
        { timeoutMs: PATIENCE_MS, what: 'a proof at every honest tab' },
      ),
    ),
  );
  return Math.max(...times) - (by.toldAt ?? Number.NaN);
}

/** The next Yjs clock of an author, and its client id. */
function clockOf(
  entries: readonly Entry[],
  peer: PeerId,
  board: Entry['hash'],
): { client: number; clock: number } {
  const updates = entries
    .filter((entry) => entry.author === peer && entry.kind === 'update')
    .sort((a, b) => a.seq - b.seq);
  const clock = updates.reduce((before, { payload }) => clockAfter(payload, before), 0);
  return { client: clientIdOf(board as never, peer, 1), clock };
}

/** What the attack suite aims at, on this board. */
async function target(entries: readonly Entry[], attacker: PeerId): Promise<Target> {
  const { boardId, peerId } = await statusOf(honest[0] as Page);
  const me = clockOf(entries, attacker, boardId as Entry['hash']);
  const victim = clockOf(entries, peerId as PeerId, boardId as Entry['hash']);
  const letters = [0, 1, 2, 3].map((clock) => ({ client: victim.client, clock }));
  const [text = { client: 0, clock: 0 }] = letters;
  return {
    ...{ me: me.client, myClock: me.clock, victim: victim.client, victimClock: victim.clock },
    ...{ text, letters, value: { root: 'board', key: 'title', id: text } },
  };
}

/** A change that any editor could make: another title for the board. */
function rename(entries: readonly Entry[], client: number, title: string): Bytes {
  const doc = new Y.Doc({ gc: false });
  for (const { kind, payload } of entries) if (kind === 'update') Y.applyUpdate(doc, payload);
  const before = Y.encodeStateVector(doc);
  doc.clientID = client;
  const context = { random: randomFrom(title), memberId: '1'.repeat(64), wallMs: 0 };
  doc.transact(() => runCommand(doc, { type: 'renameBoard', title }, context));
  return Y.encodeStateAsUpdate(doc, before) as Bytes;
}

describe('a modified tab', () => {
  it('[REP-70, REP-76] that sends updates which corrupt plain Yjs is refused and frozen by every honest tab, with the board untouched', async () => {
    const entries = await vandal.entries();
    const ends = endsOf(entries, vandalAuthor);
    const aim = await target(entries, vandalAuthor);
    const before = (await statusesOf(honest)).map(({ boardDigest }) => boardDigest);
    const attacks = UPDATE_ATTACKS.filter(({ study }) => study !== undefined);
    expect(attacks.length).toBeGreaterThanOrEqual(8);
    const [first, ...others] = await Promise.all(
      attacks
        .flatMap((attack) => attack.plain(aim).first.slice(0, 1))
        .map((update) => vandal.forge(ends, update)),
    );
    if (first === undefined) throw new Error('no attack');
    vandal.add(first, 'all');
    for (const page of honest) {
      await waitUntil(async () => (await heardBy(page)).some((code) => /^update[A-Z]/u.test(code)), {
        timeoutMs: PATIENCE_MS,
        what: 'a refusal at every honest tab',
      });
      await page.getByText('broke its rules, and was ignored').first().waitFor();
    }
    expect((await statusesOf(honest)).map(({ boardDigest }) => boardDigest)).toEqual(before);
    for (const other of others) vandal.add(other, 'all');
    // No two of them can be right: so many signatures for one place are a proof, whatever is wrong with what they sign.
    reportFigure(
      `vandal in ${TABS} real tabs frozen everywhere after`,
      await untilFrozen(vandal, vandalAuthor),
      'ms',
    );
    await waitUntil(() => Promise.resolve(vandal.done >= TABS - 1), {
      timeoutMs: PATIENCE_MS,
      what: 'all lies told',
    });
    await untilAgreed(honest);
    const heard = (await Promise.all(honest.map(heardBy))).flat();
    expect(heard.filter((code) => !/^update[A-Z]|^equivocation$/u.test(code))).toEqual([]);
    expect((await statusesOf(honest)).map(({ boardDigest }) => boardDigest)).toEqual(before);
    const { memberId } = await statusOf(vandalPage);
    for (const page of honest) {
      const barred = (await statusOf(page)).members.filter(({ standing }) => standing !== 'good');
      expect(barred).toMatchObject([{ memberId, standing: 'frozen' }]);
    }
  });

  it('[REP-52, NOD-40] that signs two histories is frozen everywhere within 5 s, with a proof that anybody can check', async () => {
    const entries = await liar.entries();
    const ends = endsOf(entries, author);
    const { boardId } = await statusOf(hostile);
    const { client } = clockOf(entries, author, boardId as Entry['hash']);
    for (const [title, to] of [
      ['one story', 'even'],
      ['another story', 'odd'],
    ] as const)
      liar.add(await liar.forge(ends, rename(entries, client, title)), to);
    const slowest = await untilFrozen(liar, author);
    reportFigure(`liar in ${TABS} real tabs frozen everywhere after`, slowest, 'ms');
    expect(slowest).toBeLessThan(FROZEN_WITHIN_MS);
    await untilAgreed(honest);
    const { memberId } = await statusOf(hostile);
    for (const page of honest) {
      const status = await statusOf(page);
      expect(status.members.find((member) => member.memberId === memberId)).toMatchObject({
        standing: 'frozen',
      });
      expect((await boardOf(page)).title).not.toMatch(/story/u);
      expect((await boardOf(page)).columns.flatMap(({ cards }) => cards).length).toBeGreaterThanOrEqual(TABS);
      expect(titlesOf(await boardOf(page))).toContain(`honest work of tab ${TABS - 1}`);
      const all = await page.evaluate(() => tabswarm.evidence());
      const proofs = all.filter((proof) => proof.author === author);
      expect(proofs).toMatchObject([{ author, memberId, name: 'Mallory', place: ends.last.seq + 1 }]);
      for (const proof of proofs) expectConvincing(proof);
      expect(await page.evaluate((proof) => tabswarm.verifyEvidence(proof), proofs[0])).toEqual({
        valid: true,
        reason: null,
      });
    }
  });

  it('[NOD-40, NOD-41, NOD-42, KEY-26] is known after a reload, says so itself, and goes on under a new key', async () => {
    await liar.behave();
    await vandal.behave();
    const [reloaded] = honest;
    if (reloaded === undefined) throw new Error('no honest tab');
    const kept = await reloaded.evaluate(() => tabswarm.evidence());
    await reloaded.reload();
    await ready(reloaded);
    expect(await reloaded.evaluate(() => tabswarm.evidence())).toEqual(kept);
    expect(kept.length).toBe(2);
    for (const { foundAt } of kept) expect(foundAt).toBeGreaterThan(0);
    await reloaded.goto(`/#/b/${(await statusOf(reloaded)).boardId ?? ''}/share`);
    await reloaded.getByText('A tab of Mallory signed two different changes').waitFor();

    await untilStatus(hostile, 'the liar to know', ({ barred }) => barred === 'forked');
    const columnId = await firstColumn(hostile);
    await hostile.getByText('This tab signed two different histories').first().waitFor();
    await hostile.getByRole('button', { name: 'Go on with a new key' }).click();
    await untilStatus(hostile, 'a new key', ({ barred, peerId }) => barred === null && peerId !== author);
    await waitUntil(
      () =>
        hostile.evaluate(async (id) => {
          try {
            await tabswarm.board.apply({ type: 'addCard', columnId: id, title: 'honest again' });
            return true;
          } catch {
            return false;
          }
        }, columnId),
      { timeoutMs: PATIENCE_MS, what: 'the tab to write again' },
    );
    await untilAgreed([...honest, hostile], ['honest again']);
    const { memberId } = await statusOf(hostile);
    for (const page of honest)
      await untilStatus(page, 'Mallory to be in good standing again', ({ members }) =>
        members.some((member) => member.memberId === memberId && member.standing === 'good'),
      );
    for (const page of honest)
      expect((await page.evaluate(() => tabswarm.evidence())).map((proof) => proof.author).sort()).toEqual(
        [author, vandalAuthor].sort(),
      );
  });
});

/** Checks a proof with nothing of ours: Node's own Ed25519. */
function expectConvincing({ author: by, statements, certificate }: Evidence): void {
  const holds = (key: string, signed: string, signature: string): boolean => {
    const x = Buffer.from(fromHex(key)).toString('base64url');
    const publicKey = { key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' } as const;
    return verify(null, fromHex(signed), publicKey, fromHex(signature));
  };
  expect(new Set(statements.map(({ signed }) => signed)).size).toBe(2);
  for (const { signed, signature } of statements) expect(holds(by, signed, signature)).toBe(true);
  expect(certificate?.peer).toBe(by);
  if (certificate !== null)
    expect(holds(certificate.member, certificate.signed, certificate.signature)).toBe(true);
}
