import { css, html, LitElement, type TemplateResult } from 'lit';
import { hueOf, initialsOf } from '../hue.ts';
import { cssOm } from '../styles/css-om.ts';
import { baseStyles } from '../styles/shared.ts';

/** A person's hexagon: initials on a colour that follows from the member id. Asleep people are drawn hollow. */
export class TsAvatar extends LitElement {
  static override properties = {
    name: {},
    label: {},
    memberId: {},
    asleep: { type: Boolean, reflect: true },
    size: { type: Number },
  };
  declare name: string;
  /** What is said and shown on hover, when it is more than the name. */
  declare label: string;
  declare memberId: string;
  declare asleep: boolean;
  /** Width in CSS pixels. */
  declare size: number;

  constructor() {
    super();
    this.name = '';
    this.label = '';
    this.memberId = '';
    this.asleep = false;
    this.size = 26;
  }

  static override styles = [
    baseStyles,
    css`
      :host {
        display: inline-grid;
        flex: none;
      }
      span {
        display: grid;
        place-items: center;
        clip-path: polygon(50% 0, 96% 25%, 96% 75%, 50% 100%, 4% 75%, 4% 25%);
        background: var(--hue);
        color: var(--card);
        font-weight: 700;
        line-height: 1;
        letter-spacing: -0.02em;
        user-select: none;
      }
      :host([asleep]) span {
        background: var(--ink-soft);
      }
      @media (forced-colors: active) {
        span {
          forced-color-adjust: none;
          background: CanvasText;
          color: Canvas;
        }
      }
    `,
  ];

  override render(): TemplateResult {
    const size = `${String(this.size)}px`;
    const font = `${String(Math.round(this.size * 0.4))}px`;
    const hue = `var(--hue${String(hueOf(this.memberId))})`;
    return html`<span
      role="img"
      aria-label=${this.label || this.name}
      title=${this.label || this.name}
      ${cssOm({ width: size, height: size, 'font-size': font, '--hue': hue })}
      >${initialsOf(this.name)}</span
    >`;
  }
}

customElements.define('ts-avatar', TsAvatar);
