import { html, LitElement, type TemplateResult } from 'lit';
import { icon } from '../icons.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { isDark, toggleTheme } from '../theme.ts';

/** Switches between light and dark; what the system has is followed until then. */
export class TsThemeButton extends LitElement {
  static override styles = [baseStyles, buttonStyles];
  readonly #system = matchMedia('(prefers-color-scheme: dark)');

  override connectedCallback(): void {
    super.connectedCallback();
    this.#system.addEventListener('change', this.#onSystem);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#system.removeEventListener('change', this.#onSystem);
  }

  #onSystem = (): void => {
    this.requestUpdate();
  };

  #onClick = (): void => {
    toggleTheme();
    this.requestUpdate();
  };

  override render(): TemplateResult {
    const dark = isDark();
    const label = dark ? texts.toLight : texts.toDark;
    return html`<button class="icon" aria-label=${label} title=${label} @click=${this.#onClick}>
      ${icon(dark ? 'sun' : 'moon')}
    </button>`;
  }
}

customElements.define('ts-theme-button', TsThemeButton);
