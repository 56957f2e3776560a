import { css, html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { emit } from '../ui-event.ts';
import { baseStyles, fieldStyles } from '../styles/shared.ts';

/**
 * A field that stands where a title stood. Enter or leaving it commits (`ts-commit`), Esc cancels (`ts-cancel`); text that
 * is empty or unchanged cancels. Takes the focus when it appears.
 */
export class TsInlineEdit extends LitElement {
  static override properties = { value: {}, label: {}, maxLength: { type: Number } };
  declare value: string;
  declare label: string;
  declare maxLength: number;
  #finished = false;

  constructor() {
    super();
    this.value = '';
    this.label = '';
    this.maxLength = 500;
  }

  static override styles = [
    baseStyles,
    fieldStyles,
    css`
      :host {
        display: block;
        min-width: 0;
      }
      textarea {
        display: block;
        font: inherit;
        letter-spacing: inherit;
        min-height: 0;
        padding: 0.15rem 0.35rem;
        margin: -0.15rem -0.4rem;
        width: calc(100% + 0.8rem);
        overflow: hidden;
        overflow-wrap: anywhere;
      }
    `,
  ];

  override firstUpdated(_changed: PropertyValues): void {
    const field = this.#field();
    field.focus();
    field.select();
  }

  #field(): HTMLTextAreaElement {
    return this.renderRoot.querySelector('textarea') as HTMLTextAreaElement;
  }

  #finish(commit: boolean): void {
    if (this.#finished) return;
    this.#finished = true;
    const text = this.#field()
      .value.replace(/\s*\n\s*/gu, ' ')
      .trim();
    if (commit && text !== '' && text !== this.value) emit(this, 'ts-commit', { text });
    else emit(this, 'ts-cancel', null);
  }

  #onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      this.#finish(true);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      this.#finish(false);
    }
  };

  #onBlur = (): void => {
    this.#finish(true);
  };

  override render(): TemplateResult {
    return html`<textarea
      rows="1"
      dir="auto"
      enterkeyhint="done"
      aria-label=${this.label}
      maxlength=${this.maxLength}
      .value=${this.value}
      @keydown=${this.#onKeyDown}
      @blur=${this.#onBlur}
    ></textarea>`;
  }
}

customElements.define('ts-inline-edit', TsInlineEdit);
