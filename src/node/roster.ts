/**
 * Who belongs to the board, as far as the entries that took effect say: the creator, everybody admitted since, and the tabs that
 * claimed to be theirs. Fed in causal order, so every node that holds the same entries has the same roster; an entry is judged by
 * the admissions in its own past, so every node judges it alike, whatever else it holds.
 */
import { fromHex, toHex, type Bytes } from '../kernel/bytes.ts';
import { decodeWith } from '../kernel/codec.ts';
import type { BoardId, Hash, MemberId, PeerId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import {
  admissionChecks,
  admissionCodec,
  judgeAdmission,
  type Admission,
  type Capability,
} from '../identity/admission.ts';
import type { Genesis } from '../identity/genesis.ts';
import {
  peerCertificateCheck,
  peerCertificateCodec,
  type PeerCertificate,
} from '../identity/peer-certificate.ts';
import { decodeDecree, type Decree } from '../identity/decrees.ts';
import { mayEdit, type Role } from '../identity/roles.ts';
import type { Past } from '../replication/causal-past.ts';
import { entryCheck, type Entry, type EntryKind } from '../replication/entry.ts';
import type { AuthorityRefusal, Restriction, SettledStandings } from '../replication/ports.ts';
import { MAX_CREDENTIAL, MAX_MEMBERS } from './limits.ts';
import { decodeRoster, encodeRoster, type SettledRoster } from './settled-roster.ts';
import { Standings, type Has } from './standings.ts';

export interface RosterMember {
  readonly member: MemberId;
  readonly role: Role;
  /** Name in the newest certificate seen; empty until one of its tabs wrote. */
  readonly name: string;
  /** How it got in; undefined for the creator. */
  readonly admission: Admission | undefined;
  /** An owner removed it: its role is the last one it had. */
  readonly evicted: boolean;
}

/** An invite that somebody used. */
export interface KnownInvite {
  readonly capability: Capability;
  /** Members that it admitted, whatever became of them. */
  readonly admitted: readonly MemberId[];
}

/** Who evicted a member, and when by that one's clock. */
export interface EvictionNotice {
  readonly by: MemberId;
  readonly at: number;
}

/** Every signature in and of an entry. */
export function entryChecks(entry: Entry): readonly SignatureCheck[] {
  if (entry.kind === 'claim') {
    const certificate = decodeWith(peerCertificateCodec, entry.payload);
    return certificate.ok
      ? [entryCheck(entry), peerCertificateCheck(certificate.value)]
      : [entryCheck(entry)];
  }
  if (entry.kind === 'admit') {
    const admission = decodeWith(admissionCodec, entry.payload);
    return admission.ok ? [entryCheck(entry), ...admissionChecks(admission.value)] : [entryCheck(entry)];
  }
  return [entryCheck(entry)];
}

/** What was read from the payload of an entry. */
interface Read {
  readonly certificate?: PeerCertificate;
  readonly admission?: Admission;
  readonly decree?: Decree;
}

const NOTHING: Read = {};
const EVERYTHING: Has = () => true;

export class Roster {
  readonly #board: BoardId;
  readonly #ourMember: MemberId;
  #genesis: Genesis | undefined;
  readonly #standings = new Standings();
  readonly #admissions = new Map<MemberId, Admission>();
  readonly #peers = new Map<PeerId, PeerCertificate>();
  readonly #names = new Map<MemberId, string>();
  readonly #byInvite = new Map<string, Set<MemberId>>();
  readonly #read = new WeakMap<Entry, Read>();
  #notice: EvictionNotice | undefined;
  /** Those whom entries admitted that a checkpoint replaced. */
  #settledMembers: readonly MemberId[] = [];

  constructor(board: BoardId, ourMember: MemberId, genesis: Genesis | undefined) {
    this.#board = board;
    this.#ourMember = ourMember;
    if (genesis !== undefined) this.found(genesis);
  }

  get genesis(): Genesis | undefined {
    return this.#genesis;
  }

  /** Adopts the board's genesis, whose id and signature were checked. */
  found(genesis: Genesis): void {
    this.#genesis = genesis;
    this.#standings.found(genesis.creator);
  }

  /** The member's role; undefined for strangers and for whoever was evicted. */
  roleOf(member: MemberId): Role | undefined {
    return this.#standings.roleIn(EVERYTHING, member);
  }

  /** The role of the member whose tab we are. */
  get ourRole(): Role | undefined {
    return this.roleOf(this.#ourMember);
  }

  get isOursEvicted(): boolean {
    return this.isEvicted(this.#ourMember);
  }

  isEvicted(member: MemberId): boolean {
    const isTold = member === this.#ourMember && this.#notice !== undefined;
    return isTold || this.#standings.isEvicted(EVERYTHING, member);
  }

  /** What we were told of our own eviction while we lack what it builds on. */
  get notice(): EvictionNotice | undefined {
    return this.#notice;
  }

  /**
   * Entries that we were shown unasked, as whoever turns us away does: believes the one that evicts our member, though we may lack what it
   * builds on, if an owner's tab signed it that may evict us by all we know. Whether that is news.
   */
  heed(entries: readonly Entry[]): boolean {
    const claims = new Map(entries.map((entry) => [entry.author, this.#readIn(entry).certificate?.member]));
    for (const entry of entries) {
      const { decree } = this.#readIn(entry);
      const by = this.memberOf(entry.author) ?? claims.get(entry.author);
      if (decree?.kind !== 'evict' || decree.member !== this.#ourMember || by === undefined) continue;
      if (this.isEvicted(decree.member) || this.whyNot(decree, by) !== undefined) continue;
      this.#notice = { by, at: entry.wallMs };
      return true;
    }
    return false;
  }

  /** Whether an owner made the invite with this key (hex) void. */
  isRevoked(inviteKey: string): boolean {
    return this.#standings.isRevoked(EVERYTHING, inviteKey);
  }

  /** Hash of an entry by which the member was evicted. */
  evictionOf(member: MemberId): Hash | undefined {
    return this.#standings.evictionOf(member);
  }

  /** Hashes of the entries that changed the member's role. */
  changesOf(member: MemberId): readonly Hash[] {
    return this.#standings.changesOf(member);
  }

  memberOf(peer: PeerId): MemberId | undefined {
    return this.#peers.get(peer)?.member;
  }

  /** Peers that claimed to be tabs of the member. */
  peersOf(member: MemberId): readonly PeerId[] {
    return [...this.#peers].filter(([, certificate]) => certificate.member === member).map(([peer]) => peer);
  }

  certificateOf(peer: PeerId): PeerCertificate | undefined {
    return this.#peers.get(peer);
  }

  /** Peers that claimed to be the same tab of the same member, later. */
  successorsOf(peer: PeerId): readonly PeerId[] {
    const all = [...this.#peers];
    const at = all.findIndex(([other]) => other === peer);
    const old = all[at]?.[1];
    return all
      .slice(at + 1)
      .filter(([, { member, slot }]) => member === old?.member && slot === old.slot)
      .map(([other]) => other);
  }

  /** Everybody who was ever let in. */
  members(): readonly RosterMember[] {
    return this.#standings.members().map((member) => ({
      member,
      role: this.#standings.lastRoleOf(member),
      name: this.#names.get(member) ?? '',
      admission: this.#admissions.get(member),
      evicted: this.isEvicted(member),
    }));
  }

  /** Invites that admitted somebody, in the order of their first use. */
  invites(): readonly KnownInvite[] {
    const byKey = new Map<string, { readonly capability: Capability; readonly admitted: MemberId[] }>();
    for (const { capability, member } of this.#admissions.values()) {
      const key = toHex(capability.inviteKey);
      const invite = byKey.get(key) ?? { capability, admitted: [] };
      invite.admitted.push(member);
      byKey.set(key, invite);
    }
    return [...byKey.values()];
  }

  /** Members other than `except` that came in by an invite key (hex). */
  admittedBy(inviteKey: string, except: MemberId): number {
    const members = this.#byInvite.get(inviteKey);
    return members === undefined ? 0 : members.size - (members.has(except) ? 1 : 0);
  }

  /** Counts an admission that we are about to write: until it takes effect, others by the same invite must not overlook it. */
  reserve({ capability, member }: Admission): void {
    const inviteKey = toHex(capability.inviteKey);
    this.#byInvite.set(inviteKey, (this.#byInvite.get(inviteKey) ?? new Set()).add(member));
  }

  /** The admissions that lead from the creator to `member`, oldest first; empty for the creator and for strangers. */
  credentialOf(member: MemberId): readonly Admission[] {
    const chain: Admission[] = [];
    let at: MemberId | undefined = member;
    while (at !== undefined && chain.length < MAX_CREDENTIAL) {
      const admission: Admission | undefined = this.#admissions.get(at);
      if (admission !== undefined) chain.unshift(admission);
      at = admission?.capability.issuer;
    }
    return chain;
  }

  /**
   * The subtree of invitations that a peer belongs to: the member whom the creator let in and from whom its own invitation descends, or
   * the creator. Undefined while its member is not known. Whoever invites many has them all in one subtree (research/mesh.md 4.2).
   */
  inviterOf(peer: PeerId): MemberId | undefined {
    const member = this.memberOf(peer);
    return member === undefined ? undefined : (this.credentialOf(member)[0]?.member ?? member);
  }

  /** Why `by` may not decree this now, or undefined when it may. */
  whyNot(decree: Decree, by: MemberId): 'authorRole' | 'decreeInvalid' | undefined {
    return this.#standings.whyNot(decree, by, EVERYTHING);
  }

  /** Whether an entry that admits somebody would hold now. */
  mayBeAdmitted(admission: Admission): boolean {
    return this.#judgeAdmission(admission, EVERYTHING).ok;
  }

  // The rest is replication's port `Authority`.

  judge(entry: Entry, past: Past, opening: Entry): Result<undefined, AuthorityRefusal> {
    const has: Has = (hash) => past.has(hash);
    const member = this.ownerOf(opening);
    if (entry.kind === 'claim' && this.#readIn(entry).certificate === undefined)
      return refuse('claimInvalid');
    if (member === undefined) return refuse(opening.kind === 'claim' ? 'claimInvalid' : 'authorUnknown');
    if (this.#standings.isEvicted(has, member)) return refuse('authorEvicted');
    const role = this.#standings.roleIn(has, member);
    if (role === undefined) return refuse('authorUnknown');
    switch (entry.kind) {
      case 'claim':
        return this.#readIn(entry).certificate?.member === member ? ok(undefined) : refuse('claimInvalid');
      case 'update':
      case 'part':
        return mayEdit(role) ? ok(undefined) : refuse('authorRole');
      case 'admit':
        return this.#judgeAdmission(this.#readIn(entry).admission, has);
      case 'evict':
      case 'role':
      case 'revoke': {
        const { decree } = this.#readIn(entry);
        const why = decree === undefined ? 'decreeInvalid' : this.#standings.whyNot(decree, member, has);
        return why === undefined ? ok(undefined) : refuse(why);
      }
    }
  }

  applied(entry: Entry, past: Past): void {
    const { certificate, admission, decree } = this.#readIn(entry);
    if (certificate !== undefined) {
      this.#peers.set(entry.author, certificate);
      this.#names.set(certificate.member, certificate.name);
    }
    if (admission !== undefined) {
      this.#standings.grant(admission.member, admission.capability.role, entry.hash);
      if (!this.#admissions.has(admission.member)) this.#admissions.set(admission.member, admission);
      this.reserve(admission);
    }
    if (decree !== undefined) this.#standings.decree(decree, entry.hash, (hash) => past.has(hash));
  }

  forget(settled?: SettledStandings): void {
    this.#standings.clear();
    this.#admissions.clear();
    this.#peers.clear();
    this.#names.clear();
    this.#byInvite.clear();
    if (this.#genesis !== undefined) this.found(this.#genesis);
    this.#settledMembers = [];
    const said = settled && decodeRoster(settled.standings);
    if (said !== undefined) this.#settle(said, settled?.roots ?? []);
  }

  #settle({ members, invites, revoked }: SettledRoster, roots: readonly Entry[]): void {
    this.#standings.settle(members, revoked.map(toHex));
    this.#settledMembers = members.flatMap(({ member, granted }) => (granted === undefined ? [] : [member]));
    for (const { member, name, admission } of members) {
      if (name !== '') this.#names.set(member, name);
      if (admission !== undefined) this.#admissions.set(member, admission);
    }
    for (const { inviteKey, members: admitted } of invites)
      this.#byInvite.set(toHex(inviteKey), new Set(admitted));
    for (const root of roots) {
      const { certificate } = this.#readIn(root);
      if (certificate !== undefined) this.#peers.set(root.author, certificate);
    }
  }

  blank(): Roster {
    return new Roster(this.#board, this.#ourMember, this.#genesis);
  }

  standings(): Bytes | undefined {
    const members = this.#standings.members().map((member) => ({
      ...this.#standings.settled(member),
      name: this.#names.get(member) ?? '',
      admission: this.#admissions.get(member),
    }));
    const invites = [...this.#byInvite].map(([key, admitted]) => ({
      inviteKey: fromHex(key),
      members: [...admitted].sort(),
    }));
    return encodeRoster({ members, invites, revoked: this.#standings.revoked().map(fromHex) });
  }

  settled(): Iterable<MemberId> {
    return this.#settledMembers;
  }

  founder(): MemberId | undefined {
    return this.#genesis?.creator;
  }

  ownerOf(opening: Entry): MemberId | undefined {
    return this.#readIn(opening).certificate?.member;
  }

  admits(entry: Entry): MemberId | undefined {
    return this.#readIn(entry).admission?.member;
  }

  restrictionOf(entry: Entry): Restriction | undefined {
    const { decree } = this.#readIn(entry);
    if (decree === undefined || decree.kind === 'revoke') return undefined;
    const { member } = decree;
    if (decree.kind === 'evict') return { member, cuts: decree.cuts, permits: () => false };
    return { member, cuts: [], permits: (kind) => permits(decree.role, kind) };
  }

  isOurs(author: PeerId): boolean {
    return this.memberOf(author) === this.#ourMember;
  }

  isElsewhere(neighbour: PeerId): boolean {
    const member = this.memberOf(neighbour);
    return member !== undefined && member !== this.#ourMember;
  }

  #judgeAdmission(admission: Admission | undefined, has: Has): Result<undefined, AuthorityRefusal> {
    if (admission === undefined || this.#standings.isEvicted(has, admission.member))
      return refuse('admissionInvalid');
    if (this.#standings.count(has, MAX_MEMBERS) >= MAX_MEMBERS) return refuse('admissionInvalid');
    // Expiry and uses were judged by the admitting member at the time: history must not depend on when or in which order it is read.
    const judged = judgeAdmission(admission, {
      board: this.#board,
      roleOf: (member) => this.#standings.roleIn(has, member),
      isRevoked: (inviteKey) => this.#standings.isRevoked(has, inviteKey),
      admittedBy: () => 0,
      wallMs: undefined,
    });
    return judged.ok ? ok(undefined) : refuse('admissionInvalid');
  }

  /** What the payload says, read once: an entry is judged, applied, and looked at again whenever somebody's rights change. */
  #readIn(entry: Entry): Read {
    if (entry.kind === 'update' || entry.kind === 'part') return NOTHING;
    const known = this.#read.get(entry);
    if (known !== undefined) return known;
    const read = readPayload(entry);
    this.#read.set(entry, read);
    return read;
  }
}

function readPayload(entry: Entry): Read {
  const { author, kind, payload } = entry;
  if (kind === 'claim') {
    const certificate = decodeWith(peerCertificateCodec, payload);
    return certificate.ok && certificate.value.peer === author ? { certificate: certificate.value } : {};
  }
  if (kind === 'admit') {
    const admission = decodeWith(admissionCodec, payload);
    return admission.ok ? { admission: admission.value } : {};
  }
  const decree = decodeDecree(kind, payload);
  return decree === undefined ? {} : { decree };
}

/** Whether a member of this role may write such an entry. Of an admission, the issuer of its invite has to have the right. */
function permits(role: Role, kind: EntryKind): boolean {
  if (kind === 'update' || kind === 'part') return mayEdit(role);
  return kind === 'claim' || kind === 'admit' || role === 'owner';
}
