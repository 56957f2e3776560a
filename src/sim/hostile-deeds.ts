/** What hostile members of the scenario send: the attacks of src/sim/attacks, and whatever else needs a whole swarm to be one. */
import * as Y from 'yjs';
import type { Bytes } from '../kernel/bytes.ts';
import type { Hash } from '../kernel/ids.ts';
import { shuffled, type Random } from '../kernel/random.ts';
import { runCommand } from '../board/run-command.ts';
import type { Attack, Scene } from './attacks/attack.ts';
import type { SettledBoard } from './attacks/settled-board.ts';
import { ONE_NUMBER, REF, rootItem, updateOf } from './attacks/update-bytes.ts';
import { Writer } from './attacks/writer.ts';
import type { BoardIdentities } from './board-identities.ts';
import { damaged, type Crafted } from './hostile-life.ts';
import type { HostileOracle } from './hostile-oracle.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import type { SimKeys } from './sim-keys.ts';

/** Entries of one flood, each valid; and of one hoard, none of which can ever be judged: more than may wait of one author. */
const FLOOD = 60;
const HOARD = 1_500;
/** Attacks above this are for the suite alone: they measure patience, and every seed would pay for them. */
const MAX_ATTACK_BYTES = 20_000;
const UNKNOWN = 'ab'.repeat(32) as Hash;

/**
 * `flood`: many entries that may be written. `hoard`: many that wait for ever. `forgery`: honest entries with a bit changed. `defiance`: a card by
 * somebody whom an owner put out or down, or soon will, who knows nothing of it. `vouching`: a card that builds on the newest defiance of
 * somebody else.
 */
export type Deed = Attack | 'flood' | 'hoard' | 'forgery' | 'defiance' | 'vouching';

export interface DeedsOptions {
  readonly keys: SimKeys;
  readonly identities: BoardIdentities;
  readonly board: SettledBoard;
  readonly hostile: ReadonlySet<string>;
  readonly oracle: HostileOracle;
  readonly random: Random;
}

export class Deeds {
  readonly #options: DeedsOptions;
  readonly #planned: { readonly by: string; readonly deed: Deed }[] = [];
  /** Who defied last, and with which entry. */
  #defiance: { readonly by: string; readonly head: Hash } | undefined;
  /** Entries by which each has added cards, and their updates. */
  readonly #written = new Map<string, readonly Bytes[]>();
  readonly #updates = new Map<string, readonly Bytes[]>();
  #count = 0;

  constructor(options: DeedsOptions) {
    this.#options = options;
  }

  /** Plans a deed; the answer is its number. */
  plan(by: string, deed: Deed): number {
    return this.#planned.push({ by, deed }) - 1;
  }

