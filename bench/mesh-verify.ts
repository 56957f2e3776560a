/**
 * How many signed entries a second a tab verifies and takes in, while it joins and from memory (bench/intake), beside what its WebCrypto verifies
 * at all.
 */
import { launchBrowser } from '../test/support/browser.ts';
import { serveIntake } from './bench-server.ts';
import type {} from './intake/page.ts';
import type { Contender } from './mesh-contenders.ts';
import { withPair } from './mesh-documents.ts';
import { CARDS } from './mesh-swarm.ts';
import { observe } from './observe.ts';

/** Entries of the board that is joined: the shortest run in which starting up does not matter (guess). */
const ENTRIES = 10_000;
/** Signatures checked for the bound. */
const BOUND_CHECKS = 6000;
/** As many as a link of ours has under way at once (driver-inbox.ts, MAX_CHECKING_PER_LINK), times some batches: more made no difference. */
const IN_FLIGHT = 256;
const WINDOW_MS = 120_000;
const LOOK_EVERY_MS = 50;

/** Copies from memory, each of which has its own bound; the median counts. The processor's speed changes between them. */
const COPIES = 5;

/** One way for entries into a tab. */
export interface VerifyFigures {
  readonly entries: number;
  /** Ed25519 signatures per second in the tab, nothing else going on: of a copy from memory, the mean of before and after. */
  readonly boundPerSecond: number;
  /** Until the last entry is in the document; null: not within the window. */
  readonly milliseconds: number | null;
}

/** A board of {@link ENTRIES} edits by one tab, and a second tab that joins. From the first signature that the second one checks. */
export async function measureVerify(contender: Contender): Promise<VerifyFigures> {
  return withPair(contender, async (first, second) => {
    const invitation = await contender.found(first, CARDS);
    await first.evaluate(editOften, ENTRIES);
    const boundPerSecond = await second.evaluate(measureBound, [BOUND_CHECKS, IN_FLIGHT] as const);
    await second.evaluate(noteFirstCheck);
    const began = await contender.join(second, invitation);
    const last = titleOf(ENTRIES - 1);
    let seen: number | undefined;
    while (seen === undefined && Date.now() < began + WINDOW_MS) {
      await observe(LOOK_EVERY_MS);
      seen = await second.evaluate((title) => bench.arrivals[title], last);
    }
    const from = await second.evaluate(() => firstCheckAt ?? Number.NaN);
    return { entries: ENTRIES, boundPerSecond, milliseconds: seen === undefined ? null : seen - from };
  });
}

/** Copies of the same entries from memory, in a tab alone, without and with the worker that checks signatures. */
export interface IntakeCopies {
  readonly onPage: readonly VerifyFigures[];
  readonly withWorker: readonly VerifyFigures[];
}

/** The median of copies by what they are of their bound. */
export function medianOf(copies: readonly VerifyFigures[]): VerifyFigures {
  const share = ({ milliseconds, boundPerSecond }: VerifyFigures): number =>
    1 / ((milliseconds ?? Infinity) * boundPerSecond);
  const median = [...copies].sort((a, b) => share(a) - share(b))[copies.length >> 1];
  if (median === undefined) throw new Error('no copy');
  return median;
}

/** Copies in turn. From the first batch that reaches the node. */
export async function measureIntake(): Promise<IntakeCopies> {
  const server = await serveIntake();
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(`intake: ${String(error)}`));
    await page.goto(server.url);
    await page.waitForFunction(() => 'intake' in globalThis);
    await page.evaluate((edits) => intake.prepare(edits), ENTRIES);
    const copies: { onPage: VerifyFigures[]; withWorker: VerifyFigures[] } = { onPage: [], withWorker: [] };
    let before = await page.evaluate(measureBound, [BOUND_CHECKS, IN_FLIGHT] as const);
    for (let i = 0; i < COPIES * 2; i++) {
      const withWorker = i % 2 === 1;
      const { entries, documentMs } = await page.evaluate((isBeside) => intake.take(isBeside), withWorker);
      const after = await page.evaluate(measureBound, [BOUND_CHECKS, IN_FLIGHT] as const);
      const figures = { entries, boundPerSecond: (before + after) / 2, milliseconds: documentMs };
      (withWorker ? copies.withWorker : copies.onPage).push(figures);
      before = after;
    }
    return copies;
  } finally {
    await browser.close();
    await server.stop();
  }
}

const titleOf = (edit: number): string => `edit ${edit}`;

/** In the page: so many edits, each an entry of its own. */
async function editOften(edits: number): Promise<void> {
  const cards = tabswarm.board.snapshot()?.columns.flatMap((column) => column.cards) ?? [];
  for (let i = 0; i < edits; i++) {
    const cardId = cards[i % cards.length]?.id;
    await tabswarm.board.apply({ type: 'updateCard', cardId, changes: { title: `edit ${i}` } });
  }
}

/** In the page: Ed25519 signatures checked per second, `inFlight` at a time, of a message as long as what entries sign. */
async function measureBound([checks, inFlight]: readonly [number, number]): Promise<number> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  const message = crypto.getRandomValues(new Uint8Array(50));
  const signature = await crypto.subtle.sign('Ed25519', privateKey, message);
  const began = performance.now();
  for (let done = 0; done < checks; done += inFlight)
    await Promise.all(
      Array.from({ length: inFlight }, () => crypto.subtle.verify('Ed25519', publicKey, signature, message)),
    );
  return (Math.ceil(checks / inFlight) * inFlight * 1000) / (performance.now() - began);
}

declare global {
  /** Unix milliseconds of the page. */
  var firstCheckAt: number | undefined;
}

/** In the page: notes when the application checks its first signature. */
function noteFirstCheck(): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its object below
  const verify = SubtleCrypto.prototype.verify;
  SubtleCrypto.prototype.verify = function (this: SubtleCrypto, ...args: Parameters<typeof verify>) {
    globalThis.firstCheckAt ??= bench.now();
    SubtleCrypto.prototype.verify = verify;
    return verify.apply(this, args);
  };
}
