/** Plots: what honest authors and liars with two faces write, who know different parts of each other's journals. */
import fc from 'fast-check';
import * as Y from 'yjs';
import { utf8 } from '../../../src/kernel/bytes.ts';
import type { Entry } from '../../../src/replication/entry.ts';
import { Author } from './author.ts';
import { Holder } from './holder.ts';

/** Authors who hear some of what others wrote before they write; one of them now and then writes a second time at the same place. */
export const plotArb = fc.array(
  fc.record({
    who: fc.nat(4),
    hears: fc.array(fc.nat(4), { maxLength: 3 }),
    forks: fc.boolean(),
    key: fc.nat(3),
    how: fc.nat(3),
  }),
  { minLength: 5, maxLength: 40 },
);

export type Plot = typeof plotArb extends fc.Arbitrary<infer T> ? T : never;

/** Plays a plot: the first two authors are liars, each with two faces; every author works on a holder of its own, as a node does. */
export function stage(plot: Plot): {
  readonly all: readonly Entry[];
  readonly honest: readonly Entry[];
} {
  const writers = ['mallory', 'trudy', 'ada', 'bo', 'cy'].map((name, i) => ({
    faces: i < 2 ? [new Face(name), new Face(name)] : [new Face(name)],
  }));
  const all = new Set<Entry>();
  const honest: Entry[] = [];
  for (const { who, hears, forks, key, how } of plot) {
    const faces = writers[who]?.faces ?? [];
    const face = faces[forks ? faces.length - 1 : 0];
    const [first] = faces;
    if (face === undefined || first === undefined) continue;
    // The second face of a liar begins as the first one is by then.
    if (face !== first && face.isBlank) face.become(first);
    for (const other of hears) {
      const theirs = writers[other]?.faces ?? [];
      const source = theirs[(key + other) % theirs.length];
      if (source !== undefined && source !== face) face.hear(source);
    }
    const entry = face.write(key, how, all.size);
    if (entry === undefined) continue;
    all.add(entry);
    if (who >= 2) honest.push(entry);
  }
  return { all: [...all], honest };
}

/** An author with a node's memory. A liar has two, which do not know of each other. */
class Face {
  readonly holder = new Holder();
  readonly #author: Author;

  constructor(name: string) {
    this.#author = new Author(name);
  }

  get isBlank(): boolean {
    return this.holder.journals.entryCount === 0;
  }

  become(other: Face): void {
    this.holder.take(...other.holder.journals.order);
    this.#author.entries.push(...other.#author.entries);
  }

  hear(other: Face): void {
    // A face hears nothing of what its own author wrote behind its back.
    this.holder.take(...other.holder.journals.order.filter(({ author }) => author !== this.#author.peer));
  }

  write(key: number, how: number, salt: number): Entry | undefined {
    const { holder } = this;
    const { journals, intake, document } = holder;
    const { peer } = this.#author;
    const held = journals.seqOf(peer);
    if (held < this.#author.entries.length) return undefined;
    const heads = journals.headsFor(peer).flatMap((hash) => journals.get(hash) ?? []);
    if (held === 0) {
      const claim = this.#author.write('claim', utf8(`claim ${salt}`), ...heads);
      holder.take(claim);
      return claim;
    }
    const { update } = document.capture(intake.clientIdOf(peer, 1), () => {
      document.doc.transact(() => change(document.doc, key, how, salt));
    });
    const entry = this.#author.write('update', update ?? new Uint8Array([0, 0]), ...heads);
    intake.adopt(entry);
    journals.markDurable(entry.hash);
    return entry;
  }
}

function change(doc: Y.Doc, key: number, how: number, salt: number): void {
  const cards = doc.getMap<unknown>('cards');
  const notes = cards.get(`notes ${key}`);
  if (how === 0) doc.getMap('board').set(`key ${key}`, salt);
  else if (how === 1) cards.set(`notes ${key}`, new Y.Text(`text ${salt}`));
  else if (notes instanceof Y.Text && how === 2) notes.insert(Math.floor(notes.length / 2), `+${salt}`);
  else if (notes instanceof Y.Text && notes.length > 2) notes.delete(1, 2);
  else cards.delete(`notes ${key}`);
}
