/**
 * What 10,000 edits of four authors take on disk, and on the wire for a newcomer: plain Yjs beside whole nodes of ours in the simulated world,
 * with signatures (of the stand-in's size), rules, roster, the committee of their four tabs and the checkpoints that it certifies. Counts of bytes, so they
 * are the same on every machine.
 */
import * as Y from 'yjs';
import type { Bytes } from '../src/kernel/bytes.ts';
import type { PeerId } from '../src/kernel/ids.ts';
import { encodeWith } from '../src/kernel/codec.ts';
import type { Machine } from '../src/kernel/machine.ts';
import { pick, randomFrom, type Random } from '../src/kernel/random.ts';
import type { BoardCommand } from '../src/board/command.ts';
import { runCommand } from '../src/board/run-command.ts';
import type { NodeCommand, NodeEvent } from '../src/node/events.ts';
import { draftFounding, encodeFounding } from '../src/node/founding.ts';
import { SETTLE_MS } from '../src/node/limits.ts';
import { nodeMessageCodec, type NodeMessage } from '../src/node/messages.ts';
import { boardLife, JOURNAL_STORE, type BoardWorld } from '../src/sim/board-life.ts';
import { createBoardIdentities, type BoardIdentities } from '../src/sim/board-identities.ts';
import { DEFAULT_SETTINGS } from '../src/sim/settings.ts';
import { World } from '../src/sim/world.ts';
import { bytes, printSection, type Row } from './table.ts';

const AUTHORS = 4;
const EDITS = 10_000;
/** Cards that are there before they are edited. */
const CARDS = 300;
const COLUMNS = 3;
/** Virtual time between two edits. */
const PACE_MS = 40;
/** Edits after the pause in which the committee makes its last checkpoint. */
const TAIL = 100;
const MAX_RATIO = 1.5;
const WORDS = 'plant water the tomatoes before noon and ask ada about seeds for next week'.split(' ');

type BoardMachine = Machine<NodeMessage, NodeCommand, NodeEvent>;

/** An edit as both sides can make it: cards and columns by their number. */
interface Edit {
  readonly author: number;
  readonly command: (cards: readonly string[], columns: readonly string[]) => BoardCommand;
}

export function run(): Promise<void> {
  const edits = drawEdits();
  const plain = measurePlain(edits);
  const ours = measureOurs(edits);
  const ratio = (value: number, to: number): string => `${(value / to).toFixed(2)} x`;
  const row = (what: string, stock: number, own: number, isJudged = true): Row => ({
    what,
    stock: bytes(stock),
    ours: `${bytes(own)}, ${ratio(own, stock)}`,
    target: isJudged ? `<= ${MAX_RATIO} x` : '',
    holds: isJudged ? own <= MAX_RATIO * stock : null,
  });
  printSection({
    title: `${EDITS} edits of ${AUTHORS} authors, ${CARDS} cards`,
    rows: [
      row('on disk, compacted', plain.state, ours.disk),
      row('to a newcomer', plain.state, ours.wire),
      row('on disk, every edit kept', plain.log, ours.journal, false),
      row('the document alone', plain.state, ours.state, false),
    ],
  });
  console.log(`\nplain Yjs in its second encoding: ${bytes(plain.stateV2)}`);
  console.log(`after the checkpoint ${ours.tail} entries are kept; the committee made ${ours.checkpoints}`);
  console.log(
    `its messages to a newcomer: ${bytes(ours.council)}, and it keeps ${bytes(ours.records)} of decisions and committees`,
  );
  return Promise.resolve();
}

/** Titles, moves and notes of cards, some in bursts, as people make them. */
function drawEdits(): readonly Edit[] {
  const random = randomFrom('edits of the journal bench');
  const edits: Edit[] = [];
  for (let i = 0; i < COLUMNS; i++)
    edits.push({ author: 0, command: () => ({ type: 'addColumn', title: `Column ${i}` }) });
  for (let i = 0; i < CARDS; i++) {
    const [column, title] = [random.below(COLUMNS), words(random, 4)];
    const command: Edit['command'] = (_, columns) => ({
      type: 'addCard',
      columnId: columns[column] ?? '',
      title,
    });
    edits.push({ author: i % AUTHORS, command });
  }
  let author = 0;
  while (edits.length < EDITS) {
    if (random.below(4) === 0) author = random.below(AUTHORS);
    edits.push({ author, command: drawChange(random) });
  }
  return edits;
}

