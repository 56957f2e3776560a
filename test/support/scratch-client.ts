/**
 * A process of its own with one scratch board of ours, in memory: Node's BroadcastChannel does not cross processes, so it meets others through
 * the signaling server and WebRTC alone. Started by fork(); arguments: signaling URL, link. Messages: see the two types below.
 */
import { randomBytes } from 'node:crypto';
import wrtc from '@roamhq/wrtc';
import { WebSocket } from 'ws';
import type { BoardCommand } from '../../src/board/command.ts';
import type { BoardSnapshot } from '../../src/board/snapshot.ts';
import { randomFrom } from '../../src/kernel/random.ts';
import { createClock } from '../../src/runtime/clock.ts';
import { parseScratchLink } from '../../src/scratch/scratch-link.ts';
import type { ScratchSession as Session } from '../../src/scratch/scratch-session.ts';
import { MemoryStore } from '../../src/storage/memory-store.ts';

/** What the test tells it. */
export type ScratchOrder = BoardCommand;

/** What it tells the test, after every change. */
export interface ScratchReport {
  readonly peers: number;
  readonly names: readonly string[];
  readonly board: BoardSnapshot;
}

Object.assign(globalThis, { WebSocket }); // lib0/websocket takes the browser's, which Node.js 20 does not have
const { ScratchSession } = await import('../../src/scratch/scratch-session.ts');

const [signalingUrl = '', link = ''] = process.argv.slice(2);
const keys = parseScratchLink(link);
if (!keys.ok) throw new Error(keys.code);

const running: { session?: Session } = {};
const opened = await ScratchSession.open({
  keys: keys.value,
  store: new MemoryStore(),
  clock: createClock(),
  random: randomFrom(randomBytes(16).toString('hex')),
  run: new Uint8Array(randomBytes(8)),
  self: { memberId: 'aa'.repeat(32), name: 'Ada' },
  signalingUrl,
  iceServers: [],
  peerOptions: { wrtc },
  onBoard: tell,
  onStatus: tell,
});
if (!opened.ok) throw new Error(opened.code);
running.session = opened.value;

function tell(): void {
  queueMicrotask(() => {
    const { session } = running;
    if (session === undefined) return; // still opening
    const { peers, people } = session.facts();
    process.send?.({
      peers: peers.length,
      names: people.filter(({ isSelf }) => !isSelf).map(({ name }) => name),
      board: session.snapshot(),
    } satisfies ScratchReport);
  });
}

process.on('message', (command: ScratchOrder) => void running.session?.act({ kind: 'run', command }));
process.on('disconnect', () => process.exit(0));
tell();
