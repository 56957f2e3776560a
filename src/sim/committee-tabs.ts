/** The tabs of a simulated board with a committee: whose they are, what happens to their disks, and what of them is watched. */
import type { Bytes } from '../kernel/bytes.ts';
import { encodeWith } from '../kernel/codec.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Machine, Write } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';
import type { NodeCommand, NodeEvent } from '../node/events.ts';
import { draftFounding, encodeFounding } from '../node/founding.ts';
import type { NodeMessage } from '../node/messages.ts';
import type { Node } from '../node/node.ts';
import { linkCodec } from '../consensus/chain.ts';
import type { BoardIdentities } from './board-identities.ts';
import { boardLife, type BoardWorld, type RecordLife } from './board-life.ts';
import { lyingMachine } from './committee-liars.ts';
import type { CommitteeOracle } from './committee-oracle.ts';
import type { CommitteePlant } from './committee-plants.ts';
import type { PlannedTab } from './committee-trouble.ts';
import type { Birth, ParticipantOptions } from './participant.ts';

type BoardMachine = Machine<NodeMessage, NodeCommand, NodeEvent>;

/** Where docs/spec/consensus.md and node.md put what a key signed, a board's founding, and the note that a key is used. */
const STORE = 'consensus';

export interface Tab extends PlannedTab {
  readonly peer: PeerId;
}

export interface TabsOptions {
  readonly world: BoardWorld;
  readonly identities: BoardIdentities;
  readonly plant: CommitteePlant | undefined;
  readonly random: Random;
  readonly liars: ReadonlySet<PeerId>;
  readonly oracle: () => CommitteeOracle;
  readonly record: RecordLife | undefined;
}

export class CommitteeTabs {
  readonly #options: TabsOptions;
  readonly #tabs: Tab[] = [];
  readonly #gone = new Set<PeerId>();
  readonly #births = new Map<PeerId, Birth<NodeCommand>>();

  constructor(options: TabsOptions) {
    this.#options = options;
  }

  all(): readonly Tab[] {
    return this.#tabs;
  }

  /** A tab is opened for the first time. */
  open(plan: PlannedTab, clocks: Omit<ParticipantOptions, 'name'>): PeerId {
    const { identities, plant, world } = this.#options;
    const sibling = this.#tabs.find(({ member, peer }) => member === plan.member && this.#hasJoined(peer));
    const reads = plant?.reads;
    const life = boardLife({
      name: plan.name,
      tab: { member: plan.member, slot: plan.slot },
      identities,
      hasBoard: this.#tabs.length === 0 || sibling !== undefined,
      onBirth: (birth) => this.#born(plan, birth),
      onEvent: (peer, event) => this.#options.oracle().hears(peer, event),
      onBlame: (peer, other, why) => this.#options.oracle().blames(peer, other, why),
      wrap: (node, birth) => this.#wrap(plan, node, birth),
      record: this.#options.record,
      reads: reads && ((disk, birth) => (plan.lie === undefined ? reads(disk, birth) : disk)),
    });
    const peer = world.addPeer(
      { name: plan.name, ...clocks, browser: plan.member, sharesDisk: true },
      (birth) => {
        if (!this.#tabs.some((tab) => tab.peer === birth.peer))
          this.#tabs.push({ ...plan, peer: birth.peer });
        return life(birth);
      },
    );
    return peer;
  }

  #hasJoined(peer: PeerId): boolean {
    const { world } = this.#options;
    return world.isRunning(peer) && world.node(peer).joinState().phase === 'joined';
  }

  #born(plan: PlannedTab, birth: Birth<NodeCommand>): void {
    this.#births.set(birth.peer, birth);
    if (this.#tabs[0]?.peer === birth.peer && birth.life === 0) this.#found(plan, birth);
    this.#options.oracle().born(birth.peer, this.archived(birth.peer));
  }

