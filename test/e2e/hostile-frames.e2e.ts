/** Bytes from people who mean harm: at the signaling server, and on a link that is up and proven. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { MAX_FRAME_BYTES as MAX_SERVER_FRAME } from '../../signaling/protocol.ts';
import { statusesOf, untilAgreed, untilMeshed } from '../support/agreement.ts';
import { attackLinks, hookChannels, setAttack, type Attack } from '../support/hostile-tab.ts';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import { apply, boardOf, firstColumn, inviteFrom, join, PATIENCE_MS, statusOf } from '../support/tab.ts';
import { waitUntil } from '../support/wait-until.ts';

/** The last one is the attacker; with five it has a link to each of the others. */
const TABS = 5;

let swarm: Swarm;
let pages: Page[] = [];
/** Every frame that the tabs sent to the signaling server. */
const sent: string[] = [];

beforeAll(async () => {
  swarm = await startSwarm({ profiles: TABS });
  for (const context of swarm.contexts)
    context.on('page', (page) => {
      page.on('websocket', (socket) => {
        socket.on('framesent', ({ payload }) => sent.push(payload.toString()));
      });
    });
  await hookChannels(swarm.profile(TABS - 1));
  const owner = await swarm.open(0);
  const url = await inviteFrom(owner, { uses: TABS });
  const others = await Promise.all(
    Array.from({ length: TABS - 1 }, async (_, index) => {
      const page = await swarm.open(index + 1, '/#/');
      await join(page, url, `Peer ${index + 1}`);
      return page;
    }),
  );
  pages = [owner, ...others];
  await untilMeshed(pages, 3);
  await untilAgreed(pages);
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
});

