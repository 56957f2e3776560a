import { css, html, LitElement, type TemplateResult } from 'lit';
import type { ClosedStatus } from '../decision-ports.ts';
import { timeAgo } from '../format.ts';
import { governingTexts as words } from '../governing-texts.ts';
import { icon } from '../icons.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { emit } from '../ui-event.ts';
import { bannerStyles } from './banner-styles.ts';

/** Tells that the group decided that the board is over, by which decision, and what is left to do: to read, to copy, to keep the proof. */
export class TsClosedBanner extends LitElement {
  static override properties = { closed: { attribute: false }, boardId: { attribute: false } };
  declare closed: ClosedStatus;
  declare boardId: string;

  static override styles = [
    baseStyles,
    buttonStyles,
    bannerStyles,
    css`
      :host {
        background: var(--honey-wash);
        border-bottom-color: var(--honey);
      }
    `,
  ];

  #onCopy = (): void => {
    emit(this, 'ts-copy-board', null);
  };

  override render(): TemplateResult {
    const { at, sequence, title } = this.closed;
    const what = words.closed(timeAgo(at, Date.now()));
    return html`<aside aria-label=${what}>
      <div class="story" role="alert">
        <b>${icon('stop')} <span>${what}</span></b>
        <p dir="auto">${words.closedBy(title, sequence)}</p>
        <p>${words.closedStays}</p>
        <div class="actions">
          <a class="button primary" href="#/b/${this.boardId}/decisions">${words.closedDecisions}</a>
          <button class="button" @click=${this.#onCopy}>${icon('copy', 16)} ${words.copyBoard}</button>
        </div>
      </div>
    </aside>`;
  }
}

customElements.define('ts-closed-banner', TsClosedBanner);
