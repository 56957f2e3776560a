/**
 * The signaling server beside the one that y-webrtc ships (`npm run bench -- signaling`): how fast a room of 16 is served,
 * what it costs in bytes, and what malformed frames do to either. Both run as processes of their own on loopback.
 * `--frames=N` sets the number of fuzzed frames (1,000,000).
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { WebSocket, type RawData } from 'ws';
import { DEFAULT_LIMITS } from '../signaling/limits.ts';
import { Rooms } from '../signaling/rooms.ts';
import { randomFrom } from '../src/kernel/random.ts';
import { freePort, startAppServer } from '../test/support/app-server.ts';
import { fuzzedFrame } from '../test/support/signaling-fuzz.ts';

const ROOM_SIZE = 16;
/** Below the burst of one connection, so that our server runs with its default limits. */
const PUBLISHES_EACH = 900;
/** An encrypted candidate in base64. */
const DATA = 'x'.repeat(1000);
const PONG_BYTES = '{"type":"pong"}'.length;
/** Publishes under way at once: enough to keep the server busy, too few for anybody to fall behind. */
const WINDOW = 64;
const DEFAULT_FRAMES = 1_000_000;
const FRAMES_PER_CONNECTION = 20;
const ATTACKERS = 32;
/** The stock server starts in a fraction of a second. */
const START_ATTEMPTS = 200;

interface Row {
  readonly what: string;
  readonly stock: string;
  readonly ours: string;
}

/** Runs the whole comparison and prints a table and one line of JSON. */
export async function run(args: readonly string[]): Promise<void> {
  const frames = Number(
    args.find((arg) => arg.startsWith('--frames='))?.slice('--frames='.length) ?? DEFAULT_FRAMES,
  );
  if (!Number.isSafeInteger(frames) || frames < 1) throw new Error('--frames needs a whole number above 0');
  const stock = await startStock();
  const stockRoom = await measureRoom(stock.url, true).finally(() => stock.child.kill());
  const stockEnd = await endOfStock();
  // Attackers come from many addresses, as they would: the limits per address stay as they are.
  const ours = await startAppServer({ isAppNeeded: false, env: { TRUST_PROXY: '1' } });
  try {
    const room = await measureRoom(`${ours.url.replace('http', 'ws')}/signaling`, false);
    const fuzz = await fuzzSockets(ours.url, frames);
    const pure = fuzzRooms(frames);
    print(rowsOf({ stockRoom, stockEnd, room, fuzz, pure }));
    console.log(
      JSON.stringify({
        bench: 'signaling',
        frames,
        stock: { ...stockRoom, ...stockEnd },
        ours: { ...room, fuzz, pure },
      }),
    );
  } finally {
    await ours.stop();
  }
}

interface RoomFigures {
  readonly publishes: number;
  readonly deliveries: number;
  readonly deliveriesPerSecond: number;
  readonly bytesOutPerPublish: number;
}

/** Everybody in a room publishes in turn. `echoes`: whether the server tells a message to its sender, too. */
async function measureRoom(url: string, echoes: boolean): Promise<RoomFigures> {
  const clients = await Promise.all(Array.from({ length: ROOM_SIZE }, (_, i) => open(url, `10.1.0.${i}`)));
  let deliveries = 0;
  let bytes = 0;
  let arrived = (): void => undefined;
  const heard = clients.map(() => 0);
  clients.forEach((client, i) => {
    client.send(JSON.stringify({ type: 'subscribe', topics: ['room'] }));
    client.on('message', (data: RawData) => {
      if (sizeOf(data) < DATA.length) return; // a pong
      deliveries++;
      bytes += sizeOf(data);
      heard[i] = (heard[i] ?? 0) + 1;
      arrived();
    });
  });
  await Promise.all(clients.map(settled));
  const publishes = ROOM_SIZE * PUBLISHES_EACH;
  const frame = JSON.stringify({ type: 'publish', topic: 'room', data: DATA });
  const started = performance.now();
  let sent = 0;
  const ownShare = (client: number): number => (echoes ? 0 : shareOf(client, sent));
  const isBehind = (): boolean => heard.some((count, i) => count < sent - ownShare(i) - WINDOW);
  const hasAll = (): boolean => heard.every((count, i) => count >= publishes - ownShare(i));
  await new Promise<void>((resolve) => {
    arrived = () => {
      while (sent < publishes && !isBehind()) clients[sent++ % ROOM_SIZE]?.send(frame);
      if (sent === publishes && hasAll()) resolve();
    };
    arrived();
  });
  await Promise.all(clients.map(settled));
  const seconds = (performance.now() - started) / 1000;
  for (const client of clients) client.terminate();
  return {
    publishes,
    deliveries,
    deliveriesPerSecond: Math.round(deliveries / seconds),
    bytesOutPerPublish: Math.round(bytes / publishes),
  };
}

