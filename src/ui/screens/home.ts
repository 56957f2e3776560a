import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { codeOf, errorLine } from '../error-texts.ts';
import { timeAgo } from '../format.ts';
import { icon, logoMark } from '../icons.ts';
import type { AppPort, BoardSummary, Status } from '../ports.ts';
import { navigate } from '../router.ts';
import { baseStyles, buttonStyles, dialogStyles, fieldStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';
import { pageStyles } from './page-styles.ts';
import '../elements/theme-button.ts';

const TEMPLATES = ['blank', 'team', 'sprint', 'bugs', 'personal', 'welcome'] as const;
type Template = (typeof TEMPLATES)[number];

/** The boards on this device, and the two ways to get another one. */
export class TsHomeScreen extends LitElement {
  static override properties = {
    app: { attribute: false },
    boards: { attribute: false },
    status: { attribute: false },
    template: { state: true },
    busy: { state: true },
    joinProblem: { state: true },
    leaving: { state: true },
    /** A board is being opened only to leave it: the shell must not go there. */
    busyLeaving: { state: true },
  };
  declare app: AppPort;
  declare boards: readonly BoardSummary[];
  declare status: Status;
  declare template: Template;
  declare busy: boolean;
  declare joinProblem: string | null;
  declare leaving: BoardSummary | null;
  declare busyLeaving: boolean;

  constructor() {
    super();
    this.boards = [];
    this.template = 'team';
    this.busy = false;
    this.joinProblem = null;
    this.leaving = null;
    this.busyLeaving = false;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    dialogStyles,
    pageStyles,
    css`
      .boards {
        display: grid;
        gap: 0.75rem;
      }
      .board {
        position: relative;
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: 0.15rem 1rem;
        padding: 0.85rem 0.75rem 0.9rem 1.1rem;
        border-radius: 0 14px 14px 14px;
        --tab: var(--sheet);
        background: var(--tab);
        box-shadow: var(--shadow-1);
        margin-top: 10px;
      }
      /* Each board is a tab that waits to be opened. */
      .board::before {
        content: '';
        position: absolute;
        left: 0;
        bottom: calc(100% - 1px);
        width: 5.5rem;
        height: 11px;
        border-radius: 6px 6px 0 0;
        background: var(--tab);
      }
      .board::after {
        content: '';
        position: absolute;
        left: 5.5rem;
        bottom: calc(100% - 1px);
        width: 6px;
        height: 6px;
        background: radial-gradient(circle at 100% 0, #0000 5.5px, var(--tab) 6px);
      }
      .board:hover {
        --tab: var(--card);
        background: var(--tab);
      }
      .board a {
        grid-column: 1;
        font-size: var(--text-l);
        font-weight: 660;
        letter-spacing: -0.012em;
        color: inherit;
        text-decoration: none;
        overflow-wrap: anywhere;
      }
      .board a::after {
        content: '';
        position: absolute;
        inset: 0;
        border-radius: inherit;
      }
      .board a:focus-visible {
        outline: none;
      }
      .board a:focus-visible::after {
        outline: 2px solid var(--act);
        outline-offset: 2px;
        border-radius: 14px;
      }
      .facts {
        grid-column: 1;
        display: flex;
        flex-wrap: wrap;
        gap: 0.1rem 0.9rem;
        font-size: var(--text-s);
        color: var(--ink-soft);
        font-variant-numeric: tabular-nums;
      }
      .facts .scratch {
        padding: 0 0.45rem;
        border-radius: 999px;
        background: var(--honey-wash);
        color: var(--honey-ink);
        font-weight: 600;
      }
      .facts .here {
        color: var(--honey-ink);
        font-weight: 600;
      }
      .board .button {
        position: relative;
        grid-column: 2;
        grid-row: 1 / span 2;
        color: var(--ink-soft);
      }
      .none {
        padding: 2.5rem 1.5rem;
        border-radius: var(--r-l);
        border: 1px dashed var(--edge);
        text-align: center;
      }
      .none b {
        display: block;
        font-size: var(--text-l);
        font-weight: 660;
        margin-bottom: 0.25rem;
      }
      .lives {
        margin-top: 1.1rem;
      }
      .chips {
        display: flex;
        flex-wrap: wrap;
        gap: 0.35rem;
      }
      .chips label {
        display: inline-flex;
        align-items: center;
        min-height: max(30px, var(--target));
        padding: 0 0.75rem;
        border: 1px solid var(--edge);
        border-radius: 999px;
        background: var(--card);
        font-size: var(--text-s);
        font-weight: 550;
        cursor: pointer;
      }
      .chips label:has(:checked) {
        background: var(--act);
        border-color: var(--act);
        color: var(--on-act);
      }
      .chips label:has(:focus-visible) {
        outline: 2px solid var(--act);
        outline-offset: 2px;
      }
      .chips input[type='radio'] {
        position: absolute;
        opacity: 0;
        pointer-events: none;
      }
      legend {
        padding: 0 0 0.35rem;
        font-size: var(--text-s);
        font-weight: 600;
        color: var(--ink-soft);
      }
      form {
        display: contents;
      }
      .choice {
        display: flex;
        align-items: baseline;
        gap: 0.5rem;
        min-height: var(--target);
        font-size: var(--text-s);
        color: var(--ink-soft);
      }
      .stack {
        display: grid;
        gap: 0.6rem;
        margin-top: 1.1rem;
      }
      .stack .button {
        min-height: 42px;
      }
      .warn {
        margin-top: 0.6rem;
        color: var(--honey-ink);
        font-weight: 600;
      }
      @media (forced-colors: active) {
        .board {
          border: 1px solid CanvasText;
        }
        .chips label:has(:checked) {
          border: 3px solid Highlight;
        }
      }
    `,
  ];

  #onTemplate = (event: Event): void => {
    const value = (event.currentTarget as HTMLInputElement).value;
    this.template = TEMPLATES.find((template) => template === value) ?? 'blank';
  };

  #onCreate = (event: Event): void => {
    event.preventDefault();
    void this.#create();
  };

  async #create(): Promise<void> {
    if (this.busy) return;
    const field = this.renderRoot.querySelector<HTMLInputElement>('#title');
    const title = field?.value.trim() ?? '';
    const isScratch = this.renderRoot.querySelector<HTMLInputElement>('#scratch')?.checked === true;
    this.busy = true;
    try {
      const { boardId } = await this.app.createBoard({
        title: title || texts.untitled,
        template: this.template,
        ...(isScratch ? { scratch: true } : {}),
      });
      navigate({ screen: 'board', boardId });
    } catch (reason) {
      emit(this, 'ts-toast', { text: errorLine(codeOf(reason)), kind: 'bad' });
    } finally {
      this.busy = false;
    }
  }

  #onJoin = (event: Event): void => {
    event.preventDefault();
    void this.#look();
  };

  async #look(): Promise<void> {
    const field = this.renderRoot.querySelector<HTMLInputElement>('#link');
    const url = field?.value.trim() ?? '';
    const preview = await this.app.previewInvite(url);
    this.joinProblem = preview.ok ? null : preview.code;
    if (!preview.ok) field?.focus();
    else if (preview.value.alreadyMember) navigate({ screen: 'board', boardId: preview.value.boardId });
    else navigate({ screen: 'join', url });
  }

  #onLinkInput = (): void => {
    this.joinProblem = null;
  };

  #ask(board: BoardSummary): () => void {
    return () => {
      this.leaving = board;
      void this.updateComplete.then(() => {
        this.#dialog()?.showModal();
      });
    };
  }

  #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog');
  }

  #onCancelLeave = (): void => {
    this.#dialog()?.close();
  };

  #onDialogClosed = (): void => {
    this.leaving = null;
  };

  #leave(keepCopy: boolean): () => void {
    return () => {
      const board = this.leaving;
      this.#dialog()?.close();
      if (board !== null) void this.#doLeave(board, keepCopy);
    };
  }

  async #doLeave(board: BoardSummary, keepCopy: boolean): Promise<void> {
    this.busyLeaving = true;
    try {
      if (this.status.boardId !== board.boardId) await this.app.openBoard(board.boardId);
      await this.app.leave({ keepCopy });
      emit(this, 'ts-toast', { text: texts.left });
    } catch (reason) {
      emit(this, 'ts-toast', { text: errorLine(codeOf(reason)), kind: 'bad' });
    } finally {
      this.busyLeaving = false;
    }
  }

  #board(board: BoardSummary): TemplateResult {
    const open = this.status.boardId === board.boardId;
    const title = board.title || texts.untitled;
    return html`<li class="board ${open ? 'open' : ''}">
      <a href="#/b/${board.boardId}" dir="auto">${title}</a>
      <p class="facts">
        <span>${texts.cards(board.cardCount)}</span>
        <span>${texts.changedAgo(timeAgo(board.updatedAt, Date.now()))}</span>
        <span class=${board.scratch === true ? 'scratch' : ''}
          >${board.scratch === true ? texts.scratchBoard : texts.roleName(board.role)}</span
        >
        ${
          board.unacknowledged > 0
            ? html`<span class="here">${texts.unacknowledged(board.unacknowledged)}</span>`
            : nothing
        }
      </p>
      <button class="button quiet" aria-label=${texts.boardOptions(title)} @click=${this.#ask(board)}>
        ${texts.leave}
      </button>
    </li>`;
  }

  #boards(): TemplateResult {
    if (this.boards.length === 0) {
      return html`<div class="none"><b>${texts.noBoards}</b>${texts.noBoardsHint}</div>`;
    }
    return html`<ul class="boards" role="list">
        ${repeat(
          this.boards,
          (board) => board.boardId,
          (board) => this.#board(board),
        )}
      </ul>
      <p class="soft lives">${this.boards.length === 1 ? texts.livesHere : texts.boardsLiveHere}</p>`;
  }

  #createForm(): TemplateResult {
    return html`<section class="pane" aria-labelledby="new">
      <h2 id="new">${texts.newBoard}</h2>
      <form @submit=${this.#onCreate}>
        <div class="field">
          <label for="title">${texts.newBoardTitle}</label>
          <input
            id="title"
            dir="auto"
            maxlength="200"
            autocomplete="off"
            placeholder=${texts.newBoardPlaceholder}
          />
        </div>
        <fieldset>
          <legend>${texts.templateLegend}</legend>
          <div class="chips">
            ${TEMPLATES.map(
              (template) =>
                html`<label
                  ><input
                    type="radio"
                    name="template"
                    .value=${template}
                    .checked=${template === this.template}
                    @change=${this.#onTemplate}
                  />${texts.templates[template]}</label
                >`,
            )}
          </div>
        </fieldset>
        <label class="choice"><input id="scratch" type="checkbox" /> ${texts.scratchNew}</label>
        <button class="button primary" ?disabled=${this.busy}>${texts.create}</button>
      </form>
    </section>`;
  }

  #join(): TemplateResult {
    const problem = this.joinProblem;
    return html`<section class="pane" aria-labelledby="join">
      <h2 id="join">${texts.joinBoard}</h2>
      <form @submit=${this.#onJoin}>
        <div class="field">
          <label for="link">${texts.joinPaste}</label>
          <input
            id="link"
            required
            autocomplete="off"
            spellcheck="false"
            placeholder=${texts.joinPlaceholder}
            aria-invalid=${problem === null ? 'false' : 'true'}
            aria-describedby="link-problem"
            @input=${this.#onLinkInput}
          />
          <p class="problem" id="link-problem" role="alert">
            ${problem === null ? nothing : errorLine(problem)}
          </p>
        </div>
        <button class="button">${icon('link', 16)} ${texts.joinGo}</button>
      </form>
    </section>`;
  }

  #leaveDialog(): TemplateResult {
    const board = this.leaving;
    return html`<dialog class="box" aria-labelledby="leave" closedby="any" @close=${this.#onDialogClosed}>
      ${
        board === null
          ? nothing
          : html`<h2 id="leave" dir="auto">${texts.leaveTitle(board.title || texts.untitled)}</h2>
              <p>${texts.leaveBody}</p>
              ${board.unacknowledged > 0 ? html`<p class="warn">${texts.leaveOnlyCopy}</p>` : nothing}
              <div class="stack">
                <button class="button" @click=${this.#leave(true)}>${texts.leaveKeep}</button>
                <button class="button danger" @click=${this.#leave(false)}>${texts.leaveErase}</button>
                <button class="button quiet" @click=${this.#onCancelLeave}>${texts.cancel}</button>
              </div>`
      }
    </dialog>`;
  }

  override render(): TemplateResult {
    return html`<header class="bar">
        <a class="brand" href="#/">${logoMark(30)} ${texts.appName}</a>
        <span class="grow"></span>
        <ts-theme-button></ts-theme-button>
      </header>
      <main>
        <h1>${texts.homeTitle}</h1>
        <p class="lead">${texts.homeLead}</p>
        <div class="columns">
          <section aria-label=${texts.homeTitle}>${this.#boards()}</section>
          <div>${this.#createForm()} ${this.#join()}</div>
        </div>
      </main>
      ${this.#leaveDialog()}`;
  }
}

customElements.define('ts-home-screen', TsHomeScreen);
