/**
 * A member whose tab was modified: it sends updates that no editor writes, and then signs two different histories and tells each half of its
 * neighbours another one. Everything is real but the lies (test/support/modified-peer.ts).
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

/** The last one is the liar, with a link to each of the others. */
const TABS = 5;
/** Until every honest tab has frozen it (docs/spec/replication.md and the goals of the project). */
const FROZEN_WITHIN_MS = 5000;

let swarm: Swarm;
let liar: ModifiedPeer;
let honest: Page[] = [];
let hostile: Page;
let author: PeerId;

beforeAll(async () => {
  swarm = await startSwarm({ profiles: TABS });
  liar = await ModifiedPeer.patch(swarm.profile(TABS - 1));
  const owner = await swarm.open(0);
  const url = await inviteFrom(owner, { uses: TABS });
  const others = await Promise.all(
    Array.from({ length: TABS - 1 }, async (_, index) => {
      const page = await swarm.open(index + 1, '/#/');
      await join(page, url, index === TABS - 2 ? 'Mallory' : `Peer ${index + 1}`);
      return page;
    }),
  );
  honest = [owner, ...others.slice(0, -1)];
  hostile = others.at(-1) ?? owner;
  await untilMeshed([...honest, hostile], TABS - 1);
  const columnId = await firstColumn(owner);
  for (const [index, page] of [...honest, hostile].entries())
    await apply(page, { type: 'addCard', columnId, title: `honest work of tab ${index}` });
  await untilAgreed([...honest, hostile], [`honest work of tab ${TABS - 1}`]);
  author = (await statusOf(hostile)).peerId as PeerId;
  for (const page of honest)
    await page.evaluate(() => {
      const heard: string[] = [];
      Object.assign(globalThis, { heard });
      tabswarm.on('evidence', () => Object.assign(globalThis, { frozenAt: Date.now() }));
      tabswarm.on('trouble', (detail: unknown) => heard.push((detail as { code: string }).code));
    });
  await liar.lie(hostile);
});

afterAll(() => swarm.close());

/** Codes that a tab was told of. */
const heardBy = (page: Page): Promise<string[]> =>
  page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard);

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
async function target(entries: readonly Entry[]): Promise<Target> {
  const { boardId, peerId } = await statusOf(honest[0] as Page);
  const me = clockOf(entries, author, boardId as Entry['hash']);
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
  it('[REP-70] that sends updates which corrupt plain Yjs is refused by every honest tab, with the board untouched', async () => {
    const entries = await liar.entries();
    const ends = endsOf(entries, author);
    const aim = await target(entries);
    const before = (await statusesOf(honest)).map(({ boardDigest, frontierDigest }) => [
      boardDigest,
      frontierDigest,
    ]);
    const attacks = UPDATE_ATTACKS.filter(({ study }) => study !== undefined);
    expect(attacks.length).toBeGreaterThanOrEqual(8);
    for (const attack of attacks) {
      const [update] = attack.plain(aim).first;
      if (update !== undefined) liar.add(await liar.forge(ends, update), 'all');
    }
    for (const page of honest)
      await waitUntil(async () => (await heardBy(page)).length > 0, {
        timeoutMs: PATIENCE_MS,
        what: 'a refusal at every honest tab',
      });
    await waitUntil(() => Promise.resolve(liar.done >= TABS - 1), {
      timeoutMs: PATIENCE_MS,
      what: 'all lies told',
    });
    for (const page of honest) {
      const codes = await heardBy(page);
      for (const code of codes) expect(code).toMatch(/^update[A-Z]/u);
      await page.getByText('broke its rules, and was ignored').first().waitFor();
    }
    expect((await statusesOf(honest)).map((status) => [status.boardDigest, status.frontierDigest])).toEqual(
      before,
    );
    for (const page of honest)
      expect((await statusOf(page)).members.filter(({ standing }) => standing !== 'good')).toEqual([]);
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
    const times = await Promise.all(
      honest.map((page) =>
        waitUntil(() => page.evaluate(() => (globalThis as { frozenAt?: number }).frozenAt), {
          timeoutMs: PATIENCE_MS,
          what: 'a proof at every honest tab',
        }),
      ),
    );
    const slowest = Math.max(...times) - (liar.toldAt ?? Number.NaN);
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
      const proofs = await page.evaluate(() => tabswarm.evidence());
      expect(proofs).toMatchObject([{ author, memberId, name: 'Mallory', place: ends.last.seq + 1 }]);
      for (const proof of proofs) expectConvincing(proof);
      expect(await page.evaluate((proof) => tabswarm.verifyEvidence(proof), proofs[0])).toEqual({
        valid: true,
        reason: null,
      });
    }
  });

  it('[NOD-41, NOD-42, KEY-26] is known after a reload, says so itself, and goes on under a new key', async () => {
    await liar.behave();
    const [reloaded] = honest;
    if (reloaded === undefined) throw new Error('no honest tab');
    const kept = await reloaded.evaluate(() => tabswarm.evidence());
    await reloaded.reload();
    await ready(reloaded);
    expect(await reloaded.evaluate(() => tabswarm.evidence())).toEqual(kept);
    expect(kept[0]?.foundAt).toBeGreaterThan(0);
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
    for (const page of honest)
      expect((await page.evaluate(() => tabswarm.evidence())).map((proof) => proof.author)).toEqual([author]);
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
