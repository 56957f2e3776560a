/** The arguments of `npm run bench -- mesh`, which are explained in docs/benchmarks.md. */

/** Parts of the comparison, in the order in which they run. */
export const PARTS = [
  'gap',
  'sizes',
  'capped',
  'partitions',
  'growth',
  'throttled',
  'documents',
  'verify',
] as const;

export type Part = (typeof PARTS)[number];

export interface MeshOptions {
  /** Group sizes. */
  readonly tabs: readonly number[];
  /** Paced edits, and edits of the stream. */
  readonly edits: number;
  /** Size of our large document. */
  readonly documentMib: number;
  /** Runs of tabs that join in turn. */
  readonly runs: number;
  readonly parts: ReadonlySet<Part>;
  /** Instead of the comparison: minutes of a soak of ours. */
  readonly soakMinutes: number | undefined;
  readonly soakTabs: number;
  readonly isSaved: boolean;
}

const DEFAULTS = { tabs: '8', edits: '50', document: '50', runs: '3', 'soak-tabs': '6' };
const NAMES = ['tabs', 'edits', 'document', 'runs', 'only', 'soak', 'soak-tabs', 'save'];
const FLAGS = ['save'];
/** A browser has 500 connections a page, and two cores have their limits; a guess far above what is measured. */
const MOST_TABS = 64;

/** Reads the arguments. Throws on a bad one. */
export function readMeshOptions(args: readonly string[]): MeshOptions {
  const given = new Map<string, string>(Object.entries(DEFAULTS));
  for (let i = 0; i < args.length; i++) {
    const [name = '', inline] = (args[i] ?? '').replace(/^--/, '').split('=', 2);
    if (!NAMES.includes(name)) throw new Error(`mesh does not know ${args[i] ?? ''}`);
    given.set(name, FLAGS.includes(name) ? '' : (inline ?? args[++i] ?? ''));
  }
  const number = (name: string, least: number, most = Number.MAX_SAFE_INTEGER): number =>
    wholeNumber(name, given.get(name) ?? '', least, most);
  return {
    tabs: (given.get('tabs') ?? '').split(',').map((text) => wholeNumber('tabs', text, 4, MOST_TABS)),
    edits: number('edits', 1),
    documentMib: number('document', 1),
    runs: number('runs', 1),
    parts: partsOf(given.get('only')),
    soakMinutes: given.has('soak') ? number('soak', 1) : undefined,
    soakTabs: number('soak-tabs', 2, MOST_TABS),
    isSaved: given.has('save'),
  };
}

function partsOf(text: string | undefined): ReadonlySet<Part> {
  if (text === undefined) return new Set(PARTS);
  const names = text.split(',');
  const unknown = names.find((name) => !(PARTS as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`--only knows ${PARTS.join(', ')}, and not "${unknown}"`);
  return new Set(PARTS.filter((part) => names.includes(part)));
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text === '' || !Number.isSafeInteger(value) || value < least || value > most)
    throw new Error(`--${name} needs a whole number from ${least} to ${most}`);
  return value;
}
