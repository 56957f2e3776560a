/** The board's maker begins the committee anew, inside nodes. Rules NOD-65 to NOD-67 of docs/spec/node.md. */
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import type { Instant } from '../../../src/kernel/machine.ts';
import { examineCertificateFile } from '../../../src/governance/certificate-file.ts';
import type { Operation } from '../../../src/governance/operations.ts';
import { beginningsOf } from '../../../src/node/council-view.ts';
import { draftFounding, encodeFounding } from '../../../src/node/founding.ts';
import { admissionOf, BOARD, capabilityOf, GENESIS, KEYS, peerOf } from '../identity/records.ts';
import { nodeWorld, Tab, type NodeWorld } from './nodes.ts';

/** A call of the roll and what follows it. */
const RESET_MS = 13_000;
const NAMES = ['ada', 'bo', 'cy', 'di'] as const;
type Name = (typeof NAMES)[number];

/** Four linked tabs with a seat each. */
class Group {
  readonly world: NodeWorld = nodeWorld('reset');
  readonly tabs = new Map<Name, Tab>();

  constructor() {
    const draft = draftFounding(GENESIS, peerOf('ada'));
    const founding = encodeFounding(draft.seal(KEYS.sign(GENESIS.creator, draft.toSign)));
    for (const name of NAMES)
      this.tabs.set(
        name,
        new Tab(
          this.world,
          name,
          name === 'ada' ? { founding } : { ticket: admissionOf(name, capabilityOf('ada')) },
        ),
      );
    this.world.run(100);
    for (const name of NAMES) this.link(name);
    this.world.run(30_000);
  }

  tab(name: Name): Tab {
    const tab = this.tabs.get(name);
    if (tab === undefined) throw new Error(`${name} is not here`);
    return tab;
  }

  link(name: Name): void {
    const tab = this.tab(name);
    for (const other of this.tabs.values())
      if (other !== tab && !other.tenant.dead) this.world.connect(tab.tenant, other.tenant);
  }

  close(name: Name): ReadonlyMap<string, Bytes> {
    const tab = this.tab(name);
    for (const other of this.tabs.values())
      if (other !== tab && !other.tenant.dead) this.world.disconnect(tab.tenant, other.tenant);
    tab.tenant.dead = true;
    return new Map(tab.tenant.disk);
  }

  /** The same tab once more, with what its disk held; linked with nobody yet. */
  reopen(name: Name, disk: ReadonlyMap<string, Bytes>): Tab {
    const tab = new Tab(this.world, name, { genesis: GENESIS, disk });
    this.tabs.set(name, tab);
    return tab;
  }

  ask(name: Name, title: string): void {
    const how = {
      body: '',
      action: { kind: 'none' },
      closesInMs: 3_600_000,
      areBallotsFinal: false,
    } as const;
    const operation: Operation = { kind: 'propose', title, thresholdPercent: undefined, ...how };
    this.tab(name).command({ type: 'ask', operation, token: `ask ${title}` });
  }

  /** What came of it. */
  beginAnew(name: Name): string | undefined {
    const tab = this.tab(name);
    const token = `anew ${tab.events('begunAnew').length} ${tab.events('refused').length}`;
    tab.command({ type: 'beginAnew', token });
    this.world.run(RESET_MS);
    const draft = tab.events('resetDrafted').find((event) => event.token === token);
    if (draft === undefined) return tab.events('refused').find((event) => event.token === token)?.code;
    tab.command({ type: 'signReset', token, signature: KEYS.sign(GENESIS.creator, draft.toSign) });
    this.world.run(2000);
    const isBegun = tab.events('begunAnew').some((event) => event.token === token);
    return isBegun ? 'begun' : tab.events('refused').find((event) => event.token === token)?.code;
  }
}

const titles = ({ node }: Tab): string[] =>
  node.council.state?.proposals.rows().map(({ title }) => title) ?? [];

