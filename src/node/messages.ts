/** Everything that travels between two peers once their link is authenticated. */
import type { Bytes } from '../kernel/bytes.ts';
import {
  flag,
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
import { overlayMessageCodec, type OverlayMessage } from '../overlay/messages.ts';
import { MAX_ENTRY_BYTES } from '../replication/entry.ts';
import { forkProofCodec, type ForkProof } from '../replication/forks.ts';
import { replicationMessageCodec, type ReplicationMessage } from '../replication/messages.ts';
import { MAX_CREDENTIAL } from './limits.ts';

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

interface NodeKinds {
  readonly hello: Hello;
  readonly farewell: Farewell;
  readonly overlay: { readonly body: OverlayMessage };
  readonly replication: { readonly body: ReplicationMessage };
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
});

export type NodeMessage =
  | ({ readonly kind: 'hello' } & Hello)
  | ({ readonly kind: 'farewell' } & Farewell)
  | { readonly kind: 'overlay'; readonly body: OverlayMessage }
  | { readonly kind: 'replication'; readonly body: ReplicationMessage };

/** What the overlay broadcasts for us. */
export type Broadcast =
  | { readonly kind: 'entry'; readonly bytes: Bytes }
  /** Somebody signed two entries for one place. */
  | { readonly kind: 'fork'; readonly proof: ForkProof };

export const broadcastCodec: Codec<Broadcast> = union<{
  entry: { readonly bytes: Bytes };
  fork: { readonly proof: ForkProof };
}>({
  entry: [1, record<{ readonly bytes: Bytes }>({ bytes: sizedBytes(MAX_ENTRY_BYTES) })],
  fork: [2, record<{ readonly proof: ForkProof }>({ proof: forkProofCodec })],
});
