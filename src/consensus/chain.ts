/**
 * The chain of committees. Each link is a committee and the proof that it follows: the founding one is an owner's word, every other the word of
 * a quorum of the committee before, or, when that quorum is lost for good, an owner's word again, which shows for ever in all
 * later records. Whoever knows board and owners can follow it from the beginning, without any network and without believing who brings it.
 */
import type { Bytes } from '../kernel/bytes.ts';
import {
  decodeWith,
  encodeWith,
  hashCodec,
  list,
  memberIdCodec,
  record,
  signatureCodec,
  union,
  type Codec,
  type OneKind,
} from '../kernel/codec.ts';
import type { BoardId, Hash, MemberId } from '../kernel/ids.ts';
import { invariant } from '../kernel/invariant.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { DOMAIN } from '../identity/domains.ts';
import { domainSeparated } from '../identity/signing.ts';
import { refuseQuorum, quorumChecks, type CertificateRefusal } from './certificates.ts';
import {
  committeeCodec,
  openCommittee,
  recordOf,
  type Committee,
  type CommitteeRecord,
} from './committee.ts';
import { MAX_EPOCHS } from './limits.ts';
import { signaturesCodec, type SeatSignature, type Statement } from './statements.ts';

export interface OwnerProof {
  readonly owner: MemberId;
  readonly signature: Bytes;
}

export interface ProofKinds {
  readonly founding: OwnerProof;
  /** Close statements of a quorum of the committee before, by seat, ascending. */
  readonly handover: { readonly signatures: readonly SeatSignature[] };
  readonly reset: OwnerProof;
}

export interface Link {
  readonly committee: CommitteeRecord;
  /** Digest of the state that the epoch begins with, behind the committee's `start`. */
  readonly state: Hash;
  readonly proof: OneKind<ProofKinds>;
}

const ownerProofCodec: Codec<OwnerProof> = record<OwnerProof>({
  owner: memberIdCodec,
  signature: signatureCodec,
});

export const linkCodec: Codec<Link> = record<Link>({
  committee: committeeCodec,
  state: hashCodec,
  proof: union<ProofKinds>({
    founding: [1, ownerProofCodec],
    handover: [2, record<ProofKinds['handover']>({ signatures: signaturesCodec })],
    reset: [3, ownerProofCodec],
  }),
});

const chainCodec: Codec<readonly Link[]> = list(linkCodec, MAX_EPOCHS);

/** What has to be known before anything can be verified: they follow from the board's genesis record. */
export interface Pins {
  readonly board: BoardId;
  readonly owners: readonly MemberId[];
}

export interface Epoch {
  readonly committee: Committee;
  readonly link: Link;
}

/** Why links prove nothing. */
export type ChainRefusal =
  | CertificateRefusal
  | 'unreadable' // not the bytes of a chain
  | 'empty'
  | 'otherBoard'
  | 'notAnOwner' // an owner's word by somebody else
  | 'badCommittee' // no committee can be like this
  | 'gap' // the epoch is not the next, or its predecessor another
  | 'badStart' // it begins where it cannot
  | 'badResets' // a mark of a reset that is missing, or too many
  | 'badProof' // a founding link that is not the first, or a first that is none
  | 'badSignature';

interface OwnersClaim {
  readonly committee: CommitteeRecord;
  readonly state: Hash;
}

const claimCodec: Codec<OwnersClaim> = record<OwnersClaim>({ committee: committeeCodec, state: hashCodec });

/** What an owner signs: the whole record, which for a reset names the committee that lost its quorum, and the state to go on from. */
export function ownerToSign(kind: 'founding' | 'reset', committee: CommitteeRecord, state: Hash): Bytes {
  const claim = { committee: recordOf(committee), state };
  return domainSeparated(DOMAIN[kind], encodeWith(claimCodec, claim));
}

/** What the seats of the committee before say of the next. */
export function closeOf({ committee: { start }, link: { state }, committee }: Epoch): Statement {
  return { kind: 'close', seq: start, digest: state, next: committee.digest };
}

/** What is wrong with `link` behind `before` apart from its signatures, if anything; the epoch otherwise. */
export function openLink(pins: Pins, before: Epoch | undefined, link: Link): Result<Epoch, ChainRefusal> {
  const { committee: claimed, proof } = link;
  if (claimed.board !== pins.board) return refuse('otherBoard');
  const opened = openCommittee(claimed);
  if (!opened.ok) return opened;
  const committee = opened.value;
  if (proof.kind !== 'handover' && !pins.owners.includes(proof.owner)) return refuse('notAnOwner');
  if (before === undefined) {
    if (proof.kind !== 'founding') return refuse('badProof');
    const isFirst = committee.epoch === 0 && committee.previous === undefined;
    if (!isFirst) return refuse('gap');
    if (committee.start !== 0) return refuse('badStart');
    return committee.resets === 0 ? ok({ committee, link }) : refuse('badResets');
  }
  if (proof.kind === 'founding') return refuse('badProof');
  const isNext = committee.epoch === before.committee.epoch + 1;
  if (!isNext || committee.previous !== before.committee.digest) return refuse('gap');
  const isReset = proof.kind === 'reset';
  const { start, resets } = before.committee;
  if (isReset ? committee.start < start : committee.start <= start) return refuse('badStart');
  if (committee.resets !== resets + (isReset ? 1 : 0)) return refuse('badResets');
  const refusal = isReset ? undefined : refuseQuorum(before.committee, proof.signatures);
  return refusal === undefined ? ok({ committee, link }) : refuse(refusal);
}

