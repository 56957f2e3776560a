/** Members of a simulated board who edit it, and what has to be true of them at the end. */
import { unreachable } from '../kernel/invariant.ts';
import type { PeerId } from '../kernel/ids.ts';
import { pick, type Random } from '../kernel/random.ts';
import type { BoardCommand } from '../board/command.ts';
import type { CardSnapshot } from '../board/snapshot.ts';
import type { NodeCommand } from '../node/events.ts';
import type { BoardWorld } from './board-life.ts';
import type { BoardOracle } from './board-oracle.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

/** Until all agree, after everything works again; a sleeper may need 30 s of it to wake up. */
const AGREEMENT_MS = 120_000;

const KINDS = ['addCard', 'addCard', 'updateCard', 'moveCard', 'archiveCard', 'removeCard', 'undo'] as const;

export function isMember(world: BoardWorld, peer: PeerId): boolean {
  return world.node(peer).joinState().phase === 'joined';
}

/** Lets time pass until all hold and show the same, and what they were promised. */
export function agree(world: BoardWorld, oracle: BoardOracle): number {
  let last: string | undefined;
  const isAgreed = (): boolean => {
    last = oracle.difference(world);
    return last === undefined;
  };
  const since = world.now;
  while (!isAgreed()) {
    if (world.now - since >= AGREEMENT_MS)
      world.fail(`no agreement within ${AGREEMENT_MS} ms: ${last ?? ''}`);
    world.run(500);
  }
  const [first] = world.peers();
  const wrong = first === undefined ? undefined : oracle.broken(world.node(first).snapshot());
  if (wrong !== undefined) world.fail(wrong);
  return world.now - since;
}

/** Members who do something every now and then, to whatever their own node shows at that moment. */
export class Editors {
  readonly #world: BoardWorld;
  readonly #oracle: BoardOracle;
  readonly #random: Random;
  readonly #addedBy = new Map<PeerId, readonly string[]>();
  readonly #forMs: number;
  #count = 0;

  /** `forMs`: how long they go on. */
  constructor(world: BoardWorld, oracle: BoardOracle, forMs: number) {
    this.#world = world;
    this.#oracle = oracle;
    this.#forMs = forMs;
    this.#random = world.random.fork('editors');
  }

  /** The creator sets the board up. */
  addColumns(): void {
    const [creator] = this.#world.peers();
    if (creator === undefined) return;
    this.#world.after(100, () => {
      for (const title of ['To do', 'Doing', 'Done']) this.#command(creator, { type: 'addColumn', title });
    });
  }

  edit(actions: number): void {
    for (let i = 0; i < actions; i++) {
      this.#world.after(this.#random.below(this.#forMs), () => {
        const peer = pick(this.#random, this.#world.runningPeers());
        if (peer !== undefined && isMember(this.#world, peer)) this.#act(peer);
      });
    }
  }

  #act(peer: PeerId): void {
    const { columns } = this.#world.node(peer).snapshot();
    const column = pick(this.#random, columns);
    if (column === undefined) return;
    const card = pick(
      this.#random,
      columns.flatMap(({ cards }) => cards),
    );
    const kind = pick(this.#random, KINDS) ?? 'addCard';
    if (kind === 'undo') this.#undo(peer);
    else if (kind === 'addCard' || card === undefined) this.#add(peer, column.id);
    else this.#command(peer, this.#change(kind, card, column.id));
  }

  #change(
    kind: Exclude<(typeof KINDS)[number], 'addCard' | 'undo'>,
    card: CardSnapshot,
    columnId: string,
  ): BoardCommand {
    switch (kind) {
      case 'updateCard':
        return { type: kind, cardId: card.id, changes: { notes: `note ${this.#random.below(1000)}` } };
      case 'moveCard':
        return { type: kind, cardId: card.id, columnId, position: 'top' };
      case 'archiveCard':
        return { type: kind, cardId: card.id };
      case 'removeCard':
        this.#oracle.asksToRemove(card.title);
        return { type: kind, cardId: card.id };
      default:
        return unreachable(kind);
    }
  }

  #add(peer: PeerId, columnId: string): void {
    const title = `card ${this.#count}`;
    this.#oracle.asksFor(`token ${this.#count}`, title);
    this.#addedBy.set(peer, [...(this.#addedBy.get(peer) ?? []), title]);
    this.#command(peer, { type: 'addCard', columnId, title });
  }

  /** An undo may take back the adding of any card of this member: those may be there or not. */
  #undo(peer: PeerId): void {
    for (const title of this.#addedBy.get(peer) ?? []) this.#oracle.asksToRemove(title);
    this.#send(peer, { kind: 'undo' });
  }

  #command(peer: PeerId, command: BoardCommand): void {
    this.#send(peer, { kind: 'run', command });
  }

  #send(peer: PeerId, action: (NodeCommand & { type: 'act' })['action']): void {
    this.#world.command(peer, {
      type: 'act',
      token: `token ${this.#count++}`,
      action,
      wallMs: DEFAULT_SETTINGS.startWallMs,
    });
  }
}
