import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { icon, logoMark } from '../icons.ts';
import type { People } from '../people.ts';
import type { Status } from '../ports.ts';
import { isHindered } from '../standing.ts';
import { baseStyles, buttonStyles, fieldStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { detailOf, emit } from '../ui-event.ts';
import { boardHeaderStyles } from './board-header-styles.ts';
import './avatar.ts';
import './inline-edit.ts';
import './closed-banner.ts';
import './scratch-banner.ts';
import './standing-banner.ts';
import './state-pill.ts';
import './theme-button.ts';

/** People drawn in the header; the Share screen lists all. A guess at what a laptop has room for. */
const MAX_FACES = 5;

/** What the bar at the top of a board can ask its screen to do. */
export type HeaderAction = 'undo' | 'redo' | 'archive' | 'help' | 'more';

/** The bar at the top of a board: where, who, how it stands, and what can be done with all of it. */
export class TsBoardHeader extends LitElement {
  static override properties = {
    boardTitle: {},
    conflicted: { type: Boolean },
    boardId: {},
    status: { attribute: false },
    people: { attribute: false },
    writeFailed: { type: Boolean },
    readOnly: { type: Boolean },
    canUndo: { type: Boolean },
    canRedo: { type: Boolean },
    archiveCount: { type: Number },
    filterText: {},
    shown: { type: Number },
    all: { type: Number },
    filterOpen: { state: true },
    renaming: { state: true },
  };
  declare boardTitle: string;
  /** Whether several people gave the board a title at once. */
  declare conflicted: boolean;
  declare boardId: string;
  declare status: Status;
  declare people: People;
  declare writeFailed: boolean;
  declare readOnly: boolean;
  declare canUndo: boolean;
  declare canRedo: boolean;
  declare archiveCount: number;
  declare filterText: string;
  declare shown: number;
  declare all: number;
  declare filterOpen: boolean;
  declare renaming: boolean;

  constructor() {
    super();
    this.boardTitle = '';
    this.conflicted = false;
    this.boardId = '';
    this.filterText = '';
    this.filterOpen = false;
    this.renaming = false;
  }

  static override styles = [baseStyles, buttonStyles, fieldStyles, boardHeaderStyles];

  /** Puts the cursor into the filter, opening it on a phone. */
  async focusFilter(): Promise<void> {
    this.filterOpen = true;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('input')?.focus();
  }

  /** The button that the screen's overflow menu belongs to, on phones. */
  get moreAnchor(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('.narrow');
  }

  #act(action: HeaderAction): () => void {
    return () => {
      this.dispatchEvent(new CustomEvent('ts-header-action', { detail: action }));
    };
  }

  #setFilter(text: string): void {
    this.dispatchEvent(new CustomEvent('ts-filter', { detail: text }));
  }

  #onFilterInput = (event: Event): void => {
    this.#setFilter((event.currentTarget as HTMLInputElement).value);
  };

  #onFilterKey = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key !== 'Escape') return;
    event.preventDefault();
    this.#clearFilter();
  };

  #clearFilter = (): void => {
    this.#setFilter('');
    this.filterOpen = false;
    this.dispatchEvent(new CustomEvent('ts-filter-left'));
  };

  #onConflicts = (): void => {
    emit(this, 'ts-conflicts', { columnId: '' });
  };

  #onTitle = (): void => {
    this.renaming = true;
  };

  #onCommit = (event: Event): void => {
    this.renaming = false;
    this.dispatchEvent(new CustomEvent('ts-rename-board', { detail: detailOf('ts-commit', event).text }));
  };

  #onCancel = (): void => {
    this.renaming = false;
  };

  #title(): TemplateResult {
    if (this.renaming) {
      return html`<ts-inline-edit
        class="title"
        .value=${this.boardTitle}
        .label=${texts.boardTitle}
        @ts-commit=${this.#onCommit}
        @ts-cancel=${this.#onCancel}
      ></ts-inline-edit>`;
    }
    if (this.readOnly) return html`<span class="title" dir="auto">${this.boardTitle}</span>`;
    return html`<button class="title" dir="auto" title=${texts.renameBoard} @click=${this.#onTitle}>
      ${this.boardTitle || texts.untitled}
    </button>`;
  }

  #faces(): TemplateResult | typeof nothing {
    const here = this.people.all.filter((member) => member.online);
    if (here.length === 0) return nothing;
    const extra = here.length - MAX_FACES;
    return html`<ul class="faces" role="list" aria-label=${texts.online}>
      ${here.slice(0, MAX_FACES).map((member) => {
        const name = texts.personHere(member.self ? texts.withYou(member.name) : member.name, member.peers);
        return html`<li>
          <ts-avatar
            .memberId=${member.memberId}
            .name=${member.name}
            .label=${member.asleep ? `${name}, ${texts.asleep}` : name}
            .asleep=${member.asleep}
            .size=${28}
          ></ts-avatar>
        </li>`;
      })}
      ${extra > 0 ? html`<li class="extra">+${extra}</li>` : nothing}
    </ul>`;
  }

  #filter(): TemplateResult {
    const filtering = this.filterText.trim() !== '';
    return html`<div class="filter ${this.filterOpen || filtering ? 'open' : ''}" role="search">
      ${icon('search', 16)}
      <input
        type="text"
        inputmode="search"
        autocomplete="off"
        aria-label=${texts.filter}
        placeholder=${texts.filterPlaceholder}
        .value=${this.filterText}
        @input=${this.#onFilterInput}
        @keydown=${this.#onFilterKey}
      />
      ${
        filtering
          ? html`<button class="chip" title=${texts.filterClear} @click=${this.#clearFilter}>
              ${texts.filterShown(this.shown, this.all)}<span class="hidden-text">${texts.filterClear}</span>
              ${icon('close', 12)}
            </button>`
          : nothing
      }
    </div>`;
  }

  #decisions(): TemplateResult {
    const count = this.status.pending.needsVote;
    const label = texts.decisions(count);
    return html`<a
      class="icon decisions"
      href="#/b/${this.boardId}/decisions"
      aria-label=${label}
      title=${label}
      >${icon('ballot')}${count === 0 ? nothing : html`<span class="badge" aria-hidden="true">${count}</span>`}</a
    >`;
  }

  #tools(): TemplateResult {
    const openFilter = (): void => {
      void this.focusFilter();
    };
    return html`<div class="tools">
      ${
        this.readOnly
          ? nothing
          : html`<button
                class="icon"
                aria-label=${texts.undo}
                title=${texts.undo}
                ?disabled=${!this.canUndo}
                @click=${this.#act('undo')}
              >
                ${icon('undo')}
              </button>
              <button
                class="icon"
                aria-label=${texts.redo}
                title=${texts.redo}
                ?disabled=${!this.canRedo}
                @click=${this.#act('redo')}
              >
                ${icon('redo')}
              </button>`
      }
      <button
        class="icon filter-opener"
        aria-label=${texts.filter}
        title=${texts.filter}
        @click=${openFilter}
      >
        ${icon('search')}
      </button>
      ${this.status.scratch === undefined ? this.#decisions() : nothing}
      <button
        class="icon wide"
        aria-label=${texts.archiveCount(this.archiveCount)}
        title=${texts.archiveCount(this.archiveCount)}
        @click=${this.#act('archive')}
      >
        ${icon('archive')}
      </button>
      <ts-theme-button class="wide"></ts-theme-button>
      <button class="icon wide" aria-label=${texts.help} title=${texts.help} @click=${this.#act('help')}>
        ${icon('help')}
      </button>
      <button
        class="icon narrow"
        aria-label=${texts.moreActions}
        aria-haspopup="menu"
        @click=${this.#act('more')}
      >
        ${icon('more')}
      </button>
    </div>`;
  }

  override render(): TemplateResult {
    const { scratch } = this.status;
    return html`<header>
        <a class="icon home" href="#/" aria-label=${texts.allBoards} title=${texts.allBoards}
          >${logoMark(28)}</a
        >
        <h1>${this.#title()}</h1>
        ${
          this.conflicted
            ? html`<button
                class="also"
                aria-label=${texts.conflictsOf(this.boardTitle)}
                @click=${this.#onConflicts}
              >
                ${texts.alsoEdited}
              </button>`
            : nothing
        }
        <div class="state">
          <ts-state-pill .status=${this.status} .writeFailed=${this.writeFailed}></ts-state-pill>
          ${this.#faces()}
        </div>
        ${this.#filter()} ${this.#tools()}
        <a class="button primary share" href="#/b/${this.boardId}/share" aria-label=${texts.share}
          >${icon('share', 16)}<span class="share-word">${texts.share}</span></a
        >
      </header>
      ${scratch === undefined ? nothing : html`<ts-scratch-banner .scratch=${scratch}></ts-scratch-banner>`}
      ${
        isHindered(this.status)
          ? html`<ts-standing-banner .status=${this.status} .people=${this.people}></ts-standing-banner>`
          : nothing
      }
      ${
        this.status.closed === null
          ? nothing
          : html`<ts-closed-banner .closed=${this.status.closed} .boardId=${this.boardId}></ts-closed-banner>`
      }`;
  }
}

customElements.define('ts-board-header', TsBoardHeader);
