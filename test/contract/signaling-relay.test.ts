import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { randomFrom } from '../../src/kernel/random.ts';
import { MAX_FRAME_BYTES } from '../../signaling/protocol.ts';
import { fuzzedFrame } from '../support/signaling-fuzz.ts';
import { startTestServer, TestClient, type TestServer } from '../support/signaling-harness.ts';

describe('the relay over real sockets', () => {
  let server: TestServer;

  beforeEach(async () => {
    server = await startTestServer();
  });

  afterEach(async () => {
    expect(server.reports).toEqual([]);
    await server.close();
  });

  const join = (): Promise<TestClient> => TestClient.connect(server.webSocketUrl);

  it('[SIG-3] passes messages on in order, to the others only', async () => {
    const [a, b, c] = [await join(), await join(), await join()];
    await Promise.all([a.subscribe('t'), b.subscribe('t'), c.subscribe('other')]);
    for (let i = 0; i < 20; i++) a.send({ type: 'publish', topic: 't', data: i });
    a.send({ type: 'ping' });
    for (let i = 0; i < 20; i++) {
      expect(await b.next()).toEqual({ type: 'publish', topic: 't', data: i, clients: 2 });
    }
    expect(await a.next()).toEqual({ type: 'pong' });
    c.send({ type: 'ping' });
    expect(await c.next()).toEqual({ type: 'pong' });
  });

  it('[SIG-5] stops when a client unsubscribes or leaves', async () => {
    const [a, b, c] = [await join(), await join(), await join()];
    await Promise.all([b.subscribe('t'), c.subscribe('t')]);
    b.send({ type: 'unsubscribe', topics: ['t'] });
    await b.settled();
    await c.close();
    a.send({ type: 'publish', topic: 't', data: 1 });
    await a.settled();
    expect(server.metrics()).toMatchObject({ topics: 0, connections: 2 });
    b.send({ type: 'ping' });
    expect(await b.next()).toEqual({ type: 'pong' });
  });

  it.each([
    ['text that is not JSON', 'not json', 1008, 'notJson'],
    ['an unknown type', '{"type":"shutdown"}', 1008, 'unknownType'],
    ['a frame nested to overflow the stack', '['.repeat(60_000), 1008, 'tooDeep'],
    ['binary', Buffer.from('{"type":"ping"}'), 1003, 'binaryFrame'],
    // ws refuses it by its header, before it is read, and then gives no reason besides the close code.
    ['a frame that is too large', 'x'.repeat(MAX_FRAME_BYTES + 1), 1009, ''],
  ])(
    '[SIG-2, SIG-7, SIG-11] ends a connection for %s, and only that one',
    async (_what, frame, code, reason) => {
      const [sender, other, listener] = [await join(), await join(), await join()];
      await listener.subscribe('t');
      sender.socket.send(frame);
      expect(await sender.closed).toEqual({ code, reason });
      other.send({ type: 'publish', topic: 't', data: 'still here' });
      expect(await listener.next()).toMatchObject({ data: 'still here' });
      const counted = code === 1009 ? 'frameTooLarge' : reason;
      expect(server.metrics().refused).toEqual({ [counted]: 1 });
    },
  );

  it('[SIG-11] survives broken framing, an endless handshake and things that are not HTTP', async () => {
    const raw = async (bytes: string | Buffer): Promise<void> => {
      const socket = connectTcp(server.port, '127.0.0.1');
      socket.on('error', () => undefined); // a reset is one way for the server to say no
      const closed = once(socket, 'close');
      socket.resume().write(bytes);
      await closed;
    };
    await raw('\u0000\u0001 not http\r\n\r\n');
    await raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`);
    await raw('GET /signaling HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const handshake =
      'GET /signaling HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
    await raw(Buffer.concat([Buffer.from(handshake), Buffer.alloc(64, 0xff)]));
    expect(server.metrics()).toMatchObject({ connections: 0, refused: { badHandshake: 1, badFrame: 1 } });
    await (await join()).settled();
  });

  it('[SIG-14] is alive after thousands of fuzzed frames, and a client that behaves notices nothing', async () => {
    const [a, b] = [await join(), await join()];
    await b.subscribe('steady');
    const random = randomFrom('fuzz over sockets');
    for (let round = 0; round < 250; round++) {
      const attacker = await join();
      // All at once: what follows the first refused frame must be ignored, not queued or obeyed.
      for (let i = 0; i < 16; i++) attacker.sendText(fuzzedFrame(random));
      attacker.socket.send(Buffer.alloc(random.below(100)));
      expect((await attacker.closed).code).toBeGreaterThanOrEqual(1003);
      a.send({ type: 'publish', topic: 'steady', data: round });
      expect(await b.next()).toMatchObject({ data: round });
    }
    const { connections, topics, refused } = server.metrics();
    expect({ connections, topics }).toEqual({ connections: 2, topics: 1 });
    expect(Object.values(refused).reduce((sum, count) => sum + count, 0)).toBe(250);
  });
});

describe('the limits of the relay over real sockets', () => {
  let server: TestServer | undefined;

  afterEach(async () => {
    expect(server?.reports ?? []).toEqual([]);
    await server?.close();
    server = undefined;
  });

  const refusalOf = async (url: string, headers: Record<string, string> = {}): Promise<string> => {
    const socket = new WebSocket(url, { headers });
    const [error] = (await once(socket, 'error')) as [Error];
    return error.message;
  };

  it('[SIG-8] ends a flood', async () => {
    server = await startTestServer({}, { limits: { messages: { burst: 10, perSecond: 1 } } });
    const client = await TestClient.connect(server.webSocketUrl);
    for (let i = 0; i < 11; i++) client.send({ type: 'ping' });
    expect(await client.closed).toEqual({ code: 1008, reason: 'messageRate' });
  });

  it('[SIG-8] ends a flood of WebSocket pings', async () => {
    server = await startTestServer({}, { limits: { messages: { burst: 10, perSecond: 1 } } });
    const client = await TestClient.connect(server.webSocketUrl);
    for (let i = 0; i < 11; i++) client.socket.ping();
    expect(await client.closed).toEqual({ code: 1008, reason: 'messageRate' });
  });

  it('[SIG-9] turns away the connection above the limit of an address, and lets it in when one has left', async () => {
    server = await startTestServer({ maxConnectionsPerAddress: 2 });
    const first = await TestClient.connect(server.webSocketUrl);
    await TestClient.connect(server.webSocketUrl);
    expect(await refusalOf(server.webSocketUrl)).toContain('429');
    await first.close();
    await TestClient.connect(server.webSocketUrl);
    expect(server.metrics()).toMatchObject({ connections: 2, refused: { tooManyFromAddress: 1 } });
  });

  it('[SIG-9] counts against the forwarded address behind a proxy, and only then', async () => {
    server = await startTestServer({ maxConnectionsPerAddress: 1, trustedProxies: 1 });
    const from = (address: string): { headers: Record<string, string> } => ({
      headers: { 'X-Forwarded-For': address },
    });
    await TestClient.connect(server.webSocketUrl, from('192.0.2.1'));
    await TestClient.connect(server.webSocketUrl, from('192.0.2.1, 192.0.2.2'));
    expect(await refusalOf(server.webSocketUrl, from('192.0.2.3, 192.0.2.2').headers)).toContain('429');
  });

  it('[SIG-9] turns everybody away above the total', async () => {
    server = await startTestServer({ maxConnections: 1 });
    await TestClient.connect(server.webSocketUrl);
    expect(await refusalOf(server.webSocketUrl)).toContain('503');
  });

  it('[SIG-13] lets in pages of its own host and no others, unless allowed', async () => {
    server = await startTestServer({ allowedOrigins: ['https://app.example'] });
    const own = `http://127.0.0.1:${server.port}`;
    for (const origin of [own, 'https://app.example'])
      await TestClient.connect(server.webSocketUrl, { origin });
    expect(await refusalOf(server.webSocketUrl, { origin: 'https://evil.example' })).toContain('403');
    expect(await refusalOf(`ws://127.0.0.1:${server.port}/elsewhere`)).toContain('404');
    expect(server.metrics().refused).toEqual({ originNotAllowed: 1, noSuchEndpoint: 1 });
  });

  it('[SIG-10] drops a client that does not take its messages, and no other', async () => {
    server = await startTestServer(
      {},
      {
        limits: {
          buffered: 256 * 1024,
          messages: { burst: 1e6, perSecond: 1e6 },
          bytes: { burst: 1e9, perSecond: 1e9 },
        },
      },
    );
    const [sender, slow, quick] = [
      await TestClient.connect(server.webSocketUrl),
      await TestClient.connect(server.webSocketUrl),
      await TestClient.connect(server.webSocketUrl),
    ];
    await Promise.all([slow.subscribe('t'), quick.subscribe('t')]);
    slow.socket.pause();
    const data = 'x'.repeat(60_000);
    let sent = 0;
    while (server.metrics().refused['slowConsumer'] === undefined) {
      sender.send({ type: 'publish', topic: 't', data });
      sent++;
      expect(await quick.next()).toMatchObject({ data });
    }
    expect(sent).toBeGreaterThan(4);
    slow.socket.resume();
    expect((await slow.closed).code).toBe(1006);
    sender.send({ type: 'publish', topic: 't', data: 'after' });
    expect(await quick.next()).toMatchObject({ data: 'after', clients: 1 });
    await quick.settled();
    expect(server.metrics()).toMatchObject({ connections: 2, bufferedBytes: 0 });
  });

  it('[SIG-12] drops a client that answers no ping and keeps one that does', async () => {
    let keepAlive = (): void => undefined;
    const everyKeepAlive = (run: () => void): (() => void) => {
      keepAlive = run;
      return () => undefined;
    };
    server = await startTestServer({}, { everyKeepAlive });
    const dead = await TestClient.connect(server.webSocketUrl, { autoPong: false });
    const live = await TestClient.connect(server.webSocketUrl);
    for (let round = 0; round < 3; round++) {
      const pinged = once(live.socket, 'ping');
      keepAlive();
      await pinged;
      await live.settled(); // the pong went ahead of what this sends
    }
    await dead.closed;
    expect(server.metrics()).toMatchObject({ connections: 1, refused: { silent: 1 } });
  });

  it('[SIG-14] reports a mistake of our own, which costs only the connection that met it', async () => {
    const lines: string[] = [];
    let isBroken = false;
    const now = (): number => {
      if (isBroken) throw new Error('planted');
      return 0;
    };
    const broken = await startTestServer({}, { now, report: (line) => lines.push(line) });
    const [met, other] = [
      await TestClient.connect(broken.webSocketUrl),
      await TestClient.connect(broken.webSocketUrl),
    ];
    isBroken = true;
    met.send({ type: 'ping' });
    expect(await met.closed).toEqual({ code: 1011, reason: 'internal' });
    await expect(TestClient.connect(broken.webSocketUrl)).rejects.toThrow();
    isBroken = false;
    await other.settled();
    expect(lines.map((line) => line.split('\n')[0])).toEqual(Array(2).fill('internal error: Error: planted'));
    await broken.close();
  });

  it('[SIG-27] tells everybody that it is going, and is gone within 2 s even if one does not listen', async () => {
    server = await startTestServer();
    const [polite, deaf] = [
      await TestClient.connect(server.webSocketUrl),
      await TestClient.connect(server.webSocketUrl),
    ];
    deaf.socket.pause();
    const started = performance.now();
    await server.close();
    expect(performance.now() - started).toBeLessThan(2000);
    expect(await polite.closed).toEqual({ code: 1001, reason: 'shutdown' });
    deaf.socket.resume();
    await deaf.closed;
    await expect(TestClient.connect(server.webSocketUrl)).rejects.toThrow('ECONNREFUSED');
  });
});
