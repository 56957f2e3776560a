/** The committee bounds the board's history: who proposes a checkpoint when, who follows, newcomers, liars, members who are away. Rules of docs/spec/node.md. */
import { describe, expect, it } from 'vitest';
import { encodeWith } from '../../../src/kernel/codec.ts';
import type { BoardId, Hash } from '../../../src/kernel/ids.ts';
import { MAX_LINKS } from '../../../src/consensus/limits.ts';
import {
  historyCertificateCodec,
  readHistoryCertificate,
  type HistoryCertificate,
} from '../../../src/governance/attested.ts';
import { proposalIdOf, type Attested, type Operation } from '../../../src/governance/operations.ts';
import { AWAY_MS, MIN_HISTORY_BYTES, SETTLE_MS } from '../../../src/node/limits.ts';
import { admissionOf, capabilityOf, GENESIS, KEYS, memberOf, NOW, peerOf } from '../identity/records.ts';
import { Scene } from './council-scene.ts';
import { Tab } from './nodes.ts';

const MINUTE_MS = 60_000;
/** Characters of one note, and how many of them are worth a checkpoint. */
const NOTE_CHARS = 4096;
const TIMES = Math.ceil(MIN_HISTORY_BYTES / NOTE_CHARS) + 1;
/** Until a checkpoint that is due is in place everywhere. */
const SOON_MS = 2 * MINUTE_MS;

/** One tab writes what is worth a checkpoint, into one card, and everybody gets it. */
function write({ world }: Scene, tab: Tab, title = 'History'): void {
  tab.run({ type: 'addColumn', title });
  world.run(500);
  const columnId = tab.node.snapshot().columns.find((column) => column.title === title)?.id ?? '';
  tab.run({ type: 'addCard', columnId, title: 'much' });
  world.run(500);
  const cardId = tab.node.snapshot().columns.find(({ id }) => id === columnId)?.cards[0]?.id ?? '';
  for (let i = 0; i < TIMES; i++) {
    const notes = String.fromCodePoint(0x61 + i).repeat(NOTE_CHARS);
    tab.run({ type: 'updateCard', cardId, changes: { notes } });
    world.run(200);
  }
  world.run(3000);
}

const hashes = (tabs: readonly Tab[]): (Hash | undefined)[] => tabs.map(({ node }) => node.checkpoint?.hash);

/** The one checkpoint that all these tabs stand on. */
function onlyOne(tabs: readonly Tab[]): Hash {
  const [first, ...others] = new Set(hashes(tabs));
  if (first === undefined || others.length > 0) expect.fail('the tabs do not stand on one checkpoint');
  return first;
}

/** Entries on a tab's disk. */
const stored = ({ tenant }: Tab): number =>
  [...tenant.disk.keys()].filter((key) => key.startsWith('journal/')).length;

/** What seats said, as a tab knows it. */
const said = (
  tab: Tab,
): readonly (Attested & { readonly by: string; readonly refusal: string | undefined })[] =>
  tab.node.council.archive
    .decisions(0)
    .flatMap(({ author, operation, refusal }) =>
      operation?.kind === 'attest' ? [{ ...operation, by: author, refusal }] : [],
    );

const newcomer = ({ world, tabs }: Scene, name: string, from: readonly Tab[] = tabs): Tab => {
  const tab = new Tab(world, name, { ticket: admissionOf(name, capabilityOf('ada')) });
  for (const other of from) if (!other.tenant.dead) world.connect(tab.tenant, other.tenant);
  return tab;
};

