/** Why the server could not start, in one line for a person. */
import type { Settings } from './settings.ts';

/** Explains what node:net reports when it cannot listen; anything else is passed on in its own words. */
export function explainListenError(error: unknown, { port, host }: Pick<Settings, 'port' | 'host'>): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${String(port)} is in use: stop the program that has it, or choose another with PORT.`;
    case 'EACCES':
      return `Port ${String(port)} may not be used by this account: choose one above 1023 with PORT.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return `HOST ${host ?? ''} is not an address of this machine.`;
    default:
      return `The server cannot start: ${error instanceof Error ? error.message : String(error)}`;
  }
}
