import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ArchivedCardSnapshot } from '../../board/snapshot.ts';
import { archiveWords } from '../board/archive-words.ts';
import { icon } from '../icons.ts';
import type { People } from '../people.ts';
import { baseStyles, buttonStyles, dialogStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';

/** Cards drawn at once; the newest come first and restoring makes room for more. Keeps a long archive quick. */
const MAX_DRAWN = 200;

/** Archived cards, newest first, each to be restored or removed for good. */
export class TsArchivePanel extends LitElement {
  static override properties = {
    archive: { attribute: false },
    people: { attribute: false },
    readOnly: { type: Boolean },
    open: { type: Boolean, state: true },
  };
  declare archive: readonly ArchivedCardSnapshot[];
  declare people: People;
  declare readOnly: boolean;
  declare open: boolean;

  constructor() {
    super();
    this.archive = [];
    this.readOnly = false;
    this.open = false;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    dialogStyles,
    css`
      .content {
        padding: 1rem 1.25rem 2rem;
      }
      .soft {
        color: var(--ink-soft);
        font-size: var(--text-s);
      }
      li {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        padding: 0.6rem 0;
        border-top: 1px solid var(--line);
      }
      li:first-child {
        border-top: 0;
      }
      .also {
        display: flex;
        align-items: center;
        gap: 0.3rem;
        font-size: var(--text-s);
        font-weight: 600;
        color: var(--honey-ink);
      }
      li > div {
        flex: 1;
        min-width: 0;
      }
      ul {
        margin-top: 0.75rem;
      }
      .name {
        overflow-wrap: anywhere;
      }
    `,
  ];

  /** Opens the panel. */
  async show(): Promise<void> {
    this.open = true;
    await this.updateComplete;
    this.#dialog().showModal();
  }

  #dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector('dialog') as HTMLDialogElement;
  }

  #onCloseButton = (): void => {
    this.#dialog().close();
  };

  #onClosed = (): void => {
    this.open = false;
  };

  #onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
  };

  #ask(type: 'restoreCard' | 'removeCard', cardId: string): () => void {
    return () => {
      this.dispatchEvent(new CustomEvent('ts-archive-command', { detail: { type, cardId } }));
    };
  }

  #item(card: ArchivedCardSnapshot): TemplateResult {
    return html`<li>
      <div>
        <p class="name" dir="auto">${card.title}</p>
        <p class="soft">${archiveWords(card, this.people)}</p>
        ${card.conflicts.length === 0 ? nothing : html`<p class="also">${icon('people', 14)} ${texts.alsoEditedArchived}</p>`}
      </div>
      ${
        this.readOnly
          ? nothing
          : html`<button class="button" @click=${this.#ask('restoreCard', card.id)}>${texts.restore}</button>
              <button
                class="icon"
                aria-label="${texts.remove}: ${card.title}"
                @click=${this.#ask('removeCard', card.id)}
              >
                ${icon('trash')}
              </button>`
      }
    </li>`;
  }

  override render(): TemplateResult {
    const cards = this.open ? this.archive.slice(0, MAX_DRAWN) : [];
    return html`<dialog
      class="panel"
      aria-labelledby="heading"
      closedby="any"
      @close=${this.#onClosed}
      @keydown=${this.#onKeyDown}
    >
      <div class="content">
        <div class="dialog-head">
          <h2 id="heading">${texts.archiveTitle}</h2>
          <button class="icon" aria-label=${texts.close} @click=${this.#onCloseButton}>
            ${icon('close')}
          </button>
        </div>
        <p class="soft">${this.archive.length === 0 ? texts.archiveEmpty : texts.archiveHint}</p>
        <ul role="list">
          ${repeat(
            cards,
            (card) => card.id,
            (card) => this.#item(card),
          )}
        </ul>
      </div>
    </dialog>`;
  }
}

customElements.define('ts-archive-panel', TsArchivePanel);
