/** The one place in the tests that polls. Everything else awaits an event, or calls this with a condition. */

export interface WaitOptions {
  /** Milliseconds until the wait fails. */
  readonly timeoutMs: number;
  /** Names the condition in the failure text. */
  readonly what: string;
  /** Milliseconds between looks; 25 is a guess between load and delay. */
  readonly everyMs?: number;
}

/** Resolves with the first value of `look` that is neither undefined nor false; rejects after the deadline. */
export async function waitUntil<Value>(
  look: () => Promise<Value | undefined | false> | Value | undefined | false,
  options: WaitOptions,
): Promise<Value> {
  const endsAt = Date.now() + options.timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (Date.now() >= endsAt) throw new Error(`waited ${options.timeoutMs} ms for ${options.what}`);
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 25));
  }
}
