import type { Direction } from './places.ts';

/** What a key press on a board means. */
export type KeyIntent =
  | { readonly kind: 'roam' | 'step'; readonly direction: Direction }
  | {
      readonly kind:
        'pick' | 'drop' | 'cancel' | 'rename' | 'menu' | 'newCard' | 'filter' | 'help' | 'undo' | 'redo';
    }
  /** An edit, where nothing may be edited. */
  | { readonly kind: 'refused' };

const EDITS: ReadonlySet<KeyIntent['kind']> = new Set(['pick', 'rename', 'menu', 'newCard', 'undo', 'redo']);

/** The parts of a key event that count. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** Where the press happened. */
export interface KeyContext {
  /** The focus is in a field: nothing but the browser's own keys. */
  readonly inField: boolean;
  /** The focus is on a card. */
  readonly onCard: boolean;
  /** A card is picked up. */
  readonly picked: boolean;
  /** Single-letter shortcuts are on. */
  readonly letters: boolean;
  readonly readOnly: boolean;
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

/** Reads a key press; null leaves it to the browser. */
export function keyIntent(press: KeyPress, context: KeyContext): KeyIntent | null {
  const intent = context.inField || press.altKey ? null : whateverMayBe(press, context);
  return context.readOnly && intent !== null && EDITS.has(intent.kind) ? { kind: 'refused' } : intent;
}

function whateverMayBe(press: KeyPress, context: KeyContext): KeyIntent | null {
  if (press.ctrlKey || press.metaKey) return commandKey(press);
  if (context.picked) return pickedKey(press);
  const onCard = context.onCard ? cardKey(press) : null;
  if (onCard !== null) return onCard;
  return context.letters ? letterKey(press) : null;
}

function commandKey(press: KeyPress): KeyIntent | null {
  const key = press.key.toLowerCase();
  if (key === 'z') return { kind: press.shiftKey ? 'redo' : 'undo' };
  return key === 'y' && !press.shiftKey ? { kind: 'redo' } : null;
}

function pickedKey(press: KeyPress): KeyIntent | null {
  const direction = ARROWS[press.key];
  if (direction !== undefined) return { kind: 'step', direction };
  if (press.key === ' ' || press.key === 'Enter') return { kind: 'drop' };
  return press.key === 'Escape' || press.key === 'Tab' ? { kind: 'cancel' } : null;
}

function cardKey(press: KeyPress): KeyIntent | null {
  const direction = ARROWS[press.key];
  if (direction !== undefined) return { kind: 'roam', direction };
  if (press.key === ' ') return { kind: 'pick' };
  if (press.key === 'F2') return { kind: 'rename' };
  return press.key === 'ContextMenu' || (press.key === 'F10' && press.shiftKey) ? { kind: 'menu' } : null;
}

function letterKey(press: KeyPress): KeyIntent | null {
  if (press.key === '/') return { kind: 'filter' };
  if (press.key === '?') return { kind: 'help' };
  return press.key.toLowerCase() === 'n' && !press.shiftKey ? { kind: 'newCard' } : null;
}
