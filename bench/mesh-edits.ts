/** Edits in a swarm that has formed: what each costs in sends and bytes, and how soon everybody sees it. */
import { randomFrom } from '../src/kernel/random.ts';
import { kindsOf, kindsPerEdit, type KindFigures, type Kinds } from './mesh-kinds.ts';
import { MARKER_LETTERS, markerText, type SendRecord } from './mesh-page.ts';
import { CARDS, inAll, type Swarm } from './mesh-swarm.ts';
import { observe } from './observe.ts';

/** Isolated edits that are counted one by one: with the window below as long as the quiet time, so that both hold as many renewals of awareness. */
const ISOLATED_EDITS = 60;
/** Sends within this time of an isolated edit belong to it. */
const ISOLATED_WINDOW_MS = 1000;
/**
 * Quiet time in which the sends of heartbeats and the like are counted. Stock renews the awareness of each tab every 15 s (y-protocols), ours announces each
 * tab at least once a minute, and tabs that joined together do so together: a shorter window catches all announcements or none, which is as much as the edits.
 */
const IDLE_WINDOW_MS = 60_000;
/** Between edits whose latency is measured. */
const PACE_MS = 100;
/** Between edits of a stream. */
const STREAM_PACE_MS = 20;
/** An edit that some tab has not seen so long after the last one counts as lost. */
const LOST_WINDOW_MS = 10_000;
const LOOK_EVERY_MS = 250;
/** What a person takes for at once (Nielsen 1993). */
const PROMPT_MS = 100;

export interface EditFigures {
  /** From when all had their links until nothing had changed for a while. */
  readonly restMs: number;
  /** Sends of all tabs while nothing happens, per tab and second. */
  readonly idleSendsPerSecond: number;
  /** Means over isolated edits, of all tabs together; idle sends taken off the last two. */
  readonly fullPayloads: number;
  readonly isolatedSends: number;
  readonly isolatedBytes: number;
  /** Latency of these edits, one a second, on a machine that has time for them. */
  readonly isolatedP50Ms: number | null;
  readonly isolatedP95Ms: number | null;
  /** Their sends and bytes by kind of message, of ours. */
  readonly isolatedKinds: Readonly<Record<string, KindFigures>>;
  /** Per edit of a stream from one tab, of all tabs together, idle sends taken off. */
  readonly streamSends: number;
  readonly latencyP50Ms: number | null;
  readonly latencyP95Ms: number | null;
  /** Pairs of an edit and another tab. */
  readonly deliveries: number;
  readonly late: number;
  readonly lost: number;
  readonly digests: number;
}

interface Edit {
  readonly at: number;
  readonly tab: number;
  readonly text: string;
}

/** Runs all edits of the bench; `edits` is how many are paced and how many make the stream. */
export async function measureEdits(swarm: Swarm, edits: number): Promise<EditFigures> {
  const markers = markersFrom(`bench/mesh/${swarm.contender.name}`);
  await editAll(swarm, [markers()], PACE_MS); // first times cost more: keys, caches, compilers
  await arrived(swarm, []);
  const restMs = await swarm.rest();
  const rest = await idle(swarm);
  const isolated = await measureIsolated(swarm, markers);
  const paced = await measurePaced(swarm, Array.from({ length: edits }, markers));
  const stream = await measureStream(swarm, Array.from({ length: edits }, markers));
  const [perWindow, perByteWindow] = [rest.sends * ISOLATED_WINDOW_MS, rest.bytes * ISOLATED_WINDOW_MS];
  return {
    restMs,
    idleSendsPerSecond: (rest.sends * 1000) / swarm.pages.length,
    fullPayloads: isolated.fullPayloads,
    isolatedSends: isolated.sends - perWindow,
    isolatedBytes: isolated.bytes - perByteWindow,
    isolatedP50Ms: isolated.p50Ms,
    isolatedP95Ms: isolated.p95Ms,
    isolatedKinds: kindsPerEdit(isolated, rest, ISOLATED_EDITS),
    streamSends: (stream.sends - rest.sends * stream.milliseconds) / edits,
    ...paced,
    digests: new Set(await inAll(swarm.pages, () => bench.digest())).size,
  };
}

/** Paced edits alone, without counting sends: how many arrive. */
export async function measurePacedAlone(
  swarm: Swarm,
  edits: number,
): Promise<{ readonly deliveries: number; readonly lost: number }> {
  const markers = markersFrom(`bench/mesh/${swarm.contender.name}/alone`);
  return measurePaced(swarm, Array.from({ length: edits }, markers));
}

function markersFrom(seed: string): () => string {
  const random = randomFrom(seed);
  let number = 0;
  const letter = (): string => String.fromCharCode(97 + random.below(26));
  return () => markerText(number++, Array.from({ length: MARKER_LETTERS }, letter).join(''));
}

