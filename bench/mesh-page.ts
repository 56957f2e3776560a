/**
 * What runs inside the measured tabs, ours and stock alike: counters around the data channels, and the one small interface through which the
 * bench drives either. Functions given to Playwright are sent as text, so each is complete in itself.
 */

/** One look at a tab's connections. Times are Unix milliseconds of one machine's clock, with fractions. */
export interface PeerView {
  readonly at: number;
  /** Peers with an open link. */
  readonly peers: readonly string[];
  /** Peers that the tab believes it can reach, over others too. */
  readonly reachable: number;
}

/** One `RTCDataChannel.send`. */
export interface SendRecord {
  readonly at: number;
  readonly bytes: number;
  /** Marker texts of edits found in it. Control messages have none. */
  readonly markers: readonly string[];
  /** Its bytes as latin1, where contents are kept and it is small. */
  readonly content?: string;
}

/** `globalThis.bench` of a measured tab. */
export interface PageBench {
  now(): number;
  /** Starts to keep sends; `markers`: also looks into them for edits, which costs time; `contents`: keeps what is in the small ones. */
  record(options: { readonly markers: boolean; readonly contents: boolean }): void;
  /** Ends the recording and hands it over. */
  recorded(): readonly SendRecord[];
  /** When the text of an edit was first seen in the document here. */
  readonly arrivals: Record<string, number>;
  readonly views: PeerView[];
  /** Our name in other tabs' views. */
  self(): string;
  /** Our name for {@link PageBench.watchPeople}: the member in ours, the connection in stock. */
  person(): string;
  /** From now on notes in {@link PageBench.gone} when this tab first took each of `people` for gone. */
  watchPeople(people: readonly string[]): void;
  readonly gone: Record<string, number>;
  /** Most links this tab may have; it changes per tab in stock. */
  cap(): number;
  /** Cards of the shared document seen here. */
  cards(): number;
  /** Replaces the text of a card; returns when that began. */
  edit(card: number, text: string): number;
  /** Anything that says whether two tabs hold the same. */
  digest(): string;
  /** Adds a look at the connections to {@link PageBench.views}, if anything changed. */
  see(peers: readonly string[], reachable: number): void;
  /** Lengths of tasks over 50 ms, in ms, since the page was loaded. */
  readonly longTasks: number[];
  /** Connections that the page made, and those of them that are neither closed nor collected. */
  connections(): { readonly made: number; readonly open: number };
}

declare global {
  var bench: PageBench;
}

/** A compiler's helper that is missing in the page when a function arrives as text. */
export const NAME_HELPER = 'globalThis.__name ??= (value) => value;';

/** Texts of edits look like this; the ends of consecutive ones differ, so that replacing one by the next sends it whole. */
export function markerText(number: number, letters: string): string {
  return `${number % 2 === 0 ? 'A' : 'B'}${letters}${number % 2 === 0 ? 'Y' : 'Z'}`;
}

/** Letters between the ends. */
export const MARKER_LETTERS = 18;

/** Before any script of the page: counts what goes into data channels. */
export function installProbe(): void {
  const marker = /[AB][a-z]{18}[YZ]/g;
  const keptSends = 1_000_000;
  /** Larger sends carry documents, which nobody looks for edits in. */
  const lookedAtBytes = 16_384;
  let sends: SendRecord[] | undefined;
  let isLooking = false;
  let isKeeping = false;
  const now = (): number => performance.timeOrigin + performance.now();
  const latin = new TextDecoder('latin1');
  const sizeOf = (data: unknown): number =>
    typeof data === 'string'
      ? data.length
      : data instanceof Blob
        ? data.size
        : (data as ArrayBuffer | ArrayBufferView).byteLength;
  /** One character for each byte; the decoder's "latin1" is windows-1252, which has others for some. */
  const rawOf = (data: ArrayBuffer | ArrayBufferView): string =>
    String.fromCharCode(
      ...(data instanceof ArrayBuffer
        ? new Uint8Array(data)
        : new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
    );
  const note = (data: unknown): void => {
    if (sends === undefined || sends.length >= keptSends) return;
    const bytes = sizeOf(data);
    const isReadable =
      (isLooking || isKeeping) &&
      bytes <= lookedAtBytes &&
      (data instanceof ArrayBuffer || ArrayBuffer.isView(data));
    const text = isReadable ? latin.decode(data) : '';
    const markers = isLooking ? (text.match(marker) ?? []) : [];
    sends.push(
      isKeeping && isReadable
        ? { at: now(), bytes, markers, content: rawOf(data) }
        : { at: now(), bytes, markers },
    );
  };
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its channel below
  const send: (this: RTCDataChannel, data: ArrayBuffer) => void = RTCDataChannel.prototype.send;
  RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown): void {
    send.call(this, data as ArrayBuffer);
    note(data);
  };
  const missing = (): never => {
    throw new Error('this tab has not joined yet');
  };
  const longTasks: number[] = [];
  new PerformanceObserver((list) => {
    longTasks.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: 'longtask' });
  const made: WeakRef<RTCPeerConnection>[] = [];
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      made.push(new WeakRef(this)); // counting must not keep it alive
    }
  };
  const isOpen = (connection: WeakRef<RTCPeerConnection>): boolean =>
    (connection.deref()?.connectionState ?? 'closed') !== 'closed';
  globalThis.bench = {
    now,
    record: ({ markers, contents }) => {
      sends = [];
      isLooking = markers;
      isKeeping = contents;
    },
    recorded: () => {
      const kept = sends ?? [];
      sends = undefined;
      return kept;
    },
    arrivals: {},
    views: [],
    see: (peers, reachable) => {
      const last = bench.views.at(-1);
      if (last?.reachable === reachable && last.peers.join() === peers.join()) return;
      bench.views.push({ at: now(), peers, reachable });
    },
    gone: {},
    longTasks,
    connections: () => ({ made: made.length, open: made.filter(isOpen).length }),
    watchPeople: missing,
    person: missing,
    self: missing,
    cap: missing,
    cards: () => 0,
    edit: missing,
    digest: missing,
  };
}

