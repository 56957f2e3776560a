/** Rewrites an update so that it names elements as this node's document does (clients.ts says when that differs, and why). */
import * as Y from 'yjs';
import type { Bytes } from '../kernel/bytes.ts';
import type { Element, Translation } from './clients.ts';
import { decodeUpdate, type DecodedUpdate } from './update-rules.ts';

interface Run extends Element {
  readonly len: number;
}

/**
 * The update in this document's names. Undefined when it names what its author's document cannot have held, or is none that Yjs reads.
 */
export function translateUpdate(update: Bytes, translation: Translation): Bytes | undefined {
  const decoded = decodeUpdate(update);
  if (decoded === undefined || !renameStructs(decoded.structs, translation)) return undefined;
  const gone: Run[] = [];
  for (const [client, runs] of decoded.ds.clients) {
    for (const { clock, len } of runs) {
      const pieces = translation.run({ client, clock, len });
      if (pieces === undefined) return undefined;
      gone.push(...pieces);
    }
  }
  return encode(decoded.structs, gone);
}

function renameStructs(structs: DecodedUpdate['structs'], translation: Translation): boolean {
  const named = (id: Y.ID): Y.ID | undefined => {
    const element = translation.element(id);
    return element && Y.createID(element.client, element.clock);
  };
  for (const struct of structs) {
    const id = named(struct.id);
    if (id === undefined) return false;
    struct.id = id;
    // Written by one client before, and by another now: nobody's update reaches back before the branch it is on.
    if (id.client !== structs[0]?.id.client) return false;
    if (!(struct instanceof Y.Item)) continue;
    // As decoded: an id or null, and of the parent a name, an id or null.
    const parent: unknown = struct.parent;
    const [left, right] = [
      struct.origin && named(struct.origin),
      struct.rightOrigin && named(struct.rightOrigin),
    ];
    const within = parent instanceof Y.ID ? named(parent) : struct.parent;
    if (left === undefined || right === undefined || within === undefined) return false;
    struct.origin = left;
    struct.rightOrigin = right;
    struct.parent = within;
  }
  return true;
}

/** Yjs's first encoding: the structs of the one client that writes, then what is deleted, by client. */
function encode(structs: DecodedUpdate['structs'], gone: readonly Run[]): Bytes {
  const encoder = new Y.UpdateEncoderV1();
  // Of this encoder, `writeLen` writes a plain number.
  const [first] = structs;
  encoder.writeLen(first === undefined ? 0 : 1);
  if (first !== undefined) {
    encoder.writeLen(structs.length);
    encoder.writeClient(first.id.client);
    encoder.writeLen(first.id.clock);
    for (const struct of structs) struct.write(encoder, 0);
  }
  const byClient = new Map<number, Run[]>();
  for (const run of gone) byClient.set(run.client, [...(byClient.get(run.client) ?? []), run]);
  encoder.writeLen(byClient.size);
  for (const [client, runs] of byClient) {
    encoder.resetDsCurVal();
    encoder.writeLen(client);
    encoder.writeLen(runs.length);
    for (const { clock, len } of runs) {
      encoder.writeDsClock(clock);
      encoder.writeDsLen(len);
    }
  }
  return encoder.toUint8Array() as Bytes;
}