/** Edits from the tabs in turn, one per `paceMs`. */
async function editAll(swarm: Swarm, texts: readonly string[], paceMs: number): Promise<Edit[]> {
  const edits: Promise<Edit>[] = [];
  const start = performance.now();
  for (const [i, text] of texts.entries()) {
    await observe(start + i * paceMs - performance.now());
    const tab = i % swarm.pages.length;
    const page = swarm.pages[tab];
    if (page === undefined) continue;
    const at = page.evaluate(([card, title]) => bench.edit(card, title), [i % CARDS, text] as const);
    edits.push(at.then((began) => ({ at: began, tab, text })));
  }
  return Promise.all(edits);
}

interface Idle {
  /** Per millisecond. */
  readonly sends: number;
  readonly bytes: number;
  readonly kinds: Kinds;
  readonly milliseconds: number;
}

/** Sends and bytes of a swarm that is left alone. */
async function idle(swarm: Swarm): Promise<Idle> {
  await record(swarm, { markers: false, contents: swarm.contender.name === 'ours' });
  const began = performance.now();
  await observe(IDLE_WINDOW_MS);
  const sends = await recorded(swarm);
  const milliseconds = performance.now() - began;
  return {
    sends: sends.length / milliseconds,
    bytes: bytesOf(sends) / milliseconds,
    kinds: kindsOf(sends),
    milliseconds,
  };
}

async function measureIsolated(swarm: Swarm, markers: () => string) {
  await record(swarm, { markers: true, contents: swarm.contender.name === 'ours' });
  const edits = await editAll(swarm, Array.from({ length: ISOLATED_EDITS }, markers), ISOLATED_WINDOW_MS);
  await observe(ISOLATED_WINDOW_MS);
  const sends = await recorded(swarm);
  const seen = sorted(await arrived(swarm, edits));
  const own = edits.flatMap(({ at }) =>
    sends.filter((send) => send.at >= at && send.at < at + ISOLATED_WINDOW_MS),
  );
  const carrying = edits.map(({ text }) => sends.filter((send) => send.markers.includes(text)).length);
  return {
    fullPayloads: carrying.reduce((sum, count) => sum + count, 0) / edits.length,
    sends: own.length / edits.length,
    bytes: bytesOf(own) / edits.length,
    p50Ms: quantile(seen, 0.5),
    p95Ms: quantile(seen, 0.95),
    kinds: kindsOf(own),
    milliseconds: edits.length * ISOLATED_WINDOW_MS,
  };
}

async function measurePaced(swarm: Swarm, texts: readonly string[]) {
  const edits = await editAll(swarm, texts, PACE_MS);
  const latencies = await arrived(swarm, edits);
  const seen = sorted(latencies);
  return {
    latencyP50Ms: quantile(seen, 0.5),
    latencyP95Ms: quantile(seen, 0.95),
    deliveries: latencies.length,
    late: latencies.filter((latency) => latency === null || latency > PROMPT_MS).length,
    lost: latencies.length - seen.length,
  };
}

/** A stream from one tab: its edits, and everything sent from the first until a window after the last. */
async function measureStream(swarm: Swarm, texts: readonly string[]) {
  await record(swarm, { markers: false, contents: false });
  const began = performance.now();
  await swarm.pages[0]?.evaluate(streamEdits, { texts, paceMs: STREAM_PACE_MS, cards: CARDS });
  await observe(ISOLATED_WINDOW_MS);
  const sends = await recorded(swarm);
  return { sends: sends.length, milliseconds: performance.now() - began };
}

/** In the page: one edit per `paceMs`. */
async function streamEdits(order: { texts: readonly string[]; paceMs: number; cards: number }) {
  for (const [i, text] of order.texts.entries()) {
    bench.edit(i % order.cards, text);
    await new Promise((resolve) => {
      setTimeout(resolve, order.paceMs);
    });
  }
}

/** Milliseconds until each other tab saw each edit; null: not within the window. */
async function arrived(swarm: Swarm, edits: readonly Edit[]): Promise<readonly (number | null)[]> {
  const until = performance.now() + LOST_WINDOW_MS;
  for (;;) {
    const seen = await inAll(swarm.pages, () => bench.arrivals);
    const latencies = edits.flatMap(({ at, tab, text }) =>
      seen.flatMap((arrivals, other) => {
        const arrival = arrivals[text];
        return other === tab ? [] : [arrival === undefined ? null : arrival - at];
      }),
    );
    if (!latencies.includes(null) || performance.now() >= until) return latencies;
    await observe(LOOK_EVERY_MS);
  }
}

type Recording = Parameters<typeof bench.record>[0];

async function record(swarm: Swarm, options: Recording): Promise<void> {
  await Promise.all(swarm.pages.map((page) => page.evaluate((wanted) => bench.record(wanted), options)));
}

async function recorded(swarm: Swarm): Promise<readonly SendRecord[]> {
  return (await inAll(swarm.pages, () => bench.recorded())).flat();
}

function bytesOf(sends: readonly SendRecord[]): number {
  return sends.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Those that are known, ascending. */
function sorted(latencies: readonly (number | null)[]): readonly number[] {
  return latencies.filter((latency) => latency !== null).sort((a, b) => a - b);
}

/** The smallest value that at least `share` of them do not exceed. */
function quantile(ascending: readonly number[], share: number): number | null {
  return ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? null;
}
