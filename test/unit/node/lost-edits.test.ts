/** Own edits that lose their effect come back with what they wrote. Rules of docs/spec/returned.md. */
import { describe, expect, it } from 'vitest';
import type { OwnerDecree } from '../../../src/node/events.ts';
import { admissionOf, capabilityOf, memberOf, NOW } from '../identity/records.ts';
import { nodeWorld, Tab, type NodeWorld } from './nodes.ts';

interface Scene {
  readonly world: NodeWorld;
  readonly ada: Tab;
  readonly bo: Tab;
  readonly columnId: string;
  readonly cardId: string;
}

/** Ada's board with a card, on which Bo has worked for an hour without any link. */
function apart(): Scene {
  const world = nodeWorld('lost edits');
  const ada = new Tab(world, 'ada');
  const bo = new Tab(world, 'bo', { ticket: admissionOf('bo', capabilityOf('ada')) });
  world.run(100);
  ada.run({ type: 'addColumn', title: 'To do' });
  world.run(100);
  const columnId = ada.node.snapshot().columns[0]?.id ?? '';
  ada.run({ type: 'addCard', columnId, title: 'Dinner' });
  world.connect(ada.tenant, bo.tenant);
  world.run(5000);
  const cardId = bo.node.snapshot().columns[0]?.cards[0]?.id ?? '';
  expect(cardId).not.toBe('');
  world.disconnect(ada.tenant, bo.tenant);
  bo.run({ type: 'updateCard', cardId, changes: { title: 'Dinner at seven', notes: 'Bring chairs.' } });
  bo.run({ type: 'updateCard', cardId, changes: { notes: 'Bring chairs and a lamp.', labels: ['food'] } });
  bo.run({ type: 'addComment', cardId, text: 'Who cooks?' });
  bo.run({ type: 'addCard', columnId, title: 'Buy wine' });
  bo.run({ type: 'renameColumn', columnId, title: 'This week' });
  world.run(3000);
  return { world, ada, bo, columnId, cardId };
}

function decree({ world, ada }: Scene, what: OwnerDecree): void {
  ada.command({ type: 'decree', token: 'decree', decree: what, wallMs: NOW });
  world.run(1000);
}

function meet({ world, ada, bo }: Scene): void {
  world.connect(ada.tenant, bo.tenant);
  world.run(15_000);
}

