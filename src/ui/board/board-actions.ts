import type { BoardCommand, CommandOutcome } from '../../board/command.ts';
import { wordsOf } from '../../board/written-edit.ts';
import { codeOf, errorLine } from '../error-texts.ts';
import type { AppPort } from '../ports.ts';
import { texts } from '../texts.ts';
import { emit, type UiEvents } from '../ui-event.ts';

const DISK_CODES: ReadonlySet<string> = new Set(['quota', 'storageFailed', 'storageUnavailable']);

/** Puts words on the clipboard and says so. */
export function copyOut(host: EventTarget, words: string): void {
  navigator.clipboard.writeText(words).then(
    () => {
      emit(host, 'ts-toast', { text: texts.copied });
    },
    () => {
      // Nothing may be copied here: then the words themselves are shown, to be copied by hand.
      emit(host, 'ts-toast', { text: words, stays: true });
    },
  );
}

/** Says why something was not done, and offers to copy what the person wrote. */
function handBack(host: EventTarget, text: string, words: string): void {
  if (words === '') {
    emit(host, 'ts-toast', { text, kind: 'bad' });
    return;
  }
  const run = (): void => {
    copyOut(host, words);
  };
  emit(host, 'ts-toast', { text, kind: 'bad', stays: true, action: { label: texts.copyWords, run } });
}

/** Carries out edits for a screen: refusals become toasts with their text, failed writes reach the state pill. */
export class BoardActions {
  readonly #app: AppPort;
  readonly #host: EventTarget;

  constructor(app: AppPort, host: EventTarget) {
    this.#app = app;
    this.#host = host;
  }

  /** Applies a command; null when it was refused (the person has been told). */
  apply(command: BoardCommand): Promise<CommandOutcome | null> {
    return this.#run(() => this.#app.board.apply(command), command);
  }

  /** Applies a command and offers to undo it. */
  async applyWithUndo(command: BoardCommand, text: string): Promise<boolean> {
    const outcome = await this.apply(command);
    if (outcome === null) return false;
    const run = (): void => {
      void this.undo();
    };
    emit(this.#host, 'ts-toast', { text, action: { label: texts.undo, run } });
    return true;
  }

  undo(): Promise<CommandOutcome | null> {
    return this.#run(() => this.#app.board.undo());
  }

  redo(): Promise<CommandOutcome | null> {
    return this.#run(() => this.#app.board.redo());
  }

  /** Gives a person back what they wrote, with why: into the list that outlives this tab, or, where there is none, to be copied now. */
  giveBack({ command, code }: UiEvents['ts-give-back']): void {
    const text = errorLine(code);
    if (this.#app.board.returned.keep(command, code))
      emit(this.#host, 'ts-toast', { text: `${text} ${texts.returnedKept}`, kind: 'bad' });
    else
      handBack(this.#host, text, wordsOf({ cardId: null, columnId: null, title: '', commands: [command] }));
  }

  /** `command`: what holds the person's words, which must not be lost if the edit is refused. */
  async #run(edit: () => Promise<CommandOutcome>, command?: BoardCommand): Promise<CommandOutcome | null> {
    emit(this.#host, 'ts-edited', null);
    try {
      return await edit();
    } catch (reason) {
      const code = codeOf(reason);
      if (DISK_CODES.has(code)) emit(this.#host, 'ts-write-failed', { code });
      if (command === undefined) handBack(this.#host, errorLine(code), '');
      else this.giveBack({ command, code });
      return null;
    }
  }
}
