/** Documents to try the board on: a replica is a document with what the application keeps beside it. */
import * as Y from 'yjs';
import { expect } from 'vitest';
import type { BoardCommand, CommandRefusal } from '../../../src/board/command.ts';
import { boardDigest } from '../../../src/board/digest.ts';
import type { StampOf } from '../../../src/board/conflicts.ts';
import { History } from '../../../src/board/history.ts';
import { Projection } from '../../../src/board/projection.ts';
import { runCommand } from '../../../src/board/run-command.ts';
import type { ArchivedCardSnapshot, BoardSnapshot, CardSnapshot } from '../../../src/board/snapshot.ts';
import { randomFrom, type Random } from '../../../src/kernel/random.ts';

export const ADA = 'ad'.repeat(32);
export const BO = 'b0'.repeat(32);

/** Wall clock of every test command. */
export const NOW = 1_700_000_000_000;

/** Who writes under which Yjs client id; replicas say so when they are made. */
const members = new Map<number, string>();

/** Stamps of the replicas' edits: the clock stands in for the time. */
export const stampOf: StampOf = (client, clock) => ({ author: members.get(client) ?? '', at: clock });

export class Replica {
  readonly doc = new Y.Doc({ gc: false });
  readonly random: Random;
  readonly projection: Projection;
  readonly history: History;
  /** Yjs updates of this replica's own commands, undo and redo included, in order. */
  readonly sent: Uint8Array[] = [];
  readonly memberId: string;

  constructor(clientId: number, memberId = ADA) {
    this.doc.clientID = clientId;
    members.set(clientId, memberId);
    this.memberId = memberId;
    this.random = randomFrom(`replica ${clientId}`);
    this.projection = new Projection(this.doc, stampOf);
    this.history = new History(this.doc);
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'remote') this.sent.push(update);
    });
  }

  /** Runs a command that must succeed; the ids of its outcome. */
  run(command: BoardCommand): readonly string[] {
    const result = this.try(command);
    if (!result.ok) throw new Error(`${command.type} was refused: ${result.code}`);
    return result.value.ids;
  }

  /** Runs a command that makes one thing; its id. */
  add(command: BoardCommand): string {
    return this.run(command)[0] ?? '';
  }

  try(command: BoardCommand): ReturnType<typeof runCommand> {
    return runCommand(this.doc, command, { random: this.random, memberId: this.memberId, wallMs: NOW });
  }

  /** Runs a command that must be refused, and checks that it touched nothing. */
  refusal(command: BoardCommand): CommandRefusal | 'accepted' {
    const before = Y.encodeStateAsUpdate(this.doc);
    let transactions = 0;
    const count = (): void => {
      transactions++;
    };
    this.doc.on('beforeTransaction', count);
    const result = this.try(command);
    this.doc.off('beforeTransaction', count);
    if (result.ok) return 'accepted';
    expect(transactions).toBe(0);
    expect(Y.encodeStateAsUpdate(this.doc)).toEqual(before);
    return result.code;
  }

  receive(update: Uint8Array): void {
    Y.applyUpdate(this.doc, update, 'remote');
  }

  get board(): BoardSnapshot {
    return this.projection.snapshot();
  }

  get digest(): string {
    return boardDigest(this.board);
  }

  /** A card by id, archived or not. */
  card(id: string): CardSnapshot {
    const all = [...this.board.columns.flatMap((column) => column.cards), ...this.board.archive];
    const found = all.find((card) => card.id === id);
    if (found === undefined) throw new Error(`no card ${id}`);
    return found;
  }

  /** A card in the archive. */
  archived(id: string): ArchivedCardSnapshot {
    const found = this.board.archive.find((card) => card.id === id);
    if (found === undefined) throw new Error(`no archived card ${id}`);
    return found;
  }

  /** Titles of the cards, a list a column. */
  titles(): string[][] {
    return this.board.columns.map((column) => column.cards.map((card) => card.title));
  }
}

/** Gives each replica everything that the others have. */
export function exchange(...replicas: readonly Replica[]): void {
  for (const from of replicas) {
    for (const to of replicas) {
      if (from !== to) to.receive(Y.encodeStateAsUpdate(from.doc, Y.encodeStateVector(to.doc)));
    }
  }
}

/** A replica with the columns A and B, and the cards a1, a2, a3 in A. */
export function smallBoard(clientId = 1): { replica: Replica; columns: [string, string]; cards: string[] } {
  const replica = new Replica(clientId);
  replica.run({ type: 'renameBoard', title: 'Board' });
  const a = replica.add({ type: 'addColumn', title: 'A' });
  const b = replica.add({ type: 'addColumn', title: 'B' });
  const cards = [...replica.run({ type: 'addCards', columnId: a, titles: ['a1', 'a2', 'a3'] })];
  return { replica, columns: [a, b], cards };
}
