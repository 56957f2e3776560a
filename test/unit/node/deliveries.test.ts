/** Goal: what is said about who holds a person's changes is true. Method: tabs of two and three members in a small world. */
import { describe, expect, it, vi } from 'vitest';
import { Workbench } from '../../../src/node/workbench.ts';
import { nodeWorld, Tab } from './nodes.ts';
import { admissionOf, capabilityOf } from '../identity/records.ts';

const ticketFor = (member: string): ReturnType<typeof admissionOf> =>
  admissionOf(member, capabilityOf('ada'));

function adasCards(): { world: ReturnType<typeof nodeWorld>; ada: Tab; cards: string[] } {
  const world = nodeWorld();
  const ada = new Tab(world, 'ada');
  world.run(100);
  ada.act({ kind: 'template', name: 'team', title: 'Board' });
  world.run(100);
  return {
    world,
    ada,
    cards: ada.node.snapshot().columns.flatMap((column) => column.cards.map(({ id }) => id)),
  };
}

const of = (tab: Tab, cardId: string) => tab.node.deliveries().find((delivery) => delivery.cardId === cardId);

describe('delivery', () => {
  it('[NOD-22] is told for each card: saved here, then on so many devices, whoever is still here', () => {
    const { world, ada, cards } = adasCards();
    const [first = '', second = ''] = cards;
    ada.run({ type: 'updateCard', cardId: first, changes: { title: 'one' } });
    ada.run({ type: 'addComment', cardId: first, text: 'two' });
    world.run(100);
    expect(of(ada, first)).toMatchObject({ waiting: 3, copies: 1 });
    expect(of(ada, second)).toMatchObject({ waiting: 1, copies: 1 });
    expect(ada.node.status().copies).toBe(1);
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    world.connect(ada.tenant, bo.tenant);
    world.run(8000);
    expect(of(ada, first)).toMatchObject({ waiting: 0, copies: 2 });
    const cy = new Tab(world, 'cy', { ticket: ticketFor('cy') });
    world.connect(ada.tenant, cy.tenant);
    world.run(8000);
    expect(of(ada, first)).toMatchObject({ waiting: 0, copies: 3 });
    expect(ada.node.status().copies).toBe(3);
    world.disconnect(ada.tenant, bo.tenant);
    ada.run({ type: 'updateCard', cardId: second, changes: { labels: ['late'] } });
    world.run(8000);
    expect(of(ada, first)).toMatchObject({ waiting: 0, copies: 3 });
    expect(of(ada, second)).toMatchObject({ waiting: 0, copies: 2 });
    expect(ada.node.status().copies).toBe(2);
  });

  it('[NOD-22] counts removals of words and labels, and is known after a restart', () => {
    const { world, ada, cards } = adasCards();
    const [first = ''] = cards;
    ada.run({ type: 'updateCard', cardId: first, changes: { notes: 'some words', labels: ['a'] } });
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    world.connect(ada.tenant, bo.tenant);
    world.run(8000);
    world.disconnect(ada.tenant, bo.tenant);
    expect(of(ada, first)?.waiting).toBe(0);
    ada.run({ type: 'updateCard', cardId: first, changes: { notes: 'some' } });
    ada.run({ type: 'updateCard', cardId: first, changes: { labels: [] } });
    world.run(100);
    expect(of(ada, first)).toMatchObject({ waiting: 2, copies: 1 });
    const again = new Tab(nodeWorld(), 'ada', { disk: ada.tenant.disk });
    expect(of(again, first)?.waiting).toBeGreaterThanOrEqual(2);
  });

  it('[NOD-22] has looked at everything when it is first asked, so that a screen need not wait for it', () => {
    const { world, ada, cards } = adasCards();
    for (let round = 0; round < 50; round++)
      for (const cardId of cards) ada.run({ type: 'updateCard', cardId, changes: { notes: `${round}` } });
    world.run(1000);
    const looked = vi.spyOn(Workbench.prototype, 'touchedCards');
    const again = new Tab(nodeWorld(), 'ada', { disk: ada.tenant.disk });
    const reading = looked.mock.calls.length;
    expect(again.node.deliveries()).toHaveLength(cards.length);
    expect(reading).toBeGreaterThan(50 * cards.length);
    expect(looked.mock.calls.length).toBe(reading);
    looked.mockRestore();
  });

  it('[NOD-22] of another member’s changes is not told', () => {
    const { world, ada, cards } = adasCards();
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    world.connect(ada.tenant, bo.tenant);
    world.run(8000);
    expect(bo.node.deliveries()).toEqual([]);
    bo.run({ type: 'archiveCard', cardId: cards[0] ?? '' });
    world.run(8000);
    expect(bo.node.deliveries()).toMatchObject([{ cardId: cards[0], waiting: 0, copies: 2 }]);
  });

  it('[BRD-19] makes who wrote a value known to all alike, before it is signed as after', () => {
    const { world, ada, cards } = adasCards();
    const [first = ''] = cards;
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    world.connect(ada.tenant, bo.tenant);
    world.run(8000);
    world.disconnect(ada.tenant, bo.tenant);
    ada.run({ type: 'updateCard', cardId: first, changes: { title: 'from Ada' } });
    bo.run({ type: 'updateCard', cardId: first, changes: { title: 'from Bo' } });
    world.run(100);
    world.connect(ada.tenant, bo.tenant);
    world.run(8000);
    expect(ada.node.snapshot()).toEqual(bo.node.snapshot());
    expect(ada.node.boardDigest()).toBe(bo.node.boardDigest());
    const conflict = ada.node.snapshot().columns[0]?.cards[0]?.conflicts[0];
    expect(new Set(conflict?.values.map(({ author }) => author)).size).toBe(2);
    ada.run({ type: 'updateCard', cardId: first, changes: { title: 'again from Ada' } });
    const unsigned = ada.node.snapshot();
    world.run(8000);
    expect(bo.node.snapshot()).toEqual(unsigned);
  });
});
