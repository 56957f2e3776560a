import type { BoardCommand, CommandOutcome } from '../../board/command.ts';
import { codeOf, errorLine } from '../error-texts.ts';
import type { AppPort } from '../ports.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';

const DISK_CODES: ReadonlySet<string> = new Set(['quota', 'storageFailed', 'storageUnavailable']);

/** Says why something was not done, and offers to copy what the person wrote. */
export function handBack(host: EventTarget, text: string, words: string): void {
  if (words === '') {
    emit(host, 'ts-toast', { text, kind: 'bad' });
    return;
  }
  const run = (): void => {
    navigator.clipboard.writeText(words).then(
      () => {
        emit(host, 'ts-toast', { text: texts.copied });
      },
      () => {
        // Nothing may be copied here: then the words themselves are shown, to be copied by hand.
        emit(host, 'ts-toast', { text: words, stays: true });
      },
    );
  };
  emit(host, 'ts-toast', { text, kind: 'bad', stays: true, action: { label: texts.copyWords, run } });
}

/** What a person wrote in a command. */
function wordsOf(command: BoardCommand): string {
  switch (command.type) {
    case 'updateCard':
      return [command.changes.title ?? '', command.changes.notes ?? '']
        .filter((text) => text !== '')
        .join('\n\n');
    case 'addComment':
      return command.text;
    case 'addCards':
      return command.titles.join('\n');
    case 'addCard':
    case 'addColumn':
    case 'renameBoard':
    case 'renameColumn':
      return command.title;
    default:
      return '';
  }
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
    return this.#run(() => this.#app.board.apply(command), wordsOf(command));
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

  /** `words`: what the person wrote, which must not be lost if the edit is refused. */
  async #run(edit: () => Promise<CommandOutcome>, words = ''): Promise<CommandOutcome | null> {
    emit(this.#host, 'ts-edited', null);
    try {
      return await edit();
    } catch (reason) {
      const code = codeOf(reason);
      if (DISK_CODES.has(code)) emit(this.#host, 'ts-write-failed', { code });
      handBack(this.#host, errorLine(code), words);
      return null;
    }
  }
}
