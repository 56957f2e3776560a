/**
 * Updates drawn at random that look like updates: structs of every kind whose neighbours, parents, keys, clocks, lengths and deletions mostly
 * exist and sometimes do not, and honest updates in which some bytes were changed. A hostile member signs them with a valid key.
 */
import { concatBytes, type Bytes } from '../../kernel/bytes.ts';
import { pick, type Random } from '../../kernel/random.ts';
import type { Target } from './attack.ts';
import {
  itemBetween,
  itemIn,
  ONE_NUMBER,
  REF,
  rootItem,
  updateOf,
  varint,
  yText,
  type DeleteRange,
  type ElementId,
} from './update-bytes.ts';

const MAX_STRUCTS = 6;
const ROOTS = ['board', 'cards', 'columns', 'comments', 'elsewhere', '__proto__', ''] as const;
const KEYS = ['key 1', 'title', 'hostile', 'notes', '__proto__', ''] as const;

/** Content and its reference number, as drawn. */
interface Content {
  readonly ref: number;
  readonly bytes: readonly number[];
  /** Elements that it takes, as far as its maker knows. */
  readonly length: number;
}

/** In one of `outOf` cases. */
function rarely(random: Random, outOf: number): boolean {
  return random.below(outOf) === 0;
}

function drawContent(random: Random): Content {
  const text = 'hostile'.slice(random.below(7));
  const several = 1 + random.below(3);
  const usual: readonly Content[] = [
    { ref: REF.any, bytes: ONE_NUMBER, length: 1 },
    {
      ref: REF.any,
      bytes: [several, ...Array.from({ length: several }, () => [125, 2]).flat()],
      length: several,
    },
    { ref: REF.string, bytes: yText(text), length: text.length },
    { ref: REF.type, bytes: [random.below(7), ...yText('x')].slice(0, 1), length: 1 },
    { ref: REF.any, bytes: [1, 118, 1, ...yText(pick(random, KEYS) ?? ''), 117, 1, 125, 1], length: 1 },
  ];
  const odd: readonly Content[] = [
    { ref: REF.gc, bytes: varint(1 + random.below(9)), length: 1 },
    { ref: REF.skip, bytes: varint(1 + random.below(9)), length: 1 },
    { ref: REF.deleted, bytes: varint(1 + random.below(9)), length: 1 },
    { ref: REF.binary, bytes: [2, 1, 2], length: 1 },
    { ref: REF.embed, bytes: yText('{}'), length: 1 },
    { ref: REF.format, bytes: [...yText('bold'), ...yText('true')], length: 1 },
    { ref: REF.json, bytes: [1, ...yText('1')], length: 1 },
    { ref: REF.doc, bytes: [...yText('guid'), 118, 0], length: 1 },
    { ref: 11 + random.below(20), bytes: [1], length: 1 },
  ];
  return pick(random, rarely(random, 8) ? odd : usual) ?? { ref: REF.any, bytes: ONE_NUMBER, length: 1 };
}

/** An element that exists, or does not. */
function drawId(random: Random, target: Target, next: number): ElementId {
  const { letters, value, text, me, victim, victimClock } = target;
  const known = [...letters, value.id, text];
  switch (random.below(12)) {
    case 0:
      return { client: victim, clock: victimClock + random.below(50) };
    case 1:
      return { client: 77, clock: random.below(3) };
    case 2:
    case 3:
    case 4:
      return { client: me, clock: Math.max(0, next - 1 - random.below(3)) };
    case 5:
      return { client: me, clock: next + random.below(3) };
    default:
      return pick(random, known) ?? value.id;
  }
}

function drawStruct(random: Random, target: Target, next: number): { bytes: number[]; length: number } {
  const content = drawContent(random);
  const { ref, bytes, length } = content;
  if (ref === REF.gc || ref === REF.skip) return { bytes: [ref, ...bytes], length };
  const place = random.below(8);
  if (place === 0) {
    const at = random.below(target.letters.length - 1);
    return { bytes: itemBetween(target.letters[at], target.letters[at + 1], bytes, ref), length };
  }
  if (place === 1)
    return { bytes: itemIn(drawId(random, target, next), pick(random, KEYS) ?? '', bytes, ref), length };
  if (place < 5) {
    const root = rarely(random, 5) ? (pick(random, ROOTS) ?? '') : 'board';
    const key = rarely(random, 3) ? (pick(random, KEYS) ?? '') : `drawn ${random.below(1_000_000)}`;
    return { bytes: rootItem(root, key, bytes, ref), length };
  }
  const left = rarely(random, 4) ? undefined : drawId(random, target, next);
  const right = random.below(2) === 0 ? undefined : drawId(random, target, next);
  return { bytes: itemBetween(left, right, bytes, ref), length };
}

function drawDeletes(random: Random, target: Target, next: number): DeleteRange[] {
  return Array.from({ length: random.below(3) }, () => {
    const { client, clock } = drawId(random, target, next);
    return { client, clock, len: rarely(random, 6) ? random.below(70_000) : 1 + random.below(3) };
  });
}

/** An update of drawn structs. */
export function drawnUpdate(random: Random, target: Target): Bytes {
  const start = target.myClock + (rarely(random, 12) ? random.below(4) : 0);
  const client = rarely(random, 15) ? (pick(random, [target.victim, 77, 0, 2 ** 40]) ?? 0) : target.me;
  const structs: number[][] = [];
  let next = start;
  for (let i = random.below(MAX_STRUCTS); i >= 0; i--) {
    const { bytes, length } = drawStruct(random, target, next);
    structs.push(bytes);
    next += length;
  }
  const section = { client, clock: start, structs };
  const sections = rarely(random, 20) ? [section, section] : [section];
  return updateOf(sections, random.below(3) === 0 ? drawDeletes(random, target, next) : []);
}

/** `update` with a few bytes changed, removed or doubled. */
export function mutatedUpdate(random: Random, update: Bytes): Bytes {
  let bytes = update;
  for (let i = random.below(3); i >= 0; i--) {
    const at = random.below(bytes.length + 1);
    const [before, rest] = [bytes.subarray(0, at), bytes.subarray(at)];
    const byte = pick(random, [0, 1, 2, 127, 128, 255, random.below(256)]) ?? 0;
    const changed = [
      concatBytes(before, new Uint8Array([byte]), rest.subarray(1)),
      concatBytes(before, rest.subarray(1 + random.below(3))),
      concatBytes(before, rest.subarray(0, 2), rest),
      concatBytes(before, new Uint8Array([byte]), rest),
    ];
    bytes = pick(random, changed) ?? bytes;
  }
  return bytes;
}