/** The signatures that have to hold for an epoch to follow `before`. */
export function linkChecks(before: Epoch | undefined, epoch: Epoch): SignatureCheck[] {
  const { proof, state } = epoch.link;
  if (proof.kind === 'handover')
    return before === undefined ? [] : quorumChecks(before.committee, closeOf(epoch), proof.signatures);
  const body = ownerToSign(proof.kind, epoch.committee, state);
  return [{ signer: proof.owner, body, signature: proof.signature }];
}

/** Links that were judged against a chain: those that go on from it, and one that contradicts it, if there is such a one. */
export interface JudgedLinks {
  readonly news: readonly Epoch[];
  readonly fork: Epoch | undefined;
  readonly checks: readonly SignatureCheck[];
}

/** The committees of a board from the first to the newest that is known here. */
export class Chain {
  readonly pins: Pins;
  readonly #epochs: Epoch[];
  /** The epoch that we are in. */
  current = 0;

  /** `founding` was verified. */
  constructor(pins: Pins, founding: Epoch) {
    this.pins = pins;
    this.#epochs = [founding];
  }

  at(epoch: number): Epoch | undefined {
    return this.#epochs[epoch];
  }

  get tip(): Epoch {
    const tip = this.#epochs.at(-1);
    invariant(tip !== undefined, 'a chain has a first link');
    return tip;
  }

  /** Links from `epoch` on, at most `limit`. */
  links(epoch: number, limit: number): Link[] {
    return this.#epochs.slice(epoch, epoch + limit).map(({ link }) => link);
  }

  /** Takes in an epoch that follows the newest, its proof verified. */
  extend(epoch: Epoch): void {
    invariant(epoch.committee.previous === this.tip.committee.digest, 'links are added in their order');
    this.#epochs.push(epoch);
  }

  /** Judges links in a row, of which the first is known or follows what is known. What is known already needs no check. */
  judge(links: readonly Link[]): Result<JudgedLinks, ChainRefusal> {
    const news: Epoch[] = [];
    const checks: SignatureCheck[] = [];
    let before: Epoch | undefined;
    for (const [at, link] of links.entries()) {
      const { epoch } = link.committee;
      before ??= at === 0 ? this.at(epoch - 1) : undefined;
      if (before === undefined && epoch !== 0) return refuse('gap');
      const opened = openLink(this.pins, before, link);
      if (!opened.ok) return opened;
      const known = this.at(epoch);
      if (known !== undefined && isSameEpoch(known, opened.value)) {
        before = known;
        continue;
      }
      checks.push(...linkChecks(before, opened.value));
      if (known !== undefined) return ok({ news: [], fork: opened.value, checks });
      news.push(opened.value);
      before = opened.value;
    }
    return ok({ news, fork: undefined, checks });
  }
}

/** Whether both go on from the same state with the same committee, whoever proves it. */
export function isSameEpoch(a: Epoch, b: Epoch): boolean {
  return a.committee.digest === b.committee.digest && a.link.state === b.link.state;
}

export function encodeChain(links: readonly Link[]): Bytes {
  return encodeWith(chainCodec, links);
}

/** The epochs of a whole chain and all signatures on which it stands, or why it proves nothing. */
export function chainChecks(
  pins: Pins,
  bytes: Bytes,
): Result<{ readonly epochs: readonly Epoch[]; readonly checks: readonly SignatureCheck[] }, ChainRefusal> {
  const decoded = decodeWith(chainCodec, bytes);
  if (!decoded.ok) return refuse('unreadable');
  const epochs: Epoch[] = [];
  const checks: SignatureCheck[] = [];
  for (const link of decoded.value) {
    const before = epochs.at(-1);
    const opened = openLink(pins, before, link);
    if (!opened.ok) return opened;
    checks.push(...linkChecks(before, opened.value));
    epochs.push(opened.value);
  }
  return epochs.length === 0 ? refuse('empty') : ok({ epochs, checks });
}

/**
 * Verifies a chain from the founding on, needing no network: all its epochs, or why not. `holds` says whether a signature holds; where
 * that takes a promise, ask {@link chainChecks} and check them first.
 */
export function verifyChain(
  pins: Pins,
  bytes: Bytes,
  holds: (check: SignatureCheck) => boolean,
): Result<readonly Epoch[], ChainRefusal> {
  const examined = chainChecks(pins, bytes);
  if (!examined.ok) return examined;
  return examined.value.checks.every(holds) ? ok(examined.value.epochs) : refuse('badSignature');
}
