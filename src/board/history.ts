/** Undo and redo of this device's own commands, on Y.UndoManager. */
import * as Y from 'yjs';
import { ok, refuse, type Result } from '../kernel/result.ts';
import type { CommandOutcome } from './command.ts';
import { MAX_UNDO_STEPS } from './limits.ts';
import { LOCAL } from './origin.ts';
import { standingValue } from './conflicts.ts';
import { boardRoots, ROOT_NAMES, type Entry } from './schema.ts';
import { touchedIds } from './touched-ids.ts';

/** As Yjs keeps them with a step. */
interface Deletions {
  readonly clients: ReadonlyMap<number, readonly { readonly clock: number; readonly len: number }[]>;
}

/** Origin of what undo writes beside what Yjs does; not remembered as a step of its own. */
const FILL = Symbol('fill');

/**
 * Remembers the last {@link MAX_UNDO_STEPS} transactions with the origin {@link LOCAL}, one step each, whatever the clock
 * does. Other members' edits are never undone: a field that somebody has changed since keeps their value.
 */
export class History {
  readonly #doc: Y.Doc;
  readonly #manager: Y.UndoManager;

  constructor(doc: Y.Doc) {
    this.#doc = doc;
    const roots = boardRoots(doc);
    const scope = ROOT_NAMES.map((name) => roots[name]);
    this.#manager = new Y.UndoManager(scope, {
      trackedOrigins: new Set<unknown>([LOCAL]),
      captureTimeout: 0,
    });
    this.#manager.on('stack-item-added', () => {
      // Without this, a wall clock that is set back would merge the next command into this step.
      this.#manager.stopCapturing();
      const steps = this.#manager.undoStack;
      if (steps.length > MAX_UNDO_STEPS) steps.shift();
    });
  }

  /** The Yjs origin of undo's and redo's transactions. They are this device's own edits, to be signed like LOCAL ones. */
  get origin(): unknown {
    return this.#manager;
  }

  canUndo(): boolean {
    return this.#manager.canUndo();
  }

  canRedo(): boolean {
    return this.#manager.canRedo();
  }

  /**
   * Takes back the latest step. `ids`: the columns, cards and comments it touched; none when the step had no effect left,
   * because others have changed or removed all of it since.
   */
  undo(): Result<CommandOutcome, 'nothingToUndo'> {
    if (!this.canUndo()) return refuse('nothingToUndo');
    return ok({ ids: this.#oneStep(this.#manager.undoStack, () => this.#manager.undo()) });
  }

  /** Does again what was undone last, as long as no new command came in between. `ids` as in `undo`. */
  redo(): Result<CommandOutcome, 'nothingToRedo'> {
    if (!this.canRedo()) return refuse('nothingToRedo');
    return ok({ ids: this.#oneStep(this.#manager.redoStack, () => this.#manager.redo()) });
  }

  /**
   * Forgets the steps that would bring back what the document does not hold any more: a checkpoint keeps the places of what was deleted, not the
   * content. Others stay.
   */
  forgetCollected(): void {
    for (const stack of [this.#manager.undoStack, this.#manager.redoStack]) {
      const kept = stack.filter(({ deletions }) => !this.#isCollected(deletions));
      stack.splice(0, stack.length, ...kept);
    }
  }

  #isCollected({ clients }: Deletions): boolean {
    const { store } = this.#doc;
    return [...clients].some(([client, runs]) =>
      runs.some(({ clock, len }) => {
        for (let at = clock; at < clock + len;) {
          if (at >= Y.getState(store, client)) return true;
          const item: unknown = Y.getItem(store, Y.createID(client, at));
          if (!(item instanceof Y.Item) || item.content instanceof Y.ContentDeleted) return true;
          at = item.id.clock + item.length;
        }
        return false;
      }),
    );
  }

  /** Stops listening to the document. */
  destroy(): void {
    this.#manager.destroy();
  }

  /**
   * Runs Yjs's undo or redo on the last step only. Left alone it goes on to earlier steps until one has an effect: undoing
   * a rename that somebody has changed since would then remove the card that was added before it.
   */
  #oneStep(steps: unknown[], run: () => unknown): readonly string[] {
    const earlier = steps.splice(0, steps.length - 1);
    const ids = this.#collectTouched(run);
    steps.unshift(...earlier);
    return ids;
  }

  #collectTouched(run: () => unknown): readonly string[] {
    const { board, columns, cards, comments } = boardRoots(this.#doc);
    const ids = new Set<string>();
    const fields: (readonly [Entry, string])[] = [];
    const collect = (events: Y.YEvent<Y.AbstractType<unknown>>[]): void => {
      for (const id of touchedIds(events)) if (events[0]?.currentTarget !== board) ids.add(id);
      for (const event of events) {
        const { target } = event;
        if (!(target instanceof Y.Map) || !(event instanceof Y.YMapEvent)) continue;
        for (const key of event.keysChanged as ReadonlySet<unknown>)
          if (typeof key === 'string') fields.push([target as Entry, key]);
      }
    };
    const roots = [board, columns, cards, comments];
    for (const root of roots) root.observeDeep(collect);
    run();
    for (const root of roots) root.unobserveDeep(collect);
    this.#fill(fields);
    return [...ids];
  }

  /**
   * Yjs takes a value back by deleting it, and puts back what it replaced unless somebody else wrote meanwhile. If nothing is left then,
   * the value of that other person comes into its place.
   */
  #fill(fields: readonly (readonly [Entry, string])[]): void {
    const values = fields.flatMap(([entry, key]) => {
      const value = entry._item?.deleted === true ? undefined : standingValue(entry, key);
      return value === undefined ? [] : [{ entry, key, value }];
    });
    if (values.length === 0) return;
    this.#doc.transact(() => {
      for (const { entry, key, value } of values) entry.set(key, value);
    }, FILL);
  }
}
