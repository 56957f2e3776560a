/** Counts what a page sends to its peers, and can make it stop at a given byte. */
import type { BrowserContext, Page } from 'playwright-core';

declare global {
  /** Bytes that this page gave to its data channels. */
  var sentBytes: number | undefined;
  /** Each channel may send so many from now on; what follows is held back, on this channel for good unless {@link sendHeld}. */
  var sendOnly: ((bytes: number) => void) | undefined;
  var sendHeld: (() => void) | undefined;
  /** Messages held back since {@link sendOnly}. */
  var heldCount: number | undefined;
}

/** Pages that `context` opens from now on count what they give to their data channels. */
export async function countSentBytes(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const send = Reflect.get(RTCDataChannel.prototype, 'send') as (
      this: RTCDataChannel,
      data: unknown,
    ) => void;
    let budget = Infinity;
    let spent = new Map<RTCDataChannel, number>();
    const held = new Map<RTCDataChannel, Uint8Array[]>();
    const pass = (channel: RTCDataChannel, data: Uint8Array): void => {
      globalThis.sentBytes = (globalThis.sentBytes ?? 0) + data.byteLength;
      spent.set(channel, (spent.get(channel) ?? 0) + data.byteLength);
      send.call(channel, data);
    };
    RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown): void {
      const frame = data as Uint8Array;
      if (!held.has(this) && (spent.get(this) ?? 0) >= budget) held.set(this, []);
      const waiting = held.get(this);
      if (waiting === undefined) {
        pass(this, frame);
        return;
      }
      waiting.push(frame.slice());
      globalThis.heldCount = (globalThis.heldCount ?? 0) + 1;
    };
    globalThis.sendOnly = (bytes) => {
      budget = bytes;
      spent = new Map();
      globalThis.heldCount = 0;
    };
    globalThis.sendHeld = () => {
      budget = Infinity;
      for (const [channel, frames] of held)
        if (channel.readyState === 'open') for (const frame of frames) pass(channel, frame);
      held.clear();
    };
  });
}

/** Bytes since the page was loaded. */
export async function sentBytesOf(page: Page): Promise<number> {
  return page.evaluate(() => globalThis.sentBytes ?? 0);
}

/** Lets the page send `bytes` to each of its peers from now on, and then no more, as a network that fails. */
export async function sendOnly(page: Page, bytes: number): Promise<void> {
  await page.evaluate((budget) => globalThis.sendOnly?.(budget), bytes);
}

/** Whether the page has something that {@link sendOnly} holds back. */
export async function isHeldBack(page: Page): Promise<boolean> {
  return page.evaluate(() => (globalThis.heldCount ?? 0) > 0);
}

/** Takes {@link sendOnly} back, and sends what was held. */
export async function sendAll(page: Page): Promise<void> {
  await page.evaluate(() => globalThis.sendHeld?.());
}
