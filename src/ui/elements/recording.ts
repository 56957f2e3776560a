import { css, html, LitElement, type TemplateResult } from 'lit';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';

/** What this tab did, as a file for whoever looks for a fault. */
export class TsRecording extends LitElement {
  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      h2 {
        font-size: var(--text-xs);
        font-weight: 650;
        color: var(--ink-soft);
        margin-bottom: 0.2rem;
      }
      p {
        color: var(--ink-soft);
        margin-bottom: 0.5rem;
        text-wrap: pretty;
      }
    `,
  ];

  #onSave = (): void => {
    emit(this, 'ts-save-recording', null);
  };

  override render(): TemplateResult {
    return html`<h2>${texts.recording}</h2>
      <p>${texts.recordingHint}</p>
      <button class="button" @click=${this.#onSave}>${texts.recordingSave}</button>`;
  }
}

customElements.define('ts-recording', TsRecording);
