/** A tab that is a proven member and sends what no honest one would: its data channels are in our hands. */
import type { BrowserContext, Page } from 'playwright-core';

/**
 * `garbage`: random bytes. `truncated`: a frame of its own, cut. `oversized`: longer than any frame may be. `duplicated`: a frame
 * of its own, twice. `text`: not bytes at all. `altered`: frames that carry an edit, with one bit changed near the end.
 */
export type Attack = 'garbage' | 'truncated' | 'oversized' | 'duplicated' | 'text' | 'altered';

declare global {
  var hostileAttack: Attack | undefined;
  var openChannels: Set<RTCDataChannel> | undefined;
}

/** Largest frame of docs/spec/links.md and one byte. */
const TOO_LARGE = 16 * 1024 + 1;
/** Frames with an edit are longer, heartbeats and beacons are shorter. */
const EDIT_BYTES = 250;

/** Makes every page that `context` opens from now on able to attack. Until then it behaves. */
export async function hookChannels(context: BrowserContext): Promise<void> {
  await context.addInitScript(installHook, { tooLarge: TOO_LARGE, editBytes: EDIT_BYTES });
}

/** Runs in the page before anything else of it. */
function installHook({ tooLarge, editBytes }: { tooLarge: number; editBytes: number }): void {
  const send = Reflect.get(RTCDataChannel.prototype, 'send') as (this: RTCDataChannel, data: unknown) => void;
  const channels = new Set<RTCDataChannel>();
  globalThis.openChannels = channels;
  const crafted = (attack: string, frame: Uint8Array<ArrayBuffer>): unknown[] => {
    switch (attack) {
      case 'garbage':
        return [crypto.getRandomValues(new Uint8Array(200)).fill(0xee, 0, 1)];
      case 'truncated':
        return [frame.slice(0, Math.max(3, frame.length - 5))];
      case 'oversized':
        return [new Uint8Array(tooLarge).fill(1)];
      case 'duplicated':
        return [frame, frame];
      case 'altered':
        return [
          frame.map((byte, at) => (frame.length > editBytes && at === frame.length - 10 ? byte ^ 1 : byte)),
        ];
      default:
        return ['{"type":"hello"}'];
    }
  };
  RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown): void {
    channels.add(this);
    const attack = globalThis.hostileAttack;
    if (attack === undefined || !(data instanceof Uint8Array)) {
      send.call(this, data);
      return;
    }
    for (const each of crafted(attack, new Uint8Array(data))) send.call(this, each);
  };
}

/**
 * Attacks on every link that is up: the next frame on each, which a heartbeat sends within a second, is replaced. Resolves with the
 * number of links once each has ended; the tab behaves again then.
 */
export async function attackLinks(page: Page, attack: Attack): Promise<number> {
  return page.evaluate(async (kind) => {
    const victims = [...(globalThis.openChannels ?? [])].filter(({ readyState }) => readyState === 'open');
    const ended = victims.map(
      (channel) =>
        new Promise((resolve) => {
          channel.addEventListener('close', resolve);
        }),
    );
    globalThis.hostileAttack = kind;
    await Promise.all(ended);
    globalThis.hostileAttack = undefined;
    return victims.length;
  }, attack);
}

/** Has the tab treat everything it sends as `attack` says, or behave. */
export async function setAttack(page: Page, attack: Attack | undefined): Promise<void> {
  await page.evaluate((kind) => {
    globalThis.hostileAttack = kind;
  }, attack);
}
