/** Whom a connection is counted against, and which web pages may open one. Pure. */

/** Address when the socket is gone before it could be asked. All such connections share one account. */
const UNKNOWN_ADDRESS = 'unknown';

/**
 * The address that limits are counted against. `forwardedFor` is the X-Forwarded-For header, of which only the last
 * `trustedProxies` entries were written by proxies of ours; anything to the left of them is the client's own invention.
 */
export function accountAddress(
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: number,
): string {
  const entries = forwardedFor?.split(',').map((entry) => entry.trim()) ?? [];
  const forwarded = trustedProxies > 0 ? entries.at(-Math.min(trustedProxies, entries.length)) : undefined;
  return accountOf(forwarded !== undefined && looksLikeAddress(forwarded) ? forwarded : socketAddress);
}

/** IPv4 as it is; IPv6 by its /64, because one subscriber is given at least that much and could use all of it. */
function accountOf(address: string | undefined): string {
  if (address === undefined || address === '') return UNKNOWN_ADDRESS;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  return address.includes(':') ? `${firstGroups(address).join(':')}::/64` : address;
}

function firstGroups(address: string): readonly string[] {
  const [left = '', right] = address.toLowerCase().split('%')[0]?.split('::') ?? [];
  const before = left === '' ? [] : left.split(':');
  const after = right === undefined || right === '' ? [] : right.split(':');
  const zeros = right === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
}

const MAX_ADDRESS_LENGTH = 45; // the longest text form of an IPv6 address

function looksLikeAddress(text: string): boolean {
  return text.length <= MAX_ADDRESS_LENGTH && /^[0-9a-f.:]+$/i.test(text) && /[.:]/.test(text);
}

/**
 * Whether a page of `origin` may open a signaling connection. No origin means no browser: Node.js clients are welcome.
 * With an empty `allowed` the page must come from the host it talks to; the scheme is left out, because a proxy may
 * have taken off the TLS. `*` allows every page.
 */
export function isOriginAllowed(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return true;
  return host !== undefined && hostOf(origin) === host.toLowerCase();
}

function hostOf(origin: string): string | undefined {
  return /^https?:\/\/([^/?#@]+)$/i.exec(origin)?.[1]?.toLowerCase();
}
