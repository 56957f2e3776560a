import { css, html, LitElement, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import type { TallyStatus } from '../decision-ports.ts';
import { cssOm } from '../styles/css-om.ts';
import { baseStyles } from '../styles/shared.ts';
import { decisionTexts as words } from './decision-texts.ts';
import { yesNeeded } from './yes-needed.ts';

/** Up to so many voters each has a field of its own; above, fields would be thinner than the gaps between them. */
const MAX_FIELDS = 24;
/** Width and height of the drawing, and the gap between fields, in its own units. */
const WIDTH = 1000;
const HEIGHT = 14;
const GAP = 5;

type Part = 'yes' | 'no' | 'abstain' | 'open';

/** Everybody who may vote, from left to right: yes, to come, abstained, no. Yes grows towards the threshold. */
function partsOf({
  yes,
  no,
  abstain,
  voters,
}: TallyStatus): readonly (readonly [part: Part, count: number])[] {
  return [
    ['yes', yes],
    ['open', Math.max(0, voters - yes - no - abstain)],
    ['abstain', abstain],
    ['no', no],
  ];
}

/** How the votes stand, drawn: a bar of everybody who may vote, and the place that yes has to reach. */
export class TsTallyBar extends LitElement {
  static override properties = { tally: { attribute: false }, quiet: { type: Boolean } };
  declare tally: TallyStatus;
  /** It is over: no threshold has to be reached any more. */
  declare quiet: boolean;

  constructor() {
    super();
    this.quiet = false;
  }

  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
      }
      .bar {
        position: relative;
        padding-bottom: 1.35rem;
      }
      :host([quiet]) .bar {
        padding-bottom: 0;
      }
      svg.fields {
        width: 100%;
        height: 14px;
        border-radius: 4px;
      }
      .yes {
        fill: var(--act);
      }
      .no {
        fill: var(--bad);
      }
      .abstain {
        fill: var(--edge);
      }
      .open {
        fill: var(--line);
      }
      .mark {
        position: absolute;
        top: -4px;
        width: 2px;
        height: 22px;
        margin-inline-start: -1px;
        border-radius: 1px;
        background: var(--ink);
        box-shadow: 0 0 0 2px var(--card);
      }
      .needs {
        position: absolute;
        bottom: 0;
        font-size: var(--text-xs);
        font-weight: 620;
        line-height: 1;
        white-space: nowrap;
        translate: -100% 0;
        padding-inline-end: 2px;
      }
      .needs.early {
        translate: 0 0;
        padding-inline: 2px 0;
      }
      @media (forced-colors: active) {
        .yes {
          fill: Highlight;
        }
        .no {
          fill: CanvasText;
        }
        .abstain {
          fill: GrayText;
        }
        .open {
          fill: Canvas;
          stroke: CanvasText;
        }
        .mark {
          background: CanvasText;
        }
      }
    `,
  ];

  #fields(): readonly SVGTemplateResult[] {
    const { voters } = this.tally;
    const step = WIDTH / Math.max(1, voters);
    const isSplit = voters <= MAX_FIELDS;
    let at = 0;
    return partsOf(this.tally).flatMap(([part, count]) => {
      const from = at;
      at += count;
      if (!isSplit)
        return count === 0
          ? []
          : [svg`<rect class=${part} x=${from * step} y="0" width=${count * step} height=${HEIGHT} />`];
      return Array.from(
        { length: count },
        (_, index) =>
          svg`<rect class=${part} x=${(from + index) * step + GAP / 2} y="0" width=${step - GAP} height=${HEIGHT} />`,
      );
    });
  }

  override render(): TemplateResult {
    const { abstain, voters } = this.tally;
    const needed = yesNeeded(this.tally);
    const place = (100 * Math.min(needed, voters)) / Math.max(1, voters);
    const left = `${String(place)}%`;
    return html`<div class="bar" role="img" aria-label=${words.tallyAria(this.tally, needed)}>
      <svg class="fields" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
        ${this.#fields()}
      </svg>
      ${
        this.quiet
          ? nothing
          : html`<span class="mark" ${cssOm({ left })}></span>
              <span class="needs ${place < 40 ? 'early' : ''}" ${cssOm({ left })}
                >${words.needs(needed, voters - abstain)}</span
              >`
      }
    </div>`;
  }
}

customElements.define('ts-tally-bar', TsTallyBar);
