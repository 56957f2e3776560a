import { css, html, LitElement, nothing, svg, type PropertyValues, type TemplateResult } from 'lit';
import { baseStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';

/** Quiet zone round a QR code, modules (ISO/IEC 18004 asks for four). */
const QUIET_MODULES = 4;

/** A QR code, dark on white in every theme because readers need it so. Its encoder is loaded when first needed. */
export class TsQrCode extends LitElement {
  static override properties = { value: {}, label: {}, path: { state: true }, side: { state: true } };
  declare value: string;
  /** What the picture is of, for those who do not see it. */
  declare label: string;
  declare path: string;
  declare side: number;

  constructor() {
    super();
    this.value = '';
    this.label = texts.qrAlt;
    this.path = '';
    this.side = 0;
  }

  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        width: 13.5rem;
        max-width: 100%;
        aspect-ratio: 1;
        border-radius: var(--r-m);
        background: #fff;
        overflow: hidden;
        forced-color-adjust: none;
      }
      svg {
        width: 100%;
        height: 100%;
        shape-rendering: crispEdges;
      }
    `,
  ];

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('value') && this.value !== '') void this.#draw(this.value);
  }

  async #draw(value: string): Promise<void> {
    const { generate } = await import('lean-qr');
    if (value !== this.value) return;
    const code = generate(value);
    let path = '';
    for (let y = 0; y < code.size; y += 1) {
      for (let x = 0; x < code.size; x += 1) {
        if (code.get(x, y)) path += `M${String(x + QUIET_MODULES)} ${String(y + QUIET_MODULES)}h1v1h-1z`;
      }
    }
    this.side = code.size + QUIET_MODULES * 2;
    this.path = path;
  }

  override render(): TemplateResult | typeof nothing {
    if (this.path === '') return nothing;
    const side = String(this.side);
    return html`<svg role="img" aria-label=${this.label} viewBox="0 0 ${side} ${side}">
      ${svg`<path fill="#000" d=${this.path} />`}
    </svg>`;
  }
}

customElements.define('ts-qr-code', TsQrCode);
