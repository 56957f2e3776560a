import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { People } from '../people.ts';
import { baseStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { NOBODY, type Mark } from './marks.ts';
import '../elements/avatar.ts';

/** People drawn at one card; the others are counted. A guess at what fits over the corner of a card. */
const MAX_MARKS = 3;

/** Who is at a card: initials on a person's colour, each with words for what they do. */
export class TsMarkRow extends LitElement {
  static override properties = {
    marks: { attribute: false },
    people: { attribute: false },
    size: { type: Number },
  };
  declare marks: readonly Mark[];
  declare people: People;
  /** Width of one person in CSS pixels. */
  declare size: number;

  constructor() {
    super();
    this.marks = NOBODY;
    this.size = 20;
  }

  static override styles = [
    baseStyles,
    css`
      :host {
        display: inline-flex;
        align-items: center;
        gap: 1px;
      }
      .extra {
        padding: 0 0.3rem;
        border-radius: 999px;
        background: var(--ink-soft);
        color: var(--card);
        font-size: var(--text-xs);
        font-weight: 650;
        line-height: 1.35;
        font-variant-numeric: tabular-nums;
      }
      @media (prefers-reduced-motion: no-preference) {
        ts-avatar {
          animation: arrive var(--quick) ease-out;
        }
        @keyframes arrive {
          from {
            opacity: 0;
          }
        }
      }
    `,
  ];

  #label({ memberId, doing, asleep }: Mark): string {
    const words = texts.presence([this.people.nameOf(memberId)], doing);
    return asleep ? `${words}, ${texts.asleep}` : words;
  }

  override render(): TemplateResult {
    const rest = this.marks.slice(MAX_MARKS);
    return html`${this.marks
      .slice(0, MAX_MARKS)
      .map(
        (mark) =>
          html`<ts-avatar
            .memberId=${mark.memberId}
            .name=${this.people.nameOf(mark.memberId)}
            .label=${this.#label(mark)}
            .asleep=${mark.asleep}
            .size=${this.size}
          ></ts-avatar>`,
      )}
    ${
      rest.length === 0
        ? nothing
        : html`<span
            class="extra"
            role="img"
            title=${rest.map((mark) => this.#label(mark)).join('; ')}
            aria-label=${rest.map((mark) => this.#label(mark)).join('; ')}
            >+${rest.length}</span
          >`
    }`;
  }
}

customElements.define('ts-mark-row', TsMarkRow);
