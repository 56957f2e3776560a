import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { BoardCommand, CardChanges } from '../../board/command.ts';
import type { BoardSnapshot, CardSnapshot, ColumnSnapshot } from '../../board/snapshot.ts';
import { BoardActions } from '../board/board-actions.ts';
import {
  archiveCard,
  cardMenuItems,
  columnMenuItems,
  overflowItems,
  removeCard,
} from '../board/board-menus.ts';
import { countCards, FilteredColumns, filterWords, knownLabels } from '../board/filter.ts';
import { DeliveryController } from '../board/delivery-controller.ts';
import { KeyboardController } from '../board/keyboard-controller.ts';
import { MoveController } from '../board/move-controller.ts';
import { cardOf, placeOf, withMove, type CardMove } from '../board/places.ts';
import { DragController, type Lifted } from '../drag/drag-controller.ts';
import { ghostOf, TsDragLayer } from '../drag/drag-layer.ts';
import { TsBoardHeader, type HeaderAction } from '../elements/board-header.ts';
import type { SheetAction } from '../elements/card-sheet.ts';
import type { TsColumn } from '../elements/column.ts';
import type { TsConflictDialog } from '../elements/conflict-dialog.ts';
import { TsMenu } from '../elements/menu.ts';
import type { TsMoveDialog } from '../elements/move-dialog.ts';
import { icon } from '../icons.ts';
import { showPart, whenHere } from '../late-screens.ts';
import type { People } from '../people.ts';
import { PresenceController } from '../presence/presence-controller.ts';
import type { AppPort, Status } from '../ports.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { drawn } from '../next-frame.ts';
import { texts } from '../texts.ts';
import { detailOf, emit } from '../ui-event.ts';
import { boardStyles } from './board-styles.ts';
import '../elements/add-column.ts';
import '../elements/column.ts';
import '../elements/column-strip.ts';

type Part = new () => HTMLElement;

/** The board: header, columns, and the one of each dialog that its cards share. */
export class TsBoardScreen extends LitElement {
  static override properties = {
    app: { attribute: false },
    snapshot: { attribute: false },
    status: { attribute: false },
    people: { attribute: false },
    writeFailed: { type: Boolean },
    undoable: { type: Boolean },
    redoable: { type: Boolean },
    filterText: { state: true },
    move: { state: true },
    pickedCardId: { state: true },
    activeCardId: { state: true },
    editingCardId: { state: true },
    openCardId: { state: true },
    columnInSight: { state: true },
    dragging: { state: true },
  };
  declare app: AppPort;
  declare snapshot: BoardSnapshot;
  declare status: Status;
  declare people: People;
  declare writeFailed: boolean;
  declare undoable: boolean;
  declare redoable: boolean;
  declare filterText: string;
  /** A card shown where it is going to be, in terms of the columns as shown. */
  declare move: CardMove | null;
  declare pickedCardId: string | null;
  declare activeCardId: string | null;
  declare editingCardId: string | null;
  declare openCardId: string | null;
  declare columnInSight: number;
  declare dragging: Lifted | null;
  readonly moves = new MoveController(this);
  readonly #deliveries = new DeliveryController(this);
  readonly #presence = new PresenceController(this);
  #actions: BoardActions | null = null;
  readonly #filtered = new FilteredColumns();

  constructor() {
    super();
    this.filterText = '';
    this.move = null;
    this.pickedCardId = null;
    this.activeCardId = null;
    this.editingCardId = null;
    this.openCardId = null;
    this.columnInSight = 0;
    this.dragging = null;
    new DragController(this, {
      surface: () => this.renderRoot.querySelector<HTMLElement>('.surface'),
      layer: () => this.#part(TsDragLayer, 'ts-drag-layer'),
      columns: () => this.columnElements(),
      ghostOf: (what) => ghostOf(what, this.snapshot.columns, this.people),
      mayDrag: () => !this.readOnly && this.pickedCardId === null,
      dropCard: (cardId, columnId, beforeId) => {
        void this.moves.before(cardId, columnId, beforeId);
      },
      dropColumn: (columnId, index) => {
        void this.moves.column(columnId, index);
      },
      lifted: (what) => {
        this.dragging = what;
      },
    });
    new KeyboardController(this);
  }

