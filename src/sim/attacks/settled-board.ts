/** A board that many members have on their disks already: what a run that is about something else than joining begins with. */
import * as Y from 'yjs';
import { encodeWith } from '../../kernel/codec.ts';
import type { Random } from '../../kernel/random.ts';
import { admissionCodec } from '../../identity/admission.ts';
import type { BoardCommand } from '../../board/command.ts';
import { runCommand } from '../../board/run-command.ts';
import { boardRoots, type RootName } from '../../board/schema.ts';
import type { Entry } from '../../replication/entry.ts';
import type { BoardIdentities } from '../board-identities.ts';
import type { SimKeys } from '../sim-keys.ts';
import type { Target } from './attack.ts';
import { Writer } from './writer.ts';

const WALL_MS = 1_893_456_000_000;
const TITLE = 'A board of many';
const NOTES = 'what the creator wrote in the beginning';

export interface SettledBoard {
  /** Every entry, each after what it builds on. */
  readonly history: readonly Entry[];
  /** By name, in the order of the names; each has written its claim. */
  readonly writers: ReadonlyMap<string, Writer>;
  /** What there is to attack: things of the creator's. `me` and `myClock` are to be filled in. */
  readonly target: Omit<Target, 'me'>;
  readonly columnId: string;
}

/** The first of `names` makes the board and admits the others: as viewers those of `viewers`, the others as editors. */
export function settleBoard(
  keys: SimKeys,
  identities: BoardIdentities,
  names: readonly string[],
  viewers: ReadonlySet<string>,
  random: Random,
): SettledBoard {
  const writers = new Map(names.map((name) => [name, new Writer(keys, identities, name)]));
  const [creator, ...others] = [...writers.values()];
  if (creator === undefined) throw new Error('a board needs a creator');
  const history: Entry[] = [creator.claim()];
  for (const { name } of others) {
    const ticket = identities.ticket(name, viewers.has(name) ? 'viewer' : 'editor');
    history.push(creator.write('admit', encodeWith(admissionCodec, ticket)));
  }
  const admitted = creator.head;
  for (const writer of others) history.push(writer.claim([admitted]));
  const context = { random, memberId: creator.member, wallMs: WALL_MS };
  const run = (command: BoardCommand): string => {
    let made: string | undefined;
    const entry = creator.edit([], (doc) => {
      const outcome = runCommand(doc, command, context);
      made = outcome.ok ? outcome.value.ids[0] : undefined;
    });
    history.push(entry);
    return made ?? '';
  };
  run({ type: 'renameBoard', title: TITLE });
  const columnId = run({ type: 'addColumn', title: 'To do' });
  const cardId = run({ type: 'addCard', columnId, title: 'the first card' });
  run({ type: 'updateCard', cardId, changes: { notes: NOTES } });
  return { history, writers, target: targetIn(creator.doc, creator.clientId), columnId };
}

/** Where the creator's title and notes lie. */
function targetIn(doc: Y.Doc, victim: number): Omit<Target, 'me'> {
  const structs = (doc.store.clients.get(victim) ?? []).filter((struct) => struct instanceof Y.Item);
  const root: RootName = 'board';
  const key = 'title';
  const title = boardRoots(doc)[root]._map.get(key)?.id;
  const letters = structs.find(({ content }) => content instanceof Y.ContentString);
  const text = letters?.parent instanceof Y.AbstractType ? letters.parent._item?.id : undefined;
  if (title === undefined || letters === undefined || text === undefined)
    throw new Error('the board has nothing to attack');
  return {
    myClock: 0,
    victim,
    victimClock: Y.getState(doc.store, victim),
    text: { client: text.client, clock: text.clock },
    letters: Array.from(NOTES, (_, index) => ({ client: victim, clock: letters.id.clock + index })),
    value: { root, key, id: { client: title.client, clock: title.clock } },
  };
}
