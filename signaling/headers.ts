/** Headers that every HTTP answer carries. */

const COMMON_DIRECTIVES = [
  "default-src 'none'",
  "script-src 'self'",
  "img-src 'self' data: blob:",
  // WebSockets to other hosts too: a board may be told to use another signaling server.
  "connect-src 'self' ws: wss:",
  "font-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self' blob:",
  // Sandboxed executors run in frames (DESIGN section 11).
  "frame-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

/** For the built application. Lit's constructed style sheets are not inline styles, so none are allowed. */
export const BUILT_POLICY = [...COMMON_DIRECTIVES, "style-src 'self'"].join('; ');

/** For the Vite development server, which puts style sheets into the page as it replaces them. */
export const DEVELOPMENT_POLICY = [...COMMON_DIRECTIVES, "style-src 'self' 'unsafe-inline'"].join('; ');

/** Scanning an invite needs the camera, sharing one the clipboard; load is measured by compute pressure. Names that Chromium does not know are left out: it warns about them on every page. */
const PERMISSIONS = [
  'camera=(self)',
  'clipboard-read=(self)',
  'clipboard-write=(self)',
  'compute-pressure=(self)',
  'microphone=()',
  'geolocation=()',
  'payment=()',
  'usb=()',
  'serial=()',
  'hid=()',
  'midi=()',
].join(', ');

/** Header names and values; `policy` is one of the two above. */
export function securityHeaders(policy: string): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': policy,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Permissions-Policy': PERMISSIONS,
    'Cross-Origin-Opener-Policy': 'same-origin',
  };
}
