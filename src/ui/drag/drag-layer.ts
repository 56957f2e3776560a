import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { CardSnapshot, ColumnSnapshot } from '../../board/snapshot.ts';
import { cardOf } from '../board/places.ts';
import type { People } from '../people.ts';
import { baseStyles } from '../styles/shared.ts';
import '../elements/card.ts';

/** What hangs from the pointer. */
export type Ghost =
  | { readonly kind: 'card'; readonly card: CardSnapshot; readonly people: People }
  | { readonly kind: 'column'; readonly title: string };

/** What hangs from the pointer for a lifted card or column; null when it is gone. */
export function ghostOf(
  what: { readonly kind: 'card' | 'column'; readonly id: string },
  columns: readonly ColumnSnapshot[],
  people: People,
): Ghost | null {
  if (what.kind === 'card') {
    const card = cardOf(columns, what.id);
    return card === null ? null : { kind: 'card', card, people };
  }
  const column = columns.find((other) => other.id === what.id);
  return column === undefined ? null : { kind: 'column', title: column.title };
}

/** A line that shows where the drop would go, in viewport pixels. */
export interface DropLine {
  readonly x: number;
  readonly y: number;
  readonly length: number;
  readonly upright: boolean;
}

/** Ghost and drop line of a drag, above everything and moved by transforms only: no list re-renders while dragging. */
export class TsDragLayer extends LitElement {
  static override properties = { ghost: { state: true } };
  declare ghost: Ghost | null;
  #offsetX = 0;
  #offsetY = 0;

  constructor() {
    super();
    this.ghost = null;
  }

  static override styles = [
    baseStyles,
    css`
      :host {
        position: fixed;
        inset: 0;
        z-index: 40;
        pointer-events: none;
        overflow: hidden;
        contain: strict;
      }
      :host(:not([on])) {
        display: none;
      }
      .ghost {
        position: absolute;
        top: 0;
        left: 0;
        will-change: transform;
      }
      .ghost > * {
        display: block;
        rotate: 1.5deg;
        border-radius: var(--r-m);
        box-shadow: var(--shadow-2);
      }
      .column {
        padding: 0.7rem 1rem;
        border-radius: 13px 13px 0 0;
        background: var(--tray);
        font-size: var(--text-s);
        font-weight: 680;
        width: max-content;
        max-width: 18rem;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .line {
        position: absolute;
        top: 0;
        left: 0;
        height: 4px;
        border-radius: 2px;
        background: var(--honey);
        transform-origin: 0 50%;
      }
      .line::before {
        content: '';
        position: absolute;
        left: -4px;
        top: -3px;
        width: 10px;
        height: 10px;
        border-radius: 50%;
        background: var(--honey);
      }
      @media (forced-colors: active) {
        .line,
        .line::before {
          forced-color-adjust: none;
          background: Highlight;
        }
      }
    `,
  ];

  /** Begins: `box` is where the lifted thing is, (x, y) where it is held. */
  lift(ghost: Ghost, box: DOMRect, x: number, y: number): void {
    this.ghost = ghost;
    this.#offsetX = x - box.left;
    this.#offsetY = y - box.top;
    this.toggleAttribute('on', true);
    void this.updateComplete.then(() => {
      const element = this.#part('.ghost');
      if (element !== null) element.style.width = `${String(box.width)}px`;
    });
    this.point(x, y);
    this.mark(null);
  }

  /** Follows the pointer. */
  point(x: number, y: number): void {
    const element = this.#part('.ghost');
    if (element === null) return;
    element.style.transform = `translate(${String(x - this.#offsetX)}px, ${String(y - this.#offsetY)}px)`;
  }

  /** Shows the drop line, or none. */
  mark(line: DropLine | null): void {
    const element = this.#part('.line');
    if (element === null) return;
    element.hidden = line === null;
    if (line === null) return;
    element.style.width = `${String(line.length)}px`;
    const turn = line.upright ? ' rotate(90deg)' : '';
    element.style.transform = `translate(${String(line.x)}px, ${String(line.y - 2)}px)${turn}`;
  }

  /** Ends. */
  clear(): void {
    this.toggleAttribute('on', false);
    this.ghost = null;
  }

  #part(selector: string): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(selector);
  }

  override render(): TemplateResult {
    const ghost = this.ghost;
    return html`<div class="line" hidden></div>
      <div class="ghost" inert aria-hidden="true">
        ${
          ghost === null
            ? nothing
            : ghost.kind === 'card'
              ? html`<ts-card .card=${ghost.card} .people=${ghost.people} .readOnly=${true}></ts-card>`
              : html`<div class="column" dir="auto">${ghost.title}</div>`
        }
      </div>`;
  }
}

customElements.define('ts-drag-layer', TsDragLayer);
