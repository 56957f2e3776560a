/** What the people of a simulated board ask their group for: questions with short deadlines, ballots, and what owners decree by themselves. */
import type { Hash, MemberId, PeerId } from '../kernel/ids.ts';
import { pick, type Random } from '../kernel/random.ts';
import type { Action, Operation } from '../governance/operations.ts';
import type { BoardWorld } from './board-life.ts';
import type { CommitteeMode } from './committee-plants.ts';

/** How long questions are open, ms. */
const OPEN_MS = [3_000, 6_000, 12_000, 20_000] as const;
/** Of ten questions, how many please nearly everybody. */
const POPULAR_OF_TEN = 7;
const POPULAR = ['approve', 'approve', 'approve', 'approve', 'abstain'] as const;
const DIVISIVE = ['approve', 'approve', 'reject', 'reject', 'abstain'] as const;

export interface PeopleOptions {
  readonly world: BoardWorld;
  readonly random: Random;
  readonly mode: CommitteeMode;
  /** Tabs whose people may do something now. */
  readonly present: () => readonly PeerId[];
  /** Clock of a tab, ms since 1970. */
  readonly wallMs: (peer: PeerId) => number;
  /** The member that made the board, whom nobody restricts, and all others. */
  readonly creator: MemberId;
  readonly others: readonly MemberId[];
}

export class CommitteePeople {
  readonly #options: PeopleOptions;
  readonly #random: Random;
  #count = 0;
  #evictions = 0;

  constructor(options: PeopleOptions) {
    this.#options = options;
    this.#random = options.random;
  }

  /** So many things are done within the next `forMs`. */
  act(count: number, forMs: number): void {
    for (let i = 0; i < count; i++)
      this.#options.world.after(this.#random.below(forMs), () => {
        const peer = pick(this.#random, this.#options.present());
        if (peer !== undefined) this.#do(peer);
      });
  }

  /** The board's maker sets it up. */
  addColumns(creator: PeerId): void {
    for (const title of ['To do', 'Doing', 'Done', 'Later']) this.#run(creator, { type: 'addColumn', title });
  }

  /** Something that does no more than be decided; everybody who is there answers it. */
  askAll(closesInMs: number): void {
    const peer = pick(this.#random, this.#options.present());
    if (peer !== undefined) this.propose(peer, { kind: 'none' }, closesInMs);
  }

  propose(peer: PeerId, action: Action, closesInMs: number): void {
    const title = `Question ${(this.#count += 1)}`;
    const question = { title, body: '', action, closesInMs, thresholdPercent: undefined };
    this.#ask(peer, { kind: 'propose', ...question, areBallotsFinal: false });
    const isPopular = this.#random.below(10) < POPULAR_OF_TEN;
    for (const voter of this.#options.present()) {
      if (this.#random.below(10) === 0) continue;
      const afterMs = 500 + this.#random.below(Math.min(closesInMs, 20_000));
      const choice = pick(this.#random, isPopular ? POPULAR : DIVISIVE) ?? 'abstain';
      this.#options.world.after(afterMs, () => {
        const proposal = this.#find(voter, title);
        if (proposal !== undefined) this.#ask(voter, { kind: 'castBallot', proposal, choice, reason: '' });
      });
    }
  }

  /** The question of this title that is open on the screen of a tab. */
  #find(peer: PeerId, title: string): Hash | undefined {
    if (!this.#options.present().includes(peer)) return undefined;
    const rows = this.#options.world.node(peer).council.state?.proposals.rows() ?? [];
    return rows.find((row) => row.title === title && row.closing === undefined)?.id;
  }

  #do(peer: PeerId): void {
    const random = this.#random;
    const kind = random.below(12);
    if (kind === 0) this.#card(peer);
    else if (kind === 1 && this.#options.mode === 'trouble') this.#decree(peer);
    else if (kind === 2) this.#withdraw(peer);
    else this.propose(peer, this.#action(peer), pick(random, OPEN_MS) ?? 3_000);
  }

  #action(peer: PeerId): Action {
    const random = this.#random;
    const column = pick(random, this.#options.world.node(peer).snapshot().columns);
    const member = pick(random, this.#options.others);
    const drawn = random.below(8);
    if (drawn < 2 && column !== undefined) return { kind: 'removeColumn', columnId: column.id };
    if (this.#options.mode !== 'trouble' || member === undefined) return { kind: 'none' };
    if (drawn === 2 && this.#mayEvict()) return { kind: 'evict', member, cuts: [] };
    const role = pick(random, ['viewer', 'editor', 'editor', 'agent', 'owner'] as const) ?? 'editor';
    if (drawn < 5) return { kind: 'role', member, role };
    return { kind: 'none' };
  }

  /** Groups in which everybody throws everybody out say little. */
  #mayEvict(): boolean {
    this.#evictions += 1;
    return this.#evictions <= 2;
  }

  /** An owner decides alone. */
  #decree(peer: PeerId): void {
    const { world, others } = this.#options;
    const node = world.node(peer);
    const member = pick(this.#random, others);
    if (node.role !== 'owner' || member === undefined) return this.propose(peer, { kind: 'none' }, 3_000);
    const role = pick(this.#random, ['viewer', 'editor'] as const) ?? 'editor';
    const isEviction = this.#random.below(4) === 0 && this.#mayEvict();
    const decree = isEviction
      ? ({ kind: 'evict', member } as const)
      : ({ kind: 'role', member, role } as const);
    this.#count += 1;
    const wallMs = this.#options.wallMs(peer);
    world.command(peer, { type: 'decree', token: `decree ${this.#count}`, decree, wallMs });
  }

  #withdraw(peer: PeerId): void {
    const { state } = this.#options.world.node(peer).council;
    const own = state?.members.tab(peer)?.member;
    const row = state?.proposals
      .rows()
      .find(({ author, closing }) => author === own && closing === undefined);
    if (row !== undefined && this.#random.below(2) === 0)
      this.#ask(peer, { kind: 'withdraw', proposal: row.id });
    else this.#card(peer);
  }

  #card(peer: PeerId): void {
    const column = pick(this.#random, this.#options.world.node(peer).snapshot().columns);
    if (column !== undefined)
      this.#run(peer, { type: 'addCard', columnId: column.id, title: `card ${(this.#count += 1)}` });
  }

  #ask(peer: PeerId, operation: Operation): void {
    this.#count += 1;
    this.#options.world.command(peer, { type: 'ask', operation, token: `ask ${this.#count}` });
  }

  #run(
    peer: PeerId,
    command: { type: 'addColumn'; title: string } | { type: 'addCard'; columnId: string; title: string },
  ): void {
    const { world } = this.#options;
    const wallMs = this.#options.wallMs(peer);
    this.#count += 1;
    world.command(peer, {
      type: 'act',
      token: `act ${this.#count}`,
      action: { kind: 'run', command },
      wallMs,
    });
  }
}
