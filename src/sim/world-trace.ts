/** What happened in the simulated world: the last lines for people, and a rolling digest of all of them that tells two runs apart. */

/** Lines that a failure shows. */
export const WORLD_TRACE_LINES = 100;
/** FNV-1a, 32 bits (Fowler, Noll and Vo); two lanes with different offsets make an accidental match unlikely. */
const FNV_PRIME = 0x01000193;
const FNV_OFFSETS = [0x811c9dc5, 0x9747b28c] as const;
/** Words whose hash is kept. Origin: guess; names of 10,000 participants and some hundred kinds of things. */
const MAX_KNOWN_WORDS = 16_384;

interface TraceLine {
  at: number;
  who: string;
  what: string;
  whom: string;
  detail: string;
}

export class WorldTrace {
  /** A ring whose lines are written over: recording makes nothing, texts are put together only when somebody reads them. */
  readonly #lines: TraceLine[] = [];
  readonly #words = new Map<string, number>();
  #next = 0;
  #count = 0;
  #low: number = FNV_OFFSETS[0];
  #high: number = FNV_OFFSETS[1];

  /** `who` and `whom` are names of participants, `what` an input, an effect or a fault. */
  record(at: number, who: string, what: string, whom = '', detail = ''): void {
    const line = (this.#lines[this.#next] ??= { at, who, what, whom, detail });
    line.at = at;
    line.who = who;
    line.what = what;
    line.whom = whom;
    line.detail = detail;
    this.#next = (this.#next + 1) % WORLD_TRACE_LINES;
    this.#count += 1;
    this.#mix(Math.floor(at * 1000));
    this.#mix(this.#hash(who));
    this.#mix(this.#hash(what));
    this.#mix(this.#hash(whom));
    this.#mix(this.#hash(detail));
  }

  /** Lines recorded since the beginning. */
  get count(): number {
    return this.#count;
  }

  /** Equal for two runs in which the same things happened at the same times. */
  digest(): string {
    return [this.#low, this.#high].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** The last lines, oldest first. */
  lines(): string[] {
    const oldestFirst = [...this.#lines.slice(this.#next), ...this.#lines.slice(0, this.#next)];
    return oldestFirst.map(({ at, who, what, whom, detail }) =>
      [`${at.toFixed(2).padStart(10)} ms`, who, what, whom, detail].filter((part) => part !== '').join('  '),
    );
  }

  #mix(value: number): void {
    this.#low = Math.imul(this.#low ^ value, FNV_PRIME);
    this.#high = Math.imul(this.#high ^ value, FNV_PRIME) ^ (this.#low >>> 13);
  }

  #hash(word: string): number {
    const known = this.#words.get(word);
    if (known !== undefined) return known;
    let hash: number = FNV_OFFSETS[0];
    for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), FNV_PRIME);
    if (this.#words.size < MAX_KNOWN_WORDS) this.#words.set(word, hash);
    return hash;
  }
}

/** The `kind` or `type` of a message, command or event, when it has one. */
export function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  if ('kind' in value && typeof value.kind === 'string') return value.kind;
  return 'type' in value && typeof value.type === 'string' ? value.type : 'object';
}
