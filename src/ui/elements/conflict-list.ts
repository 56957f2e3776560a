import { css, html, LitElement, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ColumnSnapshot, Conflict, ConflictField, ConflictValue } from '../../board/snapshot.ts';
import { choiceWords, fieldWords, valueWords } from '../board/conflict-words.ts';
import { timeAgo } from '../format.ts';
import { icon } from '../icons.ts';
import type { People } from '../people.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import './avatar.ts';

/** What the person chose: the value to keep, and those that they saw. */
export interface ConflictChoice {
  readonly field: ConflictField;
  readonly keep: string;
  readonly among: readonly string[];
}

/**
 * Fields that several people changed at once: what is shown and what lost, with authors, each to be kept or used. Long texts are cut
 * until "See both" shows them whole. A choice goes out as `ts-choose`.
 */
export class TsConflictList extends LitElement {
  static override properties = {
    conflicts: { attribute: false },
    columns: { attribute: false },
    people: { attribute: false },
    readOnly: { type: Boolean },
    whole: { state: true },
  };
  declare conflicts: readonly Conflict[];
  declare columns: readonly ColumnSnapshot[];
  declare people: People;
  declare readOnly: boolean;
  /** Fields whose values are shown whole. */
  declare whole: readonly ConflictField[];

  constructor() {
    super();
    this.conflicts = [];
    this.columns = [];
    this.readOnly = false;
    this.whole = [];
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        display: grid;
        gap: 0.75rem;
      }
      section {
        display: grid;
        gap: 0.6rem;
        padding: 0.75rem;
        border-radius: var(--r-m);
        background: var(--honey-wash);
      }
      h3 {
        display: flex;
        gap: 0.4rem;
        align-items: center;
        font-size: var(--text-s);
        font-weight: 650;
        color: var(--honey-ink);
      }
      ul {
        display: grid;
        gap: 0.5rem;
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 0.2rem 0.6rem;
        align-items: center;
        padding: 0.55rem 0.65rem;
        border-radius: var(--r-s);
        background: var(--card);
      }
      .said {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-weight: 550;
      }
      .whole .said {
        overflow: visible;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .by {
        grid-column: 1;
        font-size: var(--text-xs);
        color: var(--ink-soft);
      }
      li .button {
        grid-column: 2;
        grid-row: 1 / 3;
      }
      .see {
        justify-self: start;
      }
    `,
  ];

  #choose(conflict: Conflict, { id }: ConflictValue): () => void {
    return () => {
      const among = conflict.values.map((value) => value.id);
      const detail: ConflictChoice = { field: conflict.field, keep: id, among };
      this.dispatchEvent(new CustomEvent('ts-choose', { detail }));
    };
  }

  #toggle(field: ConflictField): () => void {
    return () => {
      this.whole = this.whole.includes(field)
        ? this.whole.filter((other) => other !== field)
        : [...this.whole, field];
    };
  }

  #value(conflict: Conflict, value: ConflictValue): TemplateResult {
    const now = Date.now();
    const name = value.author === '' ? texts.someone : this.people.nameOf(value.author);
    const said = valueWords(conflict, value, this.columns, now);
    const by = value.at === 0 ? name : texts.saidBy(name, timeAgo(value.at, now));
    const choice = choiceWords(conflict, value, this.people);
    return html`<li>
      <p class="said" dir="auto">${said}</p>
      <p class="by" dir="auto">${value.current ? texts.shownNow(by) : by}</p>
      ${
        this.readOnly
          ? ''
          : html`<button
              class="button ${value.current ? '' : 'use'}"
              aria-label="${choice}: ${said}"
              @click=${this.#choose(conflict, value)}
            >
              ${choice}
            </button>`
      }
    </li>`;
  }

  #conflict(conflict: Conflict): TemplateResult {
    const { field, values } = conflict;
    const whole = this.whole.includes(field);
    return html`<section class=${whole ? 'whole' : ''} aria-labelledby="of-${field}">
      <h3 id="of-${field}">${icon('people', 16)} ${texts.alsoEditedField(fieldWords(field))}</h3>
      <ul role="list">
        ${repeat(
          values,
          (value) => value.id,
          (value) => this.#value(conflict, value),
        )}
      </ul>
      ${field === 'title' ? this.#seeButton(field, values.length) : ''}
    </section>`;
  }

  /** Only titles can be too long for a line. */
  #seeButton(field: ConflictField, count: number): TemplateResult {
    const whole = this.whole.includes(field);
    return html`<button
      class="button quiet see"
      aria-expanded=${whole ? 'true' : 'false'}
      @click=${this.#toggle(field)}
    >
      ${whole ? texts.seeLess : count === 2 ? texts.seeBoth : texts.seeAll}
    </button>`;
  }

  override render(): TemplateResult {
    return html`${this.conflicts.map((conflict) => this.#conflict(conflict))}`;
  }
}

customElements.define('ts-conflict-list', TsConflictList);