function drawChange(random: Random): Edit['command'] {
  const [card, column, kind] = [random.below(CARDS), random.below(COLUMNS), random.below(20)];
  const [title, notes] = [words(random, 4), words(random, 12)];
  if (kind < 8) return (cards) => ({ type: 'updateCard', cardId: cards[card] ?? '', changes: { title } });
  if (kind < 15)
    return (cards, columns) => ({
      type: 'moveCard',
      cardId: cards[card] ?? '',
      columnId: columns[column] ?? '',
      position: kind < 11 ? 'top' : 'bottom',
    });
  return (cards) => ({ type: 'updateCard', cardId: cards[card] ?? '', changes: { notes } });
}

function words(random: Random, count: number): string {
  return Array.from({ length: count }, () => pick(random, WORDS) ?? '').join(' ');
}

interface PlainFigures {
  /** The whole document in one update, garbage collected: what stock sends a newcomer, and what y-indexeddb keeps after trimming. */
  readonly state: number;
  readonly stateV2: number;
  /** All updates one by one: what y-indexeddb keeps until then. */
  readonly log: number;
}

function measurePlain(edits: readonly Edit[]): PlainFigures {
  const docs = Array.from({ length: AUTHORS }, () => new Y.Doc());
  const random = randomFrom('plain side of the journal bench');
  // Yjs draws 32 bits; drawn here, the figures are the same every time.
  for (const doc of docs) doc.clientID = random.below(2 ** 32);
  const [cards, columns]: [string[], string[]] = [[], []];
  let log = 0;
  for (const doc of docs)
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === 'remote') return;
      log += update.length;
      for (const other of docs) if (other !== doc) Y.applyUpdate(other, update, 'remote');
    });
  for (const { author, command } of edits) {
    const doc = docs[author];
    if (doc === undefined) continue;
    const what = command(cards, columns);
    const context = { random, memberId: `${author}`.repeat(64), wallMs: DEFAULT_SETTINGS.startWallMs };
    note(what, runCommand(doc, what, context), cards, columns);
  }
  const [doc] = docs;
  if (doc === undefined) throw new Error('no authors');
  return {
    log,
    state: Y.encodeStateAsUpdate(doc).length,
    stateV2: Y.encodeStateAsUpdateV2(doc).length,
  };
}

function note(
  what: BoardCommand,
  done: { readonly ok: boolean; readonly value?: { readonly ids: readonly string[] } },
  cards: string[],
  columns: string[],
): void {
  const id = done.value?.ids[0];
  if (!done.ok || id === undefined) throw new Error(`${what.type} changed nothing`);
  if (what.type === 'addCard') cards.push(id);
  if (what.type === 'addColumn') columns.push(id);
}

interface OwnFigures {
  readonly journal: number;
  readonly disk: number;
  readonly wire: number;
  readonly state: number;
  readonly tail: number;
  readonly checkpoints: number;
  /** Bytes of the committee's messages to the newcomer, and of its records on the newcomer's disk. */
  readonly council: number;
  readonly records: number;
}

