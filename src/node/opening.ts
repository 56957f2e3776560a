/**
 * The opening of our own journal: a claim that carries our certificate. It is needed once we belong to the board, after a crash between
 * the parts of an update, and again under a new name.
 */
import { encodeWith } from '../kernel/codec.ts';
import { peerCertificateCodec, type PeerCertificate } from '../identity/peer-certificate.ts';
import type { Draft } from '../replication/own-journal.ts';
import type { Replication } from '../replication/replication.ts';
import type { Roster } from './roster.ts';

export class Opening {
  readonly #roster: Roster;
  readonly #replication: Replication;
  #certificate: PeerCertificate;
  /** Name in the newest claim that we wrote in this run. */
  #claimedName: string | undefined;

  constructor(roster: Roster, replication: Replication, certificate: PeerCertificate) {
    this.#roster = roster;
    this.#replication = replication;
    this.#certificate = certificate;
  }

  /** Our member's newest word for our peer key. */
  get certificate(): PeerCertificate {
    return this.#certificate;
  }

  rename(certificate: PeerCertificate): void {
    this.#certificate = certificate;
  }

  /** The claim to write now, if one is needed; it counts as written from here on. */
  next(wallMs: number): Draft | undefined {
    const { member, peer, name } = this.#certificate;
    if (this.#roster.roleOf(member) === undefined || this.#replication.isDamaged) return undefined;
    const claimedName = this.#claimedName ?? this.#roster.certificateOf(peer)?.name;
    if (this.#replication.claimed && claimedName === name) return undefined;
    this.#claimedName = name;
    return { kind: 'claim', payload: encodeWith(peerCertificateCodec, this.#certificate), wallMs };
  }
}