  /** Whoever makes a board founds its committee with it (NOD-50). */
  #found({ member }: PlannedTab, { disk, keys, peer }: Birth<NodeCommand>): void {
    const { identities } = this.#options;
    const { board, genesis } = identities;
    const draft = draftFounding(genesis, peer);
    const value = encodeFounding(draft.seal(keys.sign(identities.member(member), draft.toSign)));
    disk.change([{ op: 'put', store: STORE, key: `${board}/founding`, value }]);
  }

  /** What the driver steps: the node, with a bug or lying, and watched. */
  #wrap({ lie }: PlannedTab, node: Node, birth: Birth<NodeCommand>): BoardMachine {
    const { liars, oracle, plant, random, world } = this.#options;
    const { keys, peer } = birth;
    const { council } = node;
    const heard = council.heard.bind(council);
    council.heard = (said, from, now) => {
      const { parts } = council;
      if (parts !== undefined && !parts.isHalted) oracle().takesIn(peer, said, parts.committee.epoch);
      heard(said, from, now);
    };
    const machine =
      lie === undefined
        ? (plant?.wrap?.(node, birth, () => world.peers()) ?? node)
        : lyingMachine(node, {
            ...{ kind: lie, self: peer, liars },
            random: random.fork(`liar ${peer} ${birth.life}`),
            sign: (body) => keys.sign(peer, body),
          });
    return {
      step: (input, now) => {
        const effects = machine.step(input, now);
        for (const effect of effects) {
          if (effect.kind === 'sign' && effect.tag.startsWith('consensus/'))
            oracle().signs(peer, effect.body);
          if (effect.kind === 'persist') oracle().writes(peer, effect.writes);
        }
        return effects;
      },
    };
  }

  /** Keys of the decisions that a tab's disk holds. */
  archived(peer: PeerId): string[] {
    const { identities } = this.#options;
    const disk = this.#births.get(peer)?.disk;
    return (disk?.scan(STORE, `${identities.board}/decided/`) ?? []).map(([key]) => key);
  }

  wallMs(peer: PeerId): number {
    return Math.floor(this.#births.get(peer)?.wallMs() ?? 0);
  }

  isGone(peer: PeerId): boolean {
    return this.#gone.has(peer);
  }

  /** The tab is closed, and never opened again. */
  close(peer: PeerId): void {
    this.#gone.add(peer);
    this.#options.world.leave(peer);
  }

  /** The tab dies, and what its key signed is gone from the disk or cannot be read any more. False when it had signed nothing. */
  lose(peer: PeerId, isDamaged: boolean): boolean {
    const { identities, oracle, world } = this.#options;
    const disk = world.disk(peer);
    world.crash(peer);
    const prefix = `${identities.board}/${peer}/`;
    const records = disk.scan(STORE, prefix);
    const [first] = records;
    if (first === undefined) return false;
    oracle().loses(peer);
    const [key, value] = first;
    const damaged: Write = { op: 'put', store: STORE, key, value: value.map((byte) => byte ^ 0x55) };
    const gone = records.map(([each]): Write => ({ op: 'delete', store: STORE, key: each }));
    disk.change(isDamaged ? [damaged] : gone);
    return true;
  }

  /** Honest tabs that run and are awake. */
  running(): Tab[] {
    const { world } = this.#options;
    return this.#tabs.filter(
      ({ lie, peer }) => lie === undefined && world.isRunning(peer) && !world.isAsleep(peer),
    );
  }

  /** Tabs whose people may do something: members who have the board and know the committee, with a key that is not lost. */
  present(): PeerId[] {
    const { oracle, world } = this.#options;
    return this.running()
      .map(({ peer }) => peer)
      .filter((peer) => {
        const node = world.node(peer);
        const isIn = this.#hasJoined(peer) && !node.isEvicted && node.council.state !== undefined;
        return isIn && !oracle().hasLost(peer);
      });
  }

  /** The chain of committees that a tab holds, as on the wire. */
  links(peer: PeerId): Bytes[] {
    const chain = this.#options.world.node(peer).council.parts?.chain;
    return chain?.links(0, chain.current + 1).map((link) => encodeWith(linkCodec, link)) ?? [];
  }
}
