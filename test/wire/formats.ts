/**
 * Everything that travels between peers or is kept on disk, and how each is read: the list that the wire tests go through.
 * The node message contains the schemas of overlay and replication; what is only signed (bodies, proofs) is pinned by the
 * signatures of the frozen bytes.
 */
import { fromUtf8, utf8, type Bytes } from '../../src/kernel/bytes.ts';
import { decodeWith, encodeWith, type Codec } from '../../src/kernel/codec.ts';
import type { BoardId } from '../../src/kernel/ids.ts';
import { admissionCodec, capabilityCodec } from '../../src/identity/admission.ts';
import { evictionCodec, revocationCodec, roleChangeCodec } from '../../src/identity/decrees.ts';
import { genesisCodec } from '../../src/identity/genesis.ts';
import { inviteCodec, inviteFragment, parseInviteLink, type Invite } from '../../src/identity/invite-link.ts';
import { peerCertificateCodec } from '../../src/identity/peer-certificate.ts';
import { certificateCodec } from '../../src/consensus/certificates.ts';
import { consensusMessageCodec } from '../../src/consensus/messages.ts';
import { storedRecordCodec } from '../../src/consensus/records.ts';
import { broadcastCodec, nodeMessageCodec, type Said } from '../../src/node/messages.ts';
import { settledRosterCodec } from '../../src/node/settled-roster.ts';
import { contentCodec, storedCheckpointCodec } from '../../src/replication/checkpoint.ts';
import { signedEntryCodec } from '../../src/replication/entry.ts';
import { forkProofCodec } from '../../src/replication/forks.ts';
import { presenceCodec } from '../../src/replication/presence.ts';
import { decodeBoardRecord, encodeBoardRecord, type BoardRecord } from '../../src/runtime/board-record.ts';
import { decodeFrame, encodeFrame, frameCodec } from '../../src/transport/frames.ts';
import { pairingCodec } from '../../src/transport/pairing-code.ts';
import { decodeSignal, encodeSignal, signalCodec } from '../../src/transport/signals.ts';

/** The board that everything frozen belongs to. It is the hash of the frozen genesis, so it never changes either. */
export const FROZEN_BOARD = 'a40f6a59dbb3d305613f08447fe1c575fca3ca5ddfe323be8231104ba23643b5' as BoardId;

export interface WireFormat {
  readonly name: string;
  /** The codec's description of the bytes; undefined for what has a version of its own (src/runtime/board-record.ts). */
  readonly schema: string | undefined;
  /** Whether it is kept on disk (or in people's hands), so that later versions have to read it too. */
  readonly isStored: boolean;
  /** The value of foreign bytes, or undefined when they are refused. */
  readonly decode: (bytes: Bytes) => unknown;
  /** The value's bytes, encoded anew; undefined when they are refused. */
  readonly again: (bytes: Bytes) => Bytes | undefined;
}

function format<T>(name: string, codec: Codec<T>, rest: Partial<WireFormat> = {}): WireFormat {
  const read = (bytes: Bytes): T | undefined => {
    const decoded = decodeWith(codec, bytes);
    return decoded.ok ? decoded.value : undefined;
  };
  return {
    name,
    schema: codec.schema,
    isStored: false,
    decode: read,
    again: (bytes) => {
      const value = read(bytes);
      return value === undefined ? undefined : encodeWith(codec, value);
    },
    ...rest,
  };
}

const STORED = { isStored: true };

/** What a seat said stays in its envelope: the list has a format of its own for it. */
function closed<T extends Said>(said: T): Omit<T, 'message'> & { readonly message: Bytes } {
  return { ...said, message: encodeWith(consensusMessageCodec, said.message) };
}

