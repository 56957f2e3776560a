/**
 * A process of its own with a stock y-webrtc application that knows how a board lies in its document (docs/spec/board.md) and nothing else of
 * ours. Started by fork(); arguments: signaling URL, room, password. Messages: see the two types below.
 */
import type { EventEmitter } from 'node:events';
import wrtc from '@roamhq/wrtc';
import { WebSocket } from 'ws';
import * as Y from 'yjs';

/** A card to add to the first column. */
export interface StockBoardOrder {
  readonly card: string;
}

export interface StockBoardReport {
  readonly peers: number;
  readonly titles: readonly string[];
}

Object.assign(globalThis, { WebSocket }); // lib0/websocket takes the browser's, which Node.js 20 does not have
const { WebrtcProvider } = await import('y-webrtc');

const [url = '', room = '', password = ''] = process.argv.slice(2);
const doc = new Y.Doc();
const cards = doc.getMap<Y.Map<unknown>>('cards');
const columns = doc.getMap<Y.Map<unknown>>('columns');
const provider = new WebrtcProvider(room, doc, {
  signaling: [url],
  password,
  peerOpts: { wrtc, config: { iceServers: [] } },
});

function tell(): void {
  const connections = [...(provider.room?.webrtcConns.values() ?? [])];
  process.send?.({
    peers: connections.filter(({ connected }) => connected).length,
    titles: [...cards.values()].map((card) => String(card.get('title'))).sort(),
  } satisfies StockBoardReport);
}

provider.on('peers', () => {
  for (const { peer } of provider.room?.webrtcConns.values() ?? [])
    (peer as EventEmitter).once('connect', tell);
  tell();
});
provider.on('synced', tell);
doc.on('update', tell);
process.on('message', ({ card }: StockBoardOrder) => {
  const [column = ''] = [...columns.keys()].sort();
  const entries: [string, unknown][] = [
    ['title', card],
    ['place', [column, 'a0.stock1']],
  ];
  cards.set(`stock-${doc.clientID}-${cards.size}`, new Y.Map(entries));
});
process.on('disconnect', () => process.exit(0));
tell();
