/**
 * The life of a tab as the browser tells it. Everything here is a hint: a tab can die without a word, and `online` says only that
 * some network is up. Liveness is judged by heartbeats.
 */

/** What happens to a tab. */
export interface LifecycleListener {
  /** The page goes away for good, or into the back-forward cache (`isCached`): say goodbye now, synchronously. */
  leaving(isCached: boolean): void;
  /** The page came back from the back-forward cache: links and timers are stale. */
  returned(): void;
  /** The browser stops our timers and callbacks, until `resumed`. */
  frozen(): void;
  resumed(): void;
  /** Whether the person can see the page. */
  visible(isVisible: boolean): void;
  /** The network may have changed: a reason to look again, and nothing else. */
  networkMayHaveChanged(): void;
}

/** The part of `window` and `document` that is watched. */
export interface LifecycleTargets {
  readonly window: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
  readonly document: Pick<EventTarget, 'addEventListener' | 'removeEventListener'> & {
    readonly visibilityState: DocumentVisibilityState;
  };
}

/** Tells `listener` of every change until the returned function is called. */
export function watchLifecycle(targets: LifecycleTargets, listener: LifecycleListener): () => void {
  const { window, document } = targets;
  const isPersisted = (event: Event): boolean => 'persisted' in event && event.persisted === true;
  const handlers: readonly [
    Pick<EventTarget, 'addEventListener' | 'removeEventListener'>,
    string,
    (event: Event) => void,
  ][] = [
    [window, 'pagehide', (event) => listener.leaving(isPersisted(event))],
    [window, 'pageshow', (event) => (isPersisted(event) ? listener.returned() : undefined)],
    [window, 'online', () => listener.networkMayHaveChanged()],
    [window, 'offline', () => listener.networkMayHaveChanged()],
    [document, 'freeze', () => listener.frozen()],
    [document, 'resume', () => listener.resumed()],
    [document, 'visibilitychange', () => listener.visible(document.visibilityState === 'visible')],
  ];
  for (const [target, name, handle] of handlers) target.addEventListener(name, handle);
  return () => {
    for (const [target, name, handle] of handlers) target.removeEventListener(name, handle);
  };
}