export const FORMATS: readonly WireFormat[] = [
  format('node-message', nodeMessageCodec, {
    decode: (bytes) => {
      const message = decodeWith(nodeMessageCodec, bytes);
      if (!message.ok) return undefined;
      const { value } = message;
      if (value.kind !== 'council' || value.body.kind !== 'said') return value;
      return { ...value, body: closed(value.body) };
    },
  }),
  format('broadcast', broadcastCodec, {
    decode: (bytes) => {
      const broadcast = decodeWith(broadcastCodec, bytes);
      if (!broadcast.ok) return undefined;
      return broadcast.value.kind === 'said' ? closed(broadcast.value) : broadcast.value;
    },
  }),
  format('presence', presenceCodec),
  format('entry', signedEntryCodec, STORED),
  format('fork-proof', forkProofCodec, STORED),
  format('stored-checkpoint', storedCheckpointCodec, STORED),
  format('checkpoint-content', contentCodec, STORED),
  format('settled-roster', settledRosterCodec, STORED),
  format('eviction', evictionCodec, STORED),
  format('role-change', roleChangeCodec, STORED),
  format('revocation', revocationCodec, STORED),
  format('consensus-message', consensusMessageCodec),
  format('consensus-record', storedRecordCodec, STORED),
  format('consensus-certificate', certificateCodec, STORED),
  format('genesis', genesisCodec, STORED),
  format('certificate', peerCertificateCodec, STORED),
  format('capability', capabilityCodec, STORED),
  format('admission', admissionCodec, STORED),
  // Frozen as the UTF-8 text of the fragment, which is what people keep.
  format('invite', inviteCodec, {
    isStored: true,
    decode: readLink,
    again: (bytes) => {
      const invite = readLink(bytes);
      return invite === undefined ? undefined : utf8(inviteFragment(invite));
    },
  }),
  {
    name: 'board-record',
    schema: undefined,
    isStored: true,
    decode: readBoardRecord,
    again: (bytes) => {
      const board = readBoardRecord(bytes);
      return board === undefined ? undefined : encodeBoardRecord(board);
    },
  },
  format('signal', signalCodec, {
    again: (bytes) => {
      const signal = decodeSignal(bytes);
      return signal.ok ? encodeSignal(signal.value) : undefined;
    },
  }),
  format('pairing-note', pairingCodec),
  format('frame', frameCodec, {
    again: (bytes) => {
      const frame = decodeFrame(bytes);
      return frame.ok ? encodeFrame(frame.value.sequence, frame.value.parts) : undefined;
    },
  }),
];

function readLink(bytes: Bytes): Invite | undefined {
  const invite = parseInviteLink(fromUtf8(bytes));
  return invite.ok ? invite.value : undefined;
}

function readBoardRecord(bytes: Bytes): BoardRecord | undefined {
  const board = decodeBoardRecord(FROZEN_BOARD, bytes);
  return board.ok ? board.value : undefined;
}

/** All schemas, one a line behind their names: the text that is pinned. */
export function schemaText(): string {
  return FORMATS.map(({ name, schema }) => (schema === undefined ? '' : `${name}: ${schema}\n`)).join('');
}

/**
 * The kinds that a schema knows, as paths through nested unions: `overlay.gossip`. A closed set in a field named `kind` counts like a
 * union.
 */
export function kindsOf(schema: string): readonly string[] {
  const [, head = '', inside = ''] = /^(\w*)[({](.*)[)}]$/s.exec(schema) ?? [];
  const parts = split(inside);
  if (head === 'union') return parts.flatMap(kindsOfOne);
  if (head === '') return parts.flatMap(kindsOfField);
  return ['list', 'optional', 'ascending'].includes(head) ? kindsOf(parts[0] ?? '') : [];
}

/** Of `1=name:schema`. */
function kindsOfOne(kind: string): readonly string[] {
  const [, name = '', schema = ''] = /^\d+=([^:]+):(.*)$/s.exec(kind) ?? [];
  const nested = kindsOf(schema);
  return nested.length === 0 ? [name] : nested.map((each) => `${name}.${each}`);
}

/** Of `name:schema`. */
function kindsOfField(field: string): readonly string[] {
  const [, name = '', schema = ''] = /^([^:]+):(.*)$/s.exec(field) ?? [];
  const words = name === 'kind' ? /^oneOf\((.*)\)$/.exec(schema)?.[1] : undefined;
  return words === undefined ? kindsOf(schema) : words.split('|');
}

/** The parts of `text` between its outermost commas. */
function split(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const [at, character] of [...text].entries()) {
    if ('({['.includes(character)) depth += 1;
    if (')}]'.includes(character)) depth -= 1;
    if (character !== ',' || depth > 0) continue;
    parts.push(text.slice(start, at));
    start = at + 1;
  }
  return text === '' ? [] : [...parts, text.slice(start)];
}

/** The kinds that a decoded value is made of, in the spelling of {@link kindsOf}. */
export function kindsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const nested = Object.values(value).flatMap(kindsIn);
  if (!('kind' in value)) return nested;
  const kind = String(value.kind);
  return nested.length === 0 ? [kind] : nested.map((each) => `${kind}.${each}`);
}
