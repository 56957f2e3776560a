import type { BoardSnapshot, CardSnapshot } from '../../board/snapshot.ts';
import type { People } from '../people.ts';

/** The whole board as plain text, to be pasted anywhere: columns, cards with all they hold, and what is archived. */
export function boardText(board: BoardSnapshot, people: People): string {
  const columns = board.columns.map(({ title, cards }) => section(title, cards, people));
  const archived = board.archive.length === 0 ? [] : [section('Archive', board.archive, people)];
  return [board.title, ...columns, ...archived].join('\n\n');
}

function section(title: string, cards: readonly CardSnapshot[], people: People): string {
  return [`## ${title}`, ...cards.map((card) => cardText(card, people))].join('\n');
}

function cardText(card: CardSnapshot, people: People): string {
  const facts = [
    ...(card.due === null ? [] : [`due ${card.due}`]),
    ...card.labels.map((label) => `#${label}`),
    ...card.assignees.map((memberId) => `@${people.nameOf(memberId)}`),
  ];
  const head = `- ${card.title}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
  const comments = card.comments.map(({ author, text }) => `${people.nameOf(author)}: ${text}`);
  const below = [card.notes, ...comments].filter((text) => text !== '');
  return [head, ...below.map((text) => text.replace(/^/gmu, '  '))].join('\n');
}
