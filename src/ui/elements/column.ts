import { VirtualizerController, defaultRangeExtractor, type Range } from '@tanstack/lit-virtual';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { createRef, ref, type Ref } from 'lit/directives/ref.js';
import { repeat } from 'lit/directives/repeat.js';
import type { CardSnapshot, ColumnSnapshot } from '../../board/snapshot.ts';
import type { DrawnCard } from '../drag/drop-slot.ts';
import { icon } from '../icons.ts';
import type { People } from '../people.ts';
import { NO_MARKS, NOBODY, type Marks } from '../presence/marks.ts';
import { cssOm } from '../styles/css-om.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { detailOf, emit } from '../ui-event.ts';
import { columnStyles } from './column-styles.ts';
import './inline-edit.ts';
import './card.ts';
import type { TsCard } from './card.ts';
import { TsQuickAdd } from './quick-add.ts';

/** Columns with more cards than this draw only what is in sight. Below it, drawing all is quick and lets the browser's own find work. */
export const WINDOW_ABOVE = 60;
/** Height of a card nobody measured yet, pixels: a two-line title. */
const CARD_ESTIMATE_PX = 64;
/** Space between cards, pixels; the same in column-styles.ts. */
export const CARD_GAP_PX = 8;
/** Cards drawn beyond each edge of the window; covers one fast wheel notch. */
const OVERSCAN = 6;