function measureOurs(edits: readonly Edit[]): OwnFigures {
  const world: BoardWorld = new World({ seed: 'journal bench', replay: 'npm run bench -- journal' });
  const identities = createBoardIdentities(world.keys, 'p0', DEFAULT_SETTINGS.startWallMs);
  const [cards, columns]: [string[], string[]] = [[], []];
  const asked = new Map<string, BoardCommand>();
  const sent: Sent = { replication: new Map(), council: new Map(), journal: new Map() };
  const add = (name: string): PeerId => {
    let self: PeerId | undefined;
    const life = boardLife({
      ...{ name, identities, hasBoard: name === 'p0' },
      wrap: (machine) => {
        const tallied = counted(machine, sent, self);
        return name === 'p0' && self !== undefined ? founded(tallied, self, world, identities) : tallied;
      },
      onEvent: (_peer, event) => {
        const what = event.type === 'done' ? asked.get(event.token) : undefined;
        if (event.type !== 'done' || what === undefined) return;
        asked.delete(event.token);
        note(what, { ok: true, value: event.outcome }, cards, columns);
      },
    });
    return world.addPeer({ name }, (birth) => {
      self = birth.peer;
      return life(birth);
    });
  };
  const authors = Array.from({ length: AUTHORS }, (_, i) => add(`p${i}`));
  const areMembers = (): boolean =>
    world.peers().every((peer) => world.node(peer).joinState().phase === 'joined');
  world.runUntil('all are members', areMembers, 60_000);
  const areSeated = (): boolean =>
    authors.every((peer) => {
      const { n, seated } = world.node(peer).council.status() ?? {};
      return n === AUTHORS && seated === true;
    });
  world.runUntil('all have a seat', areSeated, 120_000);
  const edit = ({ author, command }: Edit, at: number): void => {
    const peer = authors[author];
    const [what, token] = [command(cards, columns), `token ${at}`];
    if (peer === undefined) return;
    asked.set(token, what);
    const wallMs = DEFAULT_SETTINGS.startWallMs + world.now;
    world.command(peer, { type: 'act', token, action: { kind: 'run', command: what }, wallMs });
    // Structure first: later edits name what is made here.
    world.run(at < CARDS + COLUMNS ? 500 : PACE_MS);
  };
  for (const [at, each] of edits.slice(0, -TAIL).entries()) edit(each, at);
  world.run(20_000);
  const [first] = authors;
  if (first === undefined) throw new Error('no authors');
  world.run(SETTLE_MS + 2 * 60_000);
  for (const [at, each] of edits.slice(-TAIL).entries()) edit(each, EDITS - TAIL + at);
  world.run(20_000);
  const newcomer = add('newcomer');
  world.runUntil('the newcomer is a member', areMembers, 60_000);
  world.run(10_000);
  const digests = world.peers().map((peer) => world.node(peer).boardDigest());
  if (new Set(digests).size !== 1 || asked.size > 0) throw new Error('not all edits are everywhere');
  const disk = sizeOf([
    ...world.disk(newcomer).scan(JOURNAL_STORE),
    ...world.disk(newcomer).scan('checkpoints'),
  ]);
  const made = world.node(newcomer).checkpoint;
  if (made === undefined) throw new Error('no checkpoint was certified');
  const { council } = world.node(first);
  return {
    ...{ journal: sent.journal.get(first) ?? 0, disk, state: made.content.state.length },
    wire: sent.replication.get(newcomer) ?? 0,
    council: sent.council.get(newcomer) ?? 0,
    records: sizeOf(world.disk(newcomer).scan('consensus')),
    tail: world.node(newcomer).entryCount,
    checkpoints: council.archive
      .decisions(0)
      .filter(({ outcomes }) => outcomes.some(({ kind }) => kind === 'checkpointCertified')).length,
  };
}

/** Bytes that were sent to each peer, and of entries that each wrote to its disk. */
type Sent = Readonly<Record<'replication' | 'council' | 'journal', Map<PeerId, number>>>;

/** Has a tab found the committee of the board that it made. */
function founded(
  machine: BoardMachine,
  self: PeerId,
  world: BoardWorld,
  { genesis }: BoardIdentities,
): BoardMachine {
  return {
    step: (input, now) => {
      if (input.kind !== 'command' || input.command.type !== 'restoreCouncil')
        return machine.step(input, now);
      const draft = draftFounding(genesis, self);
      const founding = encodeFounding(draft.seal(world.keys.sign(genesis.creator, draft.toSign)));
      const command = { ...input.command, disk: { ...input.command.disk, founding } };
      return machine.step({ kind: 'command', command }, now);
    },
  };
}

/** Counts what `self` sends and writes. */
function counted(machine: BoardMachine, sent: Sent, self: PeerId | undefined): BoardMachine {
  return {
    step: (input, now) => {
      const effects = machine.step(input, now);
      for (const effect of effects)
        if (effect.kind === 'send') count(sent, effect.to, effect.message);
        else if (effect.kind === 'persist' && self !== undefined)
          for (const write of effect.writes)
            if (write.op === 'put' && write.store === JOURNAL_STORE)
              sent.journal.set(self, (sent.journal.get(self) ?? 0) + write.value.length);
      return effects;
    },
  };
}

function count(sent: Sent, to: PeerId, message: NodeMessage): void {
  if (message.kind !== 'replication' && message.kind !== 'council') return;
  const size = encodeWith(nodeMessageCodec, message).length;
  sent[message.kind].set(to, (sent[message.kind].get(to) ?? 0) + size);
}

function sizeOf(pairs: readonly (readonly [key: string, value: Bytes])[]): number {
  return pairs.reduce((sum, [, value]) => sum + value.length, 0);
}
