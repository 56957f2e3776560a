/** Owners' decrees among nodes: evictions, roles, revoked invites, and proofs of forks. Rules of docs/spec/node.md and replication.md. */
import { describe, expect, it } from 'vitest';
import type { OwnerDecree } from '../../../src/node/events.ts';
import { MAX_WAITING_TURNS } from '../../../src/node/limits.ts';
import { Standings } from '../../../src/node/standings.ts';
import type { Hash } from '../../../src/kernel/ids.ts';
import { admissionOf, capabilityOf, inviteKeyOf, memberOf, NOW } from '../identity/records.ts';
import { nodeWorld, Tab, type NodeWorld } from './nodes.ts';

let tokens = 0;

function decree(tab: Tab, what: OwnerDecree): string {
  tokens += 1;
  const token = `decree ${tokens}`;
  tab.command({ type: 'decree', token, decree: what, wallMs: NOW });
  return token;
}

interface Scene {
  readonly world: NodeWorld;
  readonly ada: Tab;
  readonly bo: Tab;
  readonly cy: Tab;
}

/** Ada's board with two editors, all linked with each other. */
function scene(): Scene {
  const world = nodeWorld('decrees');
  const ada = new Tab(world, 'ada');
  const bo = new Tab(world, 'bo', { ticket: admissionOf('bo', capabilityOf('ada')) });
  const cy = new Tab(world, 'cy', { ticket: admissionOf('cy', capabilityOf('ada')) });
  world.run(100);
  world.connect(ada.tenant, bo.tenant);
  world.connect(ada.tenant, cy.tenant);
  world.run(5000);
  world.connect(bo.tenant, cy.tenant);
  world.run(5000);
  return { world, ada, bo, cy };
}

const column = (tab: Tab, title: string): string => tab.run({ type: 'addColumn', title });

describe('evictions', () => {
  it('[NOD-27] end links, keep what stays, and are known to the evicted tab, which keeps its copy and edits no more', () => {
    const { world, ada, bo, cy } = scene();
    column(bo, 'by bo');
    world.run(3000);
    const token = decree(ada, { kind: 'evict', member: memberOf('bo') });
    world.run(5000);
    expect(ada.answer(token)).toBe('done');
    for (const tab of [ada, cy]) {
      expect(tab.node.neighbours()).not.toContain(bo.peer);
      expect(tab.columns).toEqual(['by bo']);
      expect(tab.node.status().members.map(({ memberId }) => memberId)).toContain(memberOf('bo'));
    }
    expect(bo.node.isEvicted).toBe(true);
    expect(bo.events('turnedAway').map(({ code }) => code)).toContain('evicted');
    expect(bo.columns).toEqual(['by bo']);
    expect(bo.answer(column(bo, 'too late'))).toBe('evicted');
    world.connect(cy.tenant, bo.tenant);
    world.run(5000);
    expect(cy.node.neighbours()).not.toContain(bo.peer);
    expect(ada.node.status().frontierDigest).toBe(cy.node.status().frontierDigest);
  });

  it('[REP-53, REP-51] take out what the evicted member wrote meanwhile, unless somebody had built on it', () => {
    for (const isBuiltOn of [false, true]) {
      const { world, ada, bo, cy } = scene();
      // Cut off from ada, bo writes to cy only.
      world.disconnect(ada.tenant, bo.tenant);
      world.disconnect(ada.tenant, cy.tenant);
      column(bo, 'meanwhile');
      world.run(3000);
      expect(cy.columns).toEqual(['meanwhile']);
      if (isBuiltOn) column(cy, 'by cy');
      world.run(3000);
      decree(ada, { kind: 'evict', member: memberOf('bo') });
      world.run(1000);
      world.connect(ada.tenant, cy.tenant);
      world.run(15_000);
      const expected = isBuiltOn ? ['meanwhile', 'by cy'] : [];
      for (const tab of [ada, cy]) expect(tab.columns).toEqual(expected);
      expect(ada.node.status().frontierDigest).toBe(cy.node.status().frontierDigest);
      expect(ada.node.boardDigest()).toBe(cy.node.boardDigest());
      const again = new Tab(nodeWorld('again'), 'cy', { disk: cy.tenant.disk });
      expect(again.columns).toEqual(expected);
      expect(again.node.status().frontierDigest).toBe(cy.node.status().frontierDigest);
    }
  });
});

