import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { QuorumStatus } from '../decision-ports.ts';
import { codeOf, errorLine } from '../error-texts.ts';
import { closeDialog, showDialog } from '../own-dialog.ts';
import type { People } from '../people.ts';
import type { AppPort } from '../ports.ts';
import { baseStyles, buttonStyles, dialogStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';
import { seatNames } from './committee-pane.ts';
import { decisionTexts as words } from './decision-texts.ts';

/** For how long a quorum has to be gone before a new beginning is offered, ms. Origin: after as long Kubernetes gives up what ran on a node that it cannot reach (`tolerationSeconds` 300). */
export const LOST_FOR_LONG_MS = 300_000;
const list = new Intl.ListFormat('en');

/** Where whoever made the board begins the committee anew, after it was said what that means. */
export class TsResetDialog extends LitElement {
  static override properties = {
    app: { attribute: false },
    people: { attribute: false },
    quorum: { attribute: false },
    isOpen: { state: true },
    isSure: { state: true },
    busy: { state: true },
    problem: { state: true },
  };
  declare app: AppPort;
  declare people: People;
  declare quorum: QuorumStatus | null;
  declare isOpen: boolean;
  declare isSure: boolean;
  declare busy: boolean;
  declare problem: string | null;

  constructor() {
    super();
    this.quorum = null;
    this.isOpen = false;
    this.isSure = false;
    this.busy = false;
    this.problem = null;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    dialogStyles,
    css`
      ul {
        display: grid;
        gap: 0.5rem;
        margin: 0.9rem 0;
        padding-inline-start: 1.1rem;
        list-style: disc;
      }
      label {
        display: flex;
        gap: 0.5rem;
        align-items: center;
        min-height: var(--target);
        font-weight: 600;
      }
      .problem {
        color: var(--bad);
      }
    `,
  ];

  async show(): Promise<void> {
    this.isSure = false;
    this.problem = null;
    this.isOpen = true;
    await showDialog(this);
  }

  #onClose = (): void => {
    closeDialog(this);
  };

  #onClosed = (): void => {
    this.isOpen = false;
  };

  #onSure = (event: Event): void => {
    this.isSure = (event.currentTarget as HTMLInputElement).checked;
  };

  #onBegin = (): void => {
    void this.#begin();
  };

  async #begin(): Promise<void> {
    if (this.busy || !this.isSure) return;
    this.busy = true;
    this.problem = null;
    try {
      await this.app.decide.resetCommittee();
      this.#onClose();
      emit(this, 'ts-announce', { text: words.resetDone });
    } catch (reason) {
      this.problem = codeOf(reason);
    } finally {
      this.busy = false;
    }
  }

  #body(quorum: QuorumStatus): TemplateResult {
    const gone = seatNames(quorum, this.people).filter(({ reached }) => !reached);
    const names = list.format(gone.map(({ name }) => name));
    return html`<h2 id="heading">${words.resetTitle}</h2>
      <p dir="auto">${words.resetLead(quorum.reachable, quorum.needed, names)}</p>
      <ul>
        ${words.resetMeans.map((line) => html`<li>${line}</li>`)}
      </ul>
      <label
        ><input
          type="checkbox"
          .checked=${this.isSure}
          ?disabled=${this.busy}
          @change=${this.#onSure}
        />${words.resetSure}</label
      >
      <p role="status">${this.busy ? words.resetRunning : nothing}</p>
      ${this.problem === null ? nothing : html`<p class="problem" role="alert">${errorLine(this.problem)}</p>`}
      <div class="dialog-actions">
        <button class="button quiet" type="button" @click=${this.#onClose}>${texts.cancel}</button>
        <button class="button danger" ?disabled=${this.busy || !this.isSure} @click=${this.#onBegin}>
          ${words.resetOffer}
        </button>
      </div>`;
  }

  override render(): TemplateResult {
    return html`<dialog class="box" aria-labelledby="heading" @close=${this.#onClosed}>
      ${this.isOpen && this.quorum !== null ? this.#body(this.quorum) : nothing}
    </dialog>`;
  }
}

customElements.define('ts-reset-dialog', TsResetDialog);
