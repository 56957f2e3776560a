/** A page with a stock y-webrtc application that knows how a board lies in its document (docs/spec/board.md) and nothing else of ours. */
import { WebrtcProvider } from 'y-webrtc';
import * as Y from 'yjs';

export interface StockBoard {
  join(room: string, password: string): void;
  /** Adds a card to the column with this title; to none when there is none. */
  addCard(column: string, title: string): void;
  /** Writes what no board has. */
  scribble(): void;
  /** Titles of all cards, sorted. */
  titles(): readonly string[];
}

declare global {
  var stockBoard: StockBoard;
}

const doc = new Y.Doc();
const columns = doc.getMap<Y.Map<unknown>>('columns');
const cards = doc.getMap<unknown>('cards');

globalThis.stockBoard = {
  join: (room, password) => {
    const signaling = [`${location.origin.replace('http', 'ws')}/signaling`];
    new WebrtcProvider(room, doc, { signaling, password, peerOpts: { config: { iceServers: [] } } });
  },
  addCard: (column, title) => {
    const [id] = [...columns].find(([, entry]) => entry.get('title') === column) ?? [];
    const entries: [string, unknown][] = [
      ['title', title],
      ['place', [id, 'a0.stock1']],
    ];
    cards.set(`stock-${doc.clientID}-${cards.size}`, new Y.Map(entries));
  },
  scribble: () => {
    cards.set('nonsense', ['no', 'card']);
    cards.set('no good id!', new Y.Map([['title', 'unseen']]));
    columns.set('odd', new Y.Map<unknown>([['title', { a: 1 }]]));
  },
  titles: () =>
    [...cards.values()]
      .filter((card) => card instanceof Y.Map)
      .map((card) => String((card as Y.Map<unknown>).get('title')))
      .sort(),
};
