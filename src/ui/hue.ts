/** How many label and avatar colours styles/document.css defines (`--hue0` to `--hue9`). */
const HUES = 10;

/** The same text always gets the same colour on every device: FNV-1a over UTF-16 units, modulo the palette. */
export function hueOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % HUES;
}

/** One or two letters that stand for a name: first letters of its first and last word. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = firstLetter(words[0]);
  const last = words.length > 1 ? firstLetter(words[words.length - 1]) : '';
  return (first + last).toLocaleUpperCase() || '?';
}

function firstLetter(word: string | undefined): string {
  return word === undefined ? '' : ([...word][0] ?? '');
}
