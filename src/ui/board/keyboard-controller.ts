import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ColumnSnapshot } from '../../board/snapshot.ts';
import { TsCard } from '../elements/card.ts';
import { TsColumn } from '../elements/column.ts';
import { errorLine } from '../error-texts.ts';
import type { Status } from '../ports.ts';
import { letterShortcutsOn } from '../preferences.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';
import type { BoardActions } from './board-actions.ts';
import { keyIntent, type KeyContext, type KeyIntent } from './key-intent.ts';
import type { MoveController } from './move-controller.ts';
import { cardOf, neighbourCard, placeOf, stepMove, type CardMove, type Direction } from './places.ts';

/** The parts of the board screen that keys drive. */
export interface KeyboardHost extends ReactiveControllerHost, HTMLElement {
  readonly readOnly: boolean;
  readonly status: Status;
  readonly actions: BoardActions;
  readonly moves: MoveController;
  readonly shownColumns: readonly ColumnSnapshot[];
  readonly activeCardId: string | null;
  move: CardMove | null;
  pickedCardId: string | null;
  columnElements(): readonly TsColumn[];
  focusCard(cardId: string): Promise<void>;
  editTitle(cardId: string): void;
  showCardMenu(cardId: string, anchor: HTMLElement): void;
  focusFilter(): void;
  showHelp(): void;
}

/**
 * The keyboard path through a board. Listens on the window so that / and ? work wherever the focus is; dialogs and fields keep
 * their keys to themselves.
 */
export class KeyboardController implements ReactiveController {
  readonly #host: KeyboardHost;

  constructor(host: KeyboardHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    addEventListener('keydown', this.#onKeyDown);
    addEventListener('keyup', this.#onKeyUp);
    addEventListener('pointerdown', this.#onPointerDown, { capture: true });
  }

  hostDisconnected(): void {
    removeEventListener('keydown', this.#onKeyDown);
    removeEventListener('keyup', this.#onKeyUp);
    removeEventListener('pointerdown', this.#onPointerDown, { capture: true });
  }

  #onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    const card = focusedCard(event);
    const context: KeyContext = {
      inField: event.composedPath().some(isField),
      onCard: card !== null,
      picked: this.#host.pickedCardId !== null,
      letters: letterShortcutsOn(),
      readOnly: this.#host.readOnly,
    };
    const intent = keyIntent(event, context);
    if (intent === null) return;
    event.preventDefault();
    this.#obey(intent, card, event);
  };

  /** Firefox clicks a button when Space comes up; here Space has picked the card up already. */
  #onKeyUp = (event: KeyboardEvent): void => {
    if (event.key === ' ' && !this.#host.readOnly && focusedCard(event) !== null) event.preventDefault();
  };

  /** A pick ends when a pointer does something else; the focus then stays where the pointer put it. */
  #onPointerDown = (): void => {
    if (this.#host.pickedCardId === null) return;
    this.#host.pickedCardId = null;
    this.#host.move = null;
  };

  #obey(intent: KeyIntent, card: TsCard | null, event: KeyboardEvent): void {
    const host = this.#host;
    switch (intent.kind) {
      case 'roam':
        if (card !== null) this.#roam(card.card.id, intent.direction);
        return;
      case 'step':
        this.#step(intent.direction);
        return;
      case 'pick':
        if (card !== null) this.#pick(card.card.id);
        return;
      case 'drop':
        this.#drop();
        return;
      case 'cancel':
        this.#cancel();
        return;
      case 'rename':
        if (card !== null) host.editTitle(card.card.id);
        return;
      case 'menu':
        if (card?.menuAnchor != null) host.showCardMenu(card.card.id, card.menuAnchor);
        return;
      case 'newCard':
        this.#newCard(event);
        return;
      case 'filter':
        host.focusFilter();
        return;
      case 'help':
        host.showHelp();
        return;
      case 'undo':
        void host.actions.undo();
        return;
      case 'redo':
        void host.actions.redo();
        return;
      case 'refused':
        this.#refuse();
    }
  }

  /** Says why nothing can be edited; while a board is being opened, that explains itself. */
  #refuse(): void {
    const { role, barred, closed } = this.#host.status;
    if (role === null && barred === null) return;
    const barredCode = barred === 'evicted' ? 'evicted' : 'journalFrozen';
    const openCode = closed === null ? 'notAllowed' : 'boardClosed';
    const code = barred === null ? openCode : barredCode;
    emit(this.#host, 'ts-toast', { text: errorLine(code), kind: 'bad' });
  }

  #roam(cardId: string, direction: Direction): void {
    const next = neighbourCard(this.#host.shownColumns, cardId, direction);
    if (next !== null) void this.#host.focusCard(next);
  }

  #pick(cardId: string): void {
    const columns = this.#host.shownColumns;
    const place = placeOf(columns, cardId);
    const column = columns[place?.columnIndex ?? -1];
    if (place === null || column === undefined) return;
    this.#host.pickedCardId = cardId;
    this.#host.move = { cardId, columnId: column.id, index: place.cardIndex };
    const title = cardOf(columns, cardId)?.title ?? '';
    this.#say(texts.pickedUp(title, column.title, place.cardIndex + 1, column.cards.length));
  }

  #step(direction: Direction): void {
    const host = this.#host;
    if (host.move === null) return;
    const next = stepMove(host.shownColumns, host.move, direction);
    if (next === null) return;
    host.move = next;
    const column = host.shownColumns.find((other) => other.id === next.columnId);
    if (column !== undefined) this.#say(texts.movedTo(column.title, next.index + 1, column.cards.length));
    void host.focusCard(next.cardId);
  }

  #drop(): void {
    const host = this.#host;
    const move = host.move;
    host.pickedCardId = null;
    if (move === null) return;
    const column = host.shownColumns.find((other) => other.id === move.columnId);
    const before = column?.cards.filter((card) => card.id !== move.cardId)[move.index]?.id ?? null;
    void host.moves.before(move.cardId, move.columnId, before);
  }

  #cancel(): void {
    const host = this.#host;
    const cardId = host.pickedCardId;
    host.pickedCardId = null;
    host.move = null;
    if (cardId === null) return;
    this.#say(texts.putBack(cardOf(host.shownColumns, cardId)?.title ?? ''));
    void host.focusCard(cardId);
  }

  #newCard(event: KeyboardEvent): void {
    const focused = event.composedPath().find((step): step is TsColumn => step instanceof TsColumn);
    const { shownColumns, activeCardId } = this.#host;
    const place = activeCardId === null ? null : placeOf(shownColumns, activeCardId);
    (focused ?? this.#host.columnElements()[place?.columnIndex ?? 0])?.startAdding();
  }

  #say(text: string): void {
    emit(this.#host, 'ts-announce', { text });
  }
}

function focusedCard(event: Event): TsCard | null {
  for (const step of event.composedPath()) {
    if (step instanceof TsCard) return step;
    if (step instanceof HTMLElement && step.dataset['noDrag'] !== undefined) return null;
  }
  return null;
}

function isField(step: EventTarget): boolean {
  return (
    step instanceof HTMLElement &&
    (step.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/u.test(step.tagName))
  );
}
