/**
 * The board of two honest people on plain Yjs, as every application has it that hands updates from one to the other: what an attack
 * does to it, and what is wrong afterwards.
 */
import * as Y from 'yjs';
import type { Bytes } from '../../kernel/bytes.ts';
import type { Harm, PlainAssault, Target } from './attack.ts';
import { CONTESTED_KEYS } from './update-attacks.ts';

export const STANDING_KEYS = Array.from({ length: 10 }, (_, index) => `key ${index}`);
const NOTES = 'what Alice wrote';
const MORE = ' and more';
const GREETING = 'hello: ';

/** What the first honest person writes before the attack, one transaction each. */
export const FIRST_EDITS: readonly ((doc: Y.Doc) => void)[] = [
  (doc) => {
    for (const [index, key] of STANDING_KEYS.entries()) doc.getMap('board').set(key, index);
  },
  (doc) => doc.getMap('cards').set('notes', new Y.Text(NOTES)),
];

/** What honest people write after it, or at the same time. */
export function writeMore(doc: Y.Doc): void {
  notesOf(doc)?.insert(notesOf(doc)?.length ?? 0, MORE);
  doc.getMap('board').set('later', 1);
  for (const key of CONTESTED_KEYS) doc.getMap('board').set(key, 'honest');
}

export function greet(doc: Y.Doc): void {
  notesOf(doc)?.insert(0, GREETING);
  doc.getMap('board').set('greeted', 1);
}

function notesOf(doc: Y.Doc): Y.Text | undefined {
  const notes = doc.getMap('cards').get('notes');
  return notes instanceof Y.Text ? notes : undefined;
}

/** Where things lie after {@link FIRST_EDITS}. */
export function targetOf(me: number, victim: number): Target {
  const text = STANDING_KEYS.length;
  return {
    me,
    myClock: 0,
    victim,
    victimClock: text + 1 + NOTES.length,
    text: { client: victim, clock: text },
    letters: Array.from(NOTES, (_, index) => ({ client: victim, clock: text + 1 + index })),
    value: { root: 'board', key: 'key 1', id: { client: victim, clock: 1 } },
  };
}

/** What is missing on a document of what honest people wrote. */
export function missingFrom(doc: Y.Doc): string[] {
  const board = doc.getMap('board');
  const keys = [...STANDING_KEYS, 'later', 'greeted'].filter((key) => !board.has(key));
  const numbers = STANDING_KEYS.filter((key, index) => board.has(key) && board.get(key) !== index);
  const shown = notesOf(doc)?.toJSON() ?? '';
  return [...keys, ...numbers, ...[NOTES, MORE, GREETING].filter((text) => !isWithin(text, shown))];
}

/** Whether the letters of `text` are all in `shown`, in this order, whatever stands between them. */
function isWithin(text: string, shown: string): boolean {
  let at = -1;
  return Array.from(text).every((letter) => (at = shown.indexOf(letter, at + 1)) !== -1);
}

/** Carries an assault out on two documents and says everything that is wrong afterwards. */
export function harmsOf(assault: PlainAssault, ids: readonly [number, number]): Harm[] {
  const harms = new Set<Harm>();
  const attempt = <T>(run: () => T): T | undefined => {
    try {
      return run();
    } catch {
      harms.add('throws');
      return undefined;
    }
  };
  const [alice, bob] = ids.map((clientID) => Object.assign(new Y.Doc(), { clientID }));
  if (alice === undefined || bob === undefined) return [];
  for (const edit of FIRST_EDITS) alice.transact(() => edit(alice));
  exchange(alice, bob);
  // Alice writes before the updates reach her, Bob after they reached him: the one is concurrent with them, the other is not.
  attempt(() => alice.transact(() => writeMore(alice)));
  let waited = 0;
  let handled = 0;
  const give = (doc: Y.Doc, updates: readonly Bytes[]): void => {
    for (const update of updates) {
      attempt(() => Y.applyUpdate(doc, update, 'remote'));
      waited += update.length;
      handled += doc.store.pendingStructs?.update.length ?? 0;
    }
  };
  give(bob, assault.second);
  give(alice, assault.first);
  attempt(() => bob.transact(() => greet(bob)));
  for (let round = 0; round < 2; round++) attempt(() => exchange(alice, bob));

  for (const doc of [alice, bob]) {
    const id = doc === alice ? ids[0] : ids[1];
    if (doc.clientID !== id) harms.add('impersonates');
    if (attempt(() => missingFrom(doc).length > 0) === true) harms.add('loses');
    if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) harms.add('pends');
    if (holdsForeign(doc, ids)) harms.add('admits');
    if (holdsNothing(doc)) harms.add('squats');
  }
  const shown = (doc: Y.Doc): unknown =>
    attempt(() => JSON.stringify(['board', 'cards'].map((root) => sorted(doc.getMap(root)))));
  if (shown(alice) !== shown(bob)) harms.add('diverges');
  if (CONTESTED_KEYS.every((key) => alice.getMap('board').get(key) !== 'honest')) harms.add('captures');
  if (handled > waited * 20) harms.add('swells');
  return [...harms].sort();
}

/** What a map shows, whatever the order in which its keys came. */
function sorted(map: Y.Map<unknown>): unknown {
  return Object.entries(map.toJSON()).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Everything of both to both. */
function exchange(alice: Y.Doc, bob: Y.Doc): void {
  const [ofAlice, ofBob] = [Y.encodeStateAsUpdate(alice), Y.encodeStateAsUpdate(bob)];
  Y.applyUpdate(bob, ofAlice, 'remote');
  Y.applyUpdate(alice, ofBob, 'remote');
}

/** Whether there are elements under other client ids than those of honest people. */
function holdsForeign(doc: Y.Doc, ids: readonly number[]): boolean {
  return [...doc.store.clients.keys()].some((client) => !ids.includes(client) && client !== doc.clientID);
}

/** Whether clock values were taken that have no content; nobody honest deletes anything here. */
function holdsNothing(doc: Y.Doc): boolean {
  return [...doc.store.clients.values()]
    .flat()
    .some(
      (struct) =>
        !(struct instanceof Y.Item) ||
        (struct.deleted && struct.content instanceof Y.ContentDeleted && struct.length > 1000),
    );
}
