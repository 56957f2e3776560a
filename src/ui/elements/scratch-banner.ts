import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { errorLine } from '../error-texts.ts';
import { icon } from '../icons.ts';
import type { ScratchStatus } from '../ports.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';

/** Says at all times that a scratch board is one, what it left out, and what can be made of it. */
export class TsScratchBanner extends LitElement {
  static override properties = { scratch: { attribute: false } };
  declare scratch: ScratchStatus;

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        display: block;
        background: var(--honey-wash);
        color: var(--honey-ink);
        font-size: var(--text-s);
        font-weight: 600;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.15rem 0.9rem;
        padding: 0.3rem 1rem;
      }
      .what {
        display: flex;
        align-items: center;
        gap: 0.5rem;
      }
      .what svg {
        flex: none;
      }
      .grow {
        flex: 1;
      }
      a,
      button {
        display: inline-flex;
        align-items: center;
        min-height: max(28px, var(--target));
        color: inherit;
        font-weight: 680;
        text-decoration: underline;
        text-underline-offset: 0.18em;
      }
      .notices {
        padding: 0 1rem 0.4rem;
        font-weight: 500;
      }
    `,
  ];

  #onMakeFull = (): void => {
    emit(this, 'ts-make-full', null);
  };

  #full(): TemplateResult {
    const { fullBoardId } = this.scratch;
    if (fullBoardId !== null) return html`<a href="#/b/${fullBoardId}">${texts.scratchFullBoard}</a>`;
    return html`<button @click=${this.#onMakeFull}>${texts.scratchMakeFull}</button>`;
  }

  override render(): TemplateResult {
    const { notices, skipped } = this.scratch;
    return html`<aside aria-label=${texts.scratchBoard}>
      <div class="line">
        <span class="what">${icon('link', 16)} ${texts.scratchLabel}</span>
        <span class="grow"></span>
        ${this.#full()}
      </div>
      <div role="status">
        ${
          notices.length === 0
            ? nothing
            : html`<ul class="notices" role="list">
                ${notices.map(
                  (code) =>
                    html`<li>
                      ${code === 'scratchSkipped' ? texts.scratchSkippedCount(skipped) : nothing}
                      ${errorLine(code)}
                    </li>`,
                )}
              </ul>`
        }
      </div>
    </aside>`;
  }
}

customElements.define('ts-scratch-banner', TsScratchBanner);