describe('edits that lost their effect', () => {
  it('[RET-1] come back when the member lost the right to edit meanwhile', () => {
    const scene = apart();
    const { bo, columnId, cardId } = scene;
    decree(scene, { kind: 'role', member: memberOf('bo'), role: 'viewer' });
    meet(scene);
    expect(bo.node.snapshot().columns.map(({ title }) => title)).toEqual(['To do']);
    const lost = bo.node.takeLost();
    expect(new Set(lost.map(({ code }) => code))).toEqual(new Set(['notAllowed']));
    const newCard = lost.find(({ edit }) => edit.title === 'Buy wine');
    expect(lost.map(({ edit }) => edit)).toEqual([
      {
        cardId,
        columnId,
        title: 'Dinner at seven',
        commands: [
          {
            type: 'updateCard',
            cardId,
            changes: { title: 'Dinner at seven', notes: 'Bring chairs and a lamp.', labels: ['food'] },
          },
          { type: 'addComment', cardId, text: 'Who cooks?' },
        ],
      },
      { cardId: newCard?.edit.cardId, columnId, title: 'Buy wine', commands: [] },
      {
        cardId: null,
        columnId,
        title: 'This week',
        commands: [{ type: 'renameColumn', columnId, title: 'This week' }],
      },
    ]);
    expect(bo.node.takeLost()).toEqual([]);
  });

  it('[RET-1, NOD-27] come back when the member was evicted meanwhile, and leave its copy', () => {
    const scene = apart();
    const { bo } = scene;
    decree(scene, { kind: 'evict', member: memberOf('bo') });
    meet(scene);
    expect(bo.node.isEvicted).toBe(true);
    expect(bo.columns).toEqual(['To do']);
    const all = [
      ['evicted', 'Dinner at seven'],
      ['evicted', 'Buy wine'],
      ['evicted', 'This week'],
    ];
    expect(bo.node.takeLost().map(({ code, edit }) => [code, edit.title])).toEqual(all);
  });

  it('[RET-3] come back when the member cannot judge the eviction, since it lacks what came before it', () => {
    const scene = apart();
    const { world, ada, bo } = scene;
    ada.run({ type: 'addColumn', title: 'Never seen by bo' });
    world.run(1000);
    decree(scene, { kind: 'evict', member: memberOf('bo') });
    meet(scene);
    expect(bo.node.isEvicted).toBe(true);
    // The copy stays as it was, and so does what nobody will ever take.
    expect(bo.columns).toEqual(['This week']);
    expect(bo.answer(bo.run({ type: 'addColumn', title: 'Too late' }))).toBe('evicted');
    const lost = bo.node.takeLost();
    expect(lost.map(({ code, edit }) => [code, edit.title])).toEqual([
      ['evicted', 'Dinner at seven'],
      ['evicted', 'Buy wine'],
      ['evicted', 'This week'],
    ]);
    expect(bo.node.takeLost()).toEqual([]);
    // A later run learns of it again and names the same edits by the same entries.
    const again = new Tab(nodeWorld('again'), 'bo', { disk: bo.tenant.disk });
    expect(again.node.isEvicted).toBe(false);
    expect(new Set(lost.map(({ entry }) => entry)).size).toBe(3);
  });

  it('[RET-1] of other members, and what an honest author built on, do not come back', () => {
    const scene = apart();
    const { bo, ada } = scene;
    meet(scene);
    expect(bo.columns).toEqual(['This week']);
    decree(scene, { kind: 'role', member: memberOf('bo'), role: 'viewer' });
    scene.world.run(5000);
    expect(bo.node.role).toBe('viewer');
    expect(bo.node.takeLost()).toEqual([]);
    expect(ada.node.takeLost()).toEqual([]);
    expect(ada.columns).toEqual(['This week']);
  });
});

describe('a journal that forked long before anybody noticed', () => {
  it('[REP-50, REP-37] is cut where its branches part, in a few rounds, and both writers get back what they wrote', () => {
    for (const [first, second] of [
      [1, 40],
      [40, 40],
      [25, 3],
    ] as const) {
      const world = nodeWorld(`twins ${first} ${second}`);
      const ada = new Tab(world, 'ada');
      const bo = new Tab(world, 'bo', { ticket: admissionOf('bo', capabilityOf('ada')) });
      world.run(100);
      world.connect(ada.tenant, bo.tenant);
      world.run(5000);
      bo.run({ type: 'addColumn', title: 'Both know' });
      world.run(3000);
      world.disconnect(ada.tenant, bo.tenant);
      // The profile is copied, and both copies write.
      const copied = new Map(bo.tenant.disk);
      for (let n = 0; n < first; n++) bo.run({ type: 'addColumn', title: `original ${n}` });
      world.run(3000);
      world.connect(ada.tenant, bo.tenant);
      world.run(5000);
      expect(ada.columns).toHaveLength(1 + first);
      world.disconnect(ada.tenant, bo.tenant);
      bo.tenant.dead = true;
      const twin = new Tab(world, 'bo', { disk: copied });
      for (let n = 0; n < second; n++) twin.run({ type: 'addColumn', title: `copy ${n}` });
      world.run(3000);
      expect(twin.columns).toHaveLength(1 + second);
      world.connect(ada.tenant, twin.tenant);
      world.run(40_000);
      expect([ada.columns, twin.columns]).toEqual([['Both know'], ['Both know']]);
      expect(twin.node.status().frontierDigest).toBe(ada.node.status().frontierDigest);
      const lost = twin.node.takeLost();
      const sorted = (titles: readonly string[]): string[] => [...titles].sort();
      expect(sorted(lost.map(({ code, edit }) => `${code} ${edit.title}`))).toEqual(
        sorted(Array.from({ length: second }, (_, n) => `journalFrozen copy ${n}`)),
      );
    }
  });
});
