/**
 * The board as its member works on it: runs actions on the shared document, captures what they changed, and remembers which journal
 * entry answers which action. Knows nothing of links.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { MemberId } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import type { CommandOutcome } from '../board/command.ts';
import { noStamp, type Stamp } from '../board/conflicts.ts';
import { fillBoard } from '../board/content.ts';
import { boardDigest } from '../board/digest.ts';
import { History } from '../board/history.ts';
import { Projection } from '../board/projection.ts';
import { runCommand } from '../board/run-command.ts';
import { boardRoots, ROOT_NAMES } from '../board/schema.ts';
import type { BoardSnapshot } from '../board/snapshot.ts';
import { applyTemplate } from '../board/templates.ts';
import { touchedCards } from '../board/touched-cards.ts';
import { editsIn, type FoundEdit } from '../board/edits-in-updates.ts';
import { SharedDocument } from '../replication/document.ts';
import type { ActionRefusal, BoardAction } from './events.ts';
import { MAX_OPEN_COMMANDS } from './limits.ts';

export interface ActionResult {
  readonly outcome: CommandOutcome;
  /** What the action changed, or undefined when all was so already. */
  readonly update: Bytes | undefined;
}

/** As {@link StampOf}, undefined for what no signed entry holds. */
type SignedStampOf = (client: number, clock: number) => Stamp | undefined;

/** The Yjs clock after an edit of ours, and when it was made. */
interface OwnEdit {
  readonly client: number;
  readonly end: number;
  readonly wallMs: number;
}

/** Root types that entries may write. */
export const BOARD_ROOTS: ReadonlySet<string> = new Set(ROOT_NAMES);

export class Workbench {
  readonly document: SharedDocument;
  readonly #projection: Projection;
  readonly #history: History;
  readonly #random: Random;
  readonly #member: MemberId;
  readonly #open = new Map<string, CommandOutcome>();
  readonly #stampOf: SignedStampOf;
  /** When our latest edits were made, oldest first, until their entries are signed. */
  readonly #unsigned: OwnEdit[] = [];

  /** `stampOf`: who wrote what is in a signed entry. */
  constructor(guid: string, member: MemberId, random: Random, stampOf: SignedStampOf = () => undefined) {
    this.document = new SharedDocument(guid);
    this.#stampOf = stampOf;
    this.#projection = new Projection(this.document.doc, (client, clock) => this.#stamp(client, clock));
    this.#history = new History(this.document.doc);
    this.#random = random;
    this.#member = member;
  }

  snapshot(): BoardSnapshot {
    return this.#projection.snapshot();
  }

  digest(): string {
    return boardDigest(this.snapshot());
  }

  /** Ids of the cards that an update, which took effect here, changed. */
  touchedCards(update: Bytes): ReadonlySet<string> {
    return touchedCards(this.document.doc, boardRoots(this.document.doc), update);
  }

  /** What updates of one author, which are part of the document, wrote; oldest first. */
  editsIn(updates: readonly Bytes[]): readonly FoundEdit[] {
    return editsIn(this.document.doc, this.snapshot(), updates);
  }

  canUndo(): boolean {
    return this.#history.canUndo();
  }

  canRedo(): boolean {
    return this.#history.canRedo();
  }

  /** The document was built anew: steps whose content is gone can be undone no more. */
  rebuilt(): void {
    this.#history.forgetCollected();
  }

  /** Carries out `action` under the author's Yjs client id. */
  act(action: BoardAction, clientId: number, wallMs: number): Result<ActionResult, ActionRefusal> {
    if (this.#open.size >= MAX_OPEN_COMMANDS) return refuse('notSaved');
    const { result, update } = this.document.capture(clientId, () => this.#run(action, wallMs));
    if (!result.ok) return result;
    if (update !== undefined) this.#note({ client: clientId, end: this.document.clockOf(clientId), wallMs });
    return ok({ outcome: result.value, update });
  }

  #note(edit: OwnEdit): void {
    const isSigned = ({ client, end }: OwnEdit): boolean => this.#stampOf(client, end - 1) !== undefined;
    while (this.#unsigned[0] !== undefined && isSigned(this.#unsigned[0])) this.#unsigned.shift();
    this.#unsigned.push(edit);
  }

  #stamp(client: number, clock: number): Stamp {
    const signed = this.#stampOf(client, clock);
    if (signed !== undefined) return signed;
    const edit = this.#unsigned.find((own) => own.client === client && own.end > clock);
    return edit === undefined ? noStamp(client, clock) : { author: this.#member, at: edit.wallMs };
  }

  #run(action: BoardAction, wallMs: number): Result<CommandOutcome, ActionRefusal> {
    const { doc } = this.document;
    const context = { random: this.#random, memberId: this.#member, wallMs };
    switch (action.kind) {
      case 'run':
        return runCommand(doc, action.command, context);
      case 'template':
        return applyTemplate(doc, action.name, action.title, context);
      case 'fill':
        return fillBoard(doc, action.content, action.at);
      case 'undo':
        return this.#history.undo();
      case 'redo':
        return this.#history.redo();
    }
  }

  /** Remembers what to answer when the action's entry is durable. */
  open(token: string, outcome: CommandOutcome): void {
    this.#open.set(token, outcome);
  }

  /** The answer to an action whose entry is durable; undefined for entries that answer none. */
  close(token: string): CommandOutcome | undefined {
    const outcome = this.#open.get(token);
    this.#open.delete(token);
    return outcome;
  }
}
