import type { BoardCommand } from '../board/command.ts';
import type { Doing } from './ports.ts';

/** Everything that elements tell their screen, as composed bubbling events. */
export interface UiEvents {
  /** Say this to screen readers, politely. */
  'ts-announce': { readonly text: string };
  'ts-toast': ToastDetail;
  /** An edit is about to be made: an offer to undo an earlier one would now undo this one. */
  'ts-edited': null;
  /** An edit could not be written to disk. */
  'ts-write-failed': { readonly code: string };
  'ts-open-card': { readonly cardId: string };
  'ts-card-menu': { readonly cardId: string; readonly anchor: HTMLElement };
  'ts-column-menu': { readonly columnId: string; readonly anchor: HTMLElement };
  /** Show the conflicts of a column, or of the board's title for ''. */
  'ts-conflicts': { readonly columnId: string };
  'ts-card-focus': { readonly cardId: string };
  'ts-card-title': { readonly cardId: string; readonly title: string | null };
  'ts-rename-column': { readonly columnId: string; readonly title: string };
  'ts-add-cards': { readonly columnId: string; readonly titles: readonly string[] };
  /** Inline edits: the new text. */
  'ts-commit': { readonly text: string };
  'ts-cancel': null;
  'ts-close': null;
  /** The field of the open card that is being edited, again and again while it goes on; null: none. */
  'ts-doing': { readonly doing: Doing | null };
  /** What somebody wrote and what nothing can be done with: it goes back to them, with why. */
  'ts-give-back': { readonly command: BoardCommand; readonly code: string };
  /** A full board is wanted of the open scratch board. */
  'ts-make-full': null;
  /** An owner wants to change something about a member. */
  'ts-manage': { readonly memberId: string };
  /** An invite was made void. */
  'ts-revoked': null;
  /** This tab shall go on under a new key. */
  'ts-renew-key': null;
  /** What a person did about a proposal was kept, in words to be said; the proposal goes to another place of the list, where another element shows it. */
  'ts-proposal-done': { readonly text: string };
  /** On what a decision stands is wanted. `place`: in its batch, if that is known; `what`: in words. */
  'ts-evidence': { readonly sequence: number; readonly place: number | null; readonly what: string };
  /** The open board is wanted as text. */
  'ts-copy-board': null;
  /** What this tab did is wanted as a file. */
  'ts-save-recording': null;
}

/** A short message at the bottom, with at most one thing to do about it. */
export interface ToastDetail {
  readonly text: string;
  readonly kind?: 'plain' | 'bad';
  /** It holds what would be lost with it: it stays until the person closes it or takes its offer. */
  readonly stays?: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** Dispatches a typed event that crosses shadow roots. */
export function emit<Name extends keyof UiEvents>(
  from: EventTarget,
  name: Name,
  detail: UiEvents[Name],
): void {
  from.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
}

/** The typed detail of such an event; listeners in templates receive plain `Event`s. */
export function detailOf<Name extends keyof UiEvents>(_name: Name, event: Event): UiEvents[Name] {
  return (event as CustomEvent<UiEvents[Name]>).detail;
}
