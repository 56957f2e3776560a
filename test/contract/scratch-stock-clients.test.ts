/** Scratch boards of ours and stock y-webrtc applications, each in a process of its own, over a signaling server. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { BoardSnapshot } from '../../src/board/snapshot.ts';
import { roomName, roomPassword, scratchFragment } from '../../src/scratch/scratch-link.ts';
import { startTestServer } from '../support/signaling-harness.ts';
import { startStallingRelay } from '../support/stalling-relay.ts';
import type { ScratchOrder, ScratchReport } from '../support/scratch-client.ts';
import type { StockBoardOrder, StockBoardReport } from '../support/stock-board-client.ts';

const KEYS = { room: new Uint8Array(16).fill(3), secret: new Uint8Array(16).fill(4) };
/** Loading takes seconds on a busy machine, and without implicit rollback, which browsers have and Node's WebRTC has not, a standstill takes up to 30 s. */
const TIMEOUT_MS = 90_000;

const ends: (() => Promise<unknown>)[] = [];

class Client<Order, Report> {
  readonly #child: ChildProcess;
  #report: Report | undefined;

  constructor(file: string, args: readonly string[]) {
    const path = fileURLToPath(new URL(`../support/${file}`, import.meta.url));
    this.#child = fork(path, [...args], { execArgv: ['--import', 'tsx'] });
    this.#child.on('message', (report: Report) => (this.#report = report));
    ends.unshift(async () => {
      if (!this.#child.connected) return;
      const ended = once(this.#child, 'exit');
      this.#child.disconnect();
      await ended;
    });
  }

  order(order: Order): void {
    this.#child.send(order as object);
  }

  /** Resolves with the first report that satisfies `test`, the latest one included. */
  async until(test: (report: Report) => boolean): Promise<Report> {
    const ended = once(this.#child, 'exit').then(() => {
      throw new Error('the client ended by itself');
    });
    ended.catch(() => undefined);
    while (this.#report === undefined || !test(this.#report))
      await Promise.race([once(this.#child, 'message'), ended]);
    return this.#report;
  }
}

const ours = (url: string): Client<ScratchOrder, ScratchReport> =>
  new Client('scratch-client.ts', [url, scratchFragment(KEYS)]);
const stock = (url: string): Client<StockBoardOrder, StockBoardReport> =>
  new Client('stock-board-client.ts', [url, roomName(KEYS), roomPassword(KEYS)]);

const titles = (board: BoardSnapshot): readonly string[] =>
  board.columns.flatMap((column) => column.cards.map(({ title }) => title)).sort();

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

describe('a scratch board', () => {
  it(
    '[SCR-4] is edited by a stock y-webrtc application, both ways, and our tabs see each other’s names',
    async () => {
      const server = await startTestServer();
      ends.push(() => server.close());
      const a = ours(server.webSocketUrl);
      a.order({ type: 'addColumn', title: 'To do' });
      const { board } = await a.until(({ board: shown }) => shown.columns.length === 1);
      a.order({ type: 'addCard', columnId: board.columns[0]?.id ?? '', title: 'from ours' });
      const c = stock(server.webSocketUrl);
      await c.until((report) => report.titles.includes('from ours'));
      c.order({ card: 'from stock' });
      await a.until((report) => titles(report.board).includes('from stock'));
      const b = ours(server.webSocketUrl);
      const all = ['from ours', 'from stock'];
      const met = await b.until(
        (report) => titles(report.board).join() === all.join() && report.names.includes('Ada'),
      );
      expect(titles(met.board)).toEqual(all);
      expect(server.metrics().refused).toEqual({});
    },
    TIMEOUT_MS,
  );

  it(
    '[SCR-7] comes together with a stock client, and with another tab of ours, after both announced themselves at once and their offers were lost',
    async () => {
      const meet = async (
        other: (url: string) => Client<never, { readonly peers: number }>,
      ): Promise<void> => {
        const relay = await startStallingRelay();
        ends.push(() => relay.close());
        const a = ours(relay.url);
        const b = other(relay.url);
        await Promise.all([a.until(({ peers }) => peers === 1), b.until(({ peers }) => peers === 1)]);
        expect(relay.lost()).toBeGreaterThanOrEqual(2);
      };
      await Promise.all([meet(stock), meet(ours)]);
    },
    TIMEOUT_MS,
  );
});
