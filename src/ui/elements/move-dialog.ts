import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { CardSnapshot, ColumnSnapshot } from '../../board/snapshot.ts';
import { placeOf, type CardMove } from '../board/places.ts';
import { icon } from '../icons.ts';
import { baseStyles, buttonStyles, dialogStyles, fieldStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';

/** Column and position of a card by taps alone: the way to move for whoever cannot or will not drag (WCAG 2.5.7). */
export class TsMoveDialog extends LitElement {
  static override properties = {
    columns: { attribute: false },
    card: { state: true },
    columnId: { state: true },
    index: { state: true },
  };
  declare columns: readonly ColumnSnapshot[];
  declare card: CardSnapshot | null;
  declare columnId: string;
  declare index: number;
  #choose: (move: CardMove) => void = () => undefined;

  constructor() {
    super();
    this.columns = [];
    this.card = null;
    this.columnId = '';
    this.index = 0;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    dialogStyles,
    css`
      .columns {
        display: grid;
        gap: 0.35rem;
        max-height: 40dvh;
        overflow: auto;
        padding: 3px;
      }
      .choice {
        display: flex;
        align-items: center;
        gap: 0.6rem;
        min-height: max(var(--target), 38px);
        padding: 0 0.75rem;
        border-radius: var(--r-s);
        border: 1px solid var(--line);
        background: var(--card);
        cursor: pointer;
      }
      .choice:has(input:checked) {
        border-color: var(--act);
        background: var(--act-wash);
      }
      .choice span {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .choice small {
        color: var(--ink-soft);
      }
      .moved {
        margin-bottom: 0.9rem;
        color: var(--ink-soft);
        overflow-wrap: anywhere;
      }
      legend {
        padding: 0 0 0.3rem;
        font-size: var(--text-s);
        font-weight: 600;
        color: var(--ink-soft);
      }
      fieldset + fieldset {
        margin-top: 1rem;
      }
      .position {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.25rem;
      }
      output {
        min-width: 4.2rem;
        text-align: center;
        font-variant-numeric: tabular-nums;
        font-size: var(--text-s);
      }
      .up svg {
        rotate: 90deg;
      }
      .down svg {
        rotate: -90deg;
      }
    `,
  ];

  /** Asks where `card` should go; `choose` is called with the answer, or never. */
  async ask(card: CardSnapshot, choose: (move: CardMove) => void): Promise<void> {
    const place = placeOf(this.columns, card.id);
    this.card = card;
    this.columnId = this.columns[place?.columnIndex ?? 0]?.id ?? '';
    this.index = place?.cardIndex ?? 0;
    this.#choose = choose;
    await this.updateComplete;
    this.#dialog().showModal();
    this.renderRoot.querySelector<HTMLInputElement>('input:checked')?.focus();
  }

  #dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector('dialog') as HTMLDialogElement;
  }

  /** Places the card could take in the chosen column. */
  #places(): number {
    const column = this.columns.find((other) => other.id === this.columnId);
    return (column?.cards.filter((card) => card.id !== this.card?.id).length ?? 0) + 1;
  }

  #onColumn = (event: Event): void => {
    this.columnId = (event.currentTarget as HTMLInputElement).value;
    this.index = 0;
  };

  #setIndex(index: number): () => void {
    return () => {
      this.index = Math.min(Math.max(index, 0), this.#places() - 1);
    };
  }

  #onClose = (): void => {
    this.#dialog().close();
  };

  #onMove = (): void => {
    const card = this.card;
    this.#dialog().close();
    if (card !== null) this.#choose({ cardId: card.id, columnId: this.columnId, index: this.index });
  };

  #onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
  };

  #position(places: number): TemplateResult {
    return html`<fieldset>
      <legend>${texts.movePosition}</legend>
      <div class="position">
        <button class="button" @click=${this.#setIndex(0)}>${texts.positionTop}</button>
        <button
          class="icon up"
          aria-label=${texts.earlier}
          ?disabled=${this.index <= 0}
          @click=${this.#setIndex(this.index - 1)}
        >
          ${icon('back')}
        </button>
        <output>${this.index + 1} ${texts.positionOf(places)}</output>
        <button
          class="icon down"
          aria-label=${texts.later}
          ?disabled=${this.index >= places - 1}
          @click=${this.#setIndex(this.index + 1)}
        >
          ${icon('back')}
        </button>
        <button class="button" @click=${this.#setIndex(places - 1)}>${texts.positionBottom}</button>
      </div>
    </fieldset>`;
  }

  override render(): TemplateResult {
    return html`<dialog class="box" aria-labelledby="heading" closedby="any" @keydown=${this.#onKeyDown}>
      ${
        this.card === null
          ? nothing
          : html`<div class="dialog-head">
                <h2 id="heading">${texts.moveTitle}</h2>
                <button class="icon" aria-label=${texts.close} @click=${this.#onClose}>
                  ${icon('close')}
                </button>
              </div>
              <p class="moved" dir="auto">${this.card.title}</p>
              <fieldset>
                <legend>${texts.moveColumn}</legend>
                <div class="columns">
                  ${this.columns.map(
                    (column) =>
                      html`<label class="choice">
                        <input
                          type="radio"
                          name="column"
                          .value=${column.id}
                          .checked=${column.id === this.columnId}
                          @change=${this.#onColumn}
                        />
                        <span dir="auto">${column.title}</span><small>${column.cards.length}</small>
                      </label>`,
                  )}
                </div>
              </fieldset>
              ${this.#position(this.#places())}
              <div class="dialog-actions">
                <button class="button quiet" @click=${this.#onClose}>${texts.cancel}</button>
                <button class="button primary" @click=${this.#onMove}>${texts.move}</button>
              </div>`
      }
    </dialog>`;
  }
}

customElements.define('ts-move-dialog', TsMoveDialog);