describe('history', () => {
  it('[NOD-70, NOD-73] is replaced in all tabs by what a quorum of the seats made of their own entries, and newcomers load that', () => {
    const all = new Scene(['bo', 'cy', 'di']);
    const { world, tabs } = all;
    const [ada, bo] = tabs as [Tab, Tab];
    write(all, bo);
    const board = ada.node.boardDigest();
    world.run(SETTLE_MS - MINUTE_MS);
    expect(said(ada)).toEqual([]);
    expect(tabs.map(stored)).toEqual(Array(4).fill(ada.node.entryCount));
    world.run(MINUTE_MS + SOON_MS);
    const made = onlyOne(tabs);
    expect(tabs.map(({ node }) => node.boardDigest())).toEqual(Array(4).fill(board));
    expect(tabs.map(({ node }) => node.entryCount)).toEqual([0, 0, 0, 0]);
    expect(tabs.map(stored)).toEqual([0, 0, 0, 0]);
    // One proposed, and nobody made another.
    expect(new Set(said(ada).map(({ number }) => number)).size).toBe(1);
    const eve = newcomer(all, 'eve', [bo]);
    world.run(10_000);
    expect(eve.events('joined')).toHaveLength(1);
    expect(hashes([eve])).toEqual([made]);
    expect(eve.node.boardDigest()).toBe(board);
    const token = eve.run({ type: 'addColumn', title: 'By Eve' });
    world.run(3000);
    expect(eve.answer(token)).toBe('done');
    expect(tabs.map(({ columns }) => columns.includes('By Eve'))).toEqual(Array(4).fill(true));
    expect(tabs.flatMap((tab) => [...tab.events('refused'), ...tab.tenant.hungUp])).toEqual([]);
    // The next one stands on it, and takes its place.
    write(all, eve, 'More');
    all.tabs.push(eve);
    all.reopen(SETTLE_MS, ['ada', 'bo', 'cy', 'di', 'eve']);
    world.run(SOON_MS);
    expect(onlyOne(all.tabs)).not.toBe(made);
    expect(all.tabs[0]?.node.checkpoint?.manifest.previous).toBe(made);
  });

  it('[NOD-71] waits for a day when somebody who may edit is away, and what that one wrote in time stays', () => {
    const all = new Scene(['bo', 'cy']);
    const { world } = all;
    const [ada] = all.tabs as [Tab];
    write(all, ada);
    all.reopen(AWAY_MS / 2, ['ada', 'bo']);
    world.run(SOON_MS);
    expect(hashes(all.tabs)).toEqual([undefined, undefined]);
    all.reopen(AWAY_MS, ['ada', 'bo']);
    world.run(SOON_MS);
    onlyOne(all.tabs);
  });

  it('[NOD-71] does not wait for viewers, nor for who was removed', () => {
    const all = new Scene(['bo', 'cy', 'di']);
    const { world, tabs } = all;
    const [ada] = tabs as [Tab];
    const decree = { kind: 'role', member: memberOf('cy'), role: 'viewer' } as const;
    ada.command({ type: 'decree', token: 'viewer', decree, wallMs: 0 });
    world.run(1000);
    ada.command({
      type: 'decree',
      token: 'out',
      decree: { kind: 'evict', member: memberOf('di') },
      wallMs: 0,
    });
    world.run(10_000);
    write(all, ada);
    all.reopen(SETTLE_MS, ['ada', 'bo']);
    world.run(SOON_MS);
    onlyOne(all.tabs);
  });

  it('[NOD-72] ends nowhere without a quorum of the committee', () => {
    const all = new Scene(['bo', 'cy', 'di']);
    write(all, all.tabs[0] as Tab);
    all.reopen(2 * AWAY_MS, ['ada', 'bo']);
    all.world.run(SOON_MS);
    expect(hashes(all.tabs)).toEqual([undefined, undefined]);
  });

  it.each(['too early', 'unknown', 'of the far future', 'right, but for what comes out'] as const)(
    '[NOD-72] is what honest seats make, whatever one that lies says first: an end that is %s',
    (kind) => {
      const all = new Scene(['bo', 'cy', 'di']);
      const { world } = all;
      const [ada, , , di] = all.tabs as [Tab, Tab, Tab, Tab];
      write(all, ada);
      const { committee, execution } = di.node.council.parts ?? expect.fail('no committee');
      const { epoch } = committee;
      const now = execution.executed + epoch + 1;
      const cut = (upTo: number): Hash => ada.node.bottleneck(upTo) ?? expect.fail('no place to cut');
      const [first, head] = [cut(ada.node.entryCount - TIMES + 1), cut(ada.node.entryCount)];
      const hash = 'ab'.repeat(32) as Hash;
      const lies: Record<typeof kind, Attested> = {
        'too early': { epoch, number: now, head: first, hash },
        unknown: { epoch, number: now, head: hash, hash },
        'of the far future': { epoch, number: now + 1000, head, hash },
        'right, but for what comes out': { epoch, number: now, head, hash },
      };
      all.ask(di, { kind: 'attest', ...lies[kind] });
      world.run(SOON_MS);
      expect(said(ada)).toMatchObject([{ by: di.peer, refusal: undefined }]);
      all.reopen(SETTLE_MS);
      world.run(SOON_MS);
      const made = onlyOne(all.tabs);
      const honest = said(all.tabs[0] as Tab).filter((each) => each.hash === made);
      expect(new Set(honest.map(({ by }) => by)).size).toBeGreaterThanOrEqual(3);
      expect(honest.every(({ number }) => (number === now) === kind.startsWith('right'))).toBe(true);
      expect(made).not.toBe(hash);
    },
  );

  it('[NOD-72, GOV-31] goes on without a seat that was taken away, whose word counts no more', () => {
    const all = new Scene(['bo', 'cy', 'di']);
    const { world } = all;
    const [ada, , , di] = all.tabs as [Tab, Tab, Tab, Tab];
    write(all, ada);
    const { epoch = 0, lastExecuted = 0 } = di.node.council.status() ?? {};
    const head = ada.node.bottleneck(ada.node.entryCount) ?? expect.fail('no place to cut');
    const word = { kind: 'attest', epoch, head, hash: head } as const;
    all.ask(di, { ...word, number: lastExecuted + epoch + 1 });
    world.run(1000);
    expect(ada.node.council.state?.attestations.rows()).toMatchObject([{ seat: di.peer }]);
    const decree = { kind: 'evict', member: memberOf('di') } as const;
    ada.command({ type: 'decree', token: 'out', decree, wallMs: 0 });
    world.run(10_000);
    expect(ada.node.council.status()).toMatchObject({ n: 3, epoch: epoch + 1 });
    expect(ada.node.council.state?.attestations.rows()).toEqual([]);
    all.reopen(SETTLE_MS, ['ada', 'bo', 'cy']);
    world.run(SOON_MS);
    onlyOne(all.tabs);
    const [again] = all.tabs as [Tab];
    expect(again.node.checkpoint?.manifest.epoch).toBe(epoch + 1);
    expect(said(again).filter(({ by, epoch: of }) => by === di.peer && of > epoch)).toEqual([]);
    // A newcomer follows the chain over both committees.
    const eve = newcomer(all, 'eve');
    world.run(10_000);
    expect(hashes([eve])).toEqual(hashes([again]));
  });

  it('[NOD-62, NOD-71] brings no vote back that an owner overruled before it was replaced', () => {
    const all = new Scene(['bo', 'cy']);
    const { world, tabs } = all;
    const [ada, bo] = tabs as [Tab, Tab];
    const member = memberOf('cy');
    const operation: Operation = {
      ...{ kind: 'propose', title: 'Cy', body: '', closesInMs: MINUTE_MS, thresholdPercent: undefined },
      ...{ areBallotsFinal: false, action: { kind: 'role', member, role: 'viewer' } },
    };
    all.ask(bo, operation);
    world.run(2000);
    const number = bo.node.council.archive.decisions(0).at(-1)?.number ?? 0;
    const proposal = proposalIdOf({ client: bo.peer, number }, operation);
    for (const tab of [ada, bo])
      all.ask(tab, { kind: 'castBallot', proposal, choice: 'approve', reason: '' });
    world.run(2 * MINUTE_MS);
    const role = (): unknown[] =>
      all.tabs.map(({ node }) => node.status().members.find(({ memberId }) => memberId === member)?.role);
    expect(role()).toEqual(['viewer', 'viewer', 'viewer']);
    const wallMs = NOW + world.now;
    ada.command({ type: 'decree', token: 'd', decree: { kind: 'role', member, role: 'editor' }, wallMs });
    world.run(20_000);
    write(all, ada);
    all.reopen(SETTLE_MS);
    world.run(SOON_MS);
    onlyOne(all.tabs);
    world.run(SOON_MS);
    expect(role()).toEqual(['editor', 'editor', 'editor']);
  });

  it('[NOD-71, REP-57] gives back to its author what somebody wrote who was away for longer', () => {
    const all = new Scene(['bo', 'cy']);
    const { world } = all;
    const disk = all.close(all.tabs[2] as Tab);
    write(all, all.tabs[0] as Tab);
    all.reopen(AWAY_MS, ['ada', 'bo']);
    world.run(SOON_MS);
    onlyOne(all.tabs);
    const cy = new Tab(world, 'cy', { genesis: GENESIS, disk });
    cy.run({ type: 'addColumn', title: 'Written away' });
    world.run(1000);
    for (const tab of all.tabs) world.connect(tab.tenant, cy.tenant);
    world.run(10_000);
    expect(hashes([cy])).toEqual(hashes(all.tabs.slice(0, 1)));
    expect(cy.columns).toEqual(all.tabs[0]?.columns);
    expect(cy.columns).not.toContain('Written away');
    expect(cy.node.takeLost().map(({ edit }) => edit.title)).toContain('Written away');
  });

  it('[NOD-73, CON-26] is loaded by a newcomer who has to learn of many committees first', () => {
    const all = new Scene(['bo', 'cy', 'di']);
    const { world } = all;
    const [ada] = all.tabs as [Tab];
    write(all, ada);
    for (let times = 0; times < 5; times++) {
      all.ask(ada, { kind: 'dropSeat', seat: peerOf('bo') });
      world.run(70_000);
    }
    expect(ada.node.council.status()?.epoch).toBeGreaterThan(MAX_LINKS);
    all.reopen(SETTLE_MS);
    world.run(SOON_MS);
    const made = onlyOne(all.tabs);
    const eve = newcomer(all, 'eve');
    world.run(5000);
    expect(hashes([eve])).toEqual([made]);
    expect(eve.events('joined')).toHaveLength(1);
    expect(eve.node.council.status()?.epoch).toBeGreaterThan(MAX_LINKS);
    expect(eve.tenant.hungUp).toEqual([]);
  });

  it('[NOD-73] is not taken from a neighbour whose proof does not hold: one that names no committee that we know blames nobody', () => {
    const all = new Scene(['bo']);
    const { world } = all;
    write(all, all.tabs[0] as Tab);
    all.reopen(SETTLE_MS);
    world.run(SOON_MS);
    const [ada, bo] = all.tabs as [Tab, Tab];
    onlyOne(all.tabs);
    const eve = newcomer(all, 'eve', [ada]);
    world.run(5000);
    const message = ada.sent('replication').find(({ body }) => body.kind === 'checkpoint');
    if (message?.body.kind !== 'checkpoint') expect.fail('no checkpoint was sent');
    const { body } = message;
    const read = readHistoryCertificate(body.certificate) ?? expect.fail('unreadable');
    const { requests } = read;
    const verdict = (tab: Tab, change: Partial<HistoryCertificate>, manifest = body.manifest): string => {
      const certificate = encodeWith(historyCertificateCodec, { ...read, ...change });
      const bytes = tab.node.encode({ kind: 'replication', body: { ...body, manifest, certificate } });
      const decoded = tab.node.decode(bytes);
      if (!decoded.ok) return decoded.code;
      const checks = tab.node.checks(decoded.value);
      return checks.length === 0 ? 'unknown' : `${KEYS.holds(checks)}`;
    };
    for (const tab of [ada, bo, eve]) {
      expect(verdict(tab, {})).toBe('true');
      expect(verdict(tab, { requests: requests.slice(1) })).toBe('certificateInvalid');
      expect(verdict(tab, { requests: [...requests.slice(1), ...requests.slice(1)] })).toBe(
        'certificateInvalid',
      );
      expect(verdict(tab, {}, { ...body.manifest, number: body.manifest.number + 1 })).toBe('false');
      expect(verdict(tab, { committee: read.head })).toBe('unknown');
      expect(verdict(tab, {}, { ...body.manifest, epoch: 1000 })).toBe('unknown');
      expect(verdict(tab, {}, { ...body.manifest, board: read.head as string as BoardId })).toBe(
        'checkpointMalformed',
      );
    }
    // Somebody shows a newer one again and again, and its proof is by a committee that nobody else ever heard of.
    const lie = { ...body, manifest: { ...body.manifest, epoch: 1000, number: 1000 } };
    for (let times = 0; times < 5; times++)
      world.inject(bo.peer, ada.tenant, bo.node.encode({ kind: 'replication', body: lie }));
    world.run(1000);
    expect(ada.node.checkpoint?.manifest.number).toBe(body.manifest.number);
    expect(ada.tenant.hungUp).toEqual([]);
  });
});
