/** All that governance is, in the one encoding that it has: what replicas hash, sign and hand on to those who missed the decisions. */
import type { Bytes } from '../kernel/bytes.ts';
import {
  boardIdCodec,
  decodeWith,
  encodeWith,
  optional,
  record,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import type { BoardId, MemberId, PeerId } from '../kernel/ids.ts';
import type { Electorate } from '../identity/genesis.ts';
import type { Role } from '../identity/roles.ts';
import type { CommitteeRecord } from '../consensus/committee.ts';
import { MAX_WINDOW } from '../consensus/limits.ts';
import {
  Attestations,
  attestationsCodec,
  certifiedHistoryCodec,
  type Attestation,
  type CertifiedHistory,
} from './attestations.ts';
import { Convictions, convictionsCodec, type Conviction } from './convictions.ts';
import { Invites, inviteRowsCodec, voidRowsCodec, type InviteRow, type VoidRow } from './invites.ts';
import { Members, memberRowsCodec, tabRowsCodec, type MemberRow, type TabRow } from './members.ts';
import { DEFAULT_POLICY, isSoundPolicy, policyCodec, type Policy } from './policy.ts';
import { proposalRowsCodec, Proposals, type Proposal } from './proposals.ts';
import { seatRecordsCodec, seatRowsCodec, Seats, type SeatRow } from './seats.ts';

/** Where the order begins: the same for all replicas. */
export interface Founding {
  readonly board: BoardId;
  readonly creator: MemberId;
  readonly electorate: Electorate;
  /** Who was on the board before, besides its creator. */
  readonly members: readonly { readonly member: MemberId; readonly role: Role }[];
  readonly tabs: readonly { readonly peer: PeerId; readonly member: MemberId }[];
}

/** The committee in force, as far as governance has to know it. */
export type SeatedCommittee = Pick<
  CommitteeRecord,
  'epoch' | 'resets' | 'seats' | 'checkpointEvery' | 'window'
>;

const committeeCodec: Codec<SeatedCommittee> = record<SeatedCommittee>({
  epoch: whole(),
  resets: whole(),
  seats: seatRecordsCodec,
  checkpointEvery: whole(MAX_WINDOW),
  window: whole(MAX_WINDOW),
});

interface StateRecord {
  readonly board: BoardId;
  readonly time: number;
  readonly policy: Policy;
  readonly committee: SeatedCommittee | undefined;
  readonly members: readonly MemberRow[];
  readonly tabs: readonly TabRow[];
  readonly invites: readonly InviteRow[];
  readonly voids: readonly VoidRow[];
  readonly seats: readonly SeatRow[];
  readonly proposals: readonly Proposal[];
  readonly history: CertifiedHistory | undefined;
  readonly attestations: readonly Attestation[];
  readonly convictions: readonly Conviction[];
}

export const stateCodec: Codec<StateRecord> = record<StateRecord>({
  board: boardIdCodec,
  time: whole(),
  policy: policyCodec,
  committee: optional(committeeCodec),
  members: memberRowsCodec,
  tabs: tabRowsCodec,
  invites: inviteRowsCodec,
  voids: voidRowsCodec,
  seats: seatRowsCodec,
  proposals: proposalRowsCodec,
  history: optional(certifiedHistoryCodec),
  attestations: attestationsCodec,
  convictions: convictionsCodec,
});

/** The parts of the state, each its own keeper. */
export class GovernanceState {
  readonly founding: Founding;
  readonly members = new Members();
  readonly invites = new Invites();
  readonly seats = new Seats();
  readonly proposals = new Proposals();
  readonly attestations = new Attestations();
  readonly convictions = new Convictions();
  policy: Policy = DEFAULT_POLICY;
  committee: SeatedCommittee | undefined;
  /** Agreed time of the last decision, ms since 1970; 0 until there is one. */
  time = 0;

  constructor(founding: Founding) {
    this.founding = founding;
    this.members.add(founding.creator, 'owner');
    for (const { member, role } of founding.members)
      if (this.members.whyNotAdd(member) === undefined) this.members.add(member, role);
    for (const { peer, member } of founding.tabs)
      if (this.members.whyNotIntroduce(peer, member) === undefined) this.members.introduce(peer, member);
  }

  /** Keys of the committee in force. */
  get committeeKeys(): readonly PeerId[] {
    return this.committee?.seats.map(({ key }) => key) ?? [];
  }

  /** Whether the tab may ask for anything: its member is on the board, and it has neither forked nor voted twice. */
  mayAsk(tab: PeerId): boolean {
    return this.members.mayAsk(tab) && !this.convictions.has(tab);
  }

  snapshot(): Bytes {
    return encodeWith(stateCodec, {
      board: this.founding.board,
      time: this.time,
      policy: this.policy,
      committee: this.committee,
      members: this.members.rows(),
      tabs: this.members.tabRows(),
      invites: this.invites.rows(),
      voids: this.invites.voidRows(),
      seats: this.seats.rows(),
      proposals: this.proposals.rows(),
      history: this.attestations.certified,
      attestations: this.attestations.rows(),
      convictions: this.convictions.rows(),
    });
  }

  /** Takes over what a snapshot says; false when it is none of this board, and then nothing here means anything. */
  restore(snapshot: Bytes): boolean {
    const decoded = decodeWith(stateCodec, snapshot);
    if (!decoded.ok || decoded.value.board !== this.founding.board) return false;
    const state = decoded.value;
    this.time = state.time;
    this.policy = state.policy;
    this.committee = state.committee;
    const parts = [
      isSoundPolicy(state.policy),
      this.members.restore(state.members, state.tabs),
      this.invites.restore(state.invites, state.voids),
      this.seats.restore(state.seats),
      this.proposals.restore(state.proposals),
      this.attestations.restore(state.history, state.attestations),
      this.convictions.restore(state.convictions, (tab) => this.members.tab(tab) !== undefined),
    ];
    return parts.every(Boolean) && isWithin(state);
  }
}

/** Whether every place names a member. */
function isWithin({ members, seats, proposals }: StateRecord): boolean {
  const isPlace = (place: number | undefined): boolean => place === undefined || place < members.length;
  return (
    seats.every(({ member }) => isPlace(member)) &&
    proposals.every(({ author, voters }) => isPlace(author) && isPlace(voters.at(-1)))
  );
}
