import type { CardSnapshot, ColumnSnapshot } from '../../board/snapshot.ts';
import type { MenuItem } from '../elements/menu.ts';
import { texts } from '../texts.ts';
import { isDark, toggleTheme } from '../theme.ts';
import type { BoardActions } from './board-actions.ts';

/** What the items of a card's menu do beyond plain commands. */
export interface CardMenuPort {
  readonly actions: BoardActions;
  readonly open: (cardId: string) => void;
  readonly editTitle: (cardId: string) => void;
  readonly askMove: (card: CardSnapshot) => void;
  readonly moveTo: (cardId: string, columnId: string, end: 'top' | 'bottom') => void;
}

/** The menu of a card. */
export function cardMenuItems(
  card: CardSnapshot,
  column: ColumnSnapshot,
  port: CardMenuPort,
): readonly MenuItem[] {
  const first = column.cards[0]?.id === card.id;
  const last = column.cards[column.cards.length - 1]?.id === card.id;
  return [
    {
      label: texts.openCard,
      icon: 'notes',
      run: () => {
        port.open(card.id);
      },
    },
    {
      label: texts.editTitle,
      icon: 'pencil',
      run: () => {
        port.editTitle(card.id);
      },
    },
    {
      label: texts.moveTo,
      icon: 'move',
      separated: true,
      run: () => {
        port.askMove(card);
      },
    },
    {
      label: texts.moveToTop,
      icon: 'top',
      disabled: first,
      run: () => {
        port.moveTo(card.id, column.id, 'top');
      },
    },
    {
      label: texts.moveToBottom,
      icon: 'bottom',
      disabled: last,
      run: () => {
        port.moveTo(card.id, column.id, 'bottom');
      },
    },
    {
      label: texts.archive,
      icon: 'archive',
      separated: true,
      run: () => {
        archiveCard(card, port.actions);
      },
    },
    {
      label: texts.remove,
      icon: 'trash',
      danger: true,
      run: () => {
        removeCard(card, port.actions);
      },
    },
  ];
}

/** Archives a card and offers to undo. */
export function archiveCard(card: CardSnapshot, actions: BoardActions): void {
  void actions.applyWithUndo({ type: 'archiveCard', cardId: card.id }, texts.archived(card.title));
}

/** Removes a card and offers to undo. */
export function removeCard(card: CardSnapshot, actions: BoardActions): void {
  void actions.applyWithUndo({ type: 'removeCard', cardId: card.id }, texts.removed(card.title));
}

/** What the items of a column's menu do beyond plain commands. */
export interface ColumnMenuPort {
  readonly actions: BoardActions;
  readonly rename: (columnId: string) => void;
  readonly moveColumn: (columnId: string, index: number) => void;
}

/** The menu of the column at `index` of `count`. */
export function columnMenuItems(
  column: ColumnSnapshot,
  index: number,
  count: number,
  port: ColumnMenuPort,
): readonly MenuItem[] {
  const remove = (): void => {
    const text = texts.columnRemoved(column.title, column.cards.length);
    void port.actions.applyWithUndo({ type: 'removeColumn', columnId: column.id }, text);
  };
  return [
    {
      label: texts.renameColumn,
      icon: 'pencil',
      run: () => {
        port.rename(column.id);
      },
    },
    {
      label: texts.moveLeft,
      icon: 'left',
      disabled: index === 0,
      run: () => {
        port.moveColumn(column.id, index - 1);
      },
    },
    {
      label: texts.moveRight,
      icon: 'right',
      disabled: index >= count - 1,
      run: () => {
        port.moveColumn(column.id, index + 1);
      },
    },
    { label: texts.removeColumn, icon: 'trash', danger: true, separated: true, run: remove },
  ];
}

/** The header's less frequent actions, for phones. */
export function overflowItems(
  archived: number,
  port: { readonly archive: () => void; readonly help: () => void },
): readonly MenuItem[] {
  const dark = isDark();
  return [
    { label: texts.archiveCount(archived), icon: 'archive', run: port.archive },
    { label: dark ? texts.toLight : texts.toDark, icon: dark ? 'sun' : 'moon', run: toggleTheme },
    { label: texts.help, icon: 'help', run: port.help },
  ];
}