/** One column: its tab-shaped header, its cards (windowed when many) and the quick-add foot. */
export class TsColumn extends LitElement {
  static override properties = {
    column: { attribute: false },
    people: { attribute: false },
    marks: { attribute: false },
    waiting: { attribute: false },
    /** Cards in the column when nothing is filtered. */
    total: { type: Number },
    filtered: { type: Boolean },
    activeCardId: { attribute: false },
    pickedCardId: { attribute: false },
    editingCardId: { attribute: false },
    readOnly: { type: Boolean },
    renaming: { state: true },
  };
  declare column: ColumnSnapshot;
  declare people: People;
  /** Who else is at its cards. */
  declare marks: Marks;
  /** Cards with own changes that nobody else has. */
  declare waiting: ReadonlySet<string>;
  declare total: number;
  declare filtered: boolean;
  declare activeCardId: string | null;
  declare pickedCardId: string | null;
  declare editingCardId: string | null;
  declare readOnly: boolean;
  declare renaming: boolean;
  readonly #list: Ref<HTMLElement> = createRef();
  readonly #windowed = new VirtualizerController<HTMLElement, HTMLElement>(this, {
    count: 0,
    getScrollElement: () => this.#list.value ?? null,
    estimateSize: () => CARD_ESTIMATE_PX,
    overscan: OVERSCAN,
    gap: CARD_GAP_PX,
    getItemKey: (index) => this.column.cards[index]?.id ?? index,
    rangeExtractor: (range) => this.#range(range),
  });

  constructor() {
    super();
    this.marks = NO_MARKS;
    this.waiting = new Set();
    this.total = 0;
    this.filtered = false;
    this.activeCardId = null;
    this.pickedCardId = null;
    this.editingCardId = null;
    this.readOnly = false;
    this.renaming = false;
  }

  static override styles = [baseStyles, buttonStyles, columnStyles];

  /** The scrolling list, for edge autoscroll. */
  get listElement(): HTMLElement | null {
    return this.#list.value ?? null;
  }

  /** Cards drawn now, in order, and the id of the one after them. `except` is left out: it is being dragged. */
  drawnCards(except: string | null): {
    readonly drawn: readonly DrawnCard[];
    readonly afterLastId: string | null;
  } {
    const drawn: DrawnCard[] = [];
    let lastIndex = -1;
    for (const item of this.renderRoot.querySelectorAll<HTMLElement>('li')) {
      const card = item.querySelector<TsCard>('ts-card')?.card;
      if (card === undefined) continue;
      lastIndex = Math.max(lastIndex, Number(item.dataset['index']));
      const { top, bottom } = item.getBoundingClientRect();
      if (card.id !== except) drawn.push({ id: card.id, top, bottom });
    }
    drawn.sort((a, b) => a.top - b.top);
    const after = this.column.cards.slice(lastIndex + 1).find((card) => card.id !== except);
    return { drawn, afterLastId: after?.id ?? null };
  }

  /** The element of a card, if it is drawn. */
  cardElement(cardId: string): TsCard | null {
    return (
      [...this.renderRoot.querySelectorAll<TsCard>('ts-card')].find(
        (element) => element.card.id === cardId,
      ) ?? null
    );
  }

  /** Scrolls a card into sight and focuses it. */
  async focusCard(cardId: string): Promise<void> {
    const index = this.column.cards.findIndex((card) => card.id === cardId);
    if (index < 0) return;
    await this.updateComplete;
    if (this.#isWindowed()) {
      this.#windowed.getVirtualizer().scrollToIndex(index, { align: 'auto' });
      this.requestUpdate();
      await this.updateComplete;
    }
    const element = this.cardElement(cardId);
    await element?.updateComplete;
    element?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    element?.focus({ preventScroll: true });
  }

  /** Shows the last card: where new ones go. */
  scrollToEnd(): void {
    const list = this.listElement;
    if (list !== null) list.scrollTop = list.scrollHeight;
  }

  /** Opens the quick-add field. */
  startAdding(): void {
    const add = this.renderRoot.querySelector('ts-quick-add');
    if (add instanceof TsQuickAdd) void add.start();
  }

  /** Turns the title into a field. */
  startRenaming(): void {
    if (!this.readOnly) this.renaming = true;
  }

  #isWindowed(): boolean {
    return this.column.cards.length > WINDOW_ABOVE;
  }

  /** The visible range plus the cards that must not vanish: the focused and the moved one. */
  #range(range: Range): number[] {
    const indexes = new Set(defaultRangeExtractor(range));
    for (const id of [this.activeCardId, this.pickedCardId, this.editingCardId]) {
      const at = id === null ? -1 : this.column.cards.findIndex((card) => card.id === id);
      if (at >= 0) indexes.add(at);
    }
    return [...indexes].sort((a, b) => a - b);
  }

  override updated(): void {
    if (!this.#isWindowed()) return;
    const virtualizer = this.#windowed.getVirtualizer();
    const items = [...this.renderRoot.querySelectorAll<HTMLElement>('li')];
    // All writing before all reading, so that the whole window costs one layout.
    for (const item of items) item.querySelector<TsCard>('ts-card')?.settle();
    for (const item of items) virtualizer.measureElement(item);
  }

  #onRename = (): void => {
    this.startRenaming();
  };

  #onCommit = (event: Event): void => {
    event.stopPropagation();
    const { text } = detailOf('ts-commit', event);
    void this.#endRenaming();
    emit(this, 'ts-rename-column', { columnId: this.column.id, title: text });
  };

  #onCancel = (event: Event): void => {
    event.stopPropagation();
    void this.#endRenaming();
  };

  async #endRenaming(): Promise<void> {
    const hadFocus = this.matches(':focus-within');
    this.renaming = false;
    await this.updateComplete;
    if (hadFocus) this.renderRoot.querySelector<HTMLElement>('.name')?.focus();
  }

  #onConflicts = (): void => {
    emit(this, 'ts-conflicts', { columnId: this.column.id });
  };

  #onMenu = (event: Event): void => {
    emit(this, 'ts-column-menu', { columnId: this.column.id, anchor: event.currentTarget as HTMLElement });
  };

  #header(): TemplateResult {
    const { title } = this.column;
    const count = this.filtered
      ? texts.filterShown(this.column.cards.length, this.total)
      : String(this.total);
    const name = this.renaming
      ? html`<ts-inline-edit
          class="name"
          data-no-drag
          .value=${title}
          .label=${texts.columnTitle}
          @ts-commit=${this.#onCommit}
          @ts-cancel=${this.#onCancel}
        ></ts-inline-edit>`
      : this.readOnly
        ? html`<span class="name" dir="auto">${title}</span>`
        : html`<button class="name" dir="auto" title=${texts.renameColumn} @click=${this.#onRename}>
            ${title}
          </button>`;
    return html`<header class="tab" data-column-handle>
      <h2 id="heading">${name}<span class="count" aria-hidden="true">${count}</span></h2>
      ${
        this.column.conflicts.length === 0
          ? nothing
          : html`<button
              class="also"
              data-no-drag
              aria-label=${texts.conflictsOf(title)}
              @click=${this.#onConflicts}
            >
              ${texts.alsoEdited}
            </button>`
      }
      ${
        this.readOnly
          ? nothing
          : html`<button
              class="icon menu"
              data-no-drag
              aria-haspopup="menu"
              aria-label=${texts.columnMenu(title)}
              @click=${this.#onMenu}
            >
              ${icon('more')}
            </button>`
      }
    </header>`;
  }

  #card(card: CardSnapshot): TemplateResult {
    return html`<ts-card
      .card=${card}
      .people=${this.people}
      .marks=${this.marks.get(card.id) ?? NOBODY}
      .waiting=${this.waiting.has(card.id)}
      .readOnly=${this.readOnly}
      .active=${card.id === (this.activeCardId ?? this.column.cards[0]?.id)}
      .picked=${card.id === this.pickedCardId}
      .editing=${card.id === this.editingCardId}
    ></ts-card>`;
  }

  #allCards(cards: readonly CardSnapshot[]): TemplateResult {
    return html`<ul role="list">
      ${repeat(
        cards,
        (card) => card.id,
        (card, index) => html`<li data-index=${index}>${this.#card(card)}</li>`,
      )}
    </ul>`;
  }

  #windowedCards(cards: readonly CardSnapshot[]): TemplateResult {
    const virtualizer = this.#windowed.getVirtualizer();
    virtualizer.setOptions({ ...virtualizer.options, count: cards.length });
    return html`<ul
      role="list"
      class="windowed"
      ${cssOm({ height: `${String(virtualizer.getTotalSize())}px` })}
    >
      ${repeat(
        virtualizer.getVirtualItems(),
        (item) => item.key,
        (item) => {
          const card = cards[item.index];
          if (card === undefined) return nothing;
          return html`<li
            data-index=${item.index}
            aria-setsize=${cards.length}
            aria-posinset=${item.index + 1}
            ${cssOm({ transform: `translateY(${String(item.start)}px)` })}
          >
            ${this.#card(card)}
          </li>`;
        },
      )}
    </ul>`;
  }

  override render(): TemplateResult {
    const { cards, title, id } = this.column;
    const empty = cards.length === 0;
    return html`<section aria-labelledby="heading">
      ${this.#header()}
      <div class="tray">
        <div class="list" ${ref(this.#list)}>
          ${
            empty
              ? html`<p class="empty">${this.filtered ? texts.emptyFiltered : texts.emptyColumn}</p>`
              : this.#isWindowed()
                ? this.#windowedCards(cards)
                : this.#allCards(cards)
          }
        </div>
        ${
          this.readOnly
            ? nothing
            : html`<ts-quick-add .columnId=${id} .columnTitle=${title} data-no-drag></ts-quick-add>`
        }
      </div>
    </section>`;
  }
}

customElements.define('ts-column', TsColumn);