/** Resolves with the code that the server ends the connection with, or `open` if it answers a ping after all of `frames`. */
async function sendToServer(frames: readonly (string | Buffer)[]): Promise<number | 'open'> {
  const { port } = swarm.server;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/signaling`, { origin: swarm.server.url });
  socket.on('error', () => undefined); // the closing that follows says what happened
  await once(socket, 'open');
  const closed = once(socket, 'close').then(([code]: unknown[]) => Number(code));
  const answered = new Promise<'open'>((resolve) => {
    socket.on('message', (data: Buffer) => {
      if (data.toString() === '{"type":"pong"}') resolve('open');
    });
  });
  for (const frame of frames) socket.send(frame);
  socket.send('{"type":"ping"}');
  const outcome = await Promise.race([closed, answered]);
  socket.terminate();
  return outcome;
}

interface Publication {
  readonly type: 'publish';
  readonly topic: string;
  readonly data: unknown;
}

const publications = (): Publication[] =>
  sent
    .map((text) => JSON.parse(text) as { type?: unknown })
    .filter((message): message is Publication => message.type === 'publish');

/** Nothing that happened shows: same board, same links, and a new edit reaches everybody. */
async function expectUnharmed(what: string, attack: () => Promise<void>): Promise<void> {
  const board = await boardOf(pages[0] as Page);
  const digests = (await statusesOf(pages)).map(({ frontierDigest }) => frontierDigest);
  await attack();
  for (const page of pages) expect(await boardOf(page)).toEqual(board);
  expect((await statusesOf(pages)).map(({ frontierDigest }) => frontierDigest)).toEqual(digests);
  const columnId = await firstColumn(pages[0] as Page);
  await Promise.all(
    pages.map((page, index) =>
      apply(page, { type: 'addCard', columnId, title: `${what}: ${index} works on` }),
    ),
  );
  await untilAgreed(
    pages,
    pages.map((_, index) => `${what}: ${index} works on`),
  );
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${swarm.server.url}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('frames at the signaling server', () => {
  it('that are malformed, truncated or oversized cost only who sends them', async () => {
    const [genuine] = publications();
    if (genuine === undefined) throw new Error('no tab published anything');
    const whole = JSON.stringify(genuine);
    await expectUnharmed('bad frames', async () => {
      const malformed = [
        '',
        'null',
        '[]',
        '{"type":"publish"}',
        '{"type":7}',
        '{"__proto__":{"type":"ping"}}',
        '['.repeat(1000),
        whole.slice(0, whole.length / 2),
        '\u0000',
      ];
      for (const frame of malformed) await sendToServer([frame]);
      await sendToServer([randomBytes(500)]);
      const { topic } = genuine;
      const oversized = JSON.stringify({ type: 'publish', topic, data: 'x'.repeat(MAX_SERVER_FRAME) });
      expect(await sendToServer([oversized])).not.toBe('open');
      expect(await sendToServer([])).toBe('open');
    });
    expect((await fetch(`${swarm.server.url}/healthz`)).status).toBe(200);
    for (const { signaling } of await statusesOf(pages)) expect(signaling).toBe('connected');
  });

  it('that are replayed or changed on the way lead nobody astray', async () => {
    const genuine = publications();
    expect(genuine.length).toBeGreaterThan(TABS);
    const before = await metric('tabswarm_signaling_messages_out_total');
    await expectUnharmed('replays', async () => {
      for (const { topic, data } of genuine.slice(-12)) {
        const text = typeof data === 'string' ? data : '';
        const variants: unknown[] = [
          data,
          data,
          text.slice(0, text.length / 2),
          `${text}AAAA`,
          flipOne(text),
        ];
        const junk = [randomBytes(90).toString('base64url'), 7, null, { type: 'signal' }, 'x'.repeat(20_000)];
        await sendToServer(
          [...variants, ...junk].map((each) => JSON.stringify({ type: 'publish', topic, data: each })),
        );
      }
    });
    expect(await metric('tabswarm_signaling_messages_out_total')).toBeGreaterThan(before + 50);
    const traces = await Promise.all(pages.map((page) => page.evaluate(() => tabswarm.trace())));
    const codes = traces
      .flat()
      .flatMap((line) => / signalDropped code=(\w+) route=server/.exec(line)?.[1] ?? []);
    // Not text at all, too short or too long for a sealed signal, and sealed but not by a member or not as it was.
    expect([...new Set(codes)]).toEqual(expect.arrayContaining(['notText', 'unsealable']));
    await untilMeshed(pages, 3);
  });
});

const flipOne = (text: string): string => {
  const at = Math.floor(text.length / 2);
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
};

/** What the attacker sends on a link, and the codes by which its neighbour may end it. */
const ATTACKS: readonly { readonly attack: Attack; readonly codes: RegExp }[] = [
  { attack: 'garbage', codes: /code=version/ },
  { attack: 'truncated', codes: /code=(?:truncated|badValue)/ },
  { attack: 'oversized', codes: /code=frameTooLarge/ },
  { attack: 'duplicated', codes: /code=replayed/ },
  { attack: 'text', codes: /code=truncated/ },
];

describe('frames on a link that is up', () => {
  for (const { attack, codes } of ATTACKS) {
    it(`${attack}: the neighbour ends that link with its code and keeps its board`, async () => {
      const attacker = pages[TABS - 1] as Page;
      const honest = pages.slice(0, -1);
      await untilMeshed(pages, 1);
      const { peerId } = await statusOf(attacker);
      await expectUnharmed(attack, async () => {
        const marks = await Promise.all(honest.map((page) => lastInstant(page)));
        expect(await attackLinks(attacker, attack)).toBeGreaterThan(0);
        const ended = await waitUntil(
          async () => {
            const traces = await Promise.all(
              honest.map((page, index) => linkEnds(page, peerId, marks[index] ?? 0)),
            );
            const all = traces.flat();
            return all.length > 0 && all;
          },
          { timeoutMs: PATIENCE_MS, what: `an end of the link for ${attack} frames` },
        );
        for (const line of ended) {
          expect(line).toContain('reason=protocolError');
          expect(line).toMatch(codes);
        }
      });
    });
  }

  it('an edit changed after it was signed is refused, and the true one gets through later', async () => {
    const attacker = pages[TABS - 1] as Page;
    const honest = pages.slice(0, -1);
    await untilMeshed(pages, 1);
    await untilAgreed(pages);
    const { peerId } = await statusOf(attacker);
    const board = await boardOf(honest[0] as Page);
    const columnId = await firstColumn(attacker);
    await setAttack(attacker, 'altered');
    await apply(attacker, { type: 'addCard', columnId, title: 'signed as it is' });
    const refusals = await waitUntil(
      async () => {
        const traces = await Promise.all(honest.map((page) => page.evaluate(() => tabswarm.trace())));
        const found = traces.flat().filter((line) => {
          const [, what, who] = line.split(' ');
          return what === 'refused' && peerId.startsWith(who ?? '-');
        });
        return found.length > 0 && found;
      },
      { timeoutMs: PATIENCE_MS, what: 'a refusal' },
    );
    for (const line of refusals) expect(line).toMatch(/ badSignature$/);
    for (const page of honest) expect(await boardOf(page)).toEqual(board);
    await setAttack(attacker, undefined);
    await untilAgreed(pages, ['signed as it is']);
  });
});

/** When the last record of a tab's trace was written. */
async function lastInstant(page: Page): Promise<number> {
  const trace = await page.evaluate(() => tabswarm.trace());
  return Number(trace.at(-1)?.split(' ')[0] ?? 0);
}

/** Lines by which `page` says why its link to `peer` ended, `since` milliseconds of its clock. */
async function linkEnds(page: Page, peer: string, since: number): Promise<string[]> {
  const trace = await page.evaluate(() => tabswarm.trace());
  return trace.filter((line) => {
    const [at, what, who] = line.split(' ');
    return what === 'linkEnded' && peer.startsWith(who ?? '-') && Number(at) > since;
  });
}
