import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtApplication } from '../../signaling/built-application.ts';
import { precompressFolder } from '../../signaling/precompress.ts';
import { MAX_URL_LENGTH } from '../../signaling/server.ts';
import { startTestServer, TestClient, type TestServer } from '../support/signaling-harness.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Not fetch, which tidies paths, decodes bodies and hides headers. */
async function ask(
  server: TestServer,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  const asked = request({ host: '127.0.0.1', port: server.port, path, method, headers, agent: false }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

const SCRIPT = `export const text = '${'tabswarm '.repeat(500)}';\n`;

describe('the server as a web server', () => {
  let folder: string;
  let server: TestServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tabswarm-dist-'));
    await mkdir(join(folder, 'dist', 'assets'), { recursive: true });
    await writeFile(join(folder, 'secret.txt'), 'secret');
    await writeFile(join(folder, 'dist', 'index.html'), '<!doctype html><title>Tabswarm</title>');
    await writeFile(join(folder, 'dist', '.hidden'), 'hidden');
    await writeFile(join(folder, 'dist', 'assets', 'main-abc123.js'), SCRIPT);
    await precompressFolder(join(folder, 'dist'));
    server = await startTestServer(
      {
        iceServers: [{ urls: 'stun:s.example' }],
        turn: { urls: ['turn:t.example'], secret: 'sesame', ttlSeconds: 600 },
      },
      {
        application: builtApplication(join(folder, 'dist')),
        version: '1.2.3',
        wallClock: () => 1_700_000_000_000,
      },
    );
  });

  afterAll(async () => {
    expect(server.reports).toEqual([]);
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('[SIG-20] says that it is healthy', async () => {
    const { status, body, headers } = await ask(server, '/healthz');
    expect([status, body.toString(), headers['cache-control']]).toEqual([200, 'ok\n', 'no-store']);
  });

  it('[SIG-20, SIG-25] tells clients where to signal and which ICE servers to use, never from a cache', async () => {
    const { status, headers, body } = await ask(server, '/config.json');
    expect([status, headers['cache-control'], headers['content-type']]).toEqual([
      200,
      'no-store',
      'application/json; charset=utf-8',
    ]);
    expect(JSON.parse(body.toString())).toEqual({
      signaling: '/signaling',
      iceServers: [
        { urls: 'stun:s.example' },
        {
          urls: ['turn:t.example'],
          username: '1700000600:tabswarm',
          credential: expect.any(String) as string,
        },
      ],
      iceTtlSeconds: 600,
      version: '1.2.3',
    });
  });

  it('[SIG-20] counts what it does, in the Prometheus text form', async () => {
    const client = await TestClient.connect(server.webSocketUrl);
    await client.subscribe('t');
    const { headers, body } = await ask(server, '/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = body.toString().split('\n');
    for (const line of [
      '# TYPE tabswarm_signaling_connections gauge',
      'tabswarm_signaling_connections 1',
      'tabswarm_signaling_topics 1',
      'tabswarm_signaling_messages_in_total 2',
      'tabswarm_signaling_messages_out_total 1',
      'tabswarm_signaling_bytes_in_total 50',
      'tabswarm_signaling_bytes_out_total 15',
    ]) {
      expect(lines).toContain(line);
    }
    client.sendText('{');
    await client.closed;
    expect((await ask(server, '/metrics')).body.toString()).toContain('_refused_total{code="notJson"} 1\n');
  });

  it('[SIG-21] serves the page to be asked about again, and hashed files for ever', async () => {
    for (const path of ['/', '/index.html', '/?query']) {
      const page = await ask(server, path);
      expect([page.status, page.headers['cache-control']]).toEqual([200, 'no-cache']);
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    }
    const script = await ask(server, '/assets/main-abc123.js');
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(script.body.toString()).toBe(SCRIPT);
  });

  it('[SIG-21] answers 304 to whoever has the file already', async () => {
    const { headers } = await ask(server, '/');
    const again = await ask(server, '/', { 'If-None-Match': String(headers['etag']) });
    expect([again.status, again.body.length, again.headers['etag']]).toEqual([304, 0, headers['etag']]);
    expect((await ask(server, '/', { 'If-None-Match': '"other"' })).status).toBe(200);
  });

  it.each([
    ['br, gzip', 'br', brotliDecompressSync],
    ['gzip;q=1.0, br;q=0', 'gzip', gunzipSync],
    ['identity', undefined, (body: Buffer) => body],
    ['brrr, gzipped', undefined, (body: Buffer) => body],
  ])(
    '[SIG-21, SIG-29] sends a compressed copy to clients that accept %s',
    async (accepted, coding, decode) => {
      const { headers, body } = await ask(server, '/assets/main-abc123.js', { 'Accept-Encoding': accepted });
      expect([headers['content-encoding'], headers['vary']]).toEqual([coding, 'Accept-Encoding']);
      expect(createHash('sha256').update(decode(body)).digest('hex')).toBe(
        createHash('sha256').update(SCRIPT).digest('hex'),
      );
    },
  );

  it('[SIG-29] compresses nothing that gains nothing', async () => {
    expect((await readdir(join(folder, 'dist'))).sort()).toEqual(['.hidden', 'assets', 'index.html']);
    expect((await readdir(join(folder, 'dist', 'assets'))).length).toBe(3);
  });

  it.each(['/', '/assets/main-abc123.js', '/no-such-file', '/healthz', '/config.json'])(
    '[SIG-22] puts the security headers on %s',
    async (path) => {
      const { headers } = await ask(server, path);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toMatch(/unsafe|\*/);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('geolocation=()') as string,
      });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])('[SIG-23] does not take %s', async (method) => {
    const { status, headers } = await ask(server, '/', {}, method);
    expect([status, headers['allow']]).toEqual([405, 'GET, HEAD']);
  });

  it('[SIG-23] answers HEAD with the headers of GET and no body', async () => {
    for (const path of ['/', '/healthz', '/no-such-file']) {
      const [head, get] = [await ask(server, path, {}, 'HEAD'), await ask(server, path)];
      expect([head.status, head.headers['content-length'], head.body.length]).toEqual([
        get.status,
        get.headers['content-length'],
        0,
      ]);
    }
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/..\\secret.txt',
    '/.hidden',
    '//etc/passwd',
    '/%00',
    '/%',
    '/__proto__',
    '/assets',
    '/index.html/',
  ])('[SIG-23] finds nothing at %s', async (path) => {
    const { status, body } = await ask(server, path);
    expect([status, body.toString()]).toEqual([404, 'Not found\n']);
  });

  it('[SIG-23] refuses a URL that is too long, and survives odd ranges', async () => {
    expect((await ask(server, `/${'x'.repeat(MAX_URL_LENGTH)}`)).status).toBe(414);
    for (const range of ['bytes=5-3', 'bytes=--1', 'bytes=999999-', 'x']) {
      expect((await ask(server, '/', { Range: range })).status).toBe(200);
    }
    expect((await ask(server, '/signaling')).status).toBe(426);
  });

  it('[SIG-24] says what to do when there is no build, and introduces clients all the same', async () => {
    const unbuilt = await startTestServer();
    const { status, body } = await ask(unbuilt, '/');
    expect([status, body.toString()]).toEqual([503, expect.stringContaining('npm run build')]);
    expect((await ask(unbuilt, '/healthz')).status).toBe(200);
    await (await TestClient.connect(unbuilt.webSocketUrl)).settled();
    await unbuilt.close();
  });
});
