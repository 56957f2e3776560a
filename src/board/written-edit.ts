/**
 * What a person wrote, as commands that can be carried out again. Whatever comes back to its writer (docs/spec/returned.md) is kept in this form;
 * edits-in-updates.ts reads it from updates that are about to lose their effect. Screens use it, so nothing here needs the document.
 */
import type { BoardCommand, CardChanges } from './command.ts';
import type { BoardSnapshot, CardSnapshot } from './snapshot.ts';

/** What one person wrote to one card, to one column, or to the board's title. */
export interface WrittenEdit {
  /** The card that it is about; null for columns, the board, and cards that were never made. */
  readonly cardId: string | null;
  /** The column that the card was in, or that the edit is about; null for the board. */
  readonly columnId: string | null;
  /** Title of the card, of the column or of the board as its writer last saw it; '' when there was none. */
  readonly title: string;
  /**
   * Carried out one after the other they do it again; labels and assignees are those to be added. None: only the card itself is to be
   * made.
   */
  readonly commands: readonly BoardCommand[];
}

/** A card as it was before: where, and under which title. */
export function findCard(
  board: BoardSnapshot,
  cardId: string,
): { card: CardSnapshot; columnId: string | null } | undefined {
  for (const column of board.columns) {
    const card = column.cards.find(({ id }) => id === cardId);
    if (card !== undefined) return { card, columnId: column.id };
  }
  const card = board.archive.find(({ id }) => id === cardId);
  return card === undefined ? undefined : { card, columnId: null };
}

/** The edit that a command would have been, on a board that was last seen as `board`. */
export function editOf(command: BoardCommand, board: BoardSnapshot): WrittenEdit {
  const commands = [command];
  if ('cardId' in command) {
    const { cardId } = command;
    const found = findCard(board, cardId);
    return { cardId, columnId: found?.columnId ?? null, title: found?.card.title ?? '', commands };
  }
  if ('columnId' in command) {
    const { columnId } = command;
    const title = board.columns.find(({ id }) => id === columnId)?.title ?? '';
    return { cardId: null, columnId, title, commands };
  }
  return { cardId: null, columnId: null, title: board.title, commands };
}

/**
 * The commands that do `edit` again on `board`, in order. A card that is not there any more is made anew by the first one, `makes`, and the others name
 * it by the id that this one answers with, in place of the edit's own.
 */
export function againOn(
  edit: WrittenEdit,
  board: BoardSnapshot,
): { readonly makes: BoardCommand | undefined; readonly commands: readonly BoardCommand[] } {
  const { cardId, title } = edit;
  const columnId = standingColumn(board, edit.columnId);
  const card = cardId === null ? undefined : findCard(board, cardId)?.card;
  const commands = edit.commands.map((command): BoardCommand => {
    if (command.type === 'addCard' || command.type === 'addCards')
      return { ...command, columnId: standingColumn(board, command.columnId) };
    if (command.type !== 'updateCard' || card === undefined) return command;
    return { ...command, changes: withThoseOf(card, command.changes) };
  });
  if (cardId === null || card !== undefined) return { makes: undefined, commands };
  const rest = commands.filter(({ type }) => type === 'updateCard' || type === 'addComment');
  return { makes: { type: 'addCard', columnId, title: title === '' ? NAMELESS : title }, commands: rest };
}

/** Title of a card that is made anew and of which only notes, comments or the like came back. */
const NAMELESS = '…';

function standingColumn({ columns }: BoardSnapshot, columnId: string | null): string {
  return (columns.find(({ id }) => id === columnId) ?? columns[0])?.id ?? '';
}

/** Labels and assignees are added to those that are there. */
function withThoseOf({ labels, assignees }: CardSnapshot, changes: CardChanges): CardChanges {
  return {
    ...changes,
    ...(changes.labels === undefined ? {} : { labels: [...new Set([...labels, ...changes.labels])] }),
    ...(changes.assignees === undefined
      ? {}
      : { assignees: [...new Set([...assignees, ...changes.assignees])] }),
  };
}

/** `command` about the card `made` instead of the one that it names. */
export function aboutCard(command: BoardCommand, made: string): BoardCommand {
  return 'cardId' in command ? { ...command, cardId: made } : command;
}

/** All words that the edit wrote, field by field and command by command; '' when it wrote none. */
export function wordsOf({ commands, title }: WrittenEdit): string {
  if (commands.length === 0) return title;
  return commands
    .flatMap(wordsOfCommand)
    .filter((words) => words !== '')
    .join('\n\n');
}

function wordsOfCommand(command: BoardCommand): readonly string[] {
  switch (command.type) {
    case 'updateCard': {
      const { title, notes, labels } = command.changes;
      return [title ?? '', notes ?? '', labels?.join(', ') ?? ''];
    }
    case 'addComment':
      return [command.text];
    case 'addCards':
      return [command.titles.join('\n')];
    case 'addCard':
    case 'addColumn':
    case 'renameBoard':
    case 'renameColumn':
      return [command.title];
    default:
      return [];
  }
}