describe('a new beginning in the node', () => {
  it('[NOD-65] whoever made the board goes on alone when three of four tabs are gone for good, and every certificate from then on says so', () => {
    const group = new Group();
    const ada = group.tab('ada');
    group.ask('bo', 'before?');
    group.world.run(3000);
    for (const name of ['bo', 'cy', 'di'] as const) group.close(name);
    group.ask('ada', 'alone?');
    group.world.run(60_000);
    expect(titles(ada)).toEqual(['before?']);
    const lostForMs = ada.node.council.parts?.reach.lostForMs(group.world.now as Instant);
    expect(lostForMs).toBeGreaterThan(30_000);
    expect(group.beginAnew('ada')).toBe('begun');
    group.world.run(5000);
    expect(ada.node.council.status()).toMatchObject({ n: 1, resets: 1, seated: true, hasQuorum: true });
    expect(titles(ada)).toEqual(['before?', 'alone?']);
    const { archive, parts } = ada.node.council;
    const file = ada.node.council.certificate(archive.decisions(0).at(-1)?.seq ?? 0, 1) ?? '';
    const examined = examineCertificateFile(file, BOARD);
    expect(examined.ok && KEYS.holds(examined.value.checks)).toBe(true);
    expect(examined.ok && examined.value.claim.resets).toBe(1);
    expect(parts && beginningsOf(parts.chain)).toMatchObject([
      { owner: GENESIS.creator, before: 4, seats: 1 },
    ]);
  });

  it('[NOD-66] a tab that comes back later follows, has what waited in it decided, and gets a seat', () => {
    const group = new Group();
    for (const name of ['cy', 'di'] as const) group.close(name);
    group.world.run(30_000);
    group.ask('bo', 'kept by Bo?');
    group.world.run(2000);
    const disk = group.close('bo');
    expect(group.beginAnew('ada')).toBe('begun');
    group.ask('ada', 'anew?');
    group.world.run(5000);
    const bo = group.reopen('bo', disk);
    group.link('bo');
    group.world.run(60_000);
    for (const tab of [group.tab('ada'), bo]) {
      expect(titles(tab).sort()).toEqual(['anew?', 'kept by Bo?']);
      expect(tab.node.council.status()).toMatchObject({ n: 2, resets: 1, seated: true });
    }
    expect(bo.node.council.waiting()).toEqual([]);
    expect(bo.events('councilTrouble')).toEqual([]);
  });

  it('[NOD-65] the seats that are there go on together, without waiting for each other one by one', () => {
    const group = new Group();
    for (const name of ['cy', 'di'] as const) group.close(name);
    group.world.run(30_000);
    expect(group.beginAnew('ada')).toBe('begun');
    for (const name of ['ada', 'bo'] as const)
      expect(group.tab(name).node.council.status()).toMatchObject({ n: 2, resets: 1, seated: true });
  });

  it('[NOD-65] nothing is begun anew while enough seats are there, however idle they are, nor by anybody else', () => {
    const group = new Group();
    group.world.run(60_000);
    expect(group.beginAnew('ada')).toBe('committeeLives');
    expect(group.beginAnew('bo')).toBe('notAllowed');
    group.close('di');
    group.world.run(30_000);
    expect(group.beginAnew('ada')).toBe('committeeLives');
    for (const name of ['ada', 'bo', 'cy'] as const)
      expect(group.tab(name).node.council.status()).toMatchObject({ n: 4, resets: 0 });
  });

  it('[NOD-67] those who were only cut off together keep to their committee, and say so', () => {
    const group = new Group();
    const [ada, bo] = [group.tab('ada'), group.tab('bo')];
    const others = (['bo', 'cy', 'di'] as const).map((name) => group.tab(name));
    for (const other of others) group.world.disconnect(ada.tenant, other.tenant);
    group.world.run(60_000);
    group.ask('bo', 'of the old?');
    expect(group.beginAnew('ada')).toBe('begun');
    group.world.run(30_000);
    expect(titles(bo)).toEqual(['of the old?']);
    group.link('ada');
    group.world.run(60_000);
    expect(bo.node.council.status()).toMatchObject({ n: 4, resets: 0 });
    expect(bo.events('councilTrouble')).toMatchObject([{ code: 'councilForked' }]);
    expect(ada.node.council.status()).toMatchObject({ n: 1, resets: 1 });
  });
});
