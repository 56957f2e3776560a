/** What members can see and say of evictions, frozen journals and proofs: status, evidence as JSON, known invites. Rules of docs/spec/node.md. */
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/kernel/bytes.ts';
import type { PeerId } from '../../../src/kernel/ids.ts';
import type { OwnerDecree } from '../../../src/node/events.ts';
import { evidenceChecks, type ForkEvidence } from '../../../src/node/evidence.ts';
import type { NodeMember } from '../../../src/node/status.ts';
import type { NodeEffect } from '../../../src/node/node.ts';
import { ANNOUNCE_PERIOD_MS } from '../../../src/overlay/limits.ts';
import {
  decodeEntry,
  entryToSign,
  hashEntry,
  sealEntry,
  type Entry,
} from '../../../src/replication/entry.ts';
import { proveFork, type ForkProof } from '../../../src/replication/forks.ts';
import {
  admissionOf,
  BOARD,
  capabilityOf,
  certificateOf,
  inviteKeyOf,
  KEYS,
  memberOf,
  NOW,
} from '../identity/records.ts';
import { lying, nodeWorld, Tab, type NodeWorld } from './nodes.ts';

/** How long a tab is watched that should do nothing. */
const WATCHED_MS = 600_000;

interface Scene {
  readonly world: NodeWorld;
  readonly ada: Tab;
  readonly bo: Tab;
  readonly cy: Tab;
  /** What cy sends with its next step. */
  readonly outbox: NodeEffect[];
}

function scene(): Scene {
  const world = nodeWorld('governing');
  const outbox: NodeEffect[] = [];
  const ada = new Tab(world, 'ada');
  const bo = new Tab(world, 'bo', { ticket: admissionOf('bo', capabilityOf('ada')) });
  const cy = new Tab(world, 'cy', {
    ticket: admissionOf('cy', capabilityOf('ada')),
    wrap: (node) => lying(node, (effects) => [...effects, ...outbox.splice(0)]),
  });
  world.run(100);
  world.connect(ada.tenant, bo.tenant);
  world.connect(ada.tenant, cy.tenant);
  world.run(5000);
  for (const tab of [bo, cy]) tab.run({ type: 'addColumn', title: 'a column' });
  world.run(3000);
  return { world, ada, bo, cy, outbox };
}

function lastEntryOf(tab: Tab): Entry {
  const own = [...tab.tenant.disk.values()].flatMap((bytes) => {
    const entry = decodeEntry(BOARD, bytes);
    return entry.ok && entry.value.author === tab.peer ? [entry.value] : [];
  });
  return own.reduce((last, entry) => (entry.seq > last.seq ? entry : last));
}

/** The proof that the tab's author signed another entry in place of its last one. */
function proofAgainst(tab: Tab): ForkProof {
  const one = lastEntryOf(tab);
  const header = { ...one, wallMs: one.wallMs + 1 };
  const hash = hashEntry(BOARD, header, one.payload);
  return proveFork(BOARD, one, sealEntry({ ...header, hash }, KEYS.sign(tab.peer, entryToSign(hash))));
}

/** Cy tells ada of the proof. */
function tell({ world, ada, cy, outbox }: Scene, proof: ForkProof): void {
  const message = { kind: 'replication', body: { kind: 'evidence', proofs: [proof] } } as const;
  outbox.push({ kind: 'send', to: ada.peer, message, lane: 'control' });
  cy.run({ type: 'addColumn', title: 'something to send it with' });
  world.run(5000);
}

function member(tab: Tab, name: string): NodeMember {
  const found = tab.node.status().members.find(({ memberId }) => memberId === memberOf(name));
  return found ?? expect.fail(`${name} is no member`);
}

/** Whom a tab has dialled so far. */
const dialsOf = (tab: Tab): readonly PeerId[] =>
  tab.tenant.effects.flatMap(({ effect }) => (effect.kind === 'dial' ? [effect.peer] : []));

/** A tab of the same peer after a restart, cut off from everybody. */
const restarted = (tab: Tab, name: string): Tab =>
  new Tab(nodeWorld('again'), name, { disk: tab.tenant.disk });

