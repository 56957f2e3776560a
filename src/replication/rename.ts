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

/** The state of a checkpoint (Yjs's second encoding) under other client ids, in Yjs's first encoding. */
export function renameState(state: Bytes, names: ReadonlyMap<number, number>): Bytes {
  const { structs, ds } = Y.decodeUpdateV2(state);
  const renamed = (id: Y.ID): Y.ID => Y.createID(names.get(id.client) ?? id.client, id.clock);
  for (const struct of structs) {
    struct.id = renamed(struct.id);
    if (!(struct instanceof Y.Item)) continue;
    const parent: unknown = struct.parent;
    struct.origin = struct.origin && renamed(struct.origin);
    struct.rightOrigin = struct.rightOrigin && renamed(struct.rightOrigin);
    if (parent instanceof Y.ID) struct.parent = renamed(parent);
  }
  const gone = [...ds.clients].flatMap(([client, runs]) =>
    runs.map(({ clock, len }) => ({ client: names.get(client) ?? client, clock, len })),
  );
  return encode(structs, gone);
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

/** Yjs's first encoding: the structs, client by client, then what is deleted. */
function encode(structs: DecodedUpdate['structs'], gone: readonly Run[]): Bytes {
  const encoder = new Y.UpdateEncoderV1();
  // Of this encoder, `writeLen` writes a plain number.
  const written = new Map<number, (typeof structs)[number][]>();
  for (const struct of structs) {
    const others = written.get(struct.id.client);
    if (others === undefined) written.set(struct.id.client, [struct]);
    else others.push(struct);
  }
  encoder.writeLen(written.size);
  for (const [client, of] of written) {
    encoder.writeLen(of.length);
    encoder.writeClient(client);
    encoder.writeLen(of[0]?.id.clock ?? 0);
    for (const struct of of) struct.write(encoder, 0);
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
