/** Goal: the tests' browser is what the other end-to-end tests take it for: separate profiles, shared tabs, working links. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/app-server.ts';
import { launchProfiles, openTabs, type Profiles } from '../support/browser.ts';

let server: Server;
let profiles: Profiles;

beforeAll(async () => {
  const port = await freePort();
  server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>page</title>');
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  profiles = await launchProfiles(2, { baseURL: `http://127.0.0.1:${port}` });
});

afterAll(async () => {
  await profiles.close();
  server.close();
});

/** Runs in the page: two ends of one connection, over loopback. */
async function connectToSelf(): Promise<string> {
  const near = new RTCPeerConnection();
  const far = new RTCPeerConnection();
  near.onicecandidate = ({ candidate }) => void far.addIceCandidate(candidate ?? undefined);
  far.onicecandidate = ({ candidate }) => void near.addIceCandidate(candidate ?? undefined);
  const channel = near.createDataChannel('test');
  // Before the first await: on loopback a channel can open before the answer has been applied.
  const opened = new Promise((resolve) => channel.addEventListener('open', resolve));
  await near.setLocalDescription();
  if (near.localDescription !== null) await far.setRemoteDescription(near.localDescription);
  await far.setLocalDescription();
  if (far.localDescription !== null) await near.setRemoteDescription(far.localDescription);
  await opened;
  return channel.readyState;
}

describe('the browser of the tests', () => {
  it('keeps profiles apart and the tabs of one together', async () => {
    const [first, second] = profiles.contexts;
    if (first === undefined || second === undefined) throw new Error('two profiles were asked for');
    const [one, two] = await openTabs(first, 2);
    const [other] = await openTabs(second, 1);
    await one?.evaluate(() => localStorage.setItem('key', 'value'));
    expect(await two?.evaluate(() => localStorage.getItem('key'))).toBe('value');
    expect(await other?.evaluate(() => localStorage.getItem('key'))).toBeNull();
  });

  it('is a secure context with Ed25519, locks and IndexedDB', async () => {
    const page = await profiles.contexts[0]?.newPage();
    await page?.goto('/');
    const found = await page?.evaluate(async () => ({
      isSecure: isSecureContext,
      key: (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])).publicKey.type,
      locks: typeof navigator.locks.request,
      database: typeof indexedDB.open,
    }));
    expect(found).toEqual({ isSecure: true, key: 'public', locks: 'function', database: 'function' });
  });

  it('connects over loopback', async () => {
    const page = await profiles.contexts[1]?.newPage();
    await page?.goto('/');
    expect(await page?.evaluate(connectToSelf)).toBe('open');
  });
});
