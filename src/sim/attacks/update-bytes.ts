/** Yjs updates made by hand, byte by byte: what no editor writes. The first encoding of Yjs 13 (src/utils/UpdateEncoder.js). */
import { concatBytes, utf8, type Bytes } from '../../kernel/bytes.ts';

/** LEB128, as Yjs writes numbers; exact up to 2^53. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

/** Yjs text: its length and its UTF-8 bytes. */
export function yText(text: string): number[] {
  const bytes = utf8(text);
  return [...varint(bytes.length), ...bytes];
}

/** Structs of one client, one after the other. */
export interface Section {
  readonly client: number;
  /** Of the first struct. */
  readonly clock: number;
  readonly structs: readonly (readonly number[])[];
}

/** Elements of one client to delete. */
export interface DeleteRange {
  readonly client: number;
  readonly clock: number;
  readonly len: number;
}

/** An update: one section per client, then the ranges to delete, each as a client of its own. */
export function updateOf(sections: readonly Section[], deletes: readonly DeleteRange[] = []): Bytes {
  const parts = [
    varint(sections.length),
    ...sections.map(({ client, clock, structs }) => [
      ...varint(structs.length),
      ...varint(client),
      ...varint(clock),
      ...structs.flat(),
    ]),
    varint(deletes.length),
    ...deletes.map(({ client, clock, len }) => [...varint(client), 1, ...varint(clock), ...varint(len)]),
  ];
  return concatBytes(...parts.map((part) => new Uint8Array(part)));
}

/** Content references of Yjs's first encoding. */
export const REF = {
  gc: 0,
  deleted: 1,
  json: 2,
  binary: 3,
  string: 4,
  embed: 5,
  format: 6,
  type: 7,
  any: 8,
  doc: 9,
  skip: 10,
} as const;

/** Bits beside the reference: what a struct says of its place. */
const HAS_LEFT = 0x80;
const HAS_RIGHT = 0x40;
const HAS_KEY = 0x20;

/** The content of one number, for {@link REF}.any. */
export const ONE_NUMBER: readonly number[] = [1, 125, 1];
/** The content of one Y.Map and of one Y.Array, for {@link REF}.type. */
export const MAP_TYPE: readonly number[] = [1];
export const ARRAY_TYPE: readonly number[] = [0];

export interface ElementId {
  readonly client: number;
  readonly clock: number;
}

/** A struct under `key` of a root map. */
export function rootItem(root: string, key: string, content: readonly number[], ref: number): number[] {
  return [HAS_KEY | ref, 1, ...yText(root), ...yText(key), ...content];
}

/** A struct under `key` of the type `parent`. */
export function itemIn(
  parent: ElementId,
  key: string,
  content: readonly number[] = ONE_NUMBER,
  ref: number = REF.any,
): number[] {
  return [HAS_KEY | ref, 0, ...varint(parent.client), ...varint(parent.clock), ...yText(key), ...content];
}

/** A struct between two elements, either of which may be left out. */
export function itemBetween(
  left: ElementId | undefined,
  right: ElementId | undefined,
  content: readonly number[] = ONE_NUMBER,
  ref: number = REF.any,
): number[] {
  const info = ref | (left === undefined ? 0 : HAS_LEFT) | (right === undefined ? 0 : HAS_RIGHT);
  const ids = [left, right].filter((id) => id !== undefined);
  return [info, ...ids.flatMap(({ client, clock }) => [...varint(client), ...varint(clock)]), ...content];
}
