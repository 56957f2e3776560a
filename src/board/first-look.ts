/**
 * What a screen shows of a board before its journals have been read: enough of every card for its face, in a form that is read in
 * milliseconds. A display and nothing else: nothing is written from it, and the board itself replaces it. Rules STO-19 to STO-22.
 */
import { concatBytes, equalBytes, type Bytes } from '../kernel/bytes.ts';
import {
  decodeWith,
  encodeWith,
  fixedBytes,
  list,
  optional,
  record,
  text,
  viewedBytes,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import { digestBytes } from '../kernel/hash.ts';
import { MAX_CARDS, MAX_COLUMNS, MAX_ID_CHARS, MAX_LABEL_CHARS, MAX_TITLE_CHARS } from './limits.ts';
import type { BoardSnapshot, CardSnapshot, ColumnSnapshot } from './snapshot.ts';

/** Bytes of one first look. Guess: some 3,000 cards; more take longer to read than they are looked at. */
export const MAX_LOOK_BYTES = 1024 * 1024;
/** Version of the form; any other is not read. */
const LOOK_VERSION = 1;
const CHECK_BYTES = 16;
const DOMAIN_LABEL = 'tabswarm/first-look/1';
/** Characters of a card's notes and comments: their beginning (guess: what a glance takes in). */
const LOOK_TEXT_CHARS = 200;
/** Labels, assignees and comments of one card: what its face shows or counts, as a rule (guess). */
const LOOK_LIST = 50;
/** Cards of one first look in all: 3,000 take some 20 ms to write (measured). */
const MAX_LOOK_CARDS = 3_000;
/** Cards of each column, tried in this order until all fits: all, what a window shows of a long column, a handful. */
const CARDS_PER_COLUMN = [MAX_CARDS, 60, 8] as const;

/** Most UTF-8 bytes of one UTF-16 code unit. */
const BYTES_PER_CHAR = 3;
const chars = (max: number): Codec<string> => text(max * BYTES_PER_CHAR);

interface LookComment {
  readonly id: string;
  readonly text: string;
  readonly author: string;
  readonly at: number;
}

type LookCard = Omit<CardSnapshot, 'conflicts' | 'comments' | 'due'> & {
  readonly due: string | undefined;
  readonly comments: readonly LookComment[];
};

interface LookColumn {
  readonly id: string;
  readonly title: string;
  readonly cards: readonly LookCard[];
}

interface Look {
  readonly title: string;
  readonly columns: readonly LookColumn[];
}

/** Dates are ISO calendar dates, which have ten characters, or whatever a document held in their place. */
const MAX_DUE_CHARS = 32;

const id = chars(MAX_ID_CHARS);
const lookCodec: Codec<Look> = record<Look>({
  title: chars(MAX_TITLE_CHARS),
  columns: list(
    record<LookColumn>({
      id,
      title: chars(MAX_TITLE_CHARS),
      cards: list(
        record<LookCard>({
          id,
          title: chars(MAX_TITLE_CHARS),
          notes: chars(LOOK_TEXT_CHARS + 1),
          labels: list(chars(MAX_LABEL_CHARS), LOOK_LIST),
          due: optional(chars(MAX_DUE_CHARS)),
          assignees: list(id, LOOK_LIST),
          comments: list(
            record<LookComment>({ id, text: chars(LOOK_TEXT_CHARS + 1), author: id, at: whole() }),
            LOOK_LIST,
          ),
          createdAt: whole(),
          createdBy: id,
        }),
        MAX_CARDS,
      ),
    }),
    MAX_COLUMNS,
  ),
});

interface Envelope {
  readonly version: number;
  readonly check: Bytes;
  readonly body: Bytes;
}

const envelopeCodec: Codec<Envelope> = record<Envelope>({
  version: whole(LOOK_VERSION),
  check: fixedBytes(CHECK_BYTES),
  body: viewedBytes(MAX_LOOK_BYTES),
});

/** The first look of a board, or undefined when even a handful of cards of each column would be too much. */
export function encodeFirstLook(snapshot: BoardSnapshot): Bytes | undefined {
  for (const most of CARDS_PER_COLUMN) {
    const count = snapshot.columns.reduce((sum, { cards }) => sum + Math.min(cards.length, most), 0);
    if (count > MAX_LOOK_CARDS) continue;
    const columns = snapshot.columns.slice(0, MAX_COLUMNS).map((column) => lookOfColumn(column, most));
    const body = encodeWith(lookCodec, { title: clip(snapshot.title, MAX_TITLE_CHARS), columns });
    if (body.length <= MAX_LOOK_BYTES)
      return encodeWith(envelopeCodec, { version: LOOK_VERSION, check: checkOf(body), body });
  }
  return undefined;
}

/** Reads a first look back; undefined for whatever is not one of this version, whole and unharmed. Never throws. */
export function decodeFirstLook(bytes: Bytes): BoardSnapshot | undefined {
  const envelope = decodeWith(envelopeCodec, bytes);
  if (!envelope.ok || envelope.value.version !== LOOK_VERSION) return undefined;
  const { body, check } = envelope.value;
  if (!equalBytes(checkOf(body), check)) return undefined;
  const look = decodeWith(lookCodec, concatBytes(body));
  if (!look.ok) return undefined;
  return {
    title: look.value.title,
    conflicts: [],
    archive: [],
    columns: look.value.columns.map(({ id: columnId, title, cards }): ColumnSnapshot => ({
      id: columnId,
      title,
      conflicts: [],
      cards: cards.map((card): CardSnapshot => ({ ...card, due: card.due ?? null, conflicts: [] })),
    })),
  };
}

function lookOfColumn({ id: columnId, title, cards }: ColumnSnapshot, most: number): LookColumn {
  return { id: columnId, title: clip(title, MAX_TITLE_CHARS), cards: cards.slice(0, most).map(lookOfCard) };
}

function lookOfCard(card: CardSnapshot): LookCard {
  return {
    id: card.id,
    title: clip(card.title, MAX_TITLE_CHARS),
    notes: clip(card.notes, LOOK_TEXT_CHARS),
    labels: card.labels.slice(0, LOOK_LIST).map((label) => clip(label, MAX_LABEL_CHARS)),
    due: card.due === null ? undefined : card.due.slice(0, MAX_DUE_CHARS),
    assignees: card.assignees.slice(0, LOOK_LIST).map((member) => member.slice(0, MAX_ID_CHARS)),
    comments: card.comments.slice(0, LOOK_LIST).map((comment) => ({
      id: comment.id,
      text: clip(comment.text, LOOK_TEXT_CHARS),
      author: comment.author.slice(0, MAX_ID_CHARS),
      at: time(comment.at),
    })),
    createdAt: time(card.createdAt),
    createdBy: card.createdBy.slice(0, MAX_ID_CHARS),
  };
}

/** At most `max` code units, an ellipsis instead of what was cut where the codec leaves room for one. */
function clip(value: string, max: number): string {
  return value.length <= max ? value : `${value.slice(0, max - 1)}\u2026`;
}

function time(at: number): number {
  return Number.isSafeInteger(at) && at >= 0 ? at : 0;
}

function checkOf(body: Bytes): Bytes {
  return digestBytes(DOMAIN_LABEL, body).slice(0, CHECK_BYTES);
}
