/** The committee inside nodes: founding, tabs that come to have seats, decisions, restarts, lost records. Rules of docs/spec/node.md. */
import { describe, expect, it } from 'vitest';
import { utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import { decodeWith } from '../../../src/kernel/codec.ts';
import { digest } from '../../../src/kernel/hash.ts';
import type { Hash, PeerId } from '../../../src/kernel/ids.ts';
import type { Instant } from '../../../src/kernel/machine.ts';
import type { ConsensusMessage } from '../../../src/consensus/messages.ts';
import { statementToSign } from '../../../src/consensus/statements.ts';
import { councilMark } from '../../../src/node/council-disk.ts';
import { Errands, errandsOf } from '../../../src/node/errands.ts';
import { draftFounding, encodeFounding } from '../../../src/node/founding.ts';
import { broadcastCodec, nodeMessageCodec, type NodeMessage } from '../../../src/node/messages.ts';
import { Roster } from '../../../src/node/roster.ts';
import { examineCertificateFile } from '../../../src/governance/certificate-file.ts';
import { proposalIdOf, type Action, type Operation } from '../../../src/governance/operations.ts';
import { admissionOf, BOARD, capabilityOf, GENESIS, KEYS, memberOf, peerOf } from '../identity/records.ts';
import { forkOf } from '../governance/forks.ts';
import { nodeWorld, Tab, type NodeWorld } from './nodes.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

function foundingBy(tab: string): Bytes {
  const draft = draftFounding(GENESIS, peerOf(tab));
  return encodeFounding(draft.seal(KEYS.sign(GENESIS.creator, draft.toSign)));
}

interface Scene {
  readonly world: NodeWorld;
  readonly tabs: readonly Tab[];
}

/** Ada's board with some others, each linked with all, once everybody that may has a seat. */
function scene(others: readonly string[] = ['bo', 'cy', 'di']): Scene {
  const world = nodeWorld('council');
  const ada = new Tab(world, 'ada', { founding: foundingBy('ada') });
  const rest = others.map((name) => new Tab(world, name, { ticket: admissionOf(name, capabilityOf('ada')) }));
  const tabs = [ada, ...rest];
  world.run(100);
  tabs.forEach((tab, at) => tabs.slice(at + 1).forEach((other) => world.connect(tab.tenant, other.tenant)));
  world.run(30_000);
  return { world, tabs };
}

let tokens = 0;
function ask(tab: Tab, operation: Operation): void {
  tokens += 1;
  tab.command({ type: 'ask', operation, token: `ask ${tokens}` });
}

function question(title: string, action: Action = { kind: 'none' }, closesInMs = HOUR_MS): Operation {
  return {
    kind: 'propose',
    title,
    body: '',
    action,
    closesInMs,
    thresholdPercent: undefined,
    areBallotsFinal: false,
  };
}

function titles(tab: Tab): string[] {
  return tab.node.council.state?.proposals.rows().map(({ title }) => title) ?? [];
}

function tabOf({ tabs }: Scene, name: string): Tab {
  const tab = tabs.find(({ peer }) => peer === peerOf(name));
  if (tab === undefined) throw new Error(`nobody is called ${name}`);
  return tab;
}

/** Its tab is gone; what it wrote stays. */
function close({ world, tabs }: Scene, tab: Tab): ReadonlyMap<string, Bytes> {
  for (const other of tabs) if (other !== tab) world.disconnect(tab.tenant, other.tenant);
  tab.tenant.dead = true;
  return new Map(tab.tenant.disk);
}

/** The same tab once more, with what the disk holds, linked with all that are open. */
function reopen({ world, tabs }: Scene, name: string, disk: ReadonlyMap<string, Bytes>): Tab {
  const tab = new Tab(world, name, { genesis: GENESIS, disk });
  for (const other of tabs) if (!other.tenant.dead) world.connect(tab.tenant, other.tenant);
  return tab;
}

/** Founding links that `from` sent to `to`. */
function foundingsTold(from: Tab, to: Tab): number {
  return from.tenant.sent.filter(({ message, to: peer }) => {
    if (peer !== to.peer || message.kind !== 'council' || message.body.kind !== 'said') return false;
    const said = message.body.message;
    return said.kind === 'links' && said.links[0]?.committee.epoch === 0;
  }).length;
}

function isOfCommittee(bytes: Bytes): boolean {
  const message = decodeWith(nodeMessageCodec, bytes);
  if (!message.ok || message.value.kind === 'council') return true;
  if (message.value.kind !== 'overlay' || message.value.body.kind !== 'gossip') return false;
  const broadcast = decodeWith(broadcastCodec, message.value.body.payload);
  return broadcast.ok && broadcast.value.kind === 'said';
}

/** To whom a tab sent requests of its own. */
function requestsSent({ peer, tenant }: Tab): PeerId[] {
  return tenant.sent.flatMap(({ message, to }) => {
    const isGossip = message.kind === 'overlay' && message.body.kind === 'gossip';
    const broadcast = isGossip ? decodeWith(broadcastCodec, message.body.payload) : undefined;
    const body =
      message.kind === 'council' ? message.body : broadcast?.ok === true ? broadcast.value : undefined;
    if (body?.kind !== 'said' || body.message.kind !== 'request') return [];
    return body.message.request.client === peer ? [to] : [];
  });
}

function saying(message: ConsensusMessage): NodeMessage {
  return { kind: 'council', body: { kind: 'said', committee: undefined, again: 0, message } };
}

describe('committee', () => {
  it('[NOD-50, NOD-58] begins with the first tab of whoever made the board, and gives every open tab a seat', () => {
    for (const { node } of scene().tabs) {
      expect(node.council.status()).toMatchObject({ n: 4, f: 1, quorum: 3, seated: true, hasQuorum: true });
    }
  });

  it('[NOD-50] has none on a board that was made without', () => {
    const world = nodeWorld('none');
    const ada = new Tab(world, 'ada');
    const bo = new Tab(world, 'bo', { ticket: admissionOf('bo', capabilityOf('ada')) });
    world.run(100);
    world.connect(ada.tenant, bo.tenant);
    world.run(10_000);
    expect([ada, bo].map(({ node }) => node.council.status())).toEqual([undefined, undefined]);
    ada.command({ type: 'ask', operation: question('tea?'), token: 'early' });
    expect(ada.answer('early')).toBe('notReady');
  });

  it('[NOD-53, NOD-55] decides what a member asks for, the same in all tabs, with a certificate that anybody can verify', () => {
    const { world, tabs } = scene();
    ask(tabs[2] as Tab, question('tea?'));
    world.run(2000);
    expect(tabs.map(titles)).toEqual([['tea?'], ['tea?'], ['tea?'], ['tea?']]);
    for (const { node } of tabs) {
      const decision = node.council.archive.decisions(0).at(-1);
      expect(decision).toMatchObject({ author: peerOf('cy'), refusal: undefined, place: 1 });
      const file = node.council.certificate(decision?.seq ?? 0, 1) ?? '';
      const examined = examineCertificateFile(file, BOARD);
      expect(examined.ok && KEYS.holds(examined.value.checks)).toBe(true);
      expect(node.council.evidence(decision?.seq ?? 0)?.committed.length).toBeGreaterThanOrEqual(3);
    }
  });

  // Whenever its next status may be due.
  it.each([0, 300, 600])(
    '[NOD-54] asks at once for epochs that it has not heard of (%i ms later)',
    (laterMs) => {
      const all = scene(['bo', 'cy']);
      const { world, tabs } = all;
      const bo = tabOf(all, 'bo');
      const epochOf = ({ node }: Tab): number => node.council.status()?.epoch ?? -1;
      const began = epochOf(bo);
      world.tamper = (_, to, bytes) => (to === bo.peer && isOfCommittee(bytes) ? undefined : bytes);
      const di = new Tab(world, 'di', { ticket: admissionOf('di', capabilityOf('ada')) });
      world.run(100);
      for (const tab of tabs) if (tab !== bo) world.connect(di.tenant, tab.tenant);
      world.run(10_000 + laterMs);
      world.tamper = (_from, _to, bytes) => bytes;
      expect(epochOf(bo)).toBe(began);
      expect(epochOf(di)).toBeGreaterThan(began);
      ask(tabOf(all, 'cy'), question('tea?'));
      world.run(150);
      expect(epochOf(bo)).toBe(epochOf(di));
    },
  );

  it('[NOD-53] asks the tab that leads alone, and everybody a second later if that brought nothing', () => {
    const all = scene();
    const { world, tabs } = all;
    const leader = tabs.find(({ node, peer }) => node.council.status()?.primary === peer) as Tab;
    const asker = tabs.find((tab) => tab !== leader) as Tab;
    for (const { tenant } of tabs) tenant.sent.length = 0;
    ask(asker, question('tea?'));
    ask(leader, question('coffee?'));
    world.run(900);
    for (const tab of tabs) expect([...titles(tab)].sort()).toEqual(['coffee?', 'tea?']);
    expect(requestsSent(leader)).toEqual([]);
    expect(requestsSent(asker)).toEqual([leader.peer]);
    // Halfway between two statuses.
    world.run(500);
    asker.tenant.sent.length = 0;
    // The one that leads does not hear it; the others hand it on (CON-16).
    world.tamper = (from, to, bytes) =>
      from === asker.peer && to === leader.peer && isOfCommittee(bytes) ? undefined : bytes;
    ask(asker, question('milk?'));
    world.run(20);
    expect(requestsSent(asker)).toEqual([leader.peer]);
    world.run(1_500);
    expect(new Set(requestsSent(asker)).size).toBe(3);
    world.run(3000);
    for (const tab of tabs) expect(titles(tab)).toContain('milk?');
  });

  it('[NOD-52] marks its key as used although the disk refused that at first', () => {
    const world = nodeWorld('refused');
    const ada = new Tab(world, 'ada', { founding: foundingBy('ada') });
    const bo = new Tab(world, 'bo', { ticket: admissionOf('bo', capabilityOf('ada')) });
    world.run(100);
    world.connect(ada.tenant, bo.tenant);
    const mark = `meta/${councilMark(BOARD, bo.peer)}`;
    while (bo.node.council.status() === undefined) world.run(1);
    bo.tenant.diskFailure = 'failed';
    world.run(1000);
    expect(bo.tenant.disk.has(mark)).toBe(false);
    bo.tenant.diskFailure = undefined;
    world.run(30_000);
    expect(bo.tenant.disk.has(mark)).toBe(true);
    expect(bo.node.council.status()?.seated).toBe(true);
  });

  it('[NOD-53] decides without the tab that leads', () => {
    const all = scene();
    const { world, tabs } = all;
    const leader = tabs.find(({ node, peer }) => node.council.status()?.primary === peer) as Tab;
    close(all, leader);
    const left = tabs.filter((tab) => tab !== leader);
    ask(left[0] as Tab, question('without?'));
    world.run(MINUTE_MS);
    expect(left.map(titles)).toEqual([['without?'], ['without?'], ['without?']]);
  });

  it('[NOD-52] comes back from its disk with all that it signed, and learns what it missed', () => {
    const all = scene();
    const { world } = all;
    const disk = close(all, tabOf(all, 'bo'));
    ask(tabOf(all, 'cy'), question('missed?'));
    world.run(5000);
    const bo = reopen(all, 'bo', disk);
    world.run(10_000);
    expect(bo.node.council.status()).toMatchObject({ seated: true });
    expect(titles(bo)).toEqual(['missed?']);
    ask(bo, question('back'));
    world.run(5000);
    expect(titles(tabOf(all, 'di'))).toEqual(['missed?', 'back']);
  });

  it('[NOD-52] a key that lost what it signed follows and signs nothing more', () => {
    const all = scene();
    const { world } = all;
    const disk = close(all, tabOf(all, 'bo'));
    const lost = new Map([...disk].filter(([key]) => !key.startsWith(`consensus/${BOARD}/${peerOf('bo')}/`)));
    const bo = reopen(all, 'bo', lost);
    expect(bo.events('councilTrouble')).toMatchObject([{ code: 'keyLost', detail: 'lost' }]);
    ask(tabOf(all, 'cy'), question('watched?'));
    world.run(10_000);
    expect(titles(bo)).toEqual(['watched?']);
    expect(bo.node.council.status()?.seated).toBe(false);
    const statements = bo
      .sent('council')
      .flatMap(({ body }) => (body.kind === 'said' ? [body.message.kind] : []));
    expect(new Set(statements)).toEqual(new Set(['question']));
    bo.command({ type: 'ask', operation: question('mine?'), token: 'lost' });
    expect(bo.answer('lost')).toBe('keyLost');
  });

  it.each(['follows', 'leads'])(
    '[NOD-100, GOV-40, CON-62] a seat that votes twice is convicted by the others, where it %s',
    (place) => {
      const all = scene();
      const { world, tabs } = all;
      const leads = (tab: Tab): boolean => tab.node.council.status()?.primary === tab.peer;
      const liar = tabs.find((tab) => leads(tab) === (place === 'leads')) as Tab;
      const others = tabs.filter((tab) => tab !== liar);
      const [hearer, asker] = others as [Tab, Tab];
      const { parts } = liar.node.council;
      if (parts === undefined) throw new Error('no committee');
      const { committee, seat = 0, views } = parts;
      // What it says honestly goes on.
      const seq = liar.node.council.status()?.lastExecuted ?? 0;
      for (const text of ['one', 'other']) {
        const of = digest('test', utf8(text));
        const statement = { kind: 'commit', view: views.view, seq: seq + 5, digest: of } as const;
        const signature = KEYS.sign(liar.peer, statementToSign(committee, seat, statement));
        const signed = { seat, statement, signature };
        const message = { kind: 'statement', epoch: committee.epoch, signed, batch: undefined } as const;
        const body = { kind: 'said', committee: committee.digest, again: 0, message } as const;
        world.inject(liar.peer, hearer.tenant, liar.node.encode({ kind: 'council', body }));
      }
      world.run(30_000);
      for (const tab of others) {
        const { council } = tab.node;
        expect(tab.events('councilTrouble')).toMatchObject([{ code: 'seatLied', detail: liar.peer }]);
        expect(council.state?.convictions.rows().map(({ tab }) => tab)).toEqual([liar.peer]);
        expect(council.status()).toMatchObject({ n: 3, seated: true, muted: null });
        expect(council.parts?.lies.all()).toEqual([]);
      }
      // It knows, and is not heard any more; the others decide without it.
      expect(liar.node.council.status()).toMatchObject({ seated: false, muted: 'convicted' });
      liar.command({ type: 'ask', operation: question('mine?'), token: 'convicted' });
      expect(liar.answer('convicted')).toBe('convicted');
      ask(asker, question('without?'));
      world.run(10_000);
      expect(titles(hearer)).toEqual(['without?']);
    },
  );

  it('[NOD-101] a member whose tab lost its key’s record goes on with a new tab key, which takes the old one’s seat', () => {
    const all = scene();
    const { world } = all;
    const disk = close(all, tabOf(all, 'bo'));
    const lost = new Map([...disk].filter(([key]) => !key.startsWith(`consensus/${BOARD}/${peerOf('bo')}/`)));
    const muted = reopen(all, 'bo', lost);
    expect(muted.node.council.status()).toMatchObject({ seated: false, muted: 'keyLost' });
    const kept = close(all, muted);
    const renewed = new Tab(world, 'bo/2', { member: 'bo', genesis: GENESIS, disk: kept });
    for (const other of all.tabs) if (!other.tenant.dead) world.connect(renewed.tenant, other.tenant);
    world.run(1);
    expect(renewed.node.council.status()).toMatchObject({ seated: false, muted: null });
    world.run(60_000);
    expect(renewed.node.council.status()).toMatchObject({ seated: true, muted: null });
    ask(renewed, question('again?'));
    world.run(10_000);
    expect(titles(tabOf(all, 'cy'))).toEqual(['again?']);
  });

  it('[NOD-59] waits with what is asked for while no quorum is there, also over a restart', () => {
    const all = scene(['bo']);
    const { world } = all;
    const ada = tabOf(all, 'ada');
    const boDisk = close(all, tabOf(all, 'bo'));
    ask(ada, question('alone?'));
    world.run(MINUTE_MS);
    expect(ada.node.council.status()).toMatchObject({ hasQuorum: false, view: 0 });
    expect(ada.node.council.waiting()).toMatchObject([{ operation: { title: 'alone?' } }]);
    const again = reopen(all, 'ada', close(all, ada));
    expect(again.node.council.waiting()).toMatchObject([{ operation: { title: 'alone?' } }]);
    const bo = new Tab(world, 'bo', { genesis: GENESIS, disk: boDisk });
    world.connect(again.tenant, bo.tenant);
    world.run(30_000);
    expect([again, bo].map(titles)).toEqual([['alone?'], ['alone?']]);
    expect(again.node.council.waiting()).toEqual([]);
  });

  it('[NOD-61, NOD-62] what passed reaches the board through an owner: a role, and an eviction', () => {
    const all = scene();
    const { world, tabs } = all;
    const decide = (proposer: Tab, action: Action): void => {
      const operation = question(`about ${action.kind}`, action, MINUTE_MS);
      ask(proposer, operation);
      world.run(3000);
      const number = proposer.node.council.archive.decisions(0).at(-1)?.number ?? 0;
      if (operation.kind !== 'propose') throw new Error('no question');
      const proposal = proposalIdOf({ client: proposer.peer, number }, operation);
      for (const tab of tabs) ask(tab, { kind: 'castBallot', proposal, choice: 'approve', reason: '' });
      world.run(2 * MINUTE_MS);
    };
    const bo = tabOf(all, 'bo');
    decide(bo, { kind: 'role', member: memberOf('cy'), role: 'viewer' });
    expect(
      tabs.map(({ node }) => node.status().members.find(({ memberId }) => memberId === memberOf('cy'))?.role),
    ).toEqual(tabs.map(() => 'viewer'));
    decide(bo, { kind: 'evict', member: memberOf('di'), cuts: [] });
    const standing = ({ node }: Tab): string | undefined =>
      node.status().members.find(({ memberId }) => memberId === memberOf('di'))?.standing;
    expect([tabOf(all, 'ada'), bo, tabOf(all, 'cy')].map(standing)).toEqual([
      'evicted',
      'evicted',
      'evicted',
    ]);
  });

  it('[NOD-62] a column whose removal passed is removed once: whoever brings it back may keep it', () => {
    const all = scene(['bo']);
    const { world, tabs } = all;
    const [ada, bo] = tabs as [Tab, Tab];
    ada.run({ type: 'addColumn', title: 'Old' });
    world.run(5000);
    const columnId = bo.node.snapshot().columns.find(({ title }) => title === 'Old')?.id ?? '';
    const operation = question('Old away', { kind: 'removeColumn', columnId }, MINUTE_MS);
    ask(bo, operation);
    world.run(3000);
    const number = bo.node.council.archive.decisions(0).at(-1)?.number ?? 0;
    if (operation.kind !== 'propose') throw new Error('no question');
    const proposal = proposalIdOf({ client: bo.peer, number }, operation);
    for (const tab of tabs) ask(tab, { kind: 'castBallot', proposal, choice: 'approve', reason: '' });
    world.run(MINUTE_MS / 2);
    expect(tabs.map(({ columns }) => columns)).toEqual([['Old'], ['Old']]);
    world.run(MINUTE_MS);
    expect(tabs.map(({ columns }) => columns)).toEqual([[], []]);
    ada.act({ kind: 'undo' });
    world.run(2 * MINUTE_MS);
    expect(tabs.map(({ columns }) => columns)).toEqual([['Old'], ['Old']]);
  });

  it('[NOD-63] what an owner decrees alone is told the group', () => {
    const all = scene();
    const { world } = all;
    const member = memberOf('cy');
    tabOf(all, 'ada').command({
      type: 'decree',
      token: 'd',
      decree: { kind: 'role', member, role: 'viewer' },
      wallMs: 1_700_000_100_000,
    });
    world.run(30_000);
    expect(tabOf(all, 'bo').node.council.state?.members.roleOf(member)).toBe('viewer');
    expect(tabOf(all, 'bo').node.council.status()).toMatchObject({ n: 3 });
  });

  it('[NOD-64] nobody edits a board any more that the group removed', () => {
    const all = scene(['bo']);
    const { world, tabs } = all;
    const bo = tabOf(all, 'bo');
    const operation = question('over?', { kind: 'removeBoard' }, MINUTE_MS);
    ask(bo, operation);
    world.run(3000);
    const number = bo.node.council.archive.decisions(0).at(-1)?.number ?? 0;
    if (operation.kind !== 'propose') throw new Error('no question');
    const proposal = proposalIdOf({ client: bo.peer, number }, operation);
    for (const tab of tabs) ask(tab, { kind: 'castBallot', proposal, choice: 'approve', reason: '' });
    world.run(2 * MINUTE_MS);
    expect(tabs.map((tab) => tab.answer(tab.run({ type: 'addColumn', title: 'late' })))).toEqual([
      'boardClosed',
      'boardClosed',
    ]);
  });

  it('[NOD-51] the founding comes from a neighbour as soon as that knows it, four times on one link at most', () => {
    const { world, tabs } = scene(['bo']);
    const bo = tabs[1] as Tab;
    // Another tab of Ada's, on a device that has the board and nothing of its committee: it cannot answer Cy yet.
    const cy = new Tab(world, 'cy', { ticket: admissionOf('cy', capabilityOf('ada')) });
    const forgetful = new Tab(world, 'di', { genesis: GENESIS, member: 'ada' });
    world.connect(forgetful.tenant, cy.tenant);
    world.run(5000);
    expect([forgetful, cy].map(({ node }) => node.council.status())).toEqual([undefined, undefined]);
    world.connect(forgetful.tenant, bo.tenant);
    world.run(5000);
    expect(cy.node.council.status()).toBeDefined();
    for (let times = 0; times < 10; times += 1)
      world.inject(
        cy.peer,
        forgetful.tenant,
        cy.node.encode({ kind: 'council', body: { kind: 'askFounding' } }),
      );
    expect(foundingsTold(forgetful, cy)).toBe(4);
  });

  it('[NOD-51] nobody takes in a founding that another than the creator signed, or with another seat than it says', () => {
    const world = nodeWorld('forged');
    const draft = draftFounding(GENESIS, peerOf('bo'));
    const bo = new Tab(world, 'bo', { ticket: admissionOf('bo', capabilityOf('ada')) });
    const ada = new Tab(world, 'ada');
    world.run(100);
    world.connect(ada.tenant, bo.tenant);
    world.run(5000);
    const forged = draft.seal(KEYS.sign(peerOf('bo'), draft.toSign));
    const honest = draftFounding(GENESIS, ada.peer);
    const other = { ...honest.seal(KEYS.sign(GENESIS.creator, honest.toSign)), state: forged.state };
    for (const link of [forged, other]) {
      world.inject(bo.peer, ada.tenant, bo.node.encode(saying({ kind: 'links', links: [link] })));
      expect(ada.node.council.status()).toBeUndefined();
    }
    const good = honest.seal(KEYS.sign(GENESIS.creator, honest.toSign));
    world.inject(bo.peer, ada.tenant, bo.node.encode(saying({ kind: 'links', links: [good] })));
    expect(ada.node.council.status()).toMatchObject({ n: 1, seated: true });
  });

  it('[NOD-54] what names another committee than we know is worth nothing here, and what names none is wrong; only who brings the latter is blamed', () => {
    const all = scene();
    const { world } = all;
    const disk = close(all, tabOf(all, 'bo'));
    ask(tabOf(all, 'cy'), question('missed?'));
    world.run(5000);
    const bo = reopen(all, 'bo', disk);
    world.run(10_000);
    const heard = all.tabs.flatMap((tab) => tab.sent('council').map(({ body }) => body));
    const said = heard.findLast((body) => body.kind === 'said' && 'epoch' in body.message);
    if (said?.kind !== 'said') throw new Error('nobody answered');
    const { council } = bo.node;
    expect(council.judge(said)).toBeInstanceOf(Array);
    expect(council.judge({ ...said, committee: 'f'.repeat(64) as Hash })).toBe('unfit');
    expect(council.judge({ ...said, committee: undefined })).toBe('wrong');
    const cy = tabOf(all, 'cy');
    const unfit = { ...said, committee: 'f'.repeat(64) as Hash };
    const wrong = { ...said, committee: undefined };
    const brings = (body: typeof said): void => {
      for (let times = 0; times < 50; times += 1)
        world.inject(cy.peer, bo.tenant, cy.node.encode({ kind: 'council', body }));
    };
    brings(unfit);
    expect(bo.tenant.hungUp).toEqual([]);
    brings(wrong);
    expect(bo.tenant.hungUp).toEqual([[cy.peer, 'protocolError']]);
  });

  it('[NOD-56] the group comes to know of members and their tabs by itself, and of forks that are proven', () => {
    const { tabs } = scene();
    const { council } = (tabs[0] as Tab).node;
    const { state } = council;
    if (state === undefined) throw new Error('no committee');
    expect(state.members.rows().map(({ member }) => member)).toEqual(
      expect.arrayContaining(['ada', 'bo', 'cy', 'di'].map(memberOf)),
    );
    expect(tabs.map(({ peer }) => state.members.memberOf(peer))).toEqual(
      ['ada', 'bo', 'cy', 'di'].map(memberOf),
    );
    const proof = forkOf('bo');
    const asked = errandsOf({
      state,
      self: peerOf('ada'),
      roster: new Roster(BOARD, GENESIS.creator, GENESIS),
      proofs: [proof],
      reachable: new Set(),
      lies: [],
      decrees: [],
      time: state.time,
    });
    expect(asked.map(({ operation }) => operation)).toEqual([{ kind: 'cut', proof }]);
  });

  it('[NOD-57] what anybody can ask for is left to those before in line, asked again after a minute, and not when it was refused for good', () => {
    const operation: Operation = { kind: 'cut', proof: forkOf('bo') };
    const errand = { name: 'cut', operation, isOwn: false };
    const at = (ms: number): Instant => ms as Instant;
    const asks = (errands: Errands, rank: number, ms: number): number =>
      errands.due([errand], rank, 8, at(ms)).operations.length;
    const first = new Errands();
    expect([0, 300, 400, 60_200, 60_300].map((ms) => asks(first, 0, ms))).toEqual([0, 1, 0, 0, 1]);
    const second = new Errands();
    expect([0, 300, 3100, 3300].map((ms) => asks(second, 1, ms))).toEqual([0, 0, 0, 1]);
    const full = new Errands();
    full.due([errand], 0, 8, at(0));
    expect(full.due([errand], 0, 0, at(300)).operations).toEqual([]);
    const { state } = (scene(['bo']).tabs[0] as Tab).node.council;
    if (state === undefined) throw new Error('no committee');
    const named = errandsOf({
      state,
      self: peerOf('ada'),
      roster: new Roster(BOARD, GENESIS.creator, GENESIS),
      proofs: [forkOf('bo')],
      reachable: new Set(),
      lies: [],
      decrees: [],
      time: state.time,
    });
    const refused = new Errands();
    refused.due(named, 0, 8, at(0));
    refused.refused(operation, 'unknownTab');
    expect(refused.due(named, 0, 8, at(300)).operations).toEqual([]);
  });

  it('[NOD-60] a night asleep changes no view, and neighbours are told where the tab stands', () => {
    const { world, tabs } = scene();
    const views = tabs.map(({ node }) => node.council.status()?.view);
    const bo = tabs[1] as Tab;
    const at = world.now;
    bo.command({ type: 'woke', sleptMs: 8 * HOUR_MS });
    world.run(1000);
    const told = bo.tenant.sent.filter((sent) => sent.message.kind === 'council' && sent.at >= at);
    expect(new Set(told.map(({ to }) => to)).size).toBe(3);
    world.run(MINUTE_MS);
    expect(tabs.map(({ node }) => node.council.status()?.view)).toEqual(views);
  });
});
