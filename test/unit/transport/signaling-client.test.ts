import { describe, expect, it } from 'vitest';
import {
  FIRST_BACKOFF_MS,
  GOOD_AFTER_MS,
  MAX_BACKOFF_MS,
  MAX_OUTBOX,
  OPEN_TIMEOUT_MS,
  OUTBOX_MS,
  PING_EVERY_MS,
  SignalingClient,
  type SignalingState,
  type SocketEvents,
} from '../../../src/transport/signaling-client.ts';
import { VirtualTime } from '../../support/virtual-time.ts';

/** A client, and the server's end of every socket it opened. */
class Bench {
  readonly time = new VirtualTime();
  readonly sockets: { events: SocketEvents; sent: string[]; closed: boolean; bufferedAmount: number }[] = [];
  readonly states: SignalingState[] = [];
  readonly publications: unknown[] = [];
  readonly unsent: string[] = [];
  malformed = 0;
  jitter = 255;
  readonly client = new SignalingClient({
    url: 'ws://test',
    openSocket: (url, events) => {
      if (url !== 'ws://test') throw new Error('another address');
      const socket = { events, sent: [] as string[], closed: false, bufferedAmount: 0 };
      this.sockets.push(socket);
      return {
        send: (text) => socket.sent.push(text),
        close: () => {
          socket.closed = true;
        },
        get bufferedAmount() {
          return socket.bufferedAmount;
        },
      };
    },
    clock: this.time,
    randomBytes: () => Uint8Array.of(this.jitter),
    topics: ['room', 'mine'],
    onState: (state) => this.states.push(state),
    onPublication: (topic, data, subscribers) => this.publications.push([topic, data, subscribers]),
    onMalformed: () => {
      this.malformed += 1;
    },
    onUnsent: (code) => this.unsent.push(code),
    onClosed: () => undefined,
  });

  get socket(): (typeof this.sockets)[number] {
    return this.sockets.at(-1) ?? expect.fail('no socket was opened');
  }

  open(): void {
    this.client.start();
    this.socket.events.opened();
  }
}

const PING = '{"type":"ping"}';
const PONG = '{"type":"pong"}';

