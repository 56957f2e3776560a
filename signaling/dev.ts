/** Process entry of `npm run dev`: the same server, with Vite (and its hot replacement) in the place of the built files. */
import { createServer as createVite } from 'vite';
import packageJson from '../package.json' with { type: 'json' };
import { answerText, type ApplicationFactory } from './application.ts';
import { DEVELOPMENT_POLICY } from './headers.ts';
import { explainListenError } from './listen-error.ts';
import { startServer } from './server.ts';
import { readSettings } from './settings.ts';

/** Sub-protocols by which Vite knows its own WebSockets. */
const VITE_PROTOCOLS = ['vite-hmr', 'vite-ping'];

const viteApplication: ApplicationFactory = async (server) => {
  const vite = await createVite({ server: { middlewareMode: true, hmr: { server } }, appType: 'spa' });
  return {
    policy: DEVELOPMENT_POLICY,
    handle: (request, response) =>
      vite.middlewares(request, response, () => answerText(request, response, 404, 'Not found\n')),
    takesUpgrade: ({ headers }) => VITE_PROTOCOLS.includes(headers['sec-websocket-protocol'] ?? ''),
    close: () => vite.close(),
  };
};

function fail(line: string): never {
  console.error(line);
  process.exit(1);
}

// A development server runs unreviewed code and serves the source tree, so it stays on this machine unless told otherwise.
const settings = readSettings({ HOST: 'localhost', ...process.env });
if (!settings.ok) fail(settings.text);
const server = await startServer(settings.value, {
  application: viteApplication,
  version: packageJson.version,
  report: (line) => console.error(line),
}).catch((error: unknown) => fail(explainListenError(error, settings.value)));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void server.close().then(() => process.exit(0)));
}
console.log(`Tabswarm ${packageJson.version} (development) is at ${server.url}`);
