/**
 * Seeded randomness. A machine never draws from the platform: it is given a `Random`, and every component forks its own
 * by name, so that one more draw (or one more peer) in one place shifts nothing elsewhere.
 *
 * Generator: xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018, section 3), seeded
 * by SHA-256 of the seed text. It is not cryptographic: keys and nonces come from WebCrypto at the edge.
 */
import { digestBytes } from './hash.ts';
import { utf8 } from './bytes.ts';
import { invariant } from './invariant.ts';

export interface Random {
  /** The text from which it was made: {@link randomFrom} of it draws the same, from the beginning. */
  readonly seed: string;
  /** A whole number from 0 to `limit` - 1; `limit` is 1 to 2^32. */
  below(limit: number): number;
  /** An independent generator for the component `label`. */
  fork(label: string): Random;
}

const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

class Xoshiro implements Random {
  readonly seed: string;
  readonly #state: Int32Array;

  constructor(seed: string) {
    this.seed = seed;
    const bytes = digestBytes('tabswarm/random/1', utf8(seed));
    this.#state = new Int32Array(bytes.slice(0, 16).buffer);
    this.#state[0] = (this.#state[0] ?? 0) | 1; // an all-zero state would stay zero for ever
  }

  #next(): number {
    const s = this.#state;
    const [s0, s1, s2, s3] = [s[0] ?? 0, s[1] ?? 0, s[2] ?? 0, s[3] ?? 0];
    const result = Math.imul(rotl(Math.imul(s1, 5), 7), 9);
    const x2 = s2 ^ s0;
    const x3 = s3 ^ s1;
    s[1] = s1 ^ x2;
    s[0] = s0 ^ x3;
    s[2] = x2 ^ (s1 << 9);
    s[3] = rotl(x3, 11);
    return result >>> 0;
  }

  below(limit: number): number {
    invariant(
      Number.isInteger(limit) && limit >= 1 && limit <= 0x1_0000_0000,
      'below needs a limit from 1 to 2^32',
    );
    return Math.floor((this.#next() / 0x1_0000_0000) * limit);
  }

  fork(label: string): Random {
    return new Xoshiro(`${this.seed}/${label}`);
  }
}

/** A generator whose whole output is determined by `seed`. */
export function randomFrom(seed: string): Random {
  return new Xoshiro(seed);
}

/** One element drawn evenly, or undefined from an empty list. */
export function pick<T>(random: Random, list: readonly T[]): T | undefined {
  return list.length === 0 ? undefined : list[random.below(list.length)];
}

/** A copy in random order (Fisher and Yates). */
export function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = copy[i] as T;
    copy[i] = copy[j] as T;
    copy[j] = kept;
  }
  return copy;
}

const ID_ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';

/** `length` characters of 5 bits each, readable aloud (no l, o, 0, 1). */
export function randomText(random: Random, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += ID_ALPHABET.charAt(random.below(ID_ALPHABET.length));
  return text;
}
