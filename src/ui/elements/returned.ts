import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ArchivedCardSnapshot, BoardSnapshot } from '../../board/snapshot.ts';
import { archiveWords } from '../board/archive-words.ts';
import { BoardActions, copyOut } from '../board/board-actions.ts';
import { codeOf, errorLine, errorText } from '../error-texts.ts';
import { timeAgo } from '../format.ts';
import { icon } from '../icons.ts';
import type { People } from '../people.ts';
import type { AppPort, ReturnedEdit } from '../ports.ts';
import { baseStyles, buttonStyles, dialogStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';

/** Says that something this person wrote was not taken over, and shows it with what can be done about it. Nothing at all while there is nothing. */
export class TsReturned extends LitElement {
  static override properties = {
    app: { attribute: false },
    board: { attribute: false },
    people: { attribute: false },
    readOnly: { type: Boolean },
    edits: { state: true },
    busy: { state: true },
    open: { state: true },
  };
  declare app: AppPort;
  declare board: BoardSnapshot;
  declare people: People;
  declare readOnly: boolean;
  declare edits: readonly ReturnedEdit[];
  declare busy: boolean;
  declare open: boolean;
  #unsubscribe: (() => void) | undefined;

  constructor() {
    super();
    this.readOnly = false;
    this.edits = [];
    this.busy = false;
    this.open = false;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    dialogStyles,
    css`
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.15rem 0.6rem;
        padding: 0.3rem 1rem;
        background: var(--honey-wash);
        color: var(--honey-ink);
        font-size: var(--text-s);
        font-weight: 600;
      }
      .bar button {
        min-height: max(28px, var(--target));
        color: inherit;
        font-weight: 680;
        text-decoration: underline;
        text-underline-offset: 0.18em;
      }
      dialog.box {
        width: min(38rem, calc(100vw - 2rem));
      }
      .soft {
        color: var(--ink-soft);
        font-size: var(--text-s);
      }
      li {
        display: grid;
        gap: 0.35rem;
        padding: 0.9rem 0;
        border-top: 1px solid var(--line);
      }
      ul {
        margin-top: 0.75rem;
      }
      .name {
        font-weight: 650;
        overflow-wrap: anywhere;
      }
      .words {
        max-height: 12rem;
        overflow: auto;
        padding: 0.5rem 0.7rem;
        border-radius: var(--r-s);
        border: 1px solid var(--line);
        background: var(--card);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .dialog-actions {
        margin-top: 0.25rem;
        justify-content: flex-start;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.edits = this.app.board.returned.list();
    this.#unsubscribe = this.app.on('returned', () => {
      this.edits = this.app.board.returned.list();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe?.();
  }

  /** Cards that were put away by somebody who did not know that this person was writing in them. */
  get #putAway(): readonly ArchivedCardSnapshot[] {
    const self = this.people.all.find((member) => member.self)?.memberId ?? '';
    if (this.readOnly) return [];
    return this.board.archive.filter(
      ({ reason, editedBy }) => reason !== 'archived' && editedBy.includes(self),
    );
  }

  #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog');
  }

  #onLook = (): void => {
    this.open = true;
    void this.updateComplete.then(() => this.#dialog()?.showModal());
  };

  #onClosed = (): void => {
    this.open = false;
  };

  #onClose = (): void => {
    this.#dialog()?.close();
  };

  #onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
  };

  async #again({ id }: ReturnedEdit): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await this.app.board.returned.again(id);
      emit(this, 'ts-toast', { text: texts.returnedDone });
    } catch (reason) {
      emit(this, 'ts-toast', { text: errorLine(codeOf(reason)), kind: 'bad' });
    }
    this.busy = false;
    this.#keepFocus();
  }

  #dismiss({ id }: ReturnedEdit): void {
    void this.app.board.returned.dismiss(id);
    this.#keepFocus();
  }

  #decide(type: 'restoreCard' | 'removeCard', cardId: string): void {
    void new BoardActions(this.app, this).apply({ type, cardId });
    this.#keepFocus();
  }

  /** The button that was pressed is gone with its item: the keyboard goes on at the dialog's head, not at the page's. */
  #keepFocus(): void {
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector<HTMLElement>('.dialog-head button')?.focus();
    });
  }

  #edit(edit: ReturnedEdit): TemplateResult {
    const { what } = errorText(edit.code);
    const actions = [
      this.readOnly
        ? nothing
        : html`<button class="button" ?disabled=${this.busy} @click=${() => void this.#again(edit)}>
            ${texts.returnedAgain}
          </button>`,
      edit.text === ''
        ? nothing
        : html`<button
            class="button"
            @click=${() => {
              copyOut(this, edit.text);
            }}
          >
            ${texts.copyWords}
          </button>`,
      html`<button
        class="button"
        @click=${() => {
          this.#dismiss(edit);
        }}
      >
        ${texts.returnedDismiss}
      </button>`,
    ];
    return html`<li>
      <p class="name" dir="auto">${edit.title === '' ? texts.returnedNew : edit.title}</p>
      <p class="soft">${what} ${texts.returnedWritten(timeAgo(edit.at, Date.now()))}</p>
      <p
        class="words"
        dir="auto"
        tabindex="0"
        .textContent=${edit.text === '' ? texts.returnedNoWords(edit.commands) : edit.text}
      ></p>
      <div class="dialog-actions">${actions}</div>
    </li>`;
  }

  #card(card: ArchivedCardSnapshot): TemplateResult {
    return html`<li>
      <p class="name" dir="auto">${card.title}</p>
      <p class="soft">${archiveWords(card, this.people)}</p>
      <div class="dialog-actions">
        <button
          class="button"
          @click=${() => {
            this.#decide('restoreCard', card.id);
          }}
        >
          ${texts.restore}
        </button>
        <button
          class="button"
          @click=${() => {
            this.#decide('removeCard', card.id);
          }}
        >
          ${texts.remove}
        </button>
      </div>
    </li>`;
  }

  override render(): TemplateResult {
    const putAway = this.#putAway;
    const count = this.edits.length + putAway.length;
    // The dialog stays for what it says last: that nothing is left.
    return html`${
        count === 0
          ? nothing
          : html`<p class="bar" role="status">
              ${icon('archive', 16)} ${texts.returnedBar(count)}
              <button @click=${this.#onLook}>${texts.returnedLook}</button>
            </p>`
      }
      <dialog
        class="box"
        aria-labelledby="heading"
        closedby="any"
        @close=${this.#onClosed}
        @keydown=${this.#onKeyDown}
      >
        <div class="dialog-head">
          <h2 id="heading">${texts.returnedTitle}</h2>
          <button class="icon" autofocus aria-label=${texts.close} @click=${this.#onClose}>
            ${icon('close')}
          </button>
        </div>
        <p class="soft">${count === 0 ? texts.returnedNone : texts.returnedHint}</p>
        <ul role="list">
          ${repeat(
            this.open ? this.edits : [],
            ({ id }) => id,
            (edit) => this.#edit(edit),
          )}
          ${repeat(
            this.open ? putAway : [],
            ({ id }) => id,
            (card) => this.#card(card),
          )}
        </ul>
      </dialog>`;
  }
}

customElements.define('ts-returned', TsReturned);
