import { describe, expect, it } from 'vitest';
import { MAX_COLUMNS } from '../../../src/board/limits.ts';
import { BEGINNING } from '../../../src/board/origin.ts';
import { isTemplateName, TEMPLATE_NAMES } from '../../../src/board/template-names.ts';
import { applyTemplate, templateColumns } from '../../../src/board/templates.ts';
import { NOW, Replica } from './board-fixture.ts';

const apply = (replica: Replica, name: (typeof TEMPLATE_NAMES)[number], title: string) =>
  applyTemplate(replica.doc, name, title, {
    random: replica.random,
    memberId: replica.memberId,
    wallMs: NOW,
  });

describe('templates', () => {
  it.each(TEMPLATE_NAMES)('[BRD-18] fill a board in one transaction: %s', (name) => {
    const replica = new Replica(1);
    const origins: unknown[] = [];
    replica.doc.on('update', (_update: Uint8Array, origin: unknown) => origins.push(origin));
    const result = apply(replica, name, 'My board');
    expect(origins).toEqual([BEGINNING]);
    const { title, columns } = replica.board;
    expect(title).toBe('My board');
    expect(result.ok && result.value.ids).toEqual(columns.map(({ id }) => id));
    const expected = templateColumns(name).map((column) => [
      column.title,
      column.cards.map((card) => card.title),
    ]);
    expect(columns.map((column) => [column.title, column.cards.map((card) => card.title)])).toEqual(expected);
  });

  it('[BRD-18] teach a newcomer on three columns', () => {
    const replica = new Replica(1);
    apply(replica, 'welcome', 'Welcome');
    expect(replica.board.columns.map(({ title }) => title)).toEqual(['To do', 'Doing', 'Done']);
    expect(replica.projection.cardCount()).toBeGreaterThanOrEqual(6);
    for (const card of replica.board.columns.flatMap(({ cards }) => cards)) expect(card.notes).not.toBe('');
  });

  it('[BRD-18] change nothing when refused', () => {
    const replica = new Replica(1);
    expect(apply(replica, 'team', '  ')).toEqual({ ok: false, code: 'emptyTitle' });
    for (let i = 0; i < MAX_COLUMNS - 2; i++) replica.run({ type: 'addColumn', title: 'C' });
    const sent = replica.sent.length;
    expect(apply(replica, 'blank', 'Title')).toEqual({ ok: false, code: 'tooManyItems' });
    expect(replica.sent).toHaveLength(sent);
  });

  it('[BRD-18] are known by name', () => {
    expect(isTemplateName('sprint')).toBe(true);
    for (const text of ['', 'toString', '__proto__', 'Blank']) expect(isTemplateName(text)).toBe(false);
  });
});
