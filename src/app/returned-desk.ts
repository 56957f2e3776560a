/** Edits that were not taken over, as screens and scripts see them: listed, done again, dismissed. Rules of docs/spec/returned.md. */
import type { BoardCommand, CommandOutcome } from '../board/command.ts';
import { aboutCard, againOn, editOf, wordsOf, type WrittenEdit } from '../board/written-edit.ts';
import { CodedError } from '../runtime/coded-error.ts';
import type { Session } from '../runtime/session.ts';
import type { ReturnedEdit } from '../ui/ports.ts';
import { readWrittenEdit } from './arguments.ts';

const NONE: readonly ReturnedEdit[] = [];

export class ReturnedDesk {
  readonly #session: () => Session | undefined;
  readonly #apply: (command: BoardCommand) => Promise<CommandOutcome>;
  #shown: { readonly kept: readonly unknown[]; readonly edits: readonly ReturnedEdit[] } | undefined;

  /** `session`: the open full board. */
  constructor(session: () => Session | undefined, apply: (command: BoardCommand) => Promise<CommandOutcome>) {
    this.#session = session;
    this.#apply = apply;
  }

  /** Oldest first; the same array until something changed. What is on disk and makes no sense is left out. */
  list(): readonly ReturnedEdit[] {
    const kept = this.#session()?.returned.all();
    if (kept === undefined) return NONE;
    if (this.#shown?.kept !== kept) {
      const edits = kept.flatMap(({ id, code, at, edit: json }): readonly ReturnedEdit[] => {
        const edit = readWrittenEdit(json);
        return edit === undefined ? [] : [{ id, code, at, ...edit, text: wordsOf(edit) }];
      });
      this.#shown = { kept, edits };
    }
    return this.#shown.edits;
  }

  /** Keeps what a person wrote in a command that was refused as `code`. False: it cannot be kept, or there is nothing to keep. */
  keep(command: BoardCommand, code: string): boolean {
    const session = this.#session();
    if (session === undefined) return false;
    const edit = editOf(command, session.node.snapshot());
    if (wordsOf(edit) === '') return false;
    return session.returned.add([{ code, at: session.wallMs(), edit }]) > 0;
  }

  /** Does the edit again, as an edit of now. What is refused stays in the list, and the call rejects with why. */
  async again(id: string): Promise<CommandOutcome> {
    const session = this.#session();
    const edit = this.list().find((each) => each.id === id);
    if (session === undefined || edit === undefined) throw new CodedError('unknownEdit');
    const { makes, commands } = againOn(edit, session.node.snapshot());
    const ids: string[] = [];
    let rest: WrittenEdit = { ...pick(edit), commands };
    try {
      if (makes !== undefined) {
        const made = await this.#apply(makes);
        ids.push(...made.ids);
        const cardId = made.ids[0] ?? null;
        rest = { ...rest, cardId, commands: commands.map((command) => aboutCard(command, cardId ?? '')) };
      }
      for (let next = rest.commands[0]; next !== undefined; next = rest.commands[0]) {
        ids.push(...(await this.#apply(next)).ids);
        rest = { ...rest, commands: rest.commands.slice(1) };
      }
    } catch (reason) {
      // Part of it is done: only the rest is still to be done.
      if (ids.length > 0) session.returned.replace(id, { code: edit.code, at: edit.at, edit: rest });
      throw reason;
    }
    await session.returned.remove([id]);
    return { ids };
  }

  /** Forgets an edit for good; resolves when the disk has, too. Rejects with a CodedError when no such edit is there. */
  async dismiss(id: string): Promise<void> {
    if (!this.list().some((each) => each.id === id)) throw new CodedError('unknownEdit');
    await this.#session()?.returned.remove([id]);
  }
}

function pick({ cardId, columnId, title, commands }: WrittenEdit): WrittenEdit {
  return { cardId, columnId, title, commands };
}
