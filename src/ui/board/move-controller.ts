import type { ColumnSnapshot } from '../../board/snapshot.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';
import type { BoardActions } from './board-actions.ts';
import { cardOf, indexBefore, placeOf, type CardMove } from './places.ts';

/** The parts of the board screen that a move touches. */
export interface MoveHost extends EventTarget {
  readonly actions: BoardActions;
  readonly snapshot: { readonly columns: readonly ColumnSnapshot[] };
  /** Columns after filtering, without any move. */
  readonly filteredColumns: readonly ColumnSnapshot[];
  move: CardMove | null;
  focusCard(cardId: string): Promise<void>;
}

/** Carries out moves from pointer, keyboard, menu and dialog alike: one command, one announcement, focus on the card. */
export class MoveController {
  readonly #host: MoveHost;

  constructor(host: MoveHost) {
    this.#host = host;
  }

  /** Moves a card before another one (null: to the end), as shown. */
  async before(cardId: string, columnId: string, beforeId: string | null): Promise<void> {
    const host = this.#host;
    const target = host.snapshot.columns.find((column) => column.id === columnId);
    const shown = host.filteredColumns.find((column) => column.id === columnId);
    if (target === undefined || shown === undefined) return;
    host.move = { cardId, columnId, index: indexBefore(shown, beforeId, cardId) };
    await this.commit({ cardId, columnId, index: indexBefore(target, beforeId, cardId) });
  }

  /** Carries out a move in terms of the whole board. A move to where the card is changes nothing. */
  async commit(move: CardMove): Promise<void> {
    const host = this.#host;
    const { columns } = host.snapshot;
    const from = placeOf(columns, move.cardId);
    const source = columns[from?.columnIndex ?? -1];
    const target = columns.find((column) => column.id === move.columnId);
    const stays = source === target && from?.cardIndex === move.index;
    if (target !== undefined && !stays) {
      const title = cardOf(columns, move.cardId)?.title ?? '';
      const others = target.cards.length - (source === target ? 1 : 0);
      const position = move.index >= others ? 'bottom' : move.index;
      void host.focusCard(move.cardId);
      const { cardId, columnId } = move;
      const outcome = await host.actions.apply({ type: 'moveCard', cardId, columnId, position });
      if (outcome !== null)
        emit(host, 'ts-announce', { text: texts.dropped(title, target.title, move.index + 1) });
    }
    host.move = null;
    await host.focusCard(move.cardId);
  }

  /** Moves a column to an index counted without it. */
  async column(columnId: string, index: number): Promise<void> {
    const { columns } = this.#host.snapshot;
    const at = columns.findIndex((column) => column.id === columnId);
    if (at === index || at < 0) return;
    const outcome = await this.#host.actions.apply({ type: 'moveColumn', columnId, position: index });
    if (outcome === null) return;
    const text = texts.columnMoved(columns[at]?.title ?? '', index + 1, columns.length);
    emit(this.#host, 'ts-announce', { text });
  }
}