  /** The entries of the deed with this number, made when they are sent. */
  craft(number: number): Crafted {
    const { by = '', deed } = this.#planned[number] ?? {};
    const writer = this.#options.board.writers.get(by);
    if (writer === undefined || deed === undefined) return { entries: [] };
    switch (deed) {
      case 'forgery':
        return { entries: this.#forgery() };
      case 'defiance':
        return { entries: this.#defy(writer) };
      case 'vouching':
        return { entries: this.#vouch(writer) };
      case 'flood':
        return { entries: this.#flood(this.#tabOf(writer, number)) };
      case 'hoard':
        this.#options.oracle.hoards();
        return { entries: this.#hoard(this.#tabOf(writer, number)), asBatch: true };
      default:
        return deed.leaves === 'forked' ? this.#fork(deed, writer) : this.#attack(deed, writer, number);
    }
  }

  /** Another tab of the writer's member: who does all from one would soon have forked its journal, and nothing of it be looked at. */
  #tabOf({ name }: Writer, number: number): { readonly tab: Writer; readonly claim: Bytes } {
    const { keys, identities } = this.#options;
    const tab = new Writer(keys, identities, name, `tab ${number} of ${name}`);
    // It has seen who was admitted, and nothing of what the creator wrote then: some attacks refer to what they have not seen.
    const admitted = this.#options.board.history.findLast(({ kind }) => kind === 'admit');
    return { tab, claim: tab.claim(admitted === undefined ? [] : [admitted.hash]).bytes };
  }

  get #creator(): Writer {
    const [creator] = this.#options.board.writers.values();
    if (creator === undefined) throw new Error('a board without a creator');
    return creator;
  }

  #attack(attack: Attack, writer: Writer, number: number): Crafted {
    const { tab, claim } = this.#tabOf(writer, number);
    const entries = attack.entries(this.#sceneOf(tab));
    if (sizeOf(entries) > MAX_ATTACK_BYTES) return { entries: [] };
    if (!attack.verdicts.includes('known'))
      for (const entry of entries) this.#options.oracle.outlaws(entry, attack.name);
    return { entries: [claim, ...entries] };
  }

  #fork(attack: Attack, writer: Writer): Crafted {
    const { seq, head } = writer;
    const entries = attack.entries(this.#sceneOf(writer));
    writer.resume(seq, head);
    if (sizeOf(entries) > MAX_ATTACK_BYTES) return { entries: [] };
    for (const [index, entry] of entries.entries())
      if (attack.unsound?.includes(index) === true) this.#options.oracle.outlaws(entry, attack.name);
    return { entries, twoFaced: true };
  }

  /** Entries that an editor may write, many of them. They change nothing that anybody sees. */
  #flood({ tab, claim }: { readonly tab: Writer; readonly claim: Bytes }): readonly Bytes[] {
    const entries = Array.from({ length: FLOOD }, (_, index) => {
      const structs = [rootItem('board', `flood ${index}`, ONE_NUMBER, REF.any)];
      return tab.write('update', updateOf([{ client: tab.clientId, clock: index, structs }])).bytes;
    });
    return [claim, ...entries];
  }

  #hoard({ tab, claim }: { readonly tab: Writer; readonly claim: Bytes }): readonly Bytes[] {
    const entries = Array.from({ length: HOARD }, (_, index) => {
      const heads = index === 0 ? [UNKNOWN] : [];
      return tab.write('update', updateOf([]), heads).bytes;
    });
    return [claim, ...entries];
  }

  /** Entries of honest members with one bit changed. */
  #forgery(): readonly Bytes[] {
    const random = this.#options.random.fork('forgery');
    return shuffled(random, this.#options.board.history)
      .slice(0, 5)
      .map(({ bytes }) => {
        const forged = damaged(bytes, random);
        this.#options.oracle.outlaws(forged, 'a forger');
        return forged;
      });
  }

  #defy(writer: Writer): readonly Bytes[] {
    const entries = this.#addCard(writer, 'defiance', []);
    this.#defiance = { by: writer.name, head: writer.head };
    return entries;
  }

  #vouch(writer: Writer): readonly Bytes[] {
    const defiance = this.#defiance;
    if (defiance === undefined || defiance.by === writer.name) return [];
    // Who names it has it.
    this.#prepare(writer);
    for (const update of this.#updates.get(defiance.by) ?? []) Y.applyUpdate(writer.doc, update);
    return [...(this.#written.get(defiance.by) ?? []), ...this.#addCard(writer, 'vouching', [defiance.head])];
  }

  /** All that the writer has added by now, the newest last: whoever lacks one of them could not judge the next. */
  #addCard(writer: Writer, what: string, heads: readonly Hash[]): readonly Bytes[] {
    this.#prepare(writer);
    this.#count += 1;
    const title = `${what} ${this.#count} of ${writer.name}`;
    const { board, random, oracle } = this.#options;
    const context = {
      random: random.fork(title),
      memberId: writer.member,
      wallMs: DEFAULT_SETTINGS.startWallMs,
    };
    const named = writer.seq === 1 ? [...heads, this.#creator.head] : heads;
    const entry = writer.edit(named, (doc) => {
      runCommand(doc, { type: 'addCard', columnId: board.columnId, title }, context);
    });
    oracle.watches(entry.bytes, title);
    this.#updates.set(writer.name, [...(this.#updates.get(writer.name) ?? []), entry.payload]);
    const written = [...(this.#written.get(writer.name) ?? []), entry.bytes];
    this.#written.set(writer.name, written);
    return written;
  }

  /** Lets the writer have what the creator wrote in the beginning. */
  #prepare(writer: Writer): void {
    if (writer.doc.store.clients.size === 0) writer.receive(this.#options.board.history);
  }

  #sceneOf(me: Writer): Scene {
    const { board, hostile, keys, identities } = this.#options;
    const { history, target, writers } = board;
    const alice = this.#creator;
    const heads = [...writers.values()]
      .filter(({ name }) => name !== me.name && !hostile.has(name))
      .map(({ head }) => head);
    const entries = history.filter(({ author }) => author === alice.peer);
    return {
      keys,
      identities,
      target: { ...target, me: me.clientId, myClock: Y.getState(me.doc.store, me.clientId) },
      me,
      viewer: me,
      heads,
      victim: { entries, head: alice.head, seq: alice.seq },
    };
  }
}

function sizeOf(entries: readonly Bytes[]): number {
  return entries.reduce((sum, entry) => sum + entry.length, 0);
}
