/**
 * A board's birth certificate: who created it, under which policy. Its hash is the board's id, so a board cannot change its
 * creator or policy, and nobody can mint a second board with the same id.
 */
import type { Bytes } from '../kernel/bytes.ts';
import { digest } from '../kernel/hash.ts';
import { boardIdFrom, idBytes, type BoardId, type MemberId } from '../kernel/ids.ts';
import {
  decodeWith,
  encodeWith,
  fixedBytes,
  memberIdCodec,
  oneOf,
  record,
  signatureCodec,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import { domainSeparated } from './signing.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { DOMAIN } from './domains.ts';

/** Which tabs get a seat in votes (DESIGN section 5): every open tab, or one per member. */
export const ELECTORATES = ['tab', 'member'] as const;
export type Electorate = (typeof ELECTORATES)[number];

export interface GenesisBody {
  readonly creator: MemberId;
  readonly electorate: Electorate;
  /** Creator's clock, milliseconds since 1970. Shown, never used to order anything. */
  readonly createdAt: number;
  /** 16 random bytes: two boards of one creator never share an id. */
  readonly nonce: Bytes;
}

const bodyCodec: Codec<GenesisBody> = record({
  creator: memberIdCodec,
  electorate: oneOf(ELECTORATES),
  createdAt: whole(),
  nonce: fixedBytes(16),
});

export interface Genesis extends GenesisBody {
  /** By the creator's member key over the body. */
  readonly signature: Bytes;
}

export const genesisCodec: Codec<Genesis> = record({
  creator: memberIdCodec,
  electorate: oneOf(ELECTORATES),
  createdAt: whole(),
  nonce: fixedBytes(16),
  signature: signatureCodec,
});

/** What the creator signs. */
export function genesisToSign(body: GenesisBody): Bytes {
  return domainSeparated(DOMAIN.genesis, encodeWith(bodyCodec, body));
}

/** The board's id: SHA-256 of the body (the signature is left out, so that it cannot vary the id). */
export function boardIdOf(genesis: GenesisBody): BoardId {
  const { creator, electorate, createdAt, nonce } = genesis;
  return boardIdFrom(
    idBytes(digest(DOMAIN.genesis, encodeWith(bodyCodec, { creator, electorate, createdAt, nonce }))),
  );
}

export function genesisCheck(genesis: Genesis): SignatureCheck {
  const { creator, electorate, createdAt, nonce } = genesis;
  return {
    signer: creator,
    body: genesisToSign({ creator, electorate, createdAt, nonce }),
    signature: genesis.signature,
  };
}

/** A stored or received genesis record for the board we expect. The signature is checked separately ({@link genesisCheck}). */
export function decodeGenesis(bytes: Bytes, expected: BoardId): Result<Genesis, 'malformed' | 'wrongBoard'> {
  const decoded = decodeWith(genesisCodec, bytes);
  if (!decoded.ok) return refuse('malformed');
  return boardIdOf(decoded.value) === expected ? ok(decoded.value) : refuse('wrongBoard');
}

export function encodeGenesis(genesis: Genesis): Bytes {
  return encodeWith(genesisCodec, genesis);
}
