/** A board with its committee: its maker's tab and those of others, each linked with all, once everybody that may has a seat. */
import type { Bytes } from '../../../src/kernel/bytes.ts';
import type { Operation } from '../../../src/governance/operations.ts';
import { draftFounding, encodeFounding } from '../../../src/node/founding.ts';
import { admissionOf, capabilityOf, GENESIS, KEYS, NOW, peerOf } from '../identity/records.ts';
import { nodeWorld, Tab, type NodeWorld, type TabOptions } from './nodes.ts';

/** The founding of which a tab of the board's maker is the first seat, as it lies on its disk. */
export function foundingBy(tab: string): Bytes {
  const draft = draftFounding(GENESIS, peerOf(tab));
  return encodeFounding(draft.seal(KEYS.sign(GENESIS.creator, draft.toSign)));
}

export class Scene {
  readonly world: NodeWorld;
  readonly tabs: Tab[];
  readonly #names: readonly string[];
  #tokens = 0;

  constructor(others: readonly string[], seed = 'council') {
    this.world = nodeWorld(seed);
    this.#names = ['ada', ...others];
    const ada = new Tab(this.world, 'ada', { founding: foundingBy('ada') });
    const ticketOf = (name: string) => ({ ticket: admissionOf(name, capabilityOf('ada')) });
    this.tabs = [ada, ...others.map((name) => new Tab(this.world, name, ticketOf(name)))];
    this.world.run(100);
    this.tabs.forEach((tab, at) =>
      this.tabs.slice(at + 1).forEach((other) => this.world.connect(tab.tenant, other.tenant)),
    );
    this.world.run(30_000);
  }

  /** One more tab, linked with all that are open. */
  open(name: string, options: TabOptions): Tab {
    const tab = new Tab(this.world, name, options);
    for (const other of this.tabs) if (!other.tenant.dead) this.world.connect(tab.tenant, other.tenant);
    this.tabs.push(tab);
    return tab;
  }

  /** A tab is gone; what it wrote stays. */
  close(tab: Tab): ReadonlyMap<string, Bytes> {
    for (const other of this.tabs) if (other !== tab) this.world.disconnect(tab.tenant, other.tenant);
    tab.tenant.dead = true;
    return new Map(tab.tenant.disk);
  }

  /** All tabs are closed, and some (all, unless said otherwise) opened again so much later, by all clocks. */
  reopen(laterMs: number, names: readonly string[] = this.#names): void {
    const disks = new Map(this.tabs.map((tab) => [tab.peer, this.close(tab)]));
    this.tabs.length = 0;
    for (const name of names)
      this.open(name, {
        genesis: GENESIS,
        disk: disks.get(peerOf(name)) ?? new Map(),
        wallMs: NOW + this.world.now + laterMs,
      });
  }

  ask(tab: Tab, operation: Operation): void {
    this.#tokens += 1;
    tab.command({ type: 'ask', operation, token: `ask ${this.#tokens}` });
  }
}
