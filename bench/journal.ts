/**
 * What 10,000 edits of four authors take on disk, and on the wire for a newcomer: plain Yjs beside whole nodes of ours in the simulated world,
 * with signatures (of the stand-in's size), rules, roster and checkpoint. Counts of bytes, so they are the same on every machine.
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
import { nodeMessageCodec, type NodeMessage } from '../src/node/messages.ts';
import { boardLife, JOURNAL_STORE, type BoardWorld } from '../src/sim/board-life.ts';
import { createBoardIdentities } from '../src/sim/board-identities.ts';
import { DEFAULT_SETTINGS } from '../src/sim/settings.ts';
import { SimQuorum } from '../src/sim/sim-quorum.ts';
import { World } from '../src/sim/world.ts';
import { bytes, printSection, type Row } from './table.ts';

const AUTHORS = 4;
const EDITS = 10_000;
/** Cards that are there before they are edited. */
const CARDS = 300;
const COLUMNS = 3;
/** Virtual time between two edits. */
const PACE_MS = 40;
/** Entries since the checkpoint when the newcomer comes. */
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
  console.log(
    `after the checkpoint ${ours.tail} entries are kept; to compose it took ${ours.composeMs} ms, once`,
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
  readonly composeMs: number;
}

function measureOurs(edits: readonly Edit[]): OwnFigures {
  const world: BoardWorld = new World({ seed: 'journal bench', replay: 'npm run bench -- journal' });
  const identities = createBoardIdentities(world.keys, 'p0', DEFAULT_SETTINGS.startWallMs);
  const quorum = new SimQuorum(world.keys);
  const [cards, columns]: [string[], string[]] = [[], []];
  const asked = new Map<string, BoardCommand>();
  const sent = new Map<PeerId, number>();
  const add = (name: string): PeerId =>
    world.addPeer(
      { name },
      boardLife({
        ...{ name, identities, hasBoard: name === 'p0', verifier: quorum },
        wrap: (machine) => counted(machine, sent),
        onEvent: (_peer, event) => {
          const what = event.type === 'done' ? asked.get(event.token) : undefined;
          if (event.type !== 'done' || what === undefined) return;
          asked.delete(event.token);
          note(what, { ok: true, value: event.outcome }, cards, columns);
        },
      }),
    );
  const authors = Array.from({ length: AUTHORS }, (_, i) => add(`p${i}`));
  const areMembers = (): boolean =>
    world.peers().every((peer) => world.node(peer).joinState().phase === 'joined');
  world.runUntil('all are members', areMembers, 60_000);
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
  const journal = sizeOf(world.disk(first).scan(JOURNAL_STORE));
  const made = certify(world, first, authors, quorum);
  world.run(1000);
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
  return {
    ...{ journal, disk, state: made.state, composeMs: made.composeMs },
    wire: sent.get(newcomer) ?? 0,
    tail: world.node(newcomer).entryCount,
  };
}

/** Counts the bytes of replication that are sent to each peer. */
function counted(machine: BoardMachine, sent: Map<PeerId, number>): BoardMachine {
  return {
    step: (input, now) => {
      const effects = machine.step(input, now);
      for (const effect of effects)
        if (effect.kind === 'send' && effect.message.kind === 'replication')
          sent.set(
            effect.to,
            (sent.get(effect.to) ?? 0) + encodeWith(nodeMessageCodec, effect.message).length,
          );
      return effects;
    },
  };
}

/** Has a checkpoint made, and certified, of all that one author holds. */
function certify(
  world: BoardWorld,
  maker: PeerId,
  members: readonly PeerId[],
  quorum: SimQuorum,
): { readonly state: number; readonly composeMs: number } {
  const node = world.node(maker);
  const upTo = node.bottleneck(node.entryCount);
  const began = performance.now();
  const made =
    upTo === undefined ? undefined : node.composeCheckpoint({ epoch: 0, number: 1, heads: [upTo] });
  const composeMs = Math.round(performance.now() - began);
  if (made === undefined) throw new Error('no checkpoint could be made');
  const certificate = quorum.certify(made.hash);
  for (const peer of members) world.command(peer, { type: 'certify', manifest: made.manifest, certificate });
  return { state: made.content.state.length, composeMs };
}

function sizeOf(pairs: readonly (readonly [key: string, value: Bytes])[]): number {
  return pairs.reduce((sum, [, value]) => sum + value.length, 0);
}