describe('how members stand', () => {
  it('[NOD-40] is told of everybody: who was removed by whom, whose tab is frozen, who made the board', () => {
    const all = scene();
    const { world, ada, bo, cy } = all;
    expect(member(ada, 'ada')).toMatchObject({ creator: true, standing: 'good', eviction: null });
    expect(member(ada, 'bo')).toMatchObject({ creator: false, standing: 'good', eviction: null });
    tell(all, proofAgainst(bo));
    for (const tab of [ada, cy])
      expect(member(tab, 'bo')).toMatchObject({ standing: 'frozen', role: 'editor' });
    ada.command({
      type: 'decree',
      token: 'out',
      decree: { kind: 'evict', member: memberOf('bo') },
      wallMs: NOW + 9,
    });
    world.run(5000);
    for (const tab of [ada, cy])
      expect(member(tab, 'bo')).toMatchObject({
        standing: 'evicted',
        role: 'editor',
        eviction: { by: memberOf('ada'), at: NOW + 9 },
      });
    expect(member(ada, 'cy').standing).toBe('good');
  });

  it('[NOD-40] is good again when the tab that forked has a new key, unless the old one is still in use', () => {
    const all = scene();
    const { world, ada, bo } = all;
    tell(all, proofAgainst(bo));
    const anew = { member: 'bo', ticket: admissionOf('bo', capabilityOf('ada')) };
    const other = new Tab(world, 'bo 2', { ...anew, certificate: certificateOf('bo', 'bo 2', 'bo', 1) });
    world.connect(ada.tenant, other.tenant);
    world.run(5000);
    expect(member(ada, 'bo')).toMatchObject({ standing: 'frozen', peers: 2 });
    const again = new Tab(world, 'bo again', anew);
    world.connect(ada.tenant, again.tenant);
    world.run(5000);
    // Somebody goes on under the old key: a copied profile.
    expect(member(ada, 'bo')).toMatchObject({ standing: 'frozen', peers: 3 });
    bo.command({ type: 'leaving' });
    world.run(5000);
    for (const tab of [ada, again])
      expect(member(tab, 'bo')).toMatchObject({ standing: 'good', online: true });
    expect(ada.node.evidence()).toMatchObject([{ author: bo.peer }]);
    tell(all, proofAgainst(again));
    expect(member(ada, 'bo').standing).toBe('frozen');
  });

  it('[NOD-41] is told of the own tab: evicted, forked or cut, and so after a restart', () => {
    const all = scene();
    const { world, ada, bo, cy } = all;
    for (const tab of [ada, bo, cy]) expect(tab.node.status().barred).toBeUndefined();
    // Bo writes while it is away and demoted.
    world.disconnect(ada.tenant, bo.tenant);
    const demotion = { kind: 'role', member: memberOf('bo'), role: 'viewer' } as const;
    ada.command({ type: 'decree', token: 'down', decree: demotion, wallMs: NOW });
    bo.run({ type: 'addColumn', title: 'written meanwhile' });
    world.run(3000);
    expect(bo.columns).toContain('written meanwhile');
    world.connect(ada.tenant, bo.tenant);
    world.run(8000);
    expect(bo.columns).not.toContain('written meanwhile');
    const back = { kind: 'role', member: memberOf('bo'), role: 'editor' } as const;
    ada.command({ type: 'decree', token: 'up', decree: back, wallMs: NOW });
    world.run(5000);
    const again = restarted(bo, 'bo');
    for (const tab of [bo, again]) {
      expect(tab.node.status()).toMatchObject({ role: 'editor', barred: 'cut' });
      expect(tab.answer(tab.run({ type: 'addColumn', title: 'after that' }))).toBe('journalFrozen');
    }
    tell(all, proofAgainst(cy));
    expect(restarted(cy, 'cy').node.status().barred).toBe('forked');
    ada.command({
      type: 'decree',
      token: 'out',
      decree: { kind: 'evict', member: memberOf('bo') },
      wallMs: NOW,
    });
    world.run(5000);
    expect(bo.node.status().barred).toBe('evicted');
    expect(restarted(bo, 'bo').node.status().barred).toBe('evicted');
  });
});