describe('who may decree', () => {
  it('[NOD-26] are owners, about members; only the creator about owners, and nobody about the creator', () => {
    const { world, ada, bo, cy } = scene();
    const answer = (tab: Tab, what: OwnerDecree): string | undefined => {
      const token = decree(tab, what);
      world.run(3000);
      return tab.answer(token);
    };
    expect(answer(bo, { kind: 'evict', member: memberOf('cy') })).toBe('notAllowed');
    expect(answer(ada, { kind: 'evict', member: memberOf('nobody') })).toBe('unknownMember');
    expect(answer(ada, { kind: 'role', member: memberOf('bo'), role: 'owner' })).toBe('done');
    expect(answer(ada, { kind: 'role', member: memberOf('cy'), role: 'owner' })).toBe('done');
    expect(bo.node.role).toBe('owner');
    expect(answer(bo, { kind: 'evict', member: memberOf('ada') })).toBe('memberProtected');
    expect(answer(bo, { kind: 'role', member: memberOf('cy'), role: 'viewer' })).toBe('memberProtected');
    expect(answer(ada, { kind: 'role', member: memberOf('cy'), role: 'viewer' })).toBe('done');
    expect(cy.node.role).toBe('viewer');
    expect(cy.answer(column(cy, 'no'))).toBe('notAllowed');
    expect(answer(bo, { kind: 'evict', member: memberOf('cy') })).toBe('done');
    expect(cy.node.isEvicted).toBe(true);
  });

  it('[NOD-25] ends an invite for who comes later', () => {
    const { world, ada } = scene();
    decree(ada, { kind: 'revoke', inviteKey: inviteKeyOf('first') });
    world.run(3000);
    const di = new Tab(world, 'di', { ticket: admissionOf('di', capabilityOf('ada')) });
    world.run(100);
    world.connect(ada.tenant, di.tenant);
    world.run(5000);
    expect(di.events('turnedAway').map(({ code }) => code)).toEqual(['inviteRevoked']);
    expect(di.node.role).toBeUndefined();
  });

  it('[NOD-25] lets the most restrictive of two concurrent role changes count, and a later one overrule both', () => {
    const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(64) as Hash);
    if (one === undefined || two === undefined || three === undefined) return;
    const bo = memberOf('bo');
    for (const order of [
      [one, two],
      [two, one],
    ]) {
      const standings = new Standings();
      standings.found(memberOf('ada'));
      standings.grant(bo, 'editor', '0'.repeat(64) as Hash);
      for (const entry of order)
        standings.decree(
          { kind: 'role', member: bo, role: entry === one ? 'agent' : 'viewer' },
          entry,
          () => false,
        );
      expect(standings.roleIn(() => true, bo)).toBe('viewer');
      expect(standings.roleIn((entry) => entry !== two, bo)).toBe('agent');
      standings.decree({ kind: 'role', member: bo, role: 'editor' }, three, (entry) => entry !== three);
      expect(standings.roleIn(() => true, bo)).toBe('editor');
      standings.decree({ kind: 'evict', member: bo, cuts: [] }, one, () => true);
      expect(standings.roleIn(() => true, bo)).toBeUndefined();
    }
  });
});

describe('[NOD-45] while a decree is being signed', () => {
  it('a second one waits for it, and is judged by what it leaves', () => {
    const { world, ada, bo, cy } = scene();
    const tokens = [
      decree(ada, { kind: 'role', member: memberOf('bo'), role: 'viewer' }),
      decree(ada, { kind: 'evict', member: memberOf('bo') }),
      decree(ada, { kind: 'evict', member: memberOf('bo') }),
      decree(ada, { kind: 'role', member: memberOf('bo'), role: 'editor' }),
    ];
    const edit = column(ada, 'after all that');
    world.run(5000);
    expect(tokens.map((token) => ada.answer(token))).toEqual([
      'done',
      'done',
      'unknownMember',
      'unknownMember',
    ]);
    expect(ada.answer(edit)).toBe('done');
    expect(cy.events('entryRefused')).toEqual([]);
    expect(cy.columns).toEqual(['after all that']);
    expect(bo.node.isEvicted).toBe(true);
  });

  it('nobody is admitted by the invite that it makes void', () => {
    const world = nodeWorld('void');
    const bo = new Tab(world, 'bo', { ticket: admissionOf('bo', capabilityOf('ada')) });
    const di = new Tab(world, 'di', { ticket: admissionOf('di', capabilityOf('ada')) });
    const revocation: OwnerDecree = { kind: 'revoke', inviteKey: inviteKeyOf('first') };
    const command = { type: 'decree', token: 'void', decree: revocation, wallMs: NOW } as const;
    const ada = new Tab(world, 'ada', {
      wrap: (node) => ({
        step: (input, now) => {
          const isLast =
            input.kind === 'received' && input.message.kind === 'hello' && input.from === di.peer;
          const before = isLast ? node.step({ kind: 'command', command }, now) : [];
          return [...before, ...node.step(input, now)];
        },
      }),
    });
    world.run(100);
    world.connect(ada.tenant, bo.tenant);
    world.run(5000);
    world.connect(ada.tenant, di.tenant);
    world.run(5000);
    expect(ada.answer('void')).toBe('done');
    expect(di.node.role).toBeUndefined();
    expect(ada.node.neighbours()).toEqual([bo.peer]);
    column(ada, 'after that');
    world.run(3000);
    expect(bo.events('entryRefused')).toEqual([]);
    expect(bo.columns).toEqual(['after that']);
  });

  it('is over after a bounded number of others', () => {
    const { world, ada } = scene();
    const many = Array.from({ length: MAX_WAITING_TURNS + 2 }, () =>
      decree(ada, { kind: 'role', member: memberOf('bo'), role: 'viewer' }),
    );
    expect(ada.answer(many.at(-1) ?? '')).toBe('notReady');
    world.run(5000);
    expect(many.filter((token) => ada.answer(token) === 'done')).toHaveLength(MAX_WAITING_TURNS + 1);
  });
});