  static override styles = [baseStyles, buttonStyles, boardStyles];

  /** Viewers, and everybody on a board that is over, may look at everything and change nothing. */
  get readOnly(): boolean {
    const { role, barred, closed } = this.status;
    return role === 'viewer' || role === null || barred !== null || closed !== null;
  }

  get actions(): BoardActions {
    this.#actions ??= new BoardActions(this.app, this);
    return this.#actions;
  }

  /** The columns as shown: filtered, and with the moved card where it is going. */
  get shownColumns(): readonly ColumnSnapshot[] {
    return withMove(this.filteredColumns, this.move);
  }

  /** Columns after filtering, without any move. */
  get filteredColumns(): readonly ColumnSnapshot[] {
    return this.#filtered.shown(this.snapshot.columns, this.filterText);
  }

  /** Drawn columns in order. */
  columnElements(): readonly TsColumn[] {
    return [...this.renderRoot.querySelectorAll<TsColumn>('ts-column')];
  }

  #columnElement(columnId: string): TsColumn | undefined {
    return this.columnElements().find(({ column }) => column.id === columnId);
  }

  #part<Kind extends Part>(kind: Kind, selector: string): InstanceType<Kind> | null {
    const element = this.renderRoot.querySelector(selector);
    return element instanceof kind ? (element as InstanceType<Kind>) : null;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('snapshot')) return;
    const { columns } = this.snapshot;
    const gone = (id: string | null): boolean => id !== null && placeOf(columns, id) === null;
    if (gone(this.pickedCardId)) {
      this.pickedCardId = null;
      this.move = null;
    }
    if (gone(this.openCardId)) this.openCardId = null;
    if (gone(this.editingCardId)) this.editingCardId = null;
    // Tab must always reach some card: the next best when the active one is gone.
    if (this.activeCardId === null || gone(this.activeCardId))
      this.activeCardId = columns.find((column) => column.cards.length > 0)?.cards[0]?.id ?? null;
  }

  /** Scrolls to a card and focuses it. */
  async focusCard(cardId: string): Promise<void> {
    this.activeCardId = cardId;
    await drawn(this);
    const place = placeOf(this.shownColumns, cardId);
    const element = place === null ? undefined : this.columnElements()[place.columnIndex];
    await element?.focusCard(cardId);
  }

  editTitle(cardId: string): void {
    if (!this.readOnly) this.editingCardId = cardId;
  }

  focusFilter(): void {
    void this.#part(TsBoardHeader, 'ts-board-header')?.focusFilter();
  }

  showHelp(): void {
    showPart(this.renderRoot, 'ts-help-dialog');
  }

  showCardMenu(cardId: string, anchor: HTMLElement): void {
    const { columns } = this.snapshot;
    const column = columns[placeOf(columns, cardId)?.columnIndex ?? -1];
    const card = cardOf(columns, cardId);
    if (column === undefined || card === null) return;
    const items = cardMenuItems(card, column, {
      actions: this.actions,
      open: (id) => {
        this.openCardId = id;
      },
      editTitle: (id) => {
        this.editTitle(id);
      },
      askMove: (asked) => {
        this.#askMove(asked);
      },
      moveTo: (id, columnId, end) => {
        const index = end === 'top' ? 0 : column.cards.length - 1;
        void this.moves.commit({ cardId: id, columnId, index });
      },
    });
    void this.#part(TsMenu, 'ts-menu')?.show({ label: texts.cardMenu(card.title), anchor, items });
  }

  #askMove(card: CardSnapshot): void {
    const commit = (move: CardMove): void => void this.moves.commit(move);
    whenHere(
      this.renderRoot.querySelector<TsMoveDialog>('ts-move-dialog'),
      (dialog) => void dialog.ask(card, commit),
    );
  }

  #onHeaderAction = (event: Event): void => {
    const action = (event as CustomEvent<HeaderAction>).detail;
    if (action === 'undo') void this.actions.undo();
    else if (action === 'redo') void this.actions.redo();
    else if (action === 'archive') showPart(this.renderRoot, 'ts-archive-panel');
    else if (action === 'help') this.showHelp();
    else this.#showMore();
  };

  /** What a desk has as buttons, a phone has in a menu. */
  #showMore(): void {
    const anchor = this.#part(TsBoardHeader, 'ts-board-header')?.moreAnchor;
    if (anchor == null) return;
    const items = overflowItems(this.snapshot.archive.length, {
      archive: () => {
        showPart(this.renderRoot, 'ts-archive-panel');
      },
      help: () => {
        this.showHelp();
      },
    });
    void this.#part(TsMenu, 'ts-menu')?.show({ label: texts.moreActions, anchor, items });
  }

  #onFilter = (event: Event): void => {
    this.filterText = (event as CustomEvent<string>).detail;
    if (filterWords(this.filterText).length === 0) return;
    const all = countCards(this.snapshot.columns);
    emit(this, 'ts-announce', { text: texts.filterAnnounce(countCards(this.filteredColumns), all) });
  };

  #onFilterLeft = (): void => {
    if (this.activeCardId !== null) void this.focusCard(this.activeCardId);
  };

  #onOpenCard = (event: Event): void => {
    this.openCardId = detailOf('ts-open-card', event).cardId;
  };

  #onCardFocus = (event: Event): void => {
    this.activeCardId = detailOf('ts-card-focus', event).cardId;
  };

  #onCardMenu = (event: Event): void => {
    const { cardId, anchor } = detailOf('ts-card-menu', event);
    this.activeCardId = cardId;
    this.showCardMenu(cardId, anchor);
  };

  #onCardTitle = (event: Event): void => {
    const { cardId, title } = detailOf('ts-card-title', event);
    this.editingCardId = null;
    if (title !== null) void this.actions.apply({ type: 'updateCard', cardId, changes: { title } });
    void this.focusCard(cardId);
  };

  #onColumnMenu = (event: Event): void => {
    const { columnId, anchor } = detailOf('ts-column-menu', event);
    const { columns } = this.snapshot;
    const at = columns.findIndex((column) => column.id === columnId);
    const column = columns[at];
    if (column === undefined) return;
    const items = columnMenuItems(column, at, columns.length, {
      actions: this.actions,
      rename: (id) => {
        this.#columnElement(id)?.startRenaming();
      },
      moveColumn: (id, index) => {
        void this.moves.column(id, index);
      },
    });
    void this.#part(TsMenu, 'ts-menu')?.show({ label: texts.columnMenu(column.title), anchor, items });
  };

  #onRenameColumn = (event: Event): void => {
    void this.actions.apply({ type: 'renameColumn', ...detailOf('ts-rename-column', event) });
  };

  #onAddCards = (event: Event): void => {
    const { columnId, titles } = detailOf('ts-add-cards', event);
    void this.#addCards(columnId, titles);
  };

  async #addCards(columnId: string, titles: readonly string[]): Promise<void> {
    const [title] = titles;
    const command: BoardCommand =
      titles.length === 1 && title !== undefined
        ? { type: 'addCard', columnId, title }
        : { type: 'addCards', columnId, titles };
    const outcome = await this.actions.apply(command);
    if (outcome === null) return;
    emit(this, 'ts-announce', { text: texts.cardsAdded(titles.length) });
    await drawn(this);
    const element = this.#columnElement(columnId);
    await element?.updateComplete;
    element?.scrollToEnd();
  }

  #onCardChange = (event: Event): void => {
    const { cardId, changes } = (event as CustomEvent<{ cardId: string; changes: CardChanges }>).detail;
    void this.actions.apply({ type: 'updateCard', cardId, changes });
  };

  #onCommand = (event: Event): void => {
    void this.actions.apply((event as CustomEvent<BoardCommand>).detail);
  };

  #onSheetAction = (event: Event): void => {
    const action = (event as CustomEvent<SheetAction>).detail;
    const card = this.openCardId === null ? null : cardOf(this.snapshot.columns, this.openCardId);
    if (card === null) return;
    if (action !== 'move') this.openCardId = null;
    if (action === 'move') this.#askMove(card);
    else if (action === 'archive') archiveCard(card, this.actions);
    else removeCard(card, this.actions);
  };

  #onSheetClosed = (): void => {
    const cardId = this.openCardId;
    this.openCardId = null;
    if (cardId !== null) void this.focusCard(cardId);
  };

  #applyTitle = (type: 'addColumn' | 'renameBoard', event: Event): void => {
    void this.actions.apply({ type, title: (event as CustomEvent<string>).detail });
  };
  #onAddColumn = this.#applyTitle.bind(this, 'addColumn');
  #onRenameBoard = this.#applyTitle.bind(this, 'renameBoard');
  #onGiveBack = (event: Event): void => {
    this.actions.giveBack(detailOf('ts-give-back', event));
  };

  #onConflicts = (event: Event): void => {
    const { columnId } = detailOf('ts-conflicts', event);
    const dialog = this.renderRoot.querySelector<TsConflictDialog>('ts-conflict-dialog');
    whenHere(dialog, () => dialog?.show(columnId));
  };

  #onSettle = (event: Event): void => {
    void this.actions.applyWithUndo((event as CustomEvent<BoardCommand>).detail, texts.settled);
  };

  #onGoColumn = (event: Event): void => {
    const element = this.#columnElement((event as CustomEvent<string>).detail);
    element?.scrollIntoView({ behavior: 'smooth', inline: 'center', block: 'nearest' });
  };

  #onScroll = (event: Event): void => {
    const surface = event.currentTarget as HTMLElement;
    const middle = surface.getBoundingClientRect().left + surface.clientWidth / 2;
    const at = this.columnElements().findIndex((element) => element.getBoundingClientRect().right > middle);
    if (at >= 0) this.columnInSight = at;
  };

  #column(column: ColumnSnapshot): TemplateResult {
    const holds = (id: string | null): string | null =>
      id !== null && column.cards.some((card) => card.id === id) ? id : null;
    const total = this.snapshot.columns.find((other) => other.id === column.id)?.cards.length ?? 0;
    const lifted = this.dragging;
    const liftedCard = lifted?.kind === 'card' ? lifted.id : null;
    return html`<ts-column
      .column=${column}
      .people=${this.people}
      .marks=${this.#presence.marksOf(column)}
      .waiting=${this.#deliveries.waiting}
      .total=${total}
      .filtered=${this.filterText.trim() !== ''}
      .activeCardId=${holds(this.activeCardId)}
      .pickedCardId=${holds(this.pickedCardId ?? liftedCard)}
      .editingCardId=${holds(this.editingCardId)}
      .readOnly=${this.readOnly}
      ?lifted=${lifted?.kind === 'column' && lifted.id === column.id}
    ></ts-column>`;
  }

  #columns(columns: readonly ColumnSnapshot[]): TemplateResult {
    return html`<div
      class="surface ${this.dragging === null ? '' : 'dragging'}"
      @scroll=${this.#onScroll}
      @ts-open-card=${this.#onOpenCard}
      @ts-card-focus=${this.#onCardFocus}
      @ts-card-menu=${this.#onCardMenu}
      @ts-card-title=${this.#onCardTitle}
      @ts-column-menu=${this.#onColumnMenu}
      @ts-rename-column=${this.#onRenameColumn}
      @ts-add-cards=${this.#onAddCards}
      @ts-conflicts=${this.#onConflicts}
    >
      ${repeat(
        columns,
        (column) => column.id,
        (column) => this.#column(column),
      )}
      ${
        columns.length === 0 && this.readOnly
          ? html`<p class="nothing"><b>${texts.noColumns}</b>${texts.noColumnsHint}</p>`
          : nothing
      }
      ${this.readOnly ? nothing : html`<ts-add-column @ts-add-column=${this.#onAddColumn}></ts-add-column>`}
    </div>`;
  }

  #dialogs(): TemplateResult {
    const { columns, archive } = this.snapshot;
    const place = this.openCardId === null ? null : placeOf(columns, this.openCardId);
    const card = this.openCardId === null ? null : cardOf(columns, this.openCardId);
    return html`<ts-card-sheet
        .card=${card}
        .columns=${columns}
        .columnTitle=${columns[place?.columnIndex ?? -1]?.title ?? ''}
        .people=${this.people}
        .marks=${this.#presence.marksOn(this.openCardId)}
        .delivery=${this.#deliveries.of(this.openCardId)}
        .knownLabels=${card === null ? [] : knownLabels(columns)}
        .readOnly=${this.readOnly}
        @ts-card-change=${this.#onCardChange}
        @ts-settle=${this.#onSettle}
        @ts-comment=${this.#onCommand}
        @ts-give-back=${this.#onGiveBack}
        @ts-sheet-action=${this.#onSheetAction}
        @ts-sheet-closed=${this.#onSheetClosed}
      ></ts-card-sheet>
      <ts-archive-panel
        .archive=${archive}
        .people=${this.people}
        .readOnly=${this.readOnly}
        @ts-archive-command=${this.#onCommand}
      ></ts-archive-panel>
      <ts-conflict-dialog
        .board=${this.snapshot}
        .people=${this.people}
        .readOnly=${this.readOnly}
        @ts-settle=${this.#onSettle}
      ></ts-conflict-dialog>
      <ts-move-dialog .columns=${columns}></ts-move-dialog>
      <ts-help-dialog></ts-help-dialog>
      <ts-menu></ts-menu>
      <ts-drag-layer></ts-drag-layer>`;
  }

  override render(): TemplateResult {
    const { snapshot } = this;
    const shown = this.shownColumns;
    return html`<ts-board-header
        .boardTitle=${snapshot.title}
        .conflicted=${snapshot.conflicts.length > 0}
        .boardId=${this.status.boardId ?? ''}
        .status=${this.status}
        .people=${this.people}
        .writeFailed=${this.writeFailed}
        .readOnly=${this.readOnly}
        .canUndo=${this.undoable}
        .canRedo=${this.redoable}
        .archiveCount=${snapshot.archive.length}
        .filterText=${this.filterText}
        .shown=${countCards(shown)}
        .all=${countCards(snapshot.columns)}
        @ts-header-action=${this.#onHeaderAction}
        @ts-filter=${this.#onFilter}
        @ts-filter-left=${this.#onFilterLeft}
        @ts-rename-board=${this.#onRenameBoard}
        @ts-conflicts=${this.#onConflicts}
      ></ts-board-header>
      <main aria-label=${snapshot.title}>
        <ts-returned
          .app=${this.app}
          .board=${snapshot}
          .people=${this.people}
          .readOnly=${this.readOnly}
        ></ts-returned>
        ${this.status.role === 'viewer' ? html`<p class="notice">${icon('eye', 16)} ${texts.viewerNotice}</p>` : nothing}
        <ts-column-strip
          .columns=${shown}
          .current=${this.columnInSight}
          @ts-go-column=${this.#onGoColumn}
        ></ts-column-strip>
        ${this.#columns(shown)}
        <p class="lives">${texts.broughtOver(snapshot.broughtOver)} ${texts.livesHere}</p>
      </main>
      ${this.#dialogs()}`;
  }
}

customElements.define('ts-board-screen', TsBoardScreen);
