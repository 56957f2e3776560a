/** The command that changes a card's fields, planned. */
import * as Y from 'yjs';
import { isIdText } from '../kernel/ids.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { isCalendarDate } from './calendar-date.ts';
import type { CardChanges, CommandRefusal } from './command.ts';
import { checkTitle, planned, setTitle, type Planned, type Planning } from './command-plan.ts';
import { writeField } from './conflicts.ts';
import { MAX_ASSIGNEES, MAX_LABELS, MAX_LABEL_CHARS, MAX_NOTES_CHARS } from './limits.ts';
import { oneLine, textEdit, wellFormed } from './plain-text.ts';
import { shownCard } from './removal.ts';
import {
  ASSIGNEE_PREFIX,
  KEY,
  LABEL_PREFIX,
  NOTES_PREFIX,
  notesParts,
  readDue,
  textOf,
  type Entry,
} from './schema.ts';

/** Sets the fields that `changes` names; all of them are checked before the first is written. */
export function planUpdateCard({ roots, clientId }: Planning, cardId: string, changes: CardChanges): Planned {
  const card = shownCard(roots, cardId);
  if (card === undefined) return refuse('unknownCard');
  const writes: (() => void)[] = [];
  for (const field of [
    planTitle(card, changes.title),
    planNotes(card, changes.notes, clientId),
    planDue(card, changes.due),
    planLabels(card, changes.labels),
    planAssignees(card, changes.assignees),
  ]) {
    if (!field.ok) return field;
    writes.push(field.value);
  }
  return planned([cardId], () => {
    for (const write of writes) write();
  });
}

type FieldPlan = Result<() => void, CommandRefusal>;
const unchanged: FieldPlan = ok(() => undefined);

function planTitle(card: Entry, text: string | undefined): FieldPlan {
  if (text === undefined) return unchanged;
  const title = checkTitle(text);
  if (!title.ok) return title;
  return ok(() => {
    setTitle(card, title.value);
  });
}

function planNotes(card: Entry, text: string | undefined, clientId: number): FieldPlan {
  if (text === undefined) return unchanged;
  const notes = wellFormed(text);
  if (notes.length > MAX_NOTES_CHARS) return refuse('textTooLong');
  return ok(() => {
    writeNotes(card, notes, clientId);
  });
}

/**
 * Edits the first text so that it reads `notes`, and empties further ones, whose words `notes` now holds. They stay, because whoever
 * began one may be writing on in it.
 */
function writeNotes(card: Entry, notes: string, clientId: number): void {
  const [first, ...others] = notesParts(card);
  if (first === undefined) {
    if (notes !== '') card.set(`${NOTES_PREFIX}${String(clientId)}`, new Y.Text(notes));
    return;
  }
  const text = first[1];
  const edit = textEdit(textOf(text), notes);
  if (edit !== undefined && edit.remove > 0) text.delete(edit.at, edit.remove);
  if (edit !== undefined && edit.insert !== '') text.insert(edit.at, edit.insert);
  for (const [, other] of others) if (other.length > 0) other.delete(0, other.length);
}

function planDue(card: Entry, due: string | null | undefined): FieldPlan {
  if (due === undefined) return unchanged;
  if (due !== null && !isCalendarDate(due)) return refuse('badDate');
  return ok(() => {
    if (readDue(card.get(KEY.due)) !== due) writeField(card, 'due', due);
  });
}

function planLabels(card: Entry, labels: readonly string[] | undefined): FieldPlan {
  if (labels === undefined) return unchanged;
  const wanted = new Set(labels.map(oneLine));
  for (const label of wanted) if (label === '' || label.length > MAX_LABEL_CHARS) return refuse('badLabel');
  return planSet(card, LABEL_PREFIX, wanted, MAX_LABELS);
}

function planAssignees(card: Entry, assignees: readonly string[] | undefined): FieldPlan {
  if (assignees === undefined) return unchanged;
  if (!assignees.every(isIdText)) return refuse('badAssignee');
  return planSet(card, ASSIGNEE_PREFIX, new Set(assignees), MAX_ASSIGNEES);
}

/**
 * Adds what is missing and removes what is not wanted; the rest is left alone, so concurrent additions survive. More
 * than `max` are refused, unless that is fewer than there are: concurrent additions can exceed the bound.
 */
function planSet(card: Entry, prefix: string, wanted: ReadonlySet<string>, max: number): FieldPlan {
  const present = new Set<string>();
  card.forEach((_value, key) => {
    if (key.startsWith(prefix)) present.add(key.slice(prefix.length));
  });
  if (wanted.size > max && wanted.size >= present.size) return refuse('tooManyItems');
  return ok(() => {
    for (const item of present) if (!wanted.has(item)) card.delete(prefix + item);
    for (const item of wanted) if (!present.has(item)) card.set(prefix + item, true);
  });
}