const shareOf = (client: number, sent: number): number =>
  Math.floor((sent + ROOM_SIZE - 1 - client) / ROOM_SIZE);

async function open(url: string, address: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false, headers: { 'X-Forwarded-For': address } });
  await once(socket, 'open');
  return socket;
}

function sizeOf(data: RawData): number {
  return Buffer.isBuffer(data) ? data.length : 0; // ws gives buffers unless told otherwise
}

/** Everything sent before has been dealt with once the pong is there. */
function settled(client: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const onMessage = (data: RawData): void => {
      if (sizeOf(data) >= DATA.length) return;
      client.off('message', onMessage);
      resolve();
    };
    client.on('message', onMessage);
    client.send('{"type":"ping"}');
  });
}

interface Stock {
  readonly child: ChildProcess;
  readonly url: string;
}

async function startStock(): Promise<Stock> {
  const port = await freePort();
  const child = spawn(process.execPath, ['node_modules/y-webrtc/bin/server.js'], {
    env: { ...process.env, PORT: String(port) },
    stdio: 'ignore',
  });
  const url = `ws://127.0.0.1:${port}/`;
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    const probe = await open(url, '').catch(() => undefined);
    if (probe !== undefined) {
      probe.terminate();
      return { child, url };
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  child.kill();
  throw new Error('the stock server did not start');
}

interface StockEnd {
  readonly framesUntilExit: number;
  readonly exitCode: number | null;
}

/** The one frame that ends the stock server. */
async function endOfStock(): Promise<StockEnd> {
  const { child, url } = await startStock();
  const client = await open(url, '');
  client.on('error', () => undefined);
  const ended = once(child, 'exit');
  client.send('not json');
  const [exitCode] = (await ended) as [number | null];
  return { framesUntilExit: 1, exitCode };
}

interface FuzzFigures {
  readonly sent: number;
  readonly received: number;
  /** The server looks at frames until it refuses their connection; the rest it only receives. */
  readonly examined: number;
  readonly refused: number;
  readonly alive: boolean;
  readonly steadyLost: number;
  readonly framesPerSecond: number;
}

/** Sends `frames` fuzzed frames from thousands of addresses while two clients that behave talk to each other. */
async function fuzzSockets(httpUrl: string, frames: number): Promise<FuzzFigures> {
  const url = `${httpUrl.replace('http', 'ws')}/signaling`;
  const before = await scrape(httpUrl);
  const [talker, listener] = [await open(url, '10.2.0.1'), await open(url, '10.2.0.2')];
  listener.send('{"type":"subscribe","topics":["steady"]}');
  await settled(listener);
  let [heard, said, sent, connection] = [0, 0, 0, 0];
  listener.on('message', (data: RawData) => (heard += sizeOf(data) > PONG_BYTES ? 1 : 0));
  const random = randomFrom('bench/signaling');
  const attack = async (): Promise<void> => {
    while (sent < frames) {
      const number = connection++;
      const burst = Math.min(FRAMES_PER_CONNECTION, frames - sent);
      sent += burst;
      const attacker = await open(url, `10.3.${(number >> 8) & 127}.${number & 255}`);
      attacker.on('error', () => undefined); // a reset is one way to be refused
      const closed = once(attacker, 'close');
      for (let i = 0; i < burst; i++) attacker.send(fuzzedFrame(random));
      attacker.send(Buffer.alloc(8)); // ends the connection even if all the others were legal
      await closed;
      if (number % 64 === 0 && said < 900) {
        said++;
        talker.send('{"type":"publish","topic":"steady","data":1}');
      }
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: ATTACKERS }, attack));
  const seconds = (performance.now() - started) / 1000;
  await settled(talker);
  await settled(listener);
  const after = await scrape(httpUrl);
  const alive = (await fetch(`${httpUrl}/healthz`)).status === 200;
  const grown = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  return {
    sent,
    received: grown('messages_in_total'),
    examined: grown('messages_in_total') - grown('ignored_total'),
    refused: grown('refused_total'),
    alive,
    steadyLost: said - heard,
    framesPerSecond: Math.round(sent / seconds),
  };
}

