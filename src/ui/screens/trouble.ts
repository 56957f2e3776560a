import { css, html, LitElement, type TemplateResult } from 'lit';
import { errorText } from '../error-texts.ts';
import { logoMark } from '../icons.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { pageStyles } from './page-styles.ts';

/** The one screen of a browser in which Tabswarm cannot start: what is missing, and what to do. */
export class TsTroubleScreen extends LitElement {
  static override properties = { code: {} };
  declare code: string;

  constructor() {
    super();
    this.code = '';
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    pageStyles,
    css`
      main {
        display: grid;
        gap: 1rem;
        justify-items: start;
        max-width: 38rem;
        padding-top: 14vh;
      }
      .what {
        font-size: var(--text-l);
        font-weight: 620;
      }
    `,
  ];

  #onReload = (): void => {
    location.reload();
  };

  override render(): TemplateResult {
    const { what, todo } = errorText(this.code);
    return html`<main>
      ${logoMark(44)}
      <h1>${texts.troubleTitle}</h1>
      <p class="what" role="alert">${what}</p>
      <p>${todo}</p>
      <p class="soft">${texts.troubleCode(this.code)}</p>
      <button class="button primary" @click=${this.#onReload}>${texts.reload}</button>
    </main>`;
  }
}

customElements.define('ts-trouble-screen', TsTroubleScreen);
