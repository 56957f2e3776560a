/** Lets the event loop run (input, painting, other links) between two slices of a long stretch of work. */

export interface Yielding {
  /** Calls back once, after whatever the event loop has waiting. Not more than one call back is open at a time. */
  yieldThen(callback: () => void): void;
  stop(): void;
}

/**
 * Yields through a MessageChannel: a nested setTimeout(0) is held back by 4 ms (HTML standard, timer nesting level 5) and by 1 s in
 * hidden tabs, a message is not.
 */
export function createYielding(): Yielding {
  const { port1, port2 } = new MessageChannel();
  let pending: (() => void) | undefined;
  port1.onmessage = () => {
    const callback = pending;
    pending = undefined;
    callback?.();
  };
  return {
    yieldThen: (callback) => {
      pending = callback;
      port2.postMessage(undefined);
    },
    stop: () => {
      pending = undefined;
      port1.close();
      port2.close();
    },
  };
}