describe('the signaling client', () => {
  it('[LNK-61] subscribes to its topics as soon as it is connected', () => {
    const bench = new Bench();
    bench.open();
    expect(bench.states).toEqual(['connecting', 'connected']);
    expect(bench.socket.sent).toEqual(['{"type":"subscribe","topics":["room","mine"]}', PING]);
  });

  it('[LNK-60] waits longer after each failure, up to 30 s, and starts over after a good connection', async () => {
    const bench = new Bench();
    bench.client.start();
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      bench.socket.events.closed(1006, '');
      expect(bench.states.at(-1)).toBe('down');
      const from = bench.time.now();
      const count = bench.sockets.length;
      while (bench.sockets.length === count) await bench.time.advance(50);
      waits.push(bench.time.now() - from);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
    expect(waits[0]).toBe(2 * FIRST_BACKOFF_MS);
    expect(waits.at(-1)).toBe(MAX_BACKOFF_MS);
    bench.socket.events.opened();
    await bench.time.advance(GOOD_AFTER_MS);
    bench.socket.events.closed(1001, 'shutdown');
    const count = bench.sockets.length;
    await bench.time.advance(FIRST_BACKOFF_MS);
    expect(bench.sockets).toHaveLength(count + 1);
  });

  it('[LNK-60] spreads the returns by half of the wait', async () => {
    const bench = new Bench();
    bench.jitter = 0;
    bench.client.start();
    bench.socket.events.closed(1006, '');
    await bench.time.advance(FIRST_BACKOFF_MS);
    expect(bench.sockets).toHaveLength(2);
  });

  it('[LNK-60] gives up on a socket that never opens', async () => {
    const bench = new Bench();
    bench.client.start();
    await bench.time.advance(OPEN_TIMEOUT_MS);
    expect(bench.states.at(-1)).toBe('down');
    expect(bench.sockets[0]?.closed).toBe(true);
  });

  it('[LNK-62] pings, and drops a connection that says nothing back', async () => {
    const bench = new Bench();
    bench.open();
    bench.socket.events.frame(PONG);
    await bench.time.advance(PING_EVERY_MS);
    expect(bench.socket.sent.filter((text) => text === PING)).toHaveLength(2);
    expect(bench.states.at(-1)).toBe('connected');
    await bench.time.advance(PING_EVERY_MS);
    expect(bench.states.at(-1)).toBe('down');
    expect(bench.sockets[0]?.closed).toBe(true);
  });

  it('[LNK-63] keeps publications while it is not connected, a few and not for long', async () => {
    const bench = new Bench();
    bench.client.start();
    bench.client.publish('old', 'data');
    await bench.time.advance(OUTBOX_MS / 2);
    for (let i = 0; i < MAX_OUTBOX; i++) bench.client.publish('new', String(i));
    expect(bench.unsent).toEqual(['outboxFull']);
    bench.socket.events.opened();
    const published = bench.socket.sent.filter((text) => text.includes('publish'));
    expect(published).toHaveLength(MAX_OUTBOX);
    expect(published[0]).toBe('{"type":"publish","topic":"new","data":"0"}');

    const late = new Bench();
    late.client.start();
    late.client.publish('old', 'data');
    late.socket.events.closed(1006, '');
    await late.time.advance(OUTBOX_MS);
    late.socket.events.opened();
    expect(late.unsent).toEqual(['expired']);
    expect(late.socket.sent.filter((text) => text.includes('publish'))).toEqual([]);
  });

  it('[LNK-64] counts frames that are no messages, and goes on', () => {
    const bench = new Bench();
    bench.open();
    const frames = [
      '',
      'not json',
      '[]',
      '{"type":"hello"}',
      '{"type":"publish"}',
      7,
      undefined,
      new Uint8Array(3),
    ];
    for (const frame of [...frames, `{"type":"pong","x":"${'y'.repeat(70_000)}"}`])
      bench.socket.events.frame(frame);
    expect(bench.malformed).toBe(9);
    bench.socket.events.frame('{"type":"publish","topic":"room","data":"abc","clients":4}');
    expect(bench.publications).toEqual([['room', 'abc', 4]]);
    expect(bench.states.at(-1)).toBe('connected');
  });

  it('[LNK-65] connects at once when it is nudged while it waits', () => {
    const bench = new Bench();
    bench.client.start();
    bench.socket.events.closed(1006, '');
    bench.client.nudge();
    expect(bench.sockets).toHaveLength(2);
    bench.client.nudge();
    expect(bench.sockets).toHaveLength(2);
  });

  it('[LNK-65] checks its connection when it is nudged', async () => {
    const bench = new Bench();
    bench.open();
    bench.client.nudge();
    expect(bench.socket.sent.filter((text) => text === PING)).toHaveLength(2);
    await bench.time.advance(PING_EVERY_MS);
    expect(bench.states.at(-1)).toBe('down');
  });

  it('[LNK-60] goes down, and does not throw, when the address cannot be opened', () => {
    const states: SignalingState[] = [];
    const client = new SignalingClient({
      url: 'nonsense',
      openSocket: () => {
        throw new SyntaxError('not an address');
      },
      clock: new VirtualTime(),
      randomBytes: () => Uint8Array.of(0),
      topics: [],
      onState: (state) => states.push(state),
      onPublication: () => undefined,
      onMalformed: () => undefined,
      onUnsent: () => undefined,
      onClosed: () => undefined,
    });
    client.start();
    expect(states).toEqual(['connecting', 'down']);
  });

  it('[LNK-60] stays away once it is stopped', async () => {
    const bench = new Bench();
    bench.open();
    bench.client.stop();
    expect(bench.socket.closed).toBe(true);
    bench.socket.events.closed(1000, '');
    await bench.time.advance(MAX_BACKOFF_MS * 2);
    expect(bench.sockets).toHaveLength(1);
    expect(bench.states).toEqual(['connecting', 'connected']);
  });
});
