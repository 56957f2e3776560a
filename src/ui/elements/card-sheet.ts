import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { CardChanges } from '../../board/command.ts';
import type { CardSnapshot, ColumnSnapshot } from '../../board/snapshot.ts';
import { dueText, timeAgo } from '../format.ts';
import { icon } from '../icons.ts';
import type { People } from '../people.ts';
import type { CardDelivery, Doing } from '../ports.ts';
import { NOBODY, type Mark } from '../presence/marks.ts';
import { baseStyles, buttonStyles, dialogStyles, fieldStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';
import { cardSheetStyles } from './card-sheet-styles.ts';
import type { ConflictChoice } from './conflict-list.ts';
import type { TsCardComments } from './card-comments.ts';
import './card-comments.ts';
import './conflict-list.ts';
import './label-editor.ts';
import './avatar.ts';
import '../presence/mark-row.ts';

/** Pause in typing after which notes are kept, milliseconds. A guess: short enough that a closed tab loses a phrase at most. */
const NOTES_PAUSE_MS = 700;

/** What a sheet asks its screen to do with the card. */
export type SheetAction = 'move' | 'archive' | 'remove';

/** Everything about one card: a panel at the side, the whole screen on a phone. */
export class TsCardSheet extends LitElement {
  static override properties = {
    card: { attribute: false },
    columnTitle: {},
    columns: { attribute: false },
    people: { attribute: false },
    marks: { attribute: false },
    delivery: { attribute: false },
    knownLabels: { attribute: false },
    readOnly: { type: Boolean },
  };
  declare card: CardSnapshot | null;
  declare columnTitle: string;
  declare columns: readonly ColumnSnapshot[];
  declare people: People;
  /** Who else is at this card. */
  declare marks: readonly Mark[];
  /** How far own changes of the card have come; null when there are none. */
  declare delivery: CardDelivery | null;
  declare knownLabels: readonly string[];
  declare readOnly: boolean;
  #notesTimer = 0;
  /** Notes that were handed on; the card shows them a frame later. */
  #keptNotes: string | null = null;

  constructor() {
    super();
    this.card = null;
    this.columnTitle = '';
    this.marks = NOBODY;
    this.columns = [];
    this.delivery = null;
    this.knownLabels = [];
    this.readOnly = false;
  }

  static override styles = [baseStyles, buttonStyles, fieldStyles, dialogStyles, cardSheetStyles];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#notesTimer);
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('card');
    if (before != null && before.id !== this.card?.id && this.hasUpdated && this.#dialog().open)
      this.#handBack(before);
  }

  /** Somebody put the card away while it is open here: what is being typed goes to it all the same, a comment back to its writer. */
  #handBack({ id: cardId, title, notes }: CardSnapshot): void {
    clearTimeout(this.#notesTimer);
    const field = (selector: string): string | undefined =>
      this.renderRoot.querySelector<HTMLTextAreaElement>(selector)?.value;
    const [newTitle = title, newNotes = notes] = [field('textarea.title'), field('#notes')];
    const changes = {
      ...(newTitle.trim() === '' || newTitle === title ? {} : { title: newTitle }),
      ...(newNotes === (this.#keptNotes ?? notes) ? {} : { notes: newNotes }),
    };
    if (Object.keys(changes).length > 0)
      this.dispatchEvent(new CustomEvent('ts-card-change', { detail: { cardId, changes } }));
    const draft = this.renderRoot.querySelector<TsCardComments>('ts-card-comments')?.draft ?? '';
    if (draft !== '')
      emit(this, 'ts-give-back', {
        command: { type: 'addComment', cardId, text: draft },
        code: 'unknownCard',
      });
  }

  override updated(changed: PropertyValues<this>): void {
    if (!changed.has('card')) return;
    this.#keptNotes = null;
    const dialog = this.#dialog();
    if (this.card !== null && !dialog.open) dialog.showModal();
    if (this.card === null && dialog.open) dialog.close();
  }

  /** Closes the sheet, keeping what is being typed. */
  close(): void {
    this.#dialog().close();
  }

  #dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector('dialog') as HTMLDialogElement;
  }

  #change(changes: CardChanges): void {
    const cardId = this.card?.id;
    if (cardId !== undefined)
      this.dispatchEvent(new CustomEvent('ts-card-change', { detail: { cardId, changes } }));
  }

  #ask(action: SheetAction): () => void {
    return () => {
      this.#keepNotes();
      this.dispatchEvent(new CustomEvent('ts-sheet-action', { detail: action }));
    };
  }

  #onTitle = (event: Event): void => {
    const field = event.currentTarget as HTMLTextAreaElement;
    const title = field.value.replace(/\s*\n\s*/gu, ' ').trim();
    if (title === '' || title === this.card?.title) field.value = this.card?.title ?? '';
    else this.#change({ title });
  };

  #onTitleKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    (event.currentTarget as HTMLElement).blur();
  };

  #onNotesInput = (): void => {
    clearTimeout(this.#notesTimer);
    this.#notesTimer = window.setTimeout(this.#keepNotes, NOTES_PAUSE_MS);
  };

  #keepNotes = (): void => {
    clearTimeout(this.#notesTimer);
    const notes = this.renderRoot.querySelector<HTMLTextAreaElement>('#notes')?.value;
    if (notes === undefined || this.card === null || notes === (this.#keptNotes ?? this.card.notes)) return;
    this.#keptNotes = notes;
    this.#change({ notes });
  };

  #onDue = (event: Event): void => {
    const due = (event.currentTarget as HTMLInputElement).value;
    this.#change({ due: due === '' ? null : due });
  };

  #onClearDue = (): void => {
    this.#change({ due: null });
  };

  #onLabels = (event: Event): void => {
    this.#change({ labels: (event as CustomEvent<readonly string[]>).detail });
  };

  #onChoose = (event: Event): void => {
    const cardId = this.card?.id;
    if (cardId === undefined) return;
    const detail = { type: 'resolveConflict', cardId, ...(event as CustomEvent<ConflictChoice>).detail };
    this.dispatchEvent(new CustomEvent('ts-settle', { detail }));
  };

  #toggleAssignee(memberId: string): () => void {
    return () => {
      const old = this.card?.assignees ?? [];
      const assignees = old.includes(memberId)
        ? old.filter((id) => id !== memberId)
        : [...old, memberId].sort();
      this.#change({ assignees });
    };
  }

  #onClosed = (): void => {
    this.#keepNotes();
    this.dispatchEvent(new CustomEvent('ts-sheet-closed'));
  };

  #onCloseButton = (): void => {
    this.close();
  };

  #onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
  };

  /** Which field has the focus; typing says so again. */
  #onField = (event: Event): void => {
    const field = (event.target as HTMLElement).dataset['doing'] as Doing | undefined;
    // Somebody who passes the comments or the labels is only reading them.
    const isReading = event.type === 'focusin' && (field === 'comment' || field === 'labels');
    if (!this.readOnly && !isReading) emit(this, 'ts-doing', { doing: field ?? null });
  };

  #onFieldLeft = (): void => {
    emit(this, 'ts-doing', { doing: null });
  };

  /** Who else edits a field, in a place that is there anyway. */
  #others(doing: Doing): TemplateResult {
    const names = this.marks
      .filter((mark) => mark.doing === doing)
      .map((mark) => this.people.nameOf(mark.memberId));
    return html`<span class="others" aria-live="polite"
      >${names.length === 0 ? '' : texts.presence(names, doing)}</span
    >`;
  }

  #title(card: CardSnapshot): TemplateResult {
    if (this.readOnly) return html`<h2 id="heading" class="title" dir="auto">${card.title}</h2>`;
    return html`<h2 id="heading" class="hidden-text">${card.title}</h2>
      <div class="shared">
        <textarea
          class="title"
          data-doing="title"
          rows="1"
          dir="auto"
          aria-label=${texts.cardTitle}
          maxlength="500"
          .value=${card.title}
          @change=${this.#onTitle}
          @keydown=${this.#onTitleKey}
        ></textarea>
        ${this.#others('title')}
      </div>`;
  }

  #notes(card: CardSnapshot): TemplateResult {
    if (this.readOnly) {
      return html`<div class="field">
        <span class="label">${texts.notes}</span>
        <p class="notes" dir="auto">${card.notes === '' ? texts.noNotes : card.notes}</p>
      </div>`;
    }
    return html`<div class="field shared">
      <label for="notes">${texts.notes}</label>
      ${this.#others('notes')}
      <textarea
        id="notes"
        data-doing="notes"
        rows="4"
        dir="auto"
        placeholder=${texts.notesPlaceholder}
        .value=${card.notes}
        @input=${this.#onNotesInput}
        @change=${this.#keepNotes}
      ></textarea>
    </div>`;
  }

  #due(card: CardSnapshot): TemplateResult {
    if (this.readOnly) {
      const words = card.due === null ? texts.noDue : dueText(card.due, Date.now()).text;
      return html`<div class="field">
        <span class="label">${texts.dueDate}</span>
        <p>${words}</p>
      </div>`;
    }
    return html`<div class="field shared">
      <label for="due">${texts.dueDate}</label>
      ${this.#others('due')}
      <div class="with-button">
        <input id="due" data-doing="due" type="date" .value=${card.due ?? ''} @change=${this.#onDue} />
        ${
          card.due === null
            ? nothing
            : html`<button class="icon" aria-label=${texts.clearDue} @click=${this.#onClearDue}>
                ${icon('close', 16)}
              </button>`
        }
      </div>
    </div>`;
  }

  #assignees(card: CardSnapshot): TemplateResult {
    const members = this.people.all.filter(
      (member) =>
        (!this.readOnly && member.standing !== 'evicted') || card.assignees.includes(member.memberId),
    );
    return html`<div class="field" role="group" aria-labelledby="assignees">
      <span class="label" id="assignees">${texts.assignees}</span>
      <div class="members">
        ${members.length === 0 ? html`<p>${texts.nobody}</p>` : nothing}
        ${members.map(
          (member) =>
            html`<button
              class="member"
              aria-pressed=${card.assignees.includes(member.memberId) ? 'true' : 'false'}
              ?disabled=${this.readOnly}
              @click=${this.#toggleAssignee(member.memberId)}
            >
              <ts-avatar
                .memberId=${member.memberId}
                .name=${member.name}
                .size=${24}
                aria-hidden="true"
              ></ts-avatar>
              <span dir="auto">${member.self ? texts.withYou(member.name) : member.name}</span>
            </button>`,
        )}
      </div>
    </div>`;
  }

  #head(): TemplateResult {
    return html`<div class="head">
      <span class="where" dir="auto">${texts.inColumn(this.columnTitle)}</span>
      <ts-mark-row .marks=${this.marks} .people=${this.people} .size=${26}></ts-mark-row>
      ${
        this.readOnly
          ? nothing
          : html`<button class="button quiet" @click=${this.#ask('move')}>
              ${icon('move', 16)} ${texts.moveTo}
            </button>`
      }
      <button class="icon" autofocus aria-label=${texts.close} @click=${this.#onCloseButton}>
        ${icon('close')}
      </button>
    </div>`;
  }

  #delivery(): TemplateResult | typeof nothing {
    if (this.delivery === null) return nothing;
    const { waiting, copies, at } = this.delivery;
    return html`<p class="delivery ${waiting > 0 ? 'waiting' : ''}">
      ${icon(waiting > 0 ? 'waiting' : 'check', 16)}
      ${waiting > 0 ? texts.changesOnlyHere(waiting) : texts.lastChangeOn(copies, timeAgo(at, Date.now()))}
    </p>`;
  }

  #body(card: CardSnapshot): TemplateResult {
    return html`${this.#head()}
      <div class="content">
        ${this.readOnly ? html`<p class="notice">${icon('eye', 16)} ${texts.sheetReadOnly}</p>` : nothing}
        ${this.#title(card)}
        <ts-conflict-list
          .conflicts=${card.conflicts}
          .columns=${this.columns}
          .people=${this.people}
          .readOnly=${this.readOnly}
          ?hidden=${card.conflicts.length === 0}
          @ts-choose=${this.#onChoose}
        ></ts-conflict-list>
        <div class="shared">
          <ts-label-editor
            data-doing="labels"
            .labels=${card.labels}
            .known=${this.knownLabels}
            .readOnly=${this.readOnly}
            @ts-labels=${this.#onLabels}
          ></ts-label-editor>
          ${this.#others('labels')}
        </div>
        <div class="pair">${this.#due(card)} ${this.#assignees(card)}</div>
        ${this.#notes(card)}
        <div class="shared">
          ${this.#others('comment')}
          <ts-card-comments
            data-doing="comment"
            .card=${card}
            .people=${this.people}
            .readOnly=${this.readOnly}
          ></ts-card-comments>
        </div>
        ${this.#delivery()}
        <div class="foot">
          <span
            >${texts.createdBy(this.people.nameOf(card.createdBy), timeAgo(card.createdAt, Date.now()))}</span
          >
          ${
            this.readOnly
              ? nothing
              : html`<button class="button" @click=${this.#ask('archive')}>
                    ${icon('archive', 16)} ${texts.archive}
                  </button>
                  <button class="button danger" @click=${this.#ask('remove')}>
                    ${icon('trash', 16)} ${texts.remove}
                  </button>`
          }
        </div>
      </div>`;
  }

  override render(): TemplateResult {
    return html`<dialog
      class="panel"
      aria-labelledby="heading"
      closedby="any"
      @close=${this.#onClosed}
      @keydown=${this.#onKeyDown}
      @focusin=${this.#onField}
      @input=${this.#onField}
      @focusout=${this.#onFieldLeft}
    >
      ${this.card === null ? nothing : this.#body(this.card)}
    </dialog>`;
  }
}

customElements.define('ts-card-sheet', TsCardSheet);
