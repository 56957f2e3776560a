/** Serves the harness page with Vite on a free loopback port. */
import { createServer } from 'vite';

export interface UiServer {
  /** Address of the harness page, without query or fragment. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the server; dependencies are optimised before it answers, so that no page reloads in the middle of a test. */
export async function startUiServer(): Promise<UiServer> {
  const root = new URL('../../', import.meta.url).pathname;
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'error',
    cacheDir: 'node_modules/.cache/vite-ui-tests',
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
    optimizeDeps: {
      entries: ['test/ui/harness.html'],
      include: [
        'lit',
        'lit/directive.js',
        'lit/directives/ref.js',
        'lit/directives/repeat.js',
        '@tanstack/lit-virtual',
        'lean-qr',
      ],
    },
  });
  await server.listen();
  const address = server.httpServer?.address();
  if (address == null || typeof address === 'string') throw new Error('the UI server has no port');
  return { url: `http://127.0.0.1:${address.port}/test/ui/harness.html`, close: () => server.close() };
}
