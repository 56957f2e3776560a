/**
 * Serves the folder that `vite build` writes. All of it is read into memory once: requests then never touch the disk, so no
 * path can leave the folder, no file can vanish under a request, and a rebuild cannot mix two builds in one page.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { answerText, pathOf, type ApplicationFactory } from './application.ts';
import { BUILT_POLICY } from './headers.ts';

/** Most bytes of built files kept in memory; a build of ours is below 5 MiB with its compressed copies (guess with room). */
const MAX_BUILT_BYTES = 64 * 1024 * 1024;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Content codings in order of preference, with the ending of the files that precompress.ts writes. */
const CODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

interface BuiltFile {
  readonly body: Buffer;
  readonly etag: string;
}

const MISSING_BUILD = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tabswarm is not built</title>
<h1>The application is not built yet</h1>
<p>Run <code>npm run build</code> and start the server again, or use <code>npm start</code>, which does both.</p>
<p>The signaling endpoint of this server is running.</p></html>
`;

/** Serves `folder`; when there is no build in it, one page that says what to do. */
export function builtApplication(folder: string): ApplicationFactory {
  return async () => {
    const files = await readBuild(folder);
    const handle = files.has('/index.html')
      ? (request: IncomingMessage, response: ServerResponse): void => serve(files, request, response)
      : (request: IncomingMessage, response: ServerResponse): void =>
          answerText(request, response, 503, MISSING_BUILD, 'text/html; charset=utf-8');
    return { policy: BUILT_POLICY, handle, takesUpgrade: () => false, close: () => Promise.resolve() };
  };
}

async function readBuild(folder: string): Promise<ReadonlyMap<string, BuiltFile>> {
  const files = new Map<string, BuiltFile>();
  const present = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!present) return files;
  let total = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    const path = join(entry.parentPath, entry.name);
    const body = await readFile(path);
    total += body.length;
    if (total > MAX_BUILT_BYTES)
      throw new Error(`${folder} holds more than ${String(MAX_BUILT_BYTES)} bytes`);
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    files.set(`/${relative(folder, path).split(sep).join('/')}`, { body, etag });
  }
  return files;
}

function serve(
  files: ReadonlyMap<string, BuiltFile>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const asked = pathOf(request);
  const path = asked === '/' ? '/index.html' : asked;
  const plain = files.get(path);
  if (plain === undefined) return answerText(request, response, 404, 'Not found\n');
  const [file, coding] = bestCoding(files, path, request.headers['accept-encoding']) ?? [plain, undefined];
  // Vite puts a hash of the content into the names under /assets/; all other names stay while their content changes.
  const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
  const headers: Record<string, string | number> = {
    ETag: file.etag,
    'Cache-Control': cache,
    Vary: 'Accept-Encoding',
  };
  if (request.headers['if-none-match']?.includes(file.etag) === true) {
    response.writeHead(304, headers).end();
    return;
  }
  headers['Content-Type'] = TYPES[extname(path)] ?? 'application/octet-stream';
  headers['Content-Length'] = file.body.length;
  if (coding !== undefined) headers['Content-Encoding'] = coding;
  response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : file.body);
}

function bestCoding(
  files: ReadonlyMap<string, BuiltFile>,
  path: string,
  accepted: string | undefined,
): readonly [BuiltFile, string] | undefined {
  const codings = (accepted ?? '').split(',').map((entry) => entry.trim().toLowerCase());
  for (const [coding, ending] of CODINGS) {
    const file = files.get(path + ending);
    const wanted = codings.some(
      (entry) => entry === coding || (entry.startsWith(`${coding};`) && !/;\s*q=0(\.0*)?$/.test(entry)),
    );
    if (file !== undefined && wanted) return [file, coding];
  }
  return undefined;
}
