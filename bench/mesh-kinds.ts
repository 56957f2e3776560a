/** What our tabs send, by kind of message: which part of the traffic an edit causes, and which is there anyway. */
import { decodeWith } from '../src/kernel/codec.ts';
import { nodeMessageCodec } from '../src/node/messages.ts';
import { decodeFrame, type Part } from '../src/transport/frames.ts';
import type { SendRecord } from './mesh-page.ts';

/** Sends that begin with a message of a kind, and bytes of all messages of it. */
export interface KindFigures {
  readonly sends: number;
  readonly bytes: number;
}

export type Kinds = ReadonlyMap<string, KindFigures>;

/** Counts by kind. Sends whose content was not kept are `other`. */
export function kindsOf(sends: readonly SendRecord[]): Kinds {
  const kinds = new Map<string, { sends: number; bytes: number }>();
  const countOf = (kind: string): { sends: number; bytes: number } => {
    const known = kinds.get(kind) ?? { sends: 0, bytes: 0 };
    kinds.set(kind, known);
    return known;
  };
  for (const send of sends) {
    const parts = partsOf(send);
    let rest = send.bytes;
    for (const { kind, bytes } of parts) {
      countOf(kind).bytes += bytes;
      rest -= bytes;
    }
    const first = countOf(parts[0]?.kind ?? 'other');
    first.sends += 1;
    first.bytes += rest; // the frame's own bytes, or all of it
  }
  return kinds;
}

/** What each of `edits` has caused: counts of `during` without those that `before` has in the same time. */
export function kindsPerEdit(
  during: { readonly kinds: Kinds; readonly milliseconds: number },
  before: { readonly kinds: Kinds; readonly milliseconds: number },
  edits: number,
): Record<string, KindFigures> {
  const share = during.milliseconds / before.milliseconds;
  const names = [...new Set([...during.kinds.keys(), ...before.kinds.keys()])].sort();
  const perEdit = (kind: string, figure: keyof KindFigures): number => {
    const [more, anyway] = [during.kinds.get(kind)?.[figure] ?? 0, before.kinds.get(kind)?.[figure] ?? 0];
    return Math.round(((more - anyway * share) / edits) * 10) / 10;
  };
  return Object.fromEntries(
    names.map((kind) => [kind, { sends: perEdit(kind, 'sends'), bytes: perEdit(kind, 'bytes') }]),
  );
}

function partsOf({ content }: SendRecord): readonly { readonly kind: string; readonly bytes: number }[] {
  if (content === undefined) return [];
  const frame = decodeFrame(Uint8Array.from(content, (letter) => letter.charCodeAt(0)));
  return frame.ok ? frame.value.parts.map(partFigures) : [];
}

function partFigures(part: Part): { readonly kind: string; readonly bytes: number } {
  if (part.kind === 'piece') return { kind: 'piece', bytes: part.bytes.length };
  if (part.kind !== 'whole') return { kind: part.kind, bytes: 1 };
  const message = decodeWith(nodeMessageCodec, part.message);
  const kind = !message.ok
    ? 'unreadable'
    : message.value.kind === 'overlay' || message.value.kind === 'replication'
      ? message.value.body.kind
      : message.value.kind;
  return { kind, bytes: part.message.length };
}
