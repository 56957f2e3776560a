import { css, html, LitElement, type TemplateResult } from 'lit';
import { icon } from '../icons.ts';
import { baseStyles, buttonStyles, fieldStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';

/** Cards one paste may make. Far above any list typed by hand; a guess that keeps one edit small. */
export const MAX_PASTED_CARDS = 500;

/** Cuts pasted text into card titles: one a line, list bullets and empty lines dropped. */
export function titlesFromLines(pasted: string): readonly string[] {
  return pasted
    .split(/\r?\n/u)
    .map((line) => line.replace(/^\s*(?:[-*•]\s+(?:\[[ xX]\]\s+)?|\d+[.)]\s+)?/u, '').trim())
    .filter(Boolean)
    .slice(0, MAX_PASTED_CARDS);
}

/** The foot of a column: a button that turns into a field. Enter adds and stays open; Esc closes; lines pasted become cards. */
export class TsQuickAdd extends LitElement {
  static override properties = { columnId: {}, columnTitle: {}, open: { type: Boolean, state: true } };
  declare columnId: string;
  declare columnTitle: string;
  declare open: boolean;

  constructor() {
    super();
    this.columnId = '';
    this.columnTitle = '';
    this.open = false;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    css`
      :host {
        display: block;
      }
      .opener {
        display: flex;
        align-items: center;
        gap: 0.4rem;
        width: 100%;
        min-height: max(var(--target), 36px);
        padding: 0 0.55rem;
        border-radius: var(--r-m);
        color: var(--ink-soft);
        font-size: var(--text-s);
        font-weight: 550;
        text-align: start;
      }
      .opener:hover {
        background: var(--hover);
        color: var(--ink);
      }
      textarea {
        display: block;
        border-radius: var(--r-m);
        padding: 0.55rem 0.7rem;
        max-height: 9rem;
      }
      p {
        margin: 0.3rem 0.2rem 0;
        font-size: var(--text-xs);
        color: var(--ink-soft);
      }
    `,
  ];

  /** Opens the field and puts the cursor in it. */
  async start(): Promise<void> {
    this.open = true;
    await this.updateComplete;
    this.#field()?.focus();
  }

  #field(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector('textarea');
  }

  #onOpen = (): void => {
    void this.start();
  };

  async #close(): Promise<void> {
    this.open = false;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('.opener')?.focus();
  }

  #add(text: string): void {
    const titles = titlesFromLines(text);
    const field = this.#field();
    if (field !== null) field.value = '';
    if (titles.length > 0) emit(this, 'ts-add-cards', { columnId: this.columnId, titles });
  }

  #onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      this.#add(this.#field()?.value ?? '');
    } else if (event.key === 'Escape') {
      event.preventDefault();
      void this.#close();
    }
  };

  #onPaste = (event: ClipboardEvent): void => {
    const pasted = event.clipboardData?.getData('text/plain') ?? '';
    if (titlesFromLines(pasted).length < 2) return;
    event.preventDefault();
    this.#add((this.#field()?.value ?? '') + pasted);
  };

  #onBlur = (): void => {
    if ((this.#field()?.value ?? '').trim() === '') this.open = false;
  };

  override render(): TemplateResult {
    if (!this.open) {
      return html`<button
        class="opener"
        aria-label=${texts.addCardTo(this.columnTitle)}
        @click=${this.#onOpen}
      >
        ${icon('plus', 16)} ${texts.addCard}
      </button>`;
    }
    return html`<textarea
        rows="2"
        dir="auto"
        enterkeyhint="enter"
        maxlength="5000"
        aria-label=${texts.addCardTo(this.columnTitle)}
        aria-describedby="hint"
        placeholder=${texts.quickAddPlaceholder}
        @keydown=${this.#onKeyDown}
        @paste=${this.#onPaste}
        @blur=${this.#onBlur}
      ></textarea>
      <p id="hint">${texts.quickAddHint}</p>`;
  }
}

customElements.define('ts-quick-add', TsQuickAdd);
