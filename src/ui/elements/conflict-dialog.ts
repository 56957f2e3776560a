import { css, html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import type { BoardSnapshot, Conflict } from '../../board/snapshot.ts';
import { icon } from '../icons.ts';
import type { People } from '../people.ts';
import { baseStyles, buttonStyles, dialogStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import type { ConflictChoice } from './conflict-list.ts';
import './conflict-list.ts';

/** The conflicts of a column or of the board's title. Closes by itself when nothing is left to choose. */
export class TsConflictDialog extends LitElement {
  static override properties = {
    board: { attribute: false },
    people: { attribute: false },
    readOnly: { type: Boolean },
    columnId: { state: true },
  };
  declare board: BoardSnapshot;
  declare people: People;
  declare readOnly: boolean;
  /** The column of which it speaks, '' for the board itself, null while it is closed. */
  declare columnId: string | null;

  constructor() {
    super();
    this.readOnly = false;
    this.columnId = null;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    dialogStyles,
    css`
      dialog.box {
        width: min(34rem, calc(100vw - 2rem));
      }
    `,
  ];

  /** Opens on a column's conflicts, or on the board's for ''. */
  show(columnId: string): void {
    this.columnId = columnId;
  }

  override updated(changed: PropertyValues<this>): void {
    if (!changed.has('columnId') && !changed.has('board')) return;
    const dialog = this.#dialog();
    const isWanted = this.columnId !== null && this.#conflicts().length > 0;
    if (isWanted && !dialog.open) dialog.showModal();
    if (!isWanted && dialog.open) dialog.close();
  }

  #dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector('dialog') as HTMLDialogElement;
  }

  #column(): BoardSnapshot['columns'][number] | undefined {
    return this.board.columns.find(({ id }) => id === this.columnId);
  }

  #conflicts(): readonly Conflict[] {
    if (this.columnId === null) return [];
    return (this.columnId === '' ? this.board.conflicts : this.#column()?.conflicts) ?? [];
  }

  #onChoose = (event: Event): void => {
    const { columnId } = this;
    if (columnId === null) return;
    const choice = (event as CustomEvent<ConflictChoice>).detail;
    const where = columnId === '' ? {} : { columnId };
    this.dispatchEvent(
      new CustomEvent('ts-settle', { detail: { type: 'resolveConflict', ...where, ...choice } }),
    );
  };

  #onClose = (): void => {
    this.#dialog().close();
  };

  #onClosed = (): void => {
    this.columnId = null;
  };

  #onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
  };

  override render(): TemplateResult {
    const title = this.columnId === '' ? this.board.title : (this.#column()?.title ?? '');
    return html`<dialog
      class="box"
      aria-labelledby="heading"
      closedby="any"
      @close=${this.#onClosed}
      @keydown=${this.#onKeyDown}
    >
      <div class="dialog-head">
        <h2 id="heading" dir="auto">${texts.alsoEditedIn(title)}</h2>
        <button class="icon" autofocus aria-label=${texts.close} @click=${this.#onClose}>
          ${icon('close')}
        </button>
      </div>
      <ts-conflict-list
        .conflicts=${this.#conflicts()}
        .columns=${this.board.columns}
        .people=${this.people}
        .readOnly=${this.readOnly}
        @ts-choose=${this.#onChoose}
      ></ts-conflict-list>
    </dialog>`;
  }
}

customElements.define('ts-conflict-dialog', TsConflictDialog);
