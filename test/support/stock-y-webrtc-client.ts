/**
 * A process of its own that runs the published y-webrtc provider on Node.js: Node's BroadcastChannel does not cross
 * processes, so two of these can only meet through a signaling server and WebRTC.
 * Started by fork(); arguments: signaling URL, room, password (may be empty). Messages: see the two types below.
 */
import wrtc from '@roamhq/wrtc';
import { WebSocket } from 'ws';
import * as Y from 'yjs';

/** What the test tells it. */
export interface StockOrder {
  readonly insert: string;
}

/** What it tells the test, after every change. */
export interface StockReport {
  readonly text: string;
  readonly webrtcPeers: number;
  readonly bcPeers: number;
}

Object.assign(globalThis, { WebSocket }); // lib0/websocket takes the browser's, which Node.js 20 does not have
const { WebrtcProvider } = await import('y-webrtc');

const [url = '', room = '', password = ''] = process.argv.slice(2);
const doc = new Y.Doc();
const text = doc.getText('shared');
const provider = new WebrtcProvider(room, doc, {
  signaling: [url],
  peerOpts: { wrtc, config: { iceServers: [] } },
  ...(password === '' ? {} : { password }),
});
let report: StockReport = { text: '', webrtcPeers: 0, bcPeers: 0 };

function tell(change: Partial<StockReport>): void {
  report = { ...report, ...change };
  process.send?.(report);
}

provider.on('peers', ({ webrtcPeers, bcPeers }) =>
  tell({ webrtcPeers: webrtcPeers.length, bcPeers: bcPeers.length }),
);
doc.on('update', () => tell({ text: text.toJSON() }));
process.on('message', (order: StockOrder) => text.insert(0, order.insert));
process.on('disconnect', () => process.exit(0));
tell({});
