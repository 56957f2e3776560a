import { css, html, LitElement, type TemplateResult } from 'lit';
import { icon } from '../icons.ts';
import { closeDialog, showDialog } from '../own-dialog.ts';
import { letterShortcutsOn, writePreference } from '../preferences.ts';
import { baseStyles, buttonStyles, dialogStyles, fieldStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';

/** Shortcuts, and the switch for the single-letter ones. */
export class TsHelpDialog extends LitElement {
  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    dialogStyles,
    css`
      dl {
        display: grid;
        grid-template-columns: max-content 1fr;
        gap: 0.45rem 1rem;
        align-items: baseline;
      }
      kbd {
        font: 600 var(--text-xs) / 1.6 var(--mono);
        padding: 0.05rem 0.4rem;
        border-radius: 4px;
        border: 1px solid var(--edge);
        background: var(--card);
      }
      .switch {
        display: flex;
        gap: 0.6rem;
        align-items: center;
        min-height: var(--target);
        margin: 0.9rem 0 0.1rem;
        font-weight: 600;
      }
      .soft {
        color: var(--ink-soft);
        font-size: var(--text-s);
        margin-bottom: 0.7rem;
      }
      .touch {
        margin-top: 1rem;
        padding-top: 0.8rem;
        border-top: 1px solid var(--line);
        font-size: var(--text-s);
      }
    `,
  ];

  /** Opens the dialog. */
  async show(): Promise<void> {
    this.requestUpdate();
    await showDialog(this);
  }

  #onClose = (): void => {
    closeDialog(this);
  };

  #onSwitch = (event: Event): void => {
    writePreference('letterShortcuts', (event.currentTarget as HTMLInputElement).checked ? null : 'off');
    this.requestUpdate();
  };

  #onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
  };

  override render(): TemplateResult {
    const row = ([key, meaning]: readonly string[]): TemplateResult =>
      html`<dt><kbd>${key}</kbd></dt>
        <dd>${meaning}</dd>`;
    return html`<dialog class="box" aria-labelledby="heading" closedby="any" @keydown=${this.#onKeyDown}>
      <div class="dialog-head">
        <h2 id="heading">${texts.helpTitle}</h2>
        <button class="icon" aria-label=${texts.close} @click=${this.#onClose}>${icon('close')}</button>
      </div>
      <dl>${texts.helpRows.map(row)}</dl>
      <label class="switch">
        <input
          type="checkbox"
          .checked=${letterShortcutsOn()}
          @change=${this.#onSwitch}
        />${texts.helpLetters}
      </label>
      <p class="soft">${texts.helpLettersHint}</p>
      <dl>${texts.helpLetterRows.map(row)}</dl>
      <p class="touch">${texts.helpTouch}</p>
    </dialog>`;
  }
}

customElements.define('ts-help-dialog', TsHelpDialog);