describe('a member who was evicted while it was away', () => {
  /** Bo is away; the owner goes on, and evicts Bo with an entry whose predecessors Bo lacks. */
  function evictedAway(by: 'ada' | 'cy'): Scene {
    const all = scene();
    const { world, ada, bo, cy } = all;
    world.disconnect(ada.tenant, bo.tenant);
    for (const tab of [ada, cy]) tab.run({ type: 'addColumn', title: 'while Bo was away' });
    world.run(5000);
    const decide = (tab: Tab, decree: OwnerDecree): void =>
      tab.command({ type: 'decree', token: decree.kind, decree, wallMs: NOW + 7 });
    decide(ada, { kind: 'role', member: memberOf('cy'), role: 'owner' });
    world.run(5000);
    decide(by === 'ada' ? ada : cy, { kind: 'evict', member: memberOf('bo') });
    world.run(5000);
    return all;
  }

  it('[NOD-44] hears it from whomever it meets, though it is given nothing else', () => {
    const { world, bo, cy } = evictedAway('ada');
    const held = bo.columns;
    world.connect(cy.tenant, bo.tenant);
    world.run(5000);
    expect(bo.node.status().barred).toBe('evicted');
    expect(member(bo, 'bo')).toMatchObject({
      standing: 'evicted',
      eviction: { by: memberOf('ada'), at: NOW + 7 },
    });
    expect(bo.answer(bo.run({ type: 'addColumn', title: 'too late' }))).toBe('evicted');
    expect(bo.columns).toEqual(held);
    expect(bo.node.neighbours()).toEqual([]);
  });

  it('[NOD-46] dials nobody any more once it knows, and nobody dials it; who has not heard may still link with it', () => {
    const { world, ada, bo, cy } = evictedAway('ada');
    const discover = (tab: Tab, other: Tab): void =>
      world.give(tab.tenant, { kind: 'discovered', peer: other.peer, via: 'signaling' });
    discover(bo, cy);
    world.run(100);
    expect(dialsOf(bo)).toContain(cy.peer);
    world.connect(cy.tenant, bo.tenant);
    world.run(5000);
    const before = [ada, bo, cy].map((tab) => dialsOf(tab).length);
    const announced = bo.events('announce').length;
    for (const other of [ada, cy]) {
      discover(bo, other);
      discover(other, bo);
    }
    world.run(WATCHED_MS);
    const since = [ada, bo, cy].map((tab, at) => dialsOf(tab).slice(before[at]));
    expect(since).toEqual([[], [], []]);
    expect(bo.events('announce').length - announced).toBeLessThanOrEqual(WATCHED_MS / ANNOUNCE_PERIOD_MS + 1);
    const hellos = bo.sent('hello').length;
    world.connect(ada.tenant, bo.tenant);
    world.run(100);
    expect(bo.sent('hello')).toHaveLength(hellos + 1);
  });

  it('[NOD-44] believes nobody who may not evict it by all it knows', () => {
    // Cy is an owner by now, but for all that Bo knows an editor.
    const { world, bo, cy } = evictedAway('cy');
    world.connect(cy.tenant, bo.tenant);
    world.run(5000);
    expect(bo.node.status().barred).toBeUndefined();
    expect(bo.node.neighbours()).toEqual([]);
  });
});

describe('evidence', () => {
  it('[NOD-42] is plain JSON that convinces whoever has nothing else, and nothing of it can be changed', () => {
    const all = scene();
    const { ada, bo } = all;
    expect(ada.node.evidence()).toEqual([]);
    tell(all, proofAgainst(bo));
    const held = ada.node.evidence();
    const [proof] = JSON.parse(JSON.stringify(held)) as ForkEvidence[];
    if (proof === undefined) throw new Error('no evidence');
    expect([proof]).toEqual(held);
    expect(proof).toMatchObject({
      ...{ kind: 'equivocation', boardId: BOARD, author: bo.peer, place: lastEntryOf(bo).seq },
      ...{ memberId: memberOf('bo'), name: 'bo' },
    });
    const holds = (claim: ForkEvidence): boolean | string => {
      const checks = evidenceChecks(claim);
      return checks.ok ? KEYS.holds(checks.value) : checks.code;
    };
    expect(holds(proof)).toBe(true);
    expect(holds({ ...proof, memberId: null, certificate: null })).toBe(true);
    const [one, other] = proof.statements;
    const { certificate } = proof;
    if (one === undefined || other === undefined || certificate === null) throw new Error('two statements');
    const changed: [ForkEvidence, boolean | string][] = [
      [{ ...proof, statements: [one, one] }, 'proofEmpty'],
      [{ ...proof, statements: [one] }, 'proofEmpty'],
      [{ ...proof, statements: [one, { ...other, signature: one.signature }] }, false],
      [{ ...proof, statements: [one, { ...other, body: '0'.repeat(64) }] }, 'proofAltered'],
      [{ ...proof, place: proof.place + 1 }, 'proofAltered'],
      [{ ...proof, boardId: '1'.repeat(64) }, 'proofAltered'],
      [{ ...proof, author: ada.peer }, 'proofAltered'],
      [{ ...proof, memberId: memberOf('ada') }, 'proofAltered'],
      [{ ...proof, certificate: { ...certificate, name: 'Ada' } }, 'proofAltered'],
      [{ ...proof, certificate: { ...certificate, signature: one.signature } }, false],
    ];
    expect(changed.map(([claim]) => holds(claim))).toEqual(changed.map(([, expected]) => expected));
  });
});

describe('invites', () => {
  it('[NOD-43] by which somebody came are known to all members, with whom they admitted', () => {
    const { world, ada, bo, cy } = scene();
    const di = new Tab(world, 'di', {
      ticket: admissionOf('di', capabilityOf('bo', { inviteKey: inviteKeyOf('second'), role: 'viewer' })),
    });
    world.run(100);
    world.connect(bo.tenant, di.tenant);
    world.run(5000);
    for (const tab of [ada, cy]) {
      const known = tab.node.invites().map(({ capability, admitted }) => ({
        key: toHex(capability.inviteKey),
        admitted: [...admitted].sort(),
      }));
      expect(known).toEqual([
        { key: toHex(inviteKeyOf('first')), admitted: [memberOf('bo'), memberOf('cy')].sort() },
        { key: toHex(inviteKeyOf('second')), admitted: [memberOf('di')] },
      ]);
    }
  });
});
