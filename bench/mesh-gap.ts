/** One update is missing and 999 wait behind it: plain Yjs, which stock applies updates with, beside the intake of ours. In Node.js, no network. */
import { performance } from 'node:perf_hooks';
import * as Y from 'yjs';
import { openAuthor } from '../test/unit/replication/author.ts';
import { Holder } from '../test/unit/replication/holder.ts';

const EDITS = 1000;

/** Milliseconds spent on the updates that wait and on the one that ends the wait, and the longest time that one of them took. */
export interface GapFigures {
  readonly totalMs: number;
  readonly longestMs: number;
}

/** Gives the second to last of 1,000 updates first, then the first; rejects when the document is not whole then. */
export function measureGap(): { readonly stock: GapFigures; readonly ours: GapFigures } {
  return { stock: measureStock(), ours: measureOurs() };
}

function measureStock(): GapFigures {
  const updates: Uint8Array[] = [];
  const author = new Y.Doc();
  author.on('update', (update: Uint8Array) => updates.push(update));
  for (let i = 0; i < EDITS; i++) author.getMap('cards').set(`card ${i}`, `title ${i}`);
  const reader = new Y.Doc();
  const figures = timed([...updates.slice(1), ...updates.slice(0, 1)], (update) => {
    Y.applyUpdate(reader, update);
  });
  expectWhole(reader.getMap('cards').size);
  return figures;
}

function measureOurs(): GapFigures {
  const author = openAuthor('author of the bench');
  const [claim, ...rest] = author.entries;
  if (claim === undefined || rest.length > 0) throw new Error('a journal begins with one claim');
  const entries = Array.from({ length: EDITS }, (_, i) => author.set(`card ${i}`, `title ${i}`));
  const reader = new Holder();
  reader.take(claim);
  const figures = timed([...entries.slice(1), ...entries.slice(0, 1)], (entry) => {
    reader.take(entry);
  });
  expectWhole(reader.document.doc.getMap('board').size);
  return figures;
}

function timed<Item>(items: readonly Item[], take: (item: Item) => void): GapFigures {
  let [totalMs, longestMs] = [0, 0];
  for (const item of items) {
    const before = performance.now();
    take(item);
    const tookMs = performance.now() - before;
    totalMs += tookMs;
    longestMs = Math.max(longestMs, tookMs);
  }
  return { totalMs, longestMs };
}

function expectWhole(edits: number): void {
  if (edits !== EDITS) throw new Error(`${edits} of ${EDITS} edits took effect`);
}
