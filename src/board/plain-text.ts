/** Text that people typed: made storable, cut without breaking characters, and compared for minimal edits. */

const LONE_SURROGATES = /\p{Surrogate}/gu;
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROLS = /[\u0000-\u001f\u007f\u2028\u2029]+/g;

/**
 * `text` with lone surrogates replaced by U+FFFD. Yjs sends strings as UTF-8, which cannot carry them: the author would
 * keep one string and everybody else another.
 */
export function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATES, '\ufffd');
}

/** One line: control characters and line breaks become a space, ends are trimmed. May be empty. */
export function oneLine(text: string): string {
  return wellFormed(text).replace(CONTROLS, ' ').trim();
}

/** The first `max` code units of `text`, one fewer when that would split a surrogate pair. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  return text.slice(0, splitsPair(text, max) ? max - 1 : max);
}

/** One replacement that turns a text into another: delete `remove` code units at `at`, then insert `insert` there. */
export interface TextEdit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

/**
 * The smallest single replacement that turns `before` into `after` (common prefix and suffix kept), or undefined when
 * they are equal. Never cuts between the halves of a surrogate pair, which Yjs would replace by U+FFFD.
 */
export function textEdit(before: string, after: string): TextEdit | undefined {
  if (before === after) return undefined;
  const shorter = Math.min(before.length, after.length);
  let prefix = 0;
  while (prefix < shorter && before.charCodeAt(prefix) === after.charCodeAt(prefix)) prefix++;
  if (splitsPair(before, prefix) || splitsPair(after, prefix)) prefix--;
  let suffix = 0;
  while (
    suffix < shorter - prefix &&
    before.charCodeAt(before.length - 1 - suffix) === after.charCodeAt(after.length - 1 - suffix)
  ) {
    suffix++;
  }
  if (splitsPair(before, before.length - suffix) || splitsPair(after, after.length - suffix)) suffix--;
  return {
    at: prefix,
    remove: before.length - suffix - prefix,
    insert: after.slice(prefix, after.length - suffix),
  };
}

function splitsPair(text: string, at: number): boolean {
  const left = text.charCodeAt(at - 1);
  const right = text.charCodeAt(at);
  return left >= 0xd800 && left <= 0xdbff && right >= 0xdc00 && right <= 0xdfff;
}