/**
 * Before any script of the page: timers ring on whole seconds only, as browsers have it for pages in the background, and here the page's timer
 * worker is held back as well, which browsers do not do. Messages, promises and the disk keep their pace.
 */
export function installThrottle(): void {
  const gridMs = 1000;
  const later = (delay: unknown): number => {
    const now = performance.now();
    return Math.ceil((now + Math.max(0, Number(delay) || 0)) / gridMs) * gridMs - now;
  };
  const [timeout, interval] = [globalThis.setTimeout, globalThis.setInterval];
  const throttled = (handler: TimerHandler, delay?: number, ...args: unknown[]): number =>
    timeout(handler, later(delay), ...args);
  const repeated = (handler: TimerHandler, delay?: number, ...args: unknown[]): number =>
    interval(handler, Math.max(gridMs, Number(delay) || 0), ...args);
  Object.assign(globalThis, { setTimeout: throttled, setInterval: repeated });
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its worker below
  const post: (this: Worker, request: unknown) => void = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (this: Worker, request: unknown): void {
    const { afterMs } = request as { readonly afterMs?: unknown }; // what src/runtime/timer-worker.ts is asked
    post.call(
      this,
      typeof afterMs === 'number' ? Object.assign({}, request, { afterMs: later(afterMs) }) : request,
    );
  };
}

/** In a tab of ours that is ready: the interface over `tabswarm`. */
export function adoptOurs(cap: number): void {
  let watched: readonly string[] = [];
  const look = (): void => {
    const { links, reachablePeers, members } = tabswarm.status();
    const direct = links.filter(({ state, relayed }) => state === 'up' && !relayed);
    bench.see(
      direct.map(({ peerId }) => peerId),
      reachablePeers,
    );
    const isHere = (person: string): boolean =>
      members.some(({ memberId, online }) => memberId === person && online);
    for (const person of watched) if (!isHere(person)) bench.gone[person] ??= bench.now();
  };
  const read = (): void => {
    const at = bench.now();
    for (const { cards } of tabswarm.board.snapshot()?.columns ?? []) {
      for (const { title } of cards) bench.arrivals[title] ??= at;
    }
  };
  tabswarm.on('trouble', (detail: unknown) => reportError(new Error(JSON.stringify(detail))));
  tabswarm.on('status', look);
  tabswarm.on('board', read);
  const cards = (): readonly { readonly id: string }[] =>
    tabswarm.board.snapshot()?.columns.flatMap((column) => column.cards) ?? [];
  Object.assign(bench, {
    self: () => tabswarm.status().peerId,
    person: () => tabswarm.status().memberId,
    watchPeople: (people: readonly string[]): void => {
      watched = people;
      look();
    },
    cap: () => cap,
    cards: () => cards().length,
    edit: (card: number, text: string): number => {
      const at = bench.now();
      const cardId = cards()[card]?.id;
      tabswarm.board
        .apply({ type: 'updateCard', cardId, changes: { title: text } })
        .catch((error: unknown) => reportError(error));
      return at;
    },
    digest: () => tabswarm.status().boardDigest ?? '',
  });
}
