import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { CardSnapshot } from '../../board/snapshot.ts';
import { dueText } from '../format.ts';
import { hueOf } from '../hue.ts';
import { icon } from '../icons.ts';
import type { People } from '../people.ts';
import { NOBODY, type Mark } from '../presence/marks.ts';
import { cssOm } from '../styles/css-om.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { detailOf, emit } from '../ui-event.ts';
import './avatar.ts';
import './inline-edit.ts';
import '../presence/mark-row.ts';

/** Labels and people drawn on a card's face; the sheet shows all. A guess at what fits one line. */
const FACE_LABELS = 4;
const FACE_PEOPLE = 3;

/**
 * The face of a card. Snapshots are immutable and keep their identity, so a card re-renders only when its own content or
 * one of its few flags changes.
 */
export class TsCard extends LitElement {
  static override properties = {
    card: { attribute: false },
    people: { attribute: false },
    marks: { attribute: false },
    /** Own changes of it that nobody else has. */
    waiting: { type: Boolean },
    /** The one card of its column that Tab reaches (roving tabindex). */
    active: { type: Boolean },
    picked: { type: Boolean, reflect: true },
    editing: { type: Boolean },
    readOnly: { type: Boolean },
  };
  declare card: CardSnapshot;
  declare people: People;
  /** Who else is at this card. */
  declare marks: readonly Mark[];
  declare waiting: boolean;
  declare active: boolean;
  declare picked: boolean;
  declare editing: boolean;
  declare readOnly: boolean;