/** Values of /metrics by short name, labels summed. */
async function scrape(httpUrl: string): Promise<ReadonlyMap<string, number>> {
  const values = new Map<string, number>();
  const text = await (await fetch(`${httpUrl}/metrics`)).text();
  for (const [, name = '', value] of text.matchAll(/^tabswarm_signaling_(\w+)(?:\{[^}]*\})? (\d+)$/gm)) {
    values.set(name, (values.get(name) ?? 0) + Number(value));
  }
  return values;
}

interface PureFigures {
  readonly examined: number;
  readonly refused: number;
  readonly thrown: number;
  readonly framesPerSecond: number;
}

/** The rules alone, so that every single frame is examined and none is skipped because its connection had ended. */
function fuzzRooms(frames: number): PureFigures {
  const rooms = new Rooms({ ...DEFAULT_LIMITS, connecting: { burst: frames, perSecond: 1 } });
  const random = randomFrom('bench/signaling/rooms');
  let [refused, thrown] = [0, 0];
  const started = performance.now();
  for (let id = 1; id <= frames; id++) {
    rooms.open(id, 'attacker', 0);
    const frame = fuzzedFrame(random);
    try {
      if (rooms.receive(id, frame, frame.length, 0).kind === 'refused') refused++;
    } catch {
      thrown++;
    }
    rooms.close(id);
  }
  const seconds = (performance.now() - started) / 1000;
  return { examined: frames, refused, thrown, framesPerSecond: Math.round(frames / seconds) };
}

interface Figures {
  readonly stockRoom: RoomFigures;
  readonly stockEnd: StockEnd;
  readonly room: RoomFigures;
  readonly fuzz: FuzzFigures;
  readonly pure: PureFigures;
}

function rowsOf({ stockRoom, stockEnd, room, fuzz, pure }: Figures): readonly Row[] {
  const whole = (value: number): string => value.toLocaleString('en');
  const stopped = `process ended by frame ${stockEnd.framesUntilExit}, exit code ${stockEnd.exitCode ?? 'none'}`;
  return [
    {
      what: 'room of 16: frames delivered per second',
      stock: whole(stockRoom.deliveriesPerSecond),
      ours: whole(room.deliveriesPerSecond),
    },
    {
      what: 'room of 16: bytes sent per publish of 1 kB',
      stock: whole(stockRoom.bytesOutPerPublish),
      ours: whole(room.bytesOutPerPublish),
    },
    {
      what: 'fuzzed frames through the rules, all examined',
      stock: '',
      ours: `${whole(pure.examined)}, ${pure.thrown} thrown`,
    },
    { what: '  frames per second', stock: '', ours: whole(pure.framesPerSecond) },
    {
      what: 'fuzzed frames to the live server',
      stock: stopped,
      ours: `${whole(fuzz.sent)}, ${fuzz.alive ? 0 : 1} crashes`,
    },
    {
      what: '  of them examined before their connection was refused',
      stock: '1',
      ours: whole(fuzz.examined),
    },
    { what: '  connections refused', stock: '', ours: whole(fuzz.refused) },
    { what: '  messages lost by clients that behave', stock: '', ours: whole(fuzz.steadyLost) },
    { what: '  frames per second', stock: '', ours: whole(fuzz.framesPerSecond) },
  ];
}

function print(rows: readonly Row[]): void {
  const all = [{ what: '', stock: 'y-webrtc 10.3.0', ours: 'ours' }, ...rows];
  const width = (column: keyof Row): number => Math.max(...all.map((row) => row[column].length));
  const [what, stock] = [width('what'), width('stock')];
  for (const row of all) console.log(`${row.what.padEnd(what)}  ${row.stock.padEnd(stock)}  ${row.ours}`);
}
