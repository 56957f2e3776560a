/** Everything that travels between two peers once their link is authenticated. */
import type { Bytes } from '../kernel/bytes.ts';
import {
  decodeWith,
  encodeWith,
  flag,
  hashCodec,
  list,
  oneOf,
  optional,
  record,
  sizedBytes,
  union,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import { admissionCodec, type Admission } from '../identity/admission.ts';
import { genesisCodec, type Genesis } from '../identity/genesis.ts';
import { peerCertificateCodec, type PeerCertificate } from '../identity/peer-certificate.ts';
import type { Hash } from '../kernel/ids.ts';
import { consensusMessageCodec, type ConsensusMessage } from '../consensus/messages.ts';
import { overlayMessageCodec, type OverlayMessage } from '../overlay/messages.ts';
import { MAX_ENTRY_BYTES } from '../replication/entry.ts';
import { forkProofCodec, type ForkProof } from '../replication/forks.ts';
import { replicationMessageCodec, type ReplicationMessage } from '../replication/messages.ts';
import { MAX_CREDENTIAL, MAX_SAID_BYTES } from './limits.ts';

/** First message on every link: who I am, of which member, and why I belong here. */
export interface Hello {
  readonly version: number;
  readonly certificate: PeerCertificate;
  /** Absent from a newcomer, who does not have it yet. */
  readonly genesis: Genesis | undefined;
  /** Admissions from the creator down to this member (of a newcomer: only its own, unconfirmed one). Empty for the creator. */
  readonly credential: readonly Admission[];
  /** Whether this member is in its own roster and holds a complete copy: not a newcomer. */
  readonly established: boolean;
}

/** Why a peer was turned away. Append only. */
export const FAREWELLS = [
  'notMember',
  'notReady',
  'protocolMismatch',
  'inviteWrongBoard',
  'inviteUnknownIssuer',
  'inviteRoleNotAllowed',
  'inviteExpired',
  'inviteUsedUp',
  'evicted',
  'inviteRevoked',
] as const;
export type FarewellCode = (typeof FAREWELLS)[number];

export interface Farewell {
  readonly code: FarewellCode;
}

/** A message of the committee's replicas on its way over the mesh. */
export interface Said {
  /**
   * Digest of the committee in whose words it is, for what only that committee can say: whoever knows that committee can judge it, and nobody
   * else hands it on.
   */
  readonly committee: Hash | undefined;
  /** How often it was broadcast before: the same again would be no broadcast. */
  readonly again: number;
  readonly message: ConsensusMessage;
}

const enclosed = sizedBytes(MAX_SAID_BYTES);
/** Stands for what could not be read; the reader has failed by then. */
const UNREAD: ConsensusMessage = { kind: 'piece', bytes: new Uint8Array(0) };

/** In an envelope of its own: consensus has its own list of what travels (docs/spec/wire.md). */
const enclosedCodec: Codec<ConsensusMessage> = {
  schema: enclosed.schema,
  write: (writer, message) => enclosed.write(writer, encodeWith(consensusMessageCodec, message)),
  read: (reader) => {
    const decoded = decodeWith(consensusMessageCodec, enclosed.read(reader));
    if (decoded.ok) return decoded.value;
    reader.fail(decoded.code);
    return UNREAD;
  },
};

const saidCodec: Codec<Said> = record<Said>({
  committee: optional(hashCodec),
  again: whole(255),
  message: enclosedCodec,
});

interface CouncilKinds {
  readonly said: Said;
  /** Asks for the founding of the board's first committee. */
  readonly askFounding: object;
}

export type CouncilMessage = ({ readonly kind: 'said' } & Said) | { readonly kind: 'askFounding' };

const councilMessageCodec: Codec<CouncilMessage> = union<CouncilKinds>({
  said: [1, saidCodec],
  askFounding: [2, record<object>({})],
});

interface NodeKinds {
  readonly hello: Hello;
  readonly farewell: Farewell;
  readonly overlay: { readonly body: OverlayMessage };
  readonly replication: { readonly body: ReplicationMessage };
  readonly council: { readonly body: CouncilMessage };
}

/** Tag of a hello. It and the version right behind it are read across versions, so they never move; nor does `farewell`. */
export const HELLO_TAG = 1;

export const nodeMessageCodec = union<NodeKinds>({
  hello: [
    HELLO_TAG,
    record<Hello>({
      version: whole(65_535),
      certificate: peerCertificateCodec,
      genesis: optional(genesisCodec),
      credential: list(admissionCodec, MAX_CREDENTIAL),
      established: flag,
    }),
  ],
  farewell: [2, record<Farewell>({ code: oneOf(FAREWELLS) })],
  overlay: [3, record<{ readonly body: OverlayMessage }>({ body: overlayMessageCodec })],
  replication: [4, record<{ readonly body: ReplicationMessage }>({ body: replicationMessageCodec })],
  council: [5, record<{ readonly body: CouncilMessage }>({ body: councilMessageCodec })],
});

export type NodeMessage =
  | ({ readonly kind: 'hello' } & Hello)
  | ({ readonly kind: 'farewell' } & Farewell)
  | { readonly kind: 'overlay'; readonly body: OverlayMessage }
  | { readonly kind: 'replication'; readonly body: ReplicationMessage }
  | { readonly kind: 'council'; readonly body: CouncilMessage };

/** What the overlay broadcasts for us. */
export type Broadcast =
  | { readonly kind: 'entry'; readonly bytes: Bytes }
  /** Somebody signed two entries for one place. */
  | { readonly kind: 'fork'; readonly proof: ForkProof }
  /** Of the committee; also what goes to one peer along the mesh. */
  | ({ readonly kind: 'said' } & Said);

export const broadcastCodec: Codec<Broadcast> = union<{
  entry: { readonly bytes: Bytes };
  fork: { readonly proof: ForkProof };
  said: Said;
}>({
  entry: [1, record<{ readonly bytes: Bytes }>({ bytes: sizedBytes(MAX_ENTRY_BYTES) })],
  fork: [2, record<{ readonly proof: ForkProof }>({ proof: forkProofCodec })],
  said: [3, saidCodec],
});
