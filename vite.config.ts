import { defineConfig } from 'vite';
import packageJson from './package.json' with { type: 'json' };
import { precompressPlugin } from './signaling/precompress.ts';

/**
 * The browser application: `index.html` and what it loads, built into `dist/`, which the server of signaling/ serves with
 * its compressed copies. `__APP_VERSION__` is the version of package.json.
 */
export default defineConfig({
  define: { __APP_VERSION__: JSON.stringify(packageJson.version) },
  // Browsers with Ed25519 (Chrome 137, Firefox 129, Safari 17) know light-dark(); its fallback would not follow a `color-scheme` that a
  // shadow root sets, because styles in there are not seen by the bundler.
  build: {
    target: 'es2022',
    cssTarget: ['chrome137', 'firefox129', 'safari17.5'],
    outDir: 'dist',
    sourcemap: true,
  },
  plugins: [precompressPlugin()],
});
