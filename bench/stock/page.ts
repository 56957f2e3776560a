/** The baseline: a small application on the unmodified provider of y-webrtc, which shares one map of card titles. */
import { WebrtcProvider } from 'y-webrtc';
import * as Y from 'yjs';
import type {} from '../mesh-page.ts';

/** What the bench tells a stock tab to do. */
export interface StockPage {
  /** Joins a room through the server of this page; `maxConns` of the provider unless `cap` is given. */
  join(room: string, cap: number | undefined): void;
  /** Writes a text of `length` under its own name: a document that one update carries. */
  write(length: number): void;
  written(): number;
  connected(): boolean;
}

declare global {
  var stock: StockPage;
}

interface Connection {
  readonly connected: boolean;
  readonly peer: { on(event: 'connect' | 'close', listener: () => void): void };
}

interface Room {
  readonly peerId: string;
  readonly webrtcConns: ReadonlyMap<string, Connection>;
}

const doc = new Y.Doc();
const cards = doc.getMap<string>('cards');
const text = doc.getText('document');
let provider: WebrtcProvider | undefined;
const watched = new WeakSet<Connection>();
let watchedPeople: readonly string[] = [];
const list = document.body.appendChild(document.createElement('ul'));
/** The titles on screen: ours draws its board, too. */
const items = new Map<string, HTMLElement>();

const room = (): Room | null => (provider?.room as Room | null | undefined) ?? null;

const connectedPeers = (): string[] =>
  [...(room()?.webrtcConns ?? [])].filter(([, { connected }]) => connected).map(([peer]) => peer);

function look(): void {
  const peers = connectedPeers();
  bench.see(peers, peers.length + 1);
  for (const person of watchedPeople) if (!peers.includes(person)) bench.gone[person] ??= bench.now();
  for (const connection of room()?.webrtcConns.values() ?? []) {
    if (watched.has(connection)) continue;
    watched.add(connection);
    connection.peer.on('connect', look);
    // The provider hears of it first and forgets the connection.
    connection.peer.on('close', look);
  }
}

function show(card: string, title: string): void {
  const item = items.get(card) ?? list.appendChild(document.createElement('li'));
  items.set(card, item);
  item.textContent = title;
}

function join(name: string, cap: number | undefined): void {
  const signaling = [`${location.origin.replace('http', 'ws')}/signaling`];
  provider = new WebrtcProvider(name, doc, {
    signaling,
    peerOpts: { config: { iceServers: [] } },
    ...(cap === undefined ? {} : { maxConns: cap }),
  });
  provider.on('peers', look);
  cards.observe((event) => {
    const at = bench.now();
    const changed: ReadonlySet<string> = event.keysChanged;
    for (const key of changed) {
      const title = cards.get(key);
      if (title === undefined) continue;
      bench.arrivals[title] ??= at;
      show(key, title);
    }
  });
}

Object.assign(bench, {
  self: () => room()?.peerId ?? '',
  person: () => room()?.peerId ?? '',
  watchPeople: (people: readonly string[]): void => {
    watchedPeople = people.filter((person) => connectedPeers().includes(person));
  },
  cap: () => provider?.maxConns ?? 0,
  cards: () => cards.size,
  edit: (card: number, text: string): number => {
    const at = bench.now();
    cards.set(String(card), text);
    return at;
  },
  digest: () => JSON.stringify(Object.entries(cards.toJSON()).sort()),
});

globalThis.stock = {
  join,
  write: (length) => text.insert(0, 'x'.repeat(length)),
  written: () => text.length,
  connected: () => connectedPeers().length > 0,
};
