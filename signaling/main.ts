/** Process entry of `npm start` and `npm run serve`: settings, listen, one line that says where, clean shutdown. */
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { builtApplication } from './built-application.ts';
import { explainListenError } from './listen-error.ts';
import { startServer } from './server.ts';
import { readSettings, type Settings } from './settings.ts';

function fail(line: string): never {
  console.error(line);
  process.exit(1);
}

/** Addresses of this machine that others on its networks can use. Only when listening on all interfaces. */
function otherUrls(settings: Settings, port: number): readonly string[] {
  if (settings.host !== undefined) return [];
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => `http://${address}:${String(port)}/`);
}

const settings = readSettings(process.env);
if (!settings.ok) fail(settings.text);
const server = await startServer(settings.value, {
  application: builtApplication(join(import.meta.dirname, '..', 'dist')),
  version: packageJson.version,
  report: (line) => console.error(line),
}).catch((error: unknown) => fail(explainListenError(error, settings.value)));
// Terminals and npm may both pass a signal on, so only the first one counts; closing is bounded to 2 s anyway.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void server.close().then(() => process.exit(0)));
}
const others = otherUrls(settings.value, server.port);
console.log(`Tabswarm ${packageJson.version} is at ${[server.url, ...others].join(' and ')}`);
