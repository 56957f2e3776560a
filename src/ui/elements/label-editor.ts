import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { hueOf } from '../hue.ts';
import { icon } from '../icons.ts';
import { cssOm } from '../styles/css-om.ts';
import { baseStyles, buttonStyles, fieldStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';

/** Suggestions offered from the board's own labels. */
const MAX_SUGGESTIONS = 50;

/** A card's labels: chips to remove, a field with suggestions to add. Sends the whole new list as `ts-labels`. */
export class TsLabelEditor extends LitElement {
  static override properties = {
    labels: { attribute: false },
    known: { attribute: false },
    readOnly: { type: Boolean },
  };
  declare labels: readonly string[];
  declare known: readonly string[];
  declare readOnly: boolean;

  constructor() {
    super();
    this.labels = [];
    this.known = [];
    this.readOnly = false;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    css`
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 0.35rem;
        align-items: center;
      }
      .chip {
        display: inline-flex;
        align-items: center;
        max-width: 100%;
        min-height: 28px;
        padding: 0 0.2rem 0 0.6rem;
        border-radius: 5px;
        font-size: var(--text-s);
        font-weight: 600;
        color: var(--hue);
        background: color-mix(in srgb, var(--hue) 12%, var(--card));
      }
      .chip.plain {
        padding-inline-end: 0.6rem;
      }
      .chip span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .chip button {
        display: grid;
        place-items: center;
        width: 26px;
        height: 26px;
        border-radius: 4px;
        color: inherit;
      }
      .chip button:hover {
        background: var(--hover);
      }
      input:not([type='radio']) {
        flex: 1 1 9rem;
        width: auto;
        max-width: 14rem;
        min-height: var(--target);
        font-size: var(--text-s);
      }
      @media (pointer: coarse) {
        .chip button {
          width: 40px;
          height: 40px;
        }
      }
    `,
  ];

  #send(labels: readonly string[]): void {
    this.dispatchEvent(new CustomEvent('ts-labels', { detail: labels }));
  }

  #remove(label: string): () => void {
    return () => {
      this.#send(this.labels.filter((other) => other !== label));
      this.renderRoot.querySelector('input')?.focus();
    };
  }

  #add = (event: Event): void => {
    const field = event.currentTarget as HTMLInputElement;
    const label = field.value.trim();
    field.value = '';
    if (label !== '' && !this.labels.includes(label)) this.#send([...this.labels, label]);
  };

  #onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ',') return;
    if (event.isComposing) return;
    event.preventDefault();
    this.#add(event);
  };

  #chip(label: string): TemplateResult {
    const hue = cssOm({ '--hue': `var(--hue${String(hueOf(label))})` });
    if (this.readOnly) return html`<span class="chip plain" ${hue}><span dir="auto">${label}</span></span>`;
    return html`<span class="chip" ${hue}>
      <span dir="auto">${label}</span>
      <button aria-label=${texts.removeLabel(label)} @click=${this.#remove(label)}>
        ${icon('close', 14)}
      </button>
    </span>`;
  }

  override render(): TemplateResult | typeof nothing {
    if (this.readOnly && this.labels.length === 0) return nothing;
    const suggestions = this.known.filter((label) => !this.labels.includes(label)).slice(0, MAX_SUGGESTIONS);
    return html`<div class="row" role="group" aria-label=${texts.labels}>
      ${this.labels.map((label) => this.#chip(label))}
      ${
        this.readOnly
          ? nothing
          : html`<input
                list="known"
                dir="auto"
                maxlength="60"
                enterkeyhint="done"
                aria-label=${texts.labelPlaceholder}
                placeholder=${texts.labelPlaceholder}
                @keydown=${this.#onKeyDown}
                @change=${this.#add}
              /><datalist id="known">
                ${suggestions.map((label) => html`<option value=${label}></option>`)}
              </datalist>`
      }
    </div>`;
  }
}

customElements.define('ts-label-editor', TsLabelEditor);
