import { css, html, LitElement, type TemplateResult } from 'lit';
import { icon } from '../icons.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { detailOf } from '../ui-event.ts';
import './inline-edit.ts';

/** The button after the last column that becomes a field for the next one's title. Sends `ts-add-column`. */
export class TsAddColumn extends LitElement {
  static override properties = { adding: { state: true } };
  declare adding: boolean;

  constructor() {
    super();
    this.adding = false;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        display: block;
        flex: none;
        width: 13rem;
        padding-bottom: 2rem;
      }
      button {
        display: flex;
        align-items: center;
        gap: 0.45rem;
        width: 100%;
        min-height: max(40px, var(--target));
        padding: 0 0.9rem;
        border-radius: 13px;
        border: 1px dashed var(--edge);
        color: var(--ink-soft);
        font-size: var(--text-s);
        font-weight: 600;
      }
      button:hover {
        background: var(--hover);
        color: var(--ink);
      }
      ts-inline-edit {
        padding: 0.5rem 0.4rem;
        font-weight: 650;
        font-size: var(--text-s);
      }
      @media (max-width: 640px) {
        :host {
          width: calc(100vw - 2.5rem);
          scroll-snap-align: center;
        }
      }
    `,
  ];

  #onAdd = (): void => {
    this.adding = true;
  };

  #onCommit = (event: Event): void => {
    this.adding = false;
    this.dispatchEvent(new CustomEvent('ts-add-column', { detail: detailOf('ts-commit', event).text }));
  };

  #onCancel = (): void => {
    this.adding = false;
  };

  override render(): TemplateResult {
    return this.adding
      ? html`<ts-inline-edit
          .label=${texts.columnTitle}
          @ts-commit=${this.#onCommit}
          @ts-cancel=${this.#onCancel}
        ></ts-inline-edit>`
      : html`<button @click=${this.#onAdd}>${icon('plus', 16)} ${texts.addColumn}</button>`;
  }
}

customElements.define('ts-add-column', TsAddColumn);
