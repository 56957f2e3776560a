/** Writes .br and .gz copies beside the built files, so that the server compresses nothing while it runs. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const COMPRESSIBLE = new Set(['.html', '.js', '.css', '.json', '.svg', '.webmanifest', '.txt', '.wasm']);
/** Below this a copy saves less than one network packet. */
const SMALLEST_BYTES = 1024;

/** Vite plug-in: compresses the output folder when the build has written it. */
export function precompressPlugin(): Plugin {
  let folder = '';
  return {
    name: 'tabswarm-precompress',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    async closeBundle() {
      await precompressFolder(folder);
    },
  };
}

/** Compresses every text file of at least 1 KiB under `folder`; copies that would not be smaller are not written. */
export async function precompressFolder(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && COMPRESSIBLE.has(extname(entry.name)))
      await compress(join(entry.parentPath, entry.name));
  }
}

async function compress(path: string): Promise<void> {
  const body = await readFile(path);
  if (body.length < SMALLEST_BYTES) return;
  const brotli = await promisify(brotliCompress)(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
    },
  });
  const zipped = await promisify(gzip)(body, { level: constants.Z_BEST_COMPRESSION });
  if (brotli.length < body.length) await writeFile(`${path}.br`, brotli);
  if (zipped.length < body.length) await writeFile(`${path}.gz`, zipped);
}
