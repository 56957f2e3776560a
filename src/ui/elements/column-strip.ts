import { css, html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ColumnSnapshot } from '../../board/snapshot.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';

/** The columns' tabs in one row, on phones: shows which one is in sight and goes to the others. */
export class TsColumnStrip extends LitElement {
  static override properties = { columns: { attribute: false }, current: { type: Number } };
  declare columns: readonly ColumnSnapshot[];
  declare current: number;

  constructor() {
    super();
    this.columns = [];
    this.current = 0;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        display: none;
      }
      nav {
        display: flex;
        gap: 0.15rem;
        overflow-x: auto;
        scrollbar-width: none;
        padding: 0.35rem 0.75rem 0;
      }
      button {
        flex: none;
        max-width: 60vw;
        min-height: 44px;
        padding: 0 0.75rem;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-size: var(--text-s);
        font-weight: 600;
        color: var(--ink-soft);
        border-bottom: 3px solid transparent;
      }
      button[aria-current='true'] {
        color: var(--ink);
        border-bottom-color: var(--honey);
      }
      :focus-visible {
        outline-offset: -2px;
      }
      small {
        font-size: inherit;
        font-weight: 500;
        margin-inline-start: 0.35rem;
      }
      @media (max-width: 640px) {
        :host {
          display: block;
        }
      }
    `,
  ];

  override updated(changed: PropertyValues<this>): void {
    if (!changed.has('current')) return;
    const strip = this.renderRoot.querySelector('nav');
    const button = this.renderRoot.querySelectorAll<HTMLElement>('button')[this.current];
    if (strip !== null && button !== undefined) {
      strip.scrollLeft = button.offsetLeft - (strip.clientWidth - button.offsetWidth) / 2;
    }
  }

  #go(columnId: string): () => void {
    return () => {
      this.dispatchEvent(new CustomEvent('ts-go-column', { detail: columnId }));
    };
  }

  override render(): TemplateResult {
    return html`<nav aria-label=${texts.columns}>
      ${repeat(
        this.columns,
        (column) => column.id,
        (column, at) =>
          html`<button
            aria-current=${at === this.current ? 'true' : 'false'}
            aria-label=${texts.goToColumn(column.title)}
            @click=${this.#go(column.id)}
          >
            <span dir="auto">${column.title}</span><small>${column.cards.length}</small>
          </button>`,
      )}
    </nav>`;
  }
}

customElements.define('ts-column-strip', TsColumnStrip);