  constructor() {
    super();
    this.marks = NOBODY;
    this.waiting = false;
    this.active = false;
    this.picked = false;
    this.editing = false;
    this.readOnly = false;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        display: block;
        user-select: none;
        -webkit-user-select: none;
        -webkit-touch-callout: none;
      }
      .card {
        position: relative;
        display: grid;
        gap: 0.4rem;
        padding: 0.6rem 0.7rem 0.65rem;
        border-radius: var(--r-m);
        background: var(--card);
        box-shadow: var(--shadow-1);
        transition: box-shadow var(--quick);
      }
      .title {
        display: block;
        text-align: start;
        font-size: var(--text-m);
        line-height: 1.35;
        overflow-wrap: anywhere;
        padding-inline-end: 1.4rem;
        cursor: inherit;
      }
      .title::after {
        content: '';
        position: absolute;
        inset: 0;
        border-radius: var(--r-m);
      }
      .title:focus-visible {
        outline: none;
      }
      .title:focus-visible::after {
        outline: 2px solid var(--act);
        outline-offset: 1px;
      }
      .marked {
        box-shadow:
          0 0 0 2px var(--mark),
          var(--shadow-1);
      }
      /* Over the upper edge, so that nothing on the card moves when somebody comes or goes. */
      .here {
        position: absolute;
        top: -6px;
        inset-inline-end: 2rem;
        z-index: 1;
      }
      :host([picked]) .card {
        box-shadow:
          0 0 0 2px var(--honey),
          var(--shadow-2);
      }
      .text {
        display: -webkit-box;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 6;
        line-clamp: 6;
        overflow: hidden;
      }
      .more {
        position: absolute;
        top: 0.2rem;
        inset-inline-end: 0.2rem;
        width: 28px;
        height: 28px;
      }
      .labels,
      .meta {
        display: flex;
        flex-wrap: wrap;
        gap: 0.25rem 0.3rem;
        align-items: center;
        min-width: 0;
        padding-inline-end: 1.4rem;
      }
      .label {
        max-width: 100%;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        padding: 0.05rem 0.45rem 0.1rem;
        border-radius: 4px;
        font-size: var(--text-xs);
        font-weight: 600;
        line-height: 1.35;
        color: var(--hue);
        background: color-mix(in srgb, var(--hue) 11%, var(--card));
      }
      .meta {
        gap: 0.25rem 0.7rem;
        padding: 0;
        font-size: var(--text-xs);
        font-variant-numeric: tabular-nums;
        color: var(--ink-soft);
      }
      .meta > span {
        display: inline-flex;
        align-items: center;
        gap: 0.25rem;
      }
      .late {
        color: var(--bad);
        font-weight: 650;
      }
      .today {
        color: var(--honey-ink);
        font-weight: 650;
      }
      .waiting {
        color: var(--honey-ink);
      }
      .also {
        padding: 0.05rem 0.45rem 0.1rem;
        border-radius: 999px;
        background: var(--honey-wash);
        color: var(--honey-ink);
        font-weight: 650;
      }
      .people {
        margin-inline-start: auto;
      }
      .people ts-avatar + ts-avatar {
        margin-inline-start: -5px;
      }
      @media (hover: hover) and (pointer: fine) {
        .card:hover {
          box-shadow:
            0 0 0 1px var(--edge),
            var(--shadow-1);
        }
        .more {
          opacity: 0;
        }
        .card:hover .more,
        .card:focus-within .more {
          opacity: 1;
        }
      }
      @media (pointer: coarse) {
        .more {
          width: 44px;
          height: 44px;
          top: 0;
          inset-inline-end: 0;
        }
        .title,
        .labels {
          padding-inline-end: 2.4rem;
        }
      }
      @media (forced-colors: active) {
        .card {
          border: 1px solid CanvasText;
        }
        .marked {
          border-style: dashed;
        }
        :host([picked]) .card {
          border: 3px dashed Highlight;
        }
      }
    `,
  ];

  /** Puts the keyboard focus on the card, without scrolling unless asked to. */
  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector<HTMLElement>('.title')?.focus(options);
  }

  /** Renders now if something is pending, so that a list can measure the card before it is painted. */
  settle(): void {
    if (this.isUpdatePending) this.performUpdate();
  }

  /** The ⋯ button, where the card's menu belongs. */
  get menuAnchor(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('.more');
  }

  #onOpen = (): void => {
    emit(this, 'ts-open-card', { cardId: this.card.id });
  };

  #onFocus = (): void => {
    emit(this, 'ts-card-focus', { cardId: this.card.id });
  };

  #onMenu = (event: Event): void => {
    emit(this, 'ts-card-menu', { cardId: this.card.id, anchor: event.currentTarget as HTMLElement });
  };

  #onCommit = (event: Event): void => {
    event.stopPropagation();
    emit(this, 'ts-card-title', { cardId: this.card.id, title: detailOf('ts-commit', event).text });
  };

  #onCancel = (event: Event): void => {
    event.stopPropagation();
    emit(this, 'ts-card-title', { cardId: this.card.id, title: null });
  };

  #labels(): TemplateResult | typeof nothing {
    const labels = this.card.labels;
    if (labels.length === 0) return nothing;
    const extra = labels.length - FACE_LABELS;
    return html`<div class="labels">
      ${labels
        .slice(0, FACE_LABELS)
        .map(
          (label) =>
            html`<span class="label" dir="auto" ${cssOm({ '--hue': `var(--hue${String(hueOf(label))})` })}
              >${label}</span
            >`,
        )}
      ${extra > 0 ? html`<span class="label">+${extra}</span>` : nothing}
    </div>`;
  }

  #due(): TemplateResult | typeof nothing {
    if (this.card.due === null) return nothing;
    const { text, near } = dueText(this.card.due, Date.now());
    const spoken = near === 'late' ? texts.dueLate(text) : texts.due(text);
    return html`<span class=${near}
      >${icon('calendar', 14)}<span aria-hidden="true">${text}</span
      ><span class="hidden-text">${spoken}</span></span
    >`;
  }

  #meta(): TemplateResult | typeof nothing {
    const { due, comments, notes, assignees, conflicts } = this.card;
    const isPlain = due === null && comments.length === 0 && notes === '' && assignees.length === 0;
    if (isPlain && conflicts.length === 0 && !this.waiting) return nothing;
    return html`<div class="meta">
      ${conflicts.length === 0 ? nothing : html`<span class="also">${icon('people', 14)}${texts.alsoEdited}</span>`}
      ${
        this.waiting
          ? html`<span class="waiting" title=${texts.onlyHere}
              >${icon('waiting', 14)}<span class="hidden-text">${texts.onlyHere}</span></span
            >`
          : nothing
      }
      ${this.#due()}
      ${notes === '' ? nothing : html`<span>${icon('notes', 14)}<span class="hidden-text">${texts.hasNotes}</span></span>`}
      ${
        comments.length === 0
          ? nothing
          : html`<span
              >${icon('comment', 14)}<span aria-hidden="true">${comments.length}</span
              ><span class="hidden-text">${texts.comments(comments.length)}</span></span
            >`
      }
      ${
        assignees.length === 0
          ? nothing
          : html`<span class="people"
              >${assignees
                .slice(0, FACE_PEOPLE)
                .map(
                  (id) =>
                    html`<ts-avatar .memberId=${id} .name=${this.people.nameOf(id)} .size=${22}></ts-avatar>`,
                )}</span
            >`
      }
    </div>`;
  }

  override render(): TemplateResult {
    const title = this.editing
      ? html`<ts-inline-edit
          class="title"
          data-no-drag
          .value=${this.card.title}
          .label=${texts.cardTitle}
          @ts-commit=${this.#onCommit}
          @ts-cancel=${this.#onCancel}
        ></ts-inline-edit>`
      : html`<button
          class="title"
          tabindex=${this.active ? 0 : -1}
          aria-pressed=${this.picked ? 'true' : nothing}
          @click=${this.#onOpen}
          @focus=${this.#onFocus}
        >
          <span class="text" dir="auto">${this.card.title}</span>
        </button>`;
    const [first] = this.marks;
    const hue = first === undefined ? '' : `var(--hue${String(hueOf(first.memberId))})`;
    return html`<div class="card ${first === undefined ? '' : 'marked'}" ${cssOm({ '--mark': hue })}>
      ${
        first === undefined
          ? nothing
          : html`<ts-mark-row class="here" .marks=${this.marks} .people=${this.people}></ts-mark-row>`
      }
      ${this.#labels()} ${title} ${this.#meta()}
      ${
        this.readOnly || this.editing
          ? nothing
          : html`<button
              class="icon more"
              data-no-drag
              tabindex=${this.active ? 0 : -1}
              aria-haspopup="menu"
              aria-label=${texts.cardMenu(this.card.title)}
              @click=${this.#onMenu}
            >
              ${icon('more')}
            </button>`
      }
    </div>`;
  }
}

customElements.define('ts-card', TsCard);
